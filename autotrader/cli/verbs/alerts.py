"""`autotrader alerts`: what nobody has looked at yet."""

from typing import Annotated

import typer

from autotrader.cli.call import Call
from autotrader.cli.options import AsJson, Config, Lang, State, alone
from autotrader.cli.rows import alert_line

Seen = Annotated[bool, typer.Option("--seen", help="Mark them all as seen (needs the daemon).")]


def alerts(
    ctx: typer.Context,
    seen: Seen = False,
    state: State = None,
    config: Config = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Show the alerts that nobody has seen yet."""
    from autotrader.control.protocol import Alerts

    call = Call(ctx)
    if seen and call.daemon is None:
        raise call.needs_daemon()
    shown = call.ask(Alerts())["alerts"]
    if seen:
        call.ask(Alerts([alert["number"] for alert in shown]))
    if call.as_json:
        call.print_json({"alerts": shown, "marked": seen})
        return
    for alert in shown:
        print(alert_line(call, alert))
    if not shown:
        print(call.tell("cli.no_alerts"))
    elif not seen:
        print(call.tell("cli.mark_seen"))
    print(call.tell("cli.mode", mode=call.mode))


APP = alone(alerts)
