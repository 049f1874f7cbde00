"""What the store is asked for people: fires, journal rows and alerts as plain JSON values, for the daemon and without it."""

from autotrader.domain.money import text
from autotrader.engine.events import leg_key
from autotrader.engine.records import AttemptRecord, FillRecord, JournalRow
from autotrader.engine.views import View, intent_view, note_view, shot_view
from autotrader.store.reading import Alert, Fire, Sent


def fire_view(fire: Fire) -> View:
    """Show a fire with all that followed from it."""
    rule = fire.rule
    return {
        **shot_view(fire.shot),
        "subject": leg_key(fire.shot.rule, fire.shot.leg),
        "instrument": rule.instrument if rule else None,
        "account": rule.account if rule else None,
        "side": rule.side.value if rule else None,
        "orders": [_sent_view(sent) for sent in fire.sent],
    }


def _sent_view(sent: Sent) -> View:
    return {
        **intent_view(sent.intent),
        "sendings": [_attempt_view(attempt) for attempt in sent.attempts],
        "fills": [_fill_view(fill) for fill in sent.fills],
    }


def _attempt_view(attempt: AttemptRecord) -> View:
    return {
        "number": attempt.number,
        "at": attempt.at,
        "outcome": attempt.outcome or None,
        "answered": attempt.answered or None,
        "detail": attempt.detail,
    }


def _fill_view(fill: FillRecord) -> View:
    return {
        "execution": fill.execution_id,
        "price": text(fill.price),
        "quantity": text(fill.quantity),
        "fee": text(fill.fee),
        "time": fill.time,
    }


def row_view(row: JournalRow) -> View:
    """Show a change of state."""
    return {"at": row.at, "subject": row.subject, "before": row.before, "after": row.after, "note": note_view(row.note), "by": row.by}


def alert_view(alert: Alert) -> View:
    """Show an alert."""
    told = alert.alert
    return {"number": alert.number, "seen": alert.seen, "at": told.at, "subject": told.subject, "note": note_view(told.note)}
