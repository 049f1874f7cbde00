"""The control socket lets in its own, bounds everything, and is gone when its daemon is."""

import asyncio
import grp
import os
import socket
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from waiting import until

from autotrader.control.address import LONGEST
from autotrader.control.client import ask
from autotrader.control.listener import listen
from autotrader.control.peer import Peer, may_speak, peer_of
from autotrader.control.protocol import REQUEST_LIMIT, History, Ping, Reply, Request, decode_reply, encode_request
from autotrader.control.server import CONNECTIONS, serve
from autotrader.errors import AnotherInstance, RefusedByState, UserMistake


async def echo(request: Request):
    """Answer with what was asked."""
    return {"ok": True, "result": {"heard": request.id}}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "control.sock"


def ping(number: int = 1) -> bytes:
    return encode_request(Request(f"r-{number}", "test", Ping()))


async def next_reply(reader: asyncio.StreamReader) -> Reply:
    return decode_reply(await asyncio.wait_for(reader.readline(), 5))


async def hung_up(reader: asyncio.StreamReader) -> bool:
    """Return whether the daemon closes the line without another word."""
    try:
        return await asyncio.wait_for(reader.read(), 5) == b""
    except ConnectionResetError:
        return True


async def test_requests_of_one_connection_are_answered_in_turn(path):
    async with serve(path, echo):
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(ping(1) + ping(2) + ping(3))
        heard = [(await next_reply(reader)).result["heard"] for _ in range(3)]
        writer.close()
    assert heard == ["r-1", "r-2", "r-3"]


async def test_a_connection_carries_one_request_at_a_time(path):
    at_work, most = 0, 0

    async def count(request: Request):
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        await asyncio.wait([asyncio.create_task(asyncio.Event().wait())], timeout=0.01)
        at_work -= 1
        return {"ok": True, "result": {}}

    async with serve(path, count):
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(b"".join(ping(number) for number in range(4)))
        for _ in range(4):
            assert (await next_reply(reader)).ok
        writer.close()
    assert most == 1


@pytest.mark.parametrize(
    ("mask", "group", "mode"),
    [
        pytest.param(0o000, False, 0o600, id="alone, although the umask would allow all"),
        pytest.param(0o077, False, 0o600, id="alone"),
        pytest.param(0o077, True, 0o660, id="with a group, although the umask forbids it"),
    ],
)
async def test_the_socket_is_open_to_its_user_and_at_most_one_group(path, mask, group, mode):
    before = os.umask(mask)
    try:
        async with serve(path, echo, group=grp.getgrgid(os.getegid()).gr_name if group else None):
            assert stat.S_IMODE(path.stat().st_mode) == mode
            assert path.stat().st_gid == os.getegid()
    finally:
        os.umask(before)


async def test_a_group_that_does_not_exist_is_a_mistake(path):
    with pytest.raises(UserMistake, match="no-such-group-here"):
        async with serve(path, echo, group="no-such-group-here"):
            pass
    assert not path.exists()


async def test_the_socket_is_removed_at_the_end_also_of_a_daemon_that_fails(path):
    async with serve(path, echo):
        assert path.is_socket()
    assert not path.exists()
    with pytest.raises(ExceptionGroup):
        async with serve(path, echo):
            raise RuntimeError("the pump died")
    assert not path.exists()


async def test_a_socket_that_a_kill_left_is_replaced(path):
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(path))
    left.listen()
    left.close()
    async with serve(path, echo):
        assert (await asyncio.to_thread(ask, path, Request("r", "t", Ping()))).ok
    assert not path.exists()


async def test_a_socket_on_which_somebody_answers_is_left_to_him(path):
    async with serve(path, echo):
        with pytest.raises(AnotherInstance, match=r"control\.sock"):
            listen(path)
        assert (await asyncio.to_thread(ask, path, Request("r", "t", Ping()))).ok


async def test_a_file_that_is_no_socket_is_left_alone(path):
    path.write_text("precious")
    with pytest.raises(UserMistake, match="not a socket"):
        listen(path)
    assert path.read_text() == "precious"


async def test_a_socket_of_somebody_else_survives_our_end(path):
    async with serve(path, echo):
        path.unlink()
        other = listen(path)
    assert path.is_socket()
    other.close()
    assert not path.exists()


