"""`autotrader feed`: record the prices of a feed to a file, and serve such a file over a websocket."""

import signal
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autotrader.cli.call import Call
from autotrader.cli.options import AsJson, Config, Lang, State
from autotrader.errors import UserMistake

if TYPE_CHECKING:
    from autotrader.domain.settings import FeedSettings

VENUES = ("upbit", "binance")
"""Kinds of feed that listen to a venue, which has an address of its own."""

APP = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Record prices and serve them again.",
)

Recording = Annotated[Path, typer.Argument(metavar="FILE", help="A recording.", show_default=False, exists=True, dir_okay=False)]
Speed = Annotated[str, typer.Option("--speed", metavar="N|max", help="So many times as fast as it was recorded.")]
Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="Port on 127.0.0.1; 0 takes a free one.")]
Dialect = Annotated[str, typer.Option("--dialect", metavar="NAME", help="The venue's language, when the file does not say it.")]
Stay = Annotated[bool, typer.Option("--stay", help="Stay connected after the last frame.")]
Restart = Annotated[bool, typer.Option("--restart-per-client", help="Every client gets the whole file.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="A feed of the configuration.", show_default=False)]
Instruments = Annotated[
    list[str] | None, typer.Option("--instrument", metavar="ID", help="What to record (else what the rules need); may be repeated.")
]
To = Annotated[Path, typer.Option("--to", metavar="FILE", help="A new file (gzip); an existing one is left alone.", show_default=False)]


@APP.command()
def serve(file: Recording, speed: Speed = "1", port: Port = 0, dialect: Dialect = "", stay: Stay = False, restart: Restart = False) -> None:
    """Serve a recording over a websocket on this machine, with its timing; the port is printed first."""
    import asyncio

    from autotrader.config.values import speed as checked
    from autotrader.feeds.recording.server import parser, serve_file

    checked(speed)
    words = [str(file), "--speed", speed, "--port", str(port), "--dialect", dialect]
    switches = [switch for switch, on in (("--stay", stay), ("--restart-per-client", restart)) if on]
    asyncio.run(serve_file(parser().parse_args([*words, *switches])))


@APP.command()
def record(
    ctx: typer.Context,
    name: Name,
    to: To,
    instrument: Instruments = None,
    state: State = None,
    config: Config = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Record the raw frames of a feed until Ctrl-C, for `feed serve` and for tests."""
    import asyncio

    call = Call(ctx)
    feed = next((feed for feed in call.settings.feeds if feed.name == name), None)
    if feed is None:
        known = ", ".join(feed.name for feed in call.settings.feeds)
        raise UserMistake("cli.no_such_feed", name=name, known=known or "-")
    instruments = instrument or wanted(call, feed)
    if not instruments:
        raise UserMistake("cli.nothing_to_record", name=name)
    if to.exists():
        raise UserMistake("cli.file_exists", file=to)
    frames = asyncio.run(_record(feed, instruments, to))
    if call.as_json:
        call.print_json({"frames": frames, "file": str(to)})
    else:
        print(call.tell("cli.recorded", frames=f"{frames:,}", file=to))


def wanted(call: Call, feed: "FeedSettings") -> list[str]:
    """Return the instruments of the rules that this feed serves, and those that it lists."""
    from autotrader.config.instruments import served_by, serves

    patterns = served_by([feed])[feed.name]
    listed = [pattern for pattern in patterns if not pattern.endswith(":*")]
    return list(dict.fromkeys([*listed, *(rule.instrument for rule in call.settings.rules if serves(patterns, rule.instrument))]))


def address_of(feed: "FeedSettings") -> str:
    """Return where the feed's venue is; a feed that we serve ourselves has nothing to record."""
    if feed.url:
        return feed.url
    if feed.kind in VENUES:
        url: str = import_module(f"autotrader.brokers.{feed.kind}.feed").URL
        return url
    raise UserMistake("cli.not_recordable", name=feed.name, kind=feed.kind)


async def _record(feed: "FeedSettings", instruments: list[str], to: Path) -> int:
    import asyncio

    from autotrader.daemon.clock import SystemClock
    from autotrader.domain.tick import InstrumentId
    from autotrader.feeds.recording.recorder import record

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    ids = [InstrumentId(name) for name in instruments]
    return await record(address_of(feed), feed.dialect or feed.kind, ids, to, clock=SystemClock(), stop=stop)
