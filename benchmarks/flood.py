"""A venue in a process of its own that sends trade frames as fast as the link takes them, once somebody subscribes."""

import asyncio
import json
import sys

from websockets.asyncio.server import ServerConnection, serve


def frames(count: int, symbols: int) -> list[str]:
    """Return trades of `S0USDT`, `S1USDT` … in turn, prices moving a little around 100, as the venue writes them."""
    out = []
    for n in range(count):
        name, step = f"S{n % symbols}USDT", (n // symbols) % 7
        out.append(
            f'{{"stream":"{name.lower()}@trade","data":{{"e":"trade","E":{1723161601000 + n},"s":"{name}","t":{n + 1},'
            f'"p":"{100 + step * 0.01:.8f}","q":"0.00052000","T":{1723161601000 + n},"m":true,"M":true}}}}'
        )
    return out


async def main() -> None:
    """Serve floods of COUNT frames over SYMBOLS symbols until standard input ends."""
    lines = frames(int(sys.argv[1]), int(sys.argv[2]))

    async def flood(connection: ServerConnection) -> None:
        await connection.recv()
        for line in lines:
            await connection.send(line)
        await connection.wait_closed()

    async with serve(flood, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
        print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
