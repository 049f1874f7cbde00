"""Nouns of the trade: money, instrument, tick, rule, order, position. Pure values without I/O."""
