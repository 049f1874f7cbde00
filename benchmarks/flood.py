"""A venue in a process of its own that sends trade frames as fast as the link takes them, once somebody subscribes.

The frames are made beforehand and written as bytes, so that the one who receives is the slower one and the figure is his.
"""

import asyncio
import json
import sys

from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

FRAMES_A_WRITE = 256


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


def packed(lines: list[str]) -> list[bytes]:
    """Return the frames as they stand on the wire, many to a write."""
    wire = [Frame(Opcode.TEXT, line.encode()).serialize(mask=False) for line in lines]
    return [b"".join(wire[start : start + FRAMES_A_WRITE]) for start in range(0, len(wire), FRAMES_A_WRITE)]


async def shake_hands(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the request to speak websocket."""
    protocol = ServerProtocol()
    protocol.receive_data(await reader.readuntil(b"\r\n\r\n"))
    (request,) = protocol.events_received()
    assert isinstance(request, Request)
    protocol.send_response(protocol.accept(request))
    writer.writelines(protocol.data_to_send())


async def main() -> None:
    """Serve floods of COUNT frames over SYMBOLS symbols, each after PAUSE seconds, until standard input ends."""
    pause = int(sys.argv[3])
    writes = packed(frames(int(sys.argv[1]), int(sys.argv[2])))

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await shake_hands(reader, writer)
        await reader.read(1 << 16)  # the subscription, whatever it says
        await asyncio.sleep(pause)
        for some in writes:
            writer.write(some)
            await writer.drain()
        await reader.read(1 << 16)  # the other side's goodbye
        writer.close()

    server = await asyncio.start_server(flood, "127.0.0.1", 0)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
