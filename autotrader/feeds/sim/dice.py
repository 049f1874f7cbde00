"""Chance for the simulated exchange, which may make none itself: the same for the same seed in every process."""

from random import Random


def dice_for(seed: int, name: str) -> Random:
    """Return the dice of an instrument, or of who trades it: nobody's draws change another's."""
    return Random(f"{seed}/{name}")
