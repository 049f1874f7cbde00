"""The pause between two dials."""

from random import Random

from links import Highest

from autotrader.feeds.backoff import LEAST, Backoff


def test_pauses_double_from_half_a_second_to_thirty() -> None:
    backoff = Backoff(Highest())
    assert [backoff.delay() for _ in range(9)] == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_a_reset_starts_short_again() -> None:
    backoff = Backoff(Highest())
    pauses = [backoff.delay(), backoff.delay()]
    backoff.reset()
    assert [*pauses, backoff.delay(), backoff.delay()] == [0.5, 1, 0.5, 1]


def test_jitter_spreads_over_the_whole_pause_and_never_dials_at_once() -> None:
    backoff = Backoff(Random(1))
    for _ in range(6):
        backoff.delay()
    pauses = [backoff.delay() for _ in range(200)]
    assert min(pauses) < 3 < 27 < max(pauses) <= 30
    assert all(Backoff(Random(seed)).delay() >= LEAST for seed in range(50))
