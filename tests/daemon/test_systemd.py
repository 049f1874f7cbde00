"""What systemd hears of us, on a real notification socket."""

import os
import socket
import time
from pathlib import Path

import pytest

from autotrader.daemon.systemd import open_service_manager


@pytest.fixture(params=["file", "abstract"])
def manager(request, tmp_path: Path):
    """Yield a notification socket as systemd makes it, and its name in the environment."""
    address = str(tmp_path / "n") if request.param == "file" else f"\0autotrader-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(address)
        listener.settimeout(5)
        yield listener, {"NOTIFY_SOCKET": address.replace("\0", "@")}


@pytest.mark.parametrize(
    ("tell", "heard"),
    [
        pytest.param(lambda service: service.ready(), "READY=1", id="ready"),
        pytest.param(lambda service: service.stopping(), "STOPPING=1", id="stopping"),
        pytest.param(lambda service: service.watchdog(), "WATCHDOG=1", id="alive"),
        pytest.param(lambda service: service.status("3 rules\nwatched  "), "STATUS=3 rules watched", id="status is one line"),
        pytest.param(lambda service: service.status("감시 중"), "STATUS=감시 중", id="status in Korean"),
    ],
)
def test_what_is_said(manager, tell, heard):
    listener, environment = manager
    tell(open_service_manager(environment, os.getpid()))
    assert listener.recv(4096).decode() == heard


def test_a_reload_carries_its_moment_on_the_monotonic_clock(manager):
    listener, environment = manager
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    open_service_manager(environment, os.getpid()).reloading()
    first, second = listener.recv(4096).decode().split("\n")
    assert first == "RELOADING=1"
    name, _, moment = second.partition("=")
    assert name == "MONOTONIC_USEC"
    assert before <= int(moment) <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param({}, id="no service manager"),
        pytest.param({"NOTIFY_SOCKET": ""}, id="an empty name"),
        pytest.param({"NOTIFY_SOCKET": "vsock:2:1234"}, id="an address of another kind"),
        pytest.param({"NOTIFY_SOCKET": "/nowhere/at/all"}, id="a socket that is not there"),
        pytest.param({"NOTIFY_SOCKET": "@" + "x" * 200}, id="a name that is too long"),
    ],
)
def test_where_nobody_listens_telling_does_nothing(environment):
    service = open_service_manager(environment, os.getpid())
    service.ready()
    service.status("fine")
    service.watchdog()


def test_a_service_manager_that_does_not_read_never_blocks_us(manager):
    listener, environment = manager
    service = open_service_manager(environment, os.getpid())
    for _ in range(5000):
        service.watchdog()
    listener.setblocking(False)
    assert listener.recv(100) == b"WATCHDOG=1"


@pytest.mark.parametrize(
    ("environment", "interval"),
    [
        pytest.param({}, None, id="nobody waits"),
        pytest.param({"WATCHDOG_USEC": "30000000"}, 10.0, id="a third of the term"),
        pytest.param({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "77"}, 10.0, id="meant for us"),
        pytest.param({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "78"}, None, id="meant for another process"),
        pytest.param({"WATCHDOG_USEC": "soon"}, None, id="no number"),
        pytest.param({"WATCHDOG_USEC": "0"}, None, id="switched off"),
    ],
)
def test_how_often_the_watchdog_is_fed(environment, interval):
    assert open_service_manager(environment, 77).watchdog_interval() == interval
