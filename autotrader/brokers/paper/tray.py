"""Reports on their way to the daemon. A report tells an order's whole state, so a newer one takes an older one's place:
a reader that is slow misses nothing, and the tray never holds more than one report an order."""

import asyncio
from collections.abc import AsyncIterator, Iterable

from autotrader.engine.events import Report


class Tray:
    """Filled and read on the event loop."""

    def __init__(self) -> None:
        self._reports: dict[str, Report] = {}
        self._something = asyncio.Event()
        self._closed = False
        self._failure: BaseException | None = None

    def put(self, reports: Iterable[Report]) -> None:
        """Lay reports on the tray, the newest of an order last."""
        for report in reports:
            self._reports.pop(report.order.order_id, None)
            self._reports[report.order.order_id] = report
            self._something.set()

    def close(self, failure: BaseException | None = None) -> None:
        """End the reading, with the failure that is its cause if there was one."""
        self._closed = True
        self._failure = self._failure or failure
        self._something.set()

    async def read(self) -> AsyncIterator[Report]:
        """Yield what lies on the tray until it is closed; raise what closed it."""
        while True:
            while self._reports:
                yield self._reports.pop(next(iter(self._reports)))
            if self._failure is not None:
                raise self._failure
            if self._closed:
                return
            self._something.clear()
            await self._something.wait()
