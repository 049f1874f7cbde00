"""A daemon's store in a process of its own, to be killed: `python store_child.py DIRECTORY` fires on and on, and says what is durable."""

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from fakes import FakeClock  # the path comes first
from store_records import a_fire, a_mark, unit

from autotrader.store.lock import InstanceLock
from autotrader.store.sqlite import open_store


async def main(directory: Path) -> None:
    """Fire one generation after the other; each line is a promise."""
    with InstanceLock(directory):
        store = open_store(directory, clock=FakeClock())
        generation = max((shot.generation for shot in (await store.load()).shots), default=0)
        for number in range(generation + 1, generation + 5_000):
            await store.commit([a_fire(generation=number), unit(a_mark(price=str(70000 + number)))])
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
