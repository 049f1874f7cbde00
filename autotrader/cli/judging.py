"""What a rule from the command line is judged against, and what is odd about it: the daemon's accounts and feeds when one
runs, so that no file is read then, else the configuration's."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from autotrader.cli.call import Call
from autotrader.cli.doors import View
from autotrader.cli.words import because

if TYPE_CHECKING:
    from autotrader.config.rules import RuleContext


def context_for(call: Call) -> "RuleContext":
    """Return the accounts, feeds and day that a rule must fit."""
    from autotrader.config.rules import RuleContext, context_of

    if call.daemon is None:
        return context_of(call.settings, call.now)
    served = {feed["name"]: tuple(feed["patterns"]) for feed in call.daemon["feeds"]}
    return RuleContext(tuple(call.daemon["accounts"]), served, call.now, call.markets)


def warnings_of(call: Call, warnings: Sequence[Any], result: View) -> list[View]:
    """Return what is odd but allowed, as code, parameters and sentence: what the words say, what the engine says of the rule
    beside what it knows, and that nobody watches now. `result` is the engine's answer."""
    view = result["rule"]
    said = [{"code": w.code, "params": dict(w.params), "message": w.sentence()} for w in warnings]
    said += [{**note, "message": because(note, call.language)} for note in result.get("warnings", [])]
    if call.daemon is None:
        said.append({"code": "daemon.not_sent_offline", "params": {}, "message": call.tell("daemon.not_sent_offline")})
    if call.daemon is not None and view.get("blind") and view["last_price"] is not None:
        said.append({"code": "cli.blind", "params": {}, "message": call.tell("cli.blind", instrument=view["instrument"])})
    return said
