"""What the engine says of a file by itself, for `autotrader check`: nothing is read, kept or watched."""

from typing import Any

from autotrader.brokers.paper.book import PaperBook
from autotrader.brokers.paper.records import opening
from autotrader.daemon.offline import FILE, reply_in, world_from
from autotrader.domain.settings import Settings
from autotrader.engine.engine import Engine
from autotrader.engine.events import Plan, Recovered
from autotrader.engine.records import RequestId, Snapshot

PAPER = "paper"


def judge_file(settings: Settings, now: int) -> dict[str, Any]:
    """Return the answer to a dry plan of a file over an empty store, in which a paper account holds what the file opens it with.

    `now` is ns since the epoch. Its `lint` has the findings by rule; a file that would not be taken is answered with why.
    """
    world = world_from("", settings)
    engine = Engine(world, Snapshot(), now)
    for account in settings.accounts:
        if account.broker == PAPER:
            engine.handle(Recovered(account.name, (), PaperBook(opening(account), world.markets, account.fee).statement()))
    return reply_in(engine.handle(Plan(settings.rules, request=RequestId(FILE), by="check", templates=settings.templates, dry=True)))
