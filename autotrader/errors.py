"""What can go wrong, sorted by what the caller may do next.

Every error is a code with parameters; the sentence comes from the catalogue in `messages.py`, so that a script can
match the code and a person can read the sentence, in English or Korean.
"""

from autotrader.messages import say


class AutotraderError(Exception):
    """Something this program knows how to name."""

    def __init__(self, code: str, /, **params: object) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params

    def __str__(self) -> str:
        return say(self.code, self.params)


class UserMistake(AutotraderError):
    """Wrong usage, an invalid rule or file: say it plainly, change nothing."""


class RefusedByState(AutotraderError):
    """A good request that the rule's (or the market's) present state does not allow."""


class IllegalTransition(RefusedByState):
    """A lifecycle table has no such move."""


class UnknownThing(UserMistake):
    """A rule, account, feed or instrument that nobody has heard of."""


class DaemonNotRunning(AutotraderError):
    """The request needs a live daemon and there is none."""


class AnotherInstance(AutotraderError):
    """Another process holds this state directory. Touch nothing."""


class BrokerRefused(AutotraderError):
    """A definite no: the order does not exist. Do not retry."""


class BrokerUnreachable(AutotraderError):
    """The request never left. Retrying is safe."""


class OutcomeUnknown(AutotraderError):
    """It may have arrived. Never resend; ask the broker what it has."""


class FeedBroken(AutotraderError):
    """The price link failed. Reconnect after the backoff."""


class CorruptState(AutotraderError):
    """What we read cannot be true. Stop; never start over with an empty book."""


class NewerStore(AutotraderError):
    """The store was written by a newer version. Refuse it; an old program must not guess."""
