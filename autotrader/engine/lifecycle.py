"""Everything that can happen to a leg and to an intent: two tables, the only way a status changes.

A missing pair is the refusal; no `if` elsewhere repeats it. The diagrams in the README are printed from these tables.
"""

from enum import Enum

from autotrader.engine.records import INTENT_ENDS as INTENT_ENDS
from autotrader.engine.records import IntentStatus as I
from autotrader.engine.records import LegStatus as L
from autotrader.errors import IllegalTransition


class LegSignal(str, Enum):
    """What can happen to a leg."""

    WATCH = "watch"
    WAIT = "wait"
    PAUSE = "pause"
    RESUME = "resume"
    RESUME_WAITING = "resume_waiting"
    FIRE = "fire"
    FILL = "fill"
    FINISH = "finish"
    FAIL = "fail"
    CANCEL = "cancel"
    EXPIRE = "expire"
    SUPERSEDE = "supersede"
    REJECT = "reject"
    HOLD = "hold"
    ADOPT = "adopt"
    GIVE_UP = "give_up"


class IntentSignal(str, Enum):
    """What can happen to an intent."""

    SEND = "send"
    ACCEPT = "accept"
    REFUSE = "refuse"
    NOT_SEND = "not_send"
    LOSE = "lose"
    WORK = "work"
    PART = "part"
    FILL = "fill"
    CANCEL = "cancel"
    EXPIRE = "expire"
    HOLD = "hold"
    ABSENT = "absent"


S = LegSignal
LEG_LIFE: dict[tuple[L, LegSignal], L] = {
    (L.WAITING, S.WATCH): L.WATCHING,
    (L.WAITING, S.PAUSE): L.PAUSED,
    (L.WAITING, S.CANCEL): L.CANCELLED,
    (L.WAITING, S.EXPIRE): L.EXPIRED,
    (L.WAITING, S.SUPERSEDE): L.SUPERSEDED,
    (L.WAITING, S.REJECT): L.REJECTED,
    # An edit that resets the activation, or a holding that is gone and may come back, puts a leg back to waiting.
    (L.WATCHING, S.WAIT): L.WAITING,
    (L.WATCHING, S.PAUSE): L.PAUSED,
    (L.WATCHING, S.FIRE): L.FIRED,
    (L.WATCHING, S.CANCEL): L.CANCELLED,
    (L.WATCHING, S.EXPIRE): L.EXPIRED,
    (L.WATCHING, S.SUPERSEDE): L.SUPERSEDED,
    # `recovery: hold`: the condition was met while nobody watched, and the owner wants to decide himself.
    (L.WATCHING, S.HOLD): L.HELD,
    (L.PAUSED, S.RESUME): L.WATCHING,
    (L.PAUSED, S.RESUME_WAITING): L.WAITING,
    (L.PAUSED, S.CANCEL): L.CANCELLED,
    (L.PAUSED, S.EXPIRE): L.EXPIRED,
    (L.PAUSED, S.SUPERSEDE): L.SUPERSEDED,
    # `fired` is one-way: after the intent is durable a rule can be neither edited, paused nor cancelled (semantics 2.1).
    (L.FIRED, S.FILL): L.DONE,
    # It told a person, or its order was decided for the record only: nothing is sent, nothing is to follow.
    (L.FIRED, S.FINISH): L.DONE,
    # It fired while a sibling's order was working, and that one took everything.
    (L.FIRED, S.SUPERSEDE): L.SUPERSEDED,
    (L.FIRED, S.FAIL): L.FAILED,
    (L.FIRED, S.HOLD): L.HELD,
    # A person said what became of the order, or (held before it fired) what shall become of the leg.
    (L.HELD, S.ADOPT): L.FIRED,
    (L.HELD, S.FILL): L.DONE,
    (L.HELD, S.FAIL): L.FAILED,
    (L.HELD, S.WATCH): L.WATCHING,
    (L.HELD, S.GIVE_UP): L.CANCELLED,
    # Held before it fired: another leg fired first, the holding is gone, or its last day has passed.
    (L.HELD, S.SUPERSEDE): L.SUPERSEDED,
    (L.HELD, S.EXPIRE): L.EXPIRED,
    # What the rule says may not hold any more (a split, a quantity that jumped): a person decides.
    (L.WAITING, S.HOLD): L.HELD,
    (L.PAUSED, S.HOLD): L.HELD,
    # A fill that comes after the cancel still counts (safety U8).
    (L.FAILED, S.FILL): L.DONE,
}