async def test_a_path_longer_than_the_kernel_takes_works_all_the_same(tmp_path):
    deep = tmp_path.joinpath(*["a-directory-with-a-long-name"] * 6)
    deep.mkdir(parents=True)
    path = deep / "control.sock"
    assert len(str(path)) > LONGEST
    async with serve(path, echo):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert (await asyncio.to_thread(ask, path, Request("r", "t", Ping()))).result == {"heard": "r"}
    assert not path.exists()


async def test_a_socket_name_that_is_too_long_by_itself_is_a_mistake(tmp_path):
    with pytest.raises(UserMistake, match="too long"):
        listen(tmp_path / ("x" * 120))


@pytest.mark.parametrize(
    ("line", "code"),
    [
        pytest.param(b"make me rich\n", "control.unreadable", id="unreadable"),
        pytest.param(b'{"v":9,"id":"r-9"}\n', "control.version", id="another version"),
        pytest.param(b"x" * (REQUEST_LIMIT + 1) + b"\n", "control.too_long", id="too long with its end"),
        pytest.param(b"x" * (3 * REQUEST_LIMIT), "control.too_long", id="too long without an end"),
    ],
)
async def test_what_is_no_request_is_answered_and_the_line_is_cut(path, line, code):
    asked: list[Request] = []

    async def note(request: Request):
        asked.append(request)
        return {"ok": True, "result": {}}

    async with serve(path, note):
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(line + ping())
        reply = await next_reply(reader)
        assert (reply.ok, reply.code, reply.exit) == (False, code, 2)
        assert await hung_up(reader)
        writer.close()
    assert asked == []


async def test_a_request_of_exactly_the_limit_is_taken(path):
    spare = REQUEST_LIMIT + 1 - len(encode_request(Request("r", "", Ping())))
    line = encode_request(Request("r", "x" * spare, Ping()))
    assert len(line) == REQUEST_LIMIT + 1
    async with serve(path, echo):
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(line)
        assert (await next_reply(reader)).ok
        writer.close()


async def test_a_silent_or_dawdling_client_loses_its_connection(path):
    async with serve(path, echo, idle=0.05):
        silent, first = await asyncio.open_unix_connection(path)
        dawdling, second = await asyncio.open_unix_connection(path)
        second.write(b'{"v":1,')
        assert await hung_up(silent)
        assert await hung_up(dawdling)
        first.close()
        second.close()


async def test_a_client_that_does_not_read_its_answer_is_dropped(path):
    async def shout(request: Request):
        return {"ok": True, "result": {"text": "x" * 20_000_000}}

    async with serve(path, shout, idle=0.05):
        with socket.socket(socket.AF_UNIX) as deaf:
            deaf.connect(str(path))
            deaf.sendall(ping())
            deaf.setblocking(False)
            await until(lambda: len(asyncio.all_tasks()) > 1)
            await until(lambda: len(asyncio.all_tasks()) == 1)
            received = 0
            async with asyncio.timeout(5):
                while part := await asyncio.get_running_loop().sock_recv(deaf, 1 << 20):
                    received += len(part)
    assert received < 20_000_000


async def test_an_answer_that_takes_too_long_is_cut_and_said(path):
    async def never(request: Request):
        await asyncio.Event().wait()
        return {}

    async with serve(path, never, patience_for=lambda verb: 0.05):
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(ping())
        reply = await next_reply(reader)
        assert (reply.id, reply.code, reply.exit) == ("r-1", "control.slow", 1)
        assert await hung_up(reader)
        writer.close()


async def test_an_error_with_a_name_is_the_answer_and_the_connection_goes_on(path):
    async def refuse(request: Request):
        if isinstance(request.verb, History):
            raise RefusedByState("control.busy", limit=3)
        return {"ok": True, "result": {}}

    async with serve(path, refuse):
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(encode_request(Request("h", "t", History())) + ping())
        reply = await next_reply(reader)
        assert (reply.code, reply.params, reply.exit) == ("control.busy", {"limit": 3}, 5)
        assert (await next_reply(reader)).ok
        writer.close()


