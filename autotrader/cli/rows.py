"""Rows of the journal and alerts, as lines."""

from autotrader.cli.call import Call
from autotrader.cli.doors import View
from autotrader.cli.words import because, moment


def journal_line(call: Call, row: View) -> str:
    """Return a change of state in a line: when, what, from, to, why, by whom."""
    change = f"{row['before']} -> {row['after']}" if row["before"] else row["after"]
    return f"{moment(row['at'])}  {row['subject']}: {change}: {because(row['note'], call.language)} [{row['by']}]"


def alert_line(call: Call, alert: View) -> str:
    """Return an alert in a line, with the number by which it is marked as seen."""
    return f"{alert['number']}  {moment(alert['at'])}  {alert['subject']}: {because(alert['note'], call.language)}"
