"""The least that could be called a stop order: websockets, one sqlite3 commit, one aiohttp POST. No rules, no recovery, no log."""

import asyncio
import json
import sqlite3
import sys
from decimal import Decimal

import aiohttp
import msgspec
from websockets.asyncio.client import connect


class Trade(msgspec.Struct):
    p: Decimal


class Frame(msgspec.Struct):
    data: Trade | None = None


async def main() -> None:
    """Sell one whenever the price is at or under the next level; levels fall by one."""
    venue, broker, file, level = sys.argv[1], sys.argv[2], sys.argv[3], Decimal(sys.argv[4])
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE IF NOT EXISTS intent (number INTEGER PRIMARY KEY, body TEXT)")
    body = json.dumps({"instrument": "BINANCE:BTCUSDT", "side": "sell", "type": "market", "quantity": "1"})
    decode = msgspec.json.Decoder(Frame).decode
    headers = {"Content-Type": "application/json"}
    # The same terms as the rehearsal broker's client: a connection an order, so that the library cannot send twice.
    connector = aiohttp.TCPConnector(force_close=True)
    async with aiohttp.ClientSession(connector=connector) as session, connect(venue, compression=None) as prices:
        await prices.send("subscribe")
        async for raw in prices:
            trade = decode(raw).data
            if trade is not None and trade.p <= level:
                level -= 1
                connection.execute("INSERT INTO intent (body) VALUES (?)", (body,))
                async with session.post(broker + "/orders", data=body, headers=headers) as answer:
                    await answer.read()


if __name__ == "__main__":
    asyncio.run(main())
