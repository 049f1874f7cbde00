"""A venue in a process of its own that sends one print whenever it is told a price, and answers when it sent it (ns since the epoch)."""

import asyncio
import json
import sys
import time

from websockets.asyncio.server import ServerConnection, serve

SYMBOL = "BTCUSDT"


def frame(price: str, number: int) -> str:
    """Return a trade as Binance writes it."""
    return (
        f'{{"stream":"{SYMBOL.lower()}@trade","data":{{"e":"trade","E":{1723161601000 + number},"s":"{SYMBOL}","t":{number},'
        f'"p":"{price}","q":"0.00052000","T":{1723161601000 + number},"m":true,"M":true}}}}'
    )


async def main() -> None:
    """Send what standard input says to whoever has subscribed, until it ends."""
    listeners: list[ServerConnection] = []
    somebody = asyncio.Event()

    async def attend(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.send('{"result":null,"id":1}')
        listeners.append(connection)
        somebody.set()
        await connection.wait_closed()
        listeners.remove(connection)

    async with serve(attend, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
        print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
        number = 0
        while line := await asyncio.to_thread(sys.stdin.readline):
            number += 1
            await somebody.wait()
            text = frame(line.strip(), number)
            sent = time.time_ns()
            for listener in listeners:
                await listener.send(text)
            print(sent, flush=True)


if __name__ == "__main__":
    asyncio.run(main())
