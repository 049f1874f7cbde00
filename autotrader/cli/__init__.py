"""Verbs for people, one file a verb."""
