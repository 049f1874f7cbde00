"""A command asks once, asks again under the same id when the answer was lost, and names what it met."""

import asyncio
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from autotrader.control.client import AnswerLost, ask
from autotrader.control.exits import exit_code
from autotrader.control.protocol import REQUEST_LIMIT, Ping, Request, Unreadable, decode_request, encode_reply
from autotrader.control.server import serve
from autotrader.errors import DaemonNotRunning, UserMistake

REQUEST = Request("r-1", "test", Ping())
Turn = Callable[[socket.socket], None]


@contextmanager
def scripted(path: Path, *turns: Turn) -> Iterator[list[str]]:
    """Listen on the path and treat one connection after the other as scripted; yield the request ids as they come."""
    heard: list[str] = []
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()
    listener.settimeout(5)

    def run() -> None:
        for turn in turns:
            connection = listener.accept()[0]
            with connection:
                connection.settimeout(5)
                heard.append(decode_request(connection.recv(1 << 16)).id)
                turn(connection)
        listener.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield heard
    finally:
        thread.join(10)
        listener.close()


def hang_up(connection: socket.socket) -> None:
    """Say nothing."""


def break_off(connection: socket.socket) -> None:
    """Die in the middle of the answer."""
    connection.sendall(b'{"v":1,"id":"r-1","ok":tr')


def answer(connection: socket.socket) -> None:
    connection.sendall(encode_reply("r-1", {"ok": True, "result": {"done": "once"}}))


def babble(connection: socket.socket) -> None:
    connection.sendall(b"220 mail.example.com ESMTP\n")


def wait_for_the_client(connection: socket.socket) -> None:
    connection.recv(1)


@pytest.mark.parametrize("turn", [hang_up, break_off])
def test_a_lost_answer_is_asked_for_again_under_the_same_id(tmp_path, turn):
    with scripted(tmp_path / "s", turn, answer) as heard:
        assert ask(tmp_path / "s", REQUEST).result == {"done": "once"}
    assert heard == ["r-1", "r-1"]


def test_an_answer_lost_twice_is_not_taken_for_a_no(tmp_path):
    with scripted(tmp_path / "s", hang_up, hang_up) as heard, pytest.raises(AnswerLost, match="r-1") as caught:
        ask(tmp_path / "s", REQUEST)
    assert heard == ["r-1", "r-1"]
    assert exit_code(caught.value) == 1


def test_a_daemon_that_went_away_before_it_answered_is_not_called_absent(tmp_path):
    def hang_up_and_go(connection: socket.socket) -> None:
        (tmp_path / "s").unlink()

    with scripted(tmp_path / "s", hang_up_and_go), pytest.raises(AnswerLost):
        ask(tmp_path / "s", REQUEST)


def test_a_daemon_that_does_not_answer_in_time_is_named_with_the_time(tmp_path):
    with scripted(tmp_path / "s", wait_for_the_client), pytest.raises(AnswerLost, match=r"0\.05 s"):
        ask(tmp_path / "s", REQUEST, timeout=0.05)


def test_something_that_is_no_daemon_is_named(tmp_path):
    with scripted(tmp_path / "s", babble), pytest.raises(Unreadable):
        ask(tmp_path / "s", REQUEST)


def nothing(path: Path) -> None:
    """Leave the place empty."""


def dead_socket(path: Path) -> None:
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(path))
    left.close()


@pytest.mark.parametrize("before", [nothing, dead_socket])
@pytest.mark.parametrize("folder", ["", "missing", "a-long-name" * 12])
def test_where_nobody_listens_no_daemon_runs(tmp_path, before, folder):
    path = tmp_path / folder / "s"
    if not folder:
        before(path)
    with pytest.raises(DaemonNotRunning) as caught:
        ask(path, REQUEST)
    assert exit_code(caught.value) == 3
    assert str(path) in str(caught.value)


async def test_a_reply_of_many_megabytes_arrives_whole(tmp_path):
    async def much(request: Request):
        return {"ok": True, "result": {"text": "한" * 2_000_000}}

    async with serve(tmp_path / "s", much):
        reply = await asyncio.to_thread(ask, tmp_path / "s", REQUEST)
    assert reply.result["text"] == "한" * 2_000_000


def test_a_request_that_is_too_long_is_never_sent(tmp_path):
    with pytest.raises(Unreadable):
        ask(tmp_path / "nobody", Request("r", "x" * REQUEST_LIMIT, Ping()))


STRANGER = """
import os, sys
from pathlib import Path
from autotrader.control.client import ask
from autotrader.control.protocol import Ping, Request
from autotrader.errors import UserMistake
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
try:
    ask(Path(sys.argv[1]), Request("r", "t", Ping()))
except UserMistake as mistake:
    print(mistake.code)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_socket_that_is_closed_to_us_is_a_mistake_with_a_way_out(tmp_path):
    with scripted(tmp_path / "s"):
        run = subprocess.run([sys.executable, "-c", STRANGER, str(tmp_path / "s")], capture_output=True, timeout=20, text=True)
    assert run.stdout.strip() == "control.not_allowed"
    assert "group" in str(UserMistake("control.not_allowed", path="/x"))


def test_a_command_that_asks_needs_no_asyncio():
    script = "import sys, autotrader.control.client; print('asyncio' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=20, text=True, check=True)
    assert run.stdout.strip() == "False"