LEG_ENDS = frozenset({L.DONE, L.FAILED, L.CANCELLED, L.EXPIRED, L.SUPERSEDED, L.REJECTED})
LEG_SEES_PRICES = frozenset({L.WAITING, L.WATCHING, L.PAUSED})

T = IntentSignal
INTENT_LIFE: dict[tuple[I, IntentSignal], I] = {
    (I.INTENT, T.SEND): I.SENDING,
    (I.INTENT, T.CANCEL): I.CANCELLED,
    (I.INTENT, T.HOLD): I.HELD,
    (I.SENDING, T.ACCEPT): I.ACCEPTED,
    (I.SENDING, T.REFUSE): I.REFUSED,
    (I.SENDING, T.NOT_SEND): I.NOT_SENT,
    (I.SENDING, T.LOSE): I.UNKNOWN,
    # A request that provably never left may go again, until the deadline (safety F7, F10).
    (I.NOT_SENT, T.SEND): I.SENDING,
    (I.NOT_SENT, T.CANCEL): I.CANCELLED,
    (I.NOT_SENT, T.HOLD): I.HELD,
    (I.UNKNOWN, T.ACCEPT): I.ACCEPTED,
    # A broker that knows our ids for ever was asked and never had it: the same id may go again (safety U4).
    (I.UNKNOWN, T.NOT_SEND): I.NOT_SENT,
    (I.UNKNOWN, T.HOLD): I.HELD,
    (I.HELD, T.ACCEPT): I.ACCEPTED,
    (I.HELD, T.ABSENT): I.CANCELLED,
    # The broker's report may overtake the answer to the request, and may end an intent whose outcome was lost (safety U8).
    # It may even show an order that we think was never sent: a wrong proof, or a store that was restored from a backup.
    **{
        (status, signal): end
        for status in (I.INTENT, I.NOT_SENT, I.SENDING, I.UNKNOWN, I.HELD, I.ACCEPTED, I.WORKING, I.PARTIAL)
        for signal, end in (
            (T.WORK, I.WORKING),
            (T.PART, I.PARTIAL),
            (T.FILL, I.FILLED),
            (T.CANCEL, I.CANCELLED),
            (T.EXPIRE, I.EXPIRED),
        )
    },
    **{(status, T.REFUSE): I.REFUSED for status in (I.INTENT, I.NOT_SENT, I.UNKNOWN, I.HELD, I.ACCEPTED, I.WORKING)},
    # A fill that comes after the cancel still counts (safety U8).
    (I.CANCELLED, T.FILL): I.FILLED,
    (I.EXPIRED, T.FILL): I.FILLED,
}

AT_BROKER = frozenset({I.ACCEPTED, I.WORKING, I.PARTIAL})
UNRESOLVED = frozenset({I.UNKNOWN, I.HELD})


def advance_leg(status: L, signal: LegSignal, subject: str) -> L:
    """Return a leg's next status, or raise IllegalTransition if the table has no such move."""
    try:
        return LEG_LIFE[status, signal]
    except KeyError:
        verb = LegSignal.RESUME if signal is LegSignal.RESUME_WAITING else signal
        raise IllegalTransition("leg.illegal", subject=subject, signal=verb.value.replace("_", " "), status=status.value) from None


def advance_intent(status: I, signal: IntentSignal, subject: str) -> I:
    """Return an intent's next status, or raise IllegalTransition if the table has no such move."""
    try:
        return INTENT_LIFE[status, signal]
    except KeyError:
        raise IllegalTransition("intent.illegal", subject=subject, signal=signal.value.replace("_", " "), status=status.value) from None
