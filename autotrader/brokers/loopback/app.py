"""The rehearsal broker's HTTP interface, with the faults that a test scripts for the next requests.

`POST /orders`, `DELETE /orders/{id}`, `GET /orders`, `GET /orders/{id}`, `GET /statement`; for tests `POST /script`,
`POST /fill`, `POST /price`, `POST /reset`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal

import msgspec
from aiohttp import web
from msgspec import Struct

from autotrader.brokers.loopback.audit import Audit
from autotrader.brokers.loopback.dialect import Ledger, PlaceBody
from autotrader.brokers.loopback.faults import Fault, FaultKind, Script
from autotrader.brokers.loopback.venue import Refusal, Venue

LONGEST_HANG = 120.0
"""Seconds for which a hanging answer is held back: longer than any client waits."""


class ScriptBody(Struct, frozen=True):
    placements: list[str] = []
    withdrawals: list[str] = []


class FillBody(Struct, frozen=True):
    order_id: str
    price: Decimal
    quantity: Decimal


class PriceBody(Struct, frozen=True):
    instrument: str
    price: Decimal


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def _refusing(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer what cannot be done with its name, and what cannot be read as such."""
    try:
        return await handler(request)
    except Refusal as refusal:
        return _refused(refusal)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as garbage:
        return _refused(Refusal(400, "unreadable", str(garbage)))


class Desk:
    """Takes requests one after the other, writes each down, carries it out, and answers as the script says."""

    def __init__(self, opening: Callable[[], Venue], audit: Audit, now: Callable[[], int]) -> None:
        self._opening = opening
        self._venue = opening()
        self._audit = audit
        self._now = now
        self._placements = Script()
        self._withdrawals = Script()

    def app(self) -> web.Application:
        """Return the application."""
        app = web.Application(middlewares=[_refusing])
        app.add_routes(
            [
                web.post("/orders", self.place),
                web.delete("/orders/{id}", self.withdraw),
                web.get("/orders", self.ledger),
                web.get("/orders/{id}", self.order),
                web.get("/statement", self.statement),
                web.post("/reset", self.reset),
                web.post("/script", self.script),
                web.post("/fill", self.fill),
                web.post("/price", self.price),
            ]
        )
        return app

    async def place(self, request: web.Request) -> web.StreamResponse:
        """Write the order down, then place it or not, then answer or not."""
        raw = await request.read()
        fault = self._placements.next()
        received = self._audit.write("received", body=_json(raw), fault=fault.kind.value)
        return await self._perform(request, fault, lambda: self._place(raw, received), success=201)

    async def withdraw(self, request: web.Request) -> web.StreamResponse:
        """Write the cancel request down, then cancel or not, then answer or not."""
        order_id = request.match_info["id"]
        fault = self._withdrawals.next()
        self._audit.write("withdraw", order_id=order_id, fault=fault.kind.value)
        return await self._perform(request, fault, lambda: self._withdraw(order_id), success=200)

    async def ledger(self, _request: web.Request) -> web.Response:
        """Show every order with its executions."""
        return _answer(Ledger(tuple(self._venue.orders.values())))

    async def order(self, request: web.Request) -> web.Response:
        """Show one order."""
        order_id = request.match_info["id"]
        if order_id not in self._venue.orders:
            raise Refusal(404, "no_such_order", order_id)
        return _answer(self._venue.orders[order_id])

    async def statement(self, _request: web.Request) -> web.Response:
        """Show holdings and cash."""
        return _answer(self._venue.statement())

    async def reset(self, _request: web.Request) -> web.Response:
        """Begin again with the opening balance and no script; the audit goes on."""
        self._audit.write("reset")
        self._venue = self._opening()
        self._placements, self._withdrawals = Script(), Script()
        return _answer({})

    async def script(self, request: web.Request) -> web.Response:
        """Take the faults of the next requests: a list for placements, or `{placements, withdrawals}`."""
        body = msgspec.json.decode(await request.read(), type=list[str] | ScriptBody)
        script = body if isinstance(body, ScriptBody) else ScriptBody(body)
        self._placements.write(script.placements)
        self._withdrawals.write(script.withdrawals)
        return _answer({})

    async def fill(self, request: web.Request) -> web.Response:
        """Execute a part of an order."""
        body = msgspec.json.decode(await request.read(), type=FillBody)
        execution = self._venue.fill(body.order_id, body.price, body.quantity, self._now())
        self._audit.write("fill", order_id=body.order_id, execution=execution)
        return _answer(execution)

    async def price(self, request: web.Request) -> web.Response:
        """Note an instrument's last price; a venue that fills by itself fills what waited for one."""
        body = msgspec.json.decode(await request.read(), type=PriceBody)
        self._venue.prices[body.instrument] = body.price
        self._settle()
        return _answer({})

    def _place(self, raw: bytes, received: int) -> str:
        try:
            body = msgspec.json.decode(raw, type=PlaceBody)
        except msgspec.DecodeError as garbage:
            raise Refusal(400, "unreadable", str(garbage)) from None
        order_id = self._venue.place(body)
        self._audit.write("accepted", received=received, order_id=order_id, body=body)
        self._settle()
        return order_id

    def _withdraw(self, order_id: str) -> str:
        self._venue.withdraw(order_id)
        self._audit.write("cancelled", order_id=order_id)
        return order_id

    def _settle(self) -> None:
        for order_id, execution in self._venue.settle(self._now()):
            self._audit.write("fill", order_id=order_id, execution=execution)

    async def _perform(self, request: web.Request, fault: Fault, act: Callable[[], str], success: int) -> web.StreamResponse:
        if fault.kind in {FaultKind.SLOW, FaultKind.REFUSE_AFTER_DELAY}:
            await asyncio.sleep(fault.seconds)
        if not fault.acts:
            return _without_acting(request, fault)
        try:
            order_id = act()
        except Refusal as refusal:
            self._audit.write("refused", name=refusal.name, message=refusal.message)
            return _refused(refusal)
        return await _after_acting(request, fault, order_id, success)