@pytest.mark.parametrize("fault", [RuntimeError("a bug"), ConnectionError("a bug too"), TimeoutError("and this")])
async def test_a_fault_in_answering_ends_the_daemon_and_is_not_swallowed(path, fault):
    async def broken(request: Request):
        raise fault

    with pytest.raises(ExceptionGroup) as caught:
        async with serve(path, broken):
            _, writer = await asyncio.open_unix_connection(path)
            writer.write(ping())
            await asyncio.wait_for(asyncio.Event().wait(), 5)
    assert caught.value.exceptions == (fault,)
    assert not path.exists()
    writer.close()


async def test_the_seventeenth_connection_is_told_so_and_room_comes_back(path):
    async with serve(path, echo):
        inside = [await asyncio.open_unix_connection(path) for _ in range(CONNECTIONS)]
        for reader, writer in inside:
            writer.write(ping())
            assert (await next_reply(reader)).ok
        late_reader, late_writer = await asyncio.open_unix_connection(path)
        reply = await next_reply(late_reader)
        assert (reply.code, reply.params, reply.exit) == ("control.busy", {"limit": CONNECTIONS}, 1)
        assert await hung_up(late_reader)
        inside[0][1].close()
        await until(lambda: len(asyncio.all_tasks()) == CONNECTIONS)
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(ping())
        assert (await next_reply(reader)).ok
        for _, open_writer in [*inside, (reader, writer), (late_reader, late_writer)]:
            open_writer.close()


async def test_the_end_of_the_daemon_does_not_wait_for_its_clients(path):
    begun = asyncio.Event()

    async def never(request: Request):
        begun.set()
        await asyncio.Event().wait()
        return {}

    async with asyncio.timeout(5):
        async with serve(path, never):
            idle_reader, idle_writer = await asyncio.open_unix_connection(path)
            reader, writer = await asyncio.open_unix_connection(path)
            writer.write(ping())
            await begun.wait()
        assert await hung_up(reader)
        assert await hung_up(idle_reader)
    writer.close()
    idle_writer.close()


@pytest.mark.parametrize(
    ("peer", "group", "allowed"),
    [
        pytest.param(Peer(1, 1000, frozenset({1000})), None, True, id="ourselves"),
        pytest.param(Peer(1, 0, frozenset({0})), None, True, id="root"),
        pytest.param(Peer(1, 1001, frozenset({1001})), None, False, id="another user"),
        pytest.param(Peer(1, 1001, frozenset({1001, 50})), None, False, id="another user when no group is set"),
        pytest.param(Peer(1, 1001, frozenset({1001, 50})), 50, True, id="a member of the group"),
        pytest.param(Peer(1, 1001, frozenset({1001})), 50, False, id="not a member of the group"),
    ],
)
def test_who_may_speak(peer, group, allowed):
    assert may_speak(peer, us=1000, group=group) is allowed


def test_the_kernel_tells_who_the_peer_is():
    ours, theirs = socket.socketpair()
    peer = peer_of(ours)
    assert (peer.pid, peer.uid) == (os.getpid(), os.geteuid())
    assert peer.groups == {os.getegid(), *os.getgroups()}
    ours.close()
    theirs.close()


STRANGER = """
import contextlib, os, socket, sys
path, line, group = sys.argv[1:]
os.setgroups([int(group)] if group else [])
os.setgid(65534)
os.setuid(65534)
link = socket.socket(socket.AF_UNIX)
link.connect(path)
with contextlib.suppress(ConnectionError):  # who is turned away may be so before he spoke
    link.sendall(line.encode())
print(link.makefile().readline())
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize(
    ("groups", "code"), [pytest.param("", "control.stranger", id="a stranger"), pytest.param("50", "", id="a member of the group")]
)
async def test_another_user_is_turned_away_unless_in_the_group(groups, code):
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        path = Path(place) / "control.sock"
        async with serve(path, echo, group=grp.getgrgid(50).gr_name):
            path.chmod(0o666)  # so that only the question to the kernel stands in the way
            command = [sys.executable, "-c", STRANGER, str(path), ping().decode(), groups]
            run = await asyncio.to_thread(subprocess.run, command, capture_output=True, timeout=20, check=True)
    reply = decode_reply(run.stdout.strip())
    assert (reply.ok, reply.code) == (code == "", code)
