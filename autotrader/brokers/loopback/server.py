"""`python -m autotrader.brokers.loopback.server --audit FILE`: the rehearsal broker in a process of its own.

Listens on loopback only and says its port as `{"port": N}` on the first line of its output. Ends on SIGTERM or SIGINT,
and with `--with-parent` also when its standard input ends, so that it never outlives the test that started it.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
import time
from decimal import Decimal
from functools import partial
from pathlib import Path

from aiohttp import web

from autotrader.brokers.loopback.app import Desk
from autotrader.brokers.loopback.audit import Audit
from autotrader.brokers.loopback.venue import Venue


def _arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="autotrader.brokers.loopback.server")
    parser.add_argument("--audit", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--positions", default="{}", help='{"KRX:005930": {"quantity": "100", "cost": "70000"}}')
    parser.add_argument("--cash", default="{}", help='{"KRW": "10000000"}')
    parser.add_argument("--fee", type=Decimal, default=Decimal("0.015"), help="percent of the traded value, both sides")
    parser.add_argument("--fill", choices=["immediate", "never"], default="never")
    parser.add_argument("--with-parent", action="store_true")
    return parser.parse_args(words)


def _venue(arguments: argparse.Namespace) -> Venue:
    positions = json.loads(arguments.positions, parse_float=Decimal)
    cash = json.loads(arguments.cash, parse_float=Decimal)
    return Venue(
        {name: (Decimal(held["quantity"]), Decimal(held["cost"])) for name, held in positions.items()},
        {currency: Decimal(total) for currency, total in cash.items()},
        arguments.fee,
        immediate=arguments.fill == "immediate",
    )


def _ended(stop: asyncio.Event) -> None:
    """Stop when the parent's end of our input is closed."""
    if not os.read(sys.stdin.fileno(), 4096):
        stop.set()


async def _serve(arguments: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if arguments.with_parent:
        loop.add_reader(sys.stdin.fileno(), _ended, stop)
    audit = Audit(arguments.audit, time.time_ns)
    runner = web.AppRunner(Desk(partial(_venue, arguments), audit, time.time_ns).app(), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", arguments.port)
    await site.start()
    print(json.dumps({"port": runner.addresses[0][1]}), flush=True)
    try:
        await stop.wait()
    finally:
        await runner.cleanup()
        audit.close()


def main() -> None:
    """Serve until told to stop."""
    asyncio.run(_serve(_arguments(sys.argv[1:])))


if __name__ == "__main__":
    main()
