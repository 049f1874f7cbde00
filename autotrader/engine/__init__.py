"""Verbs: triggers, lifecycle, sizing, guards, firing. Events in, effects out; nothing here waits, reads a clock or a file."""
