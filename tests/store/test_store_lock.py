"""One instance a state directory."""

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from waiting import until_true

from autotrader.errors import AnotherInstance
from autotrader.store.lock import InstanceLock

HOLD = """
import sys, pathlib
from autotrader.store.lock import InstanceLock
InstanceLock(pathlib.Path(sys.argv[1])).acquire()
print("held", flush=True)
sys.stdin.read()
"""


def test_the_second_in_the_same_process_is_refused(tmp_path: Path) -> None:
    with InstanceLock(tmp_path), pytest.raises(AnotherInstance, match=f"process {os.getpid()}"):
        InstanceLock(tmp_path).acquire()


def test_the_next_one_may_come_after_a_release(tmp_path: Path) -> None:
    with InstanceLock(tmp_path):
        pass
    with InstanceLock(tmp_path):
        assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"
    assert (tmp_path / "lock").read_text() == ""


def test_a_directory_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    with InstanceLock(tmp_path / "deep" / "state"):
        assert stat.S_IMODE((tmp_path / "deep" / "state").stat().st_mode) == 0o700


def test_a_lock_of_another_process_is_refused_at_once_untouched_and_dies_with_it(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        before = (tmp_path / "lock").stat()
        began = time.monotonic()
        with pytest.raises(AnotherInstance, match=f"process {holder.pid}"):
            InstanceLock(tmp_path).acquire()
        assert time.monotonic() - began < 1
        after = (tmp_path / "lock").stat()
        assert (after.st_mtime_ns, after.st_size) == (before.st_mtime_ns, before.st_size)
        holder.send_signal(signal.SIGKILL)
        until_true(lambda: holder.poll() is not None)
    with InstanceLock(tmp_path):
        assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"


LEAVE_A_CHILD = """
import subprocess, sys, pathlib
from autotrader.store.lock import InstanceLock
InstanceLock(pathlib.Path(sys.argv[1])).acquire()
subprocess.run([sys.executable, "-c", "import sys; print('child', flush=True); sys.stdin.read()"], close_fds=False)
"""


def test_a_child_that_outlives_us_does_not_keep_the_lock(tmp_path: Path) -> None:
    asked = [sys.executable, "-c", LEAVE_A_CHILD, str(tmp_path)]
    with subprocess.Popen(asked, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "child\n"
        holder.send_signal(signal.SIGKILL)
        until_true(lambda: holder.poll() is not None)
        with InstanceLock(tmp_path):
            assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"