def _without_acting(request: web.Request, fault: Fault) -> web.StreamResponse:
    """Answer, or break off, a request that is not carried out."""
    if fault.kind is FaultKind.REDIRECT:
        return web.Response(status=307, headers={"Location": str(request.rel_url)})
    if fault.kind is FaultKind.ERROR_BEFORE:
        return web.Response(status=500, text="the engine is on fire")
    if fault.kind is FaultKind.DROP_BEFORE:
        return _broken_off(request)
    name = "maintenance" if fault.kind is FaultKind.UNLISTED_REFUSAL else "refused_by_script"
    return _refused(Refusal(409, name, "as the script says"))


async def _after_acting(request: web.Request, fault: Fault, order_id: str, success: int) -> web.StreamResponse:
    """Answer, or do not, a request that was carried out."""
    if fault.kind is FaultKind.LOSE_ANSWER:
        return _broken_off(request)
    if fault.kind is FaultKind.HANG:
        await asyncio.sleep(LONGEST_HANG)
        return _broken_off(request)
    if fault.kind is FaultKind.ERROR_AFTER:
        return web.Response(status=500, text="the engine is on fire")
    if fault.kind is FaultKind.GARBAGE_ANSWER:
        return web.Response(status=200, body=b"\xff\xfe<html>not what you think")
    return _answer({"order_id": order_id}, success)


def _broken_off(request: web.Request) -> web.Response:
    """Close the connection; the response that the framework wants goes nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _answer(value: object, status: int = 200) -> web.Response:
    return web.Response(status=status, body=msgspec.json.encode(value), content_type="application/json")


def _refused(refusal: Refusal) -> web.Response:
    return _answer({"error": {"name": refusal.name, "message": refusal.message}}, refusal.status)


def _json(raw: bytes) -> object:
    """Return a body for the audit: as JSON, or as text when it is none."""
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ascii(raw)
