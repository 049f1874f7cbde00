"""The log says what happened in one line each, and neither blocks nor raises whatever its reader does."""

import os
import queue
import threading
from zoneinfo import ZoneInfo

import pytest
from fakes import NINE_IN_SEOUL, SECOND
from waiting import until_true

from autotrader.engine.records import AlertRecord, JournalRow, Note
from autotrader.notify.line import Line, Priority, Style, of_alert, of_row, shape
from autotrader.notify.log import LogNotifier, open_log

SEOUL = Style(zone=ZoneInfo("Asia/Seoul"))
WHY = Note("notify.dropped", {"count": "3"})
FIRED = JournalRow(NINE_IN_SEOUL + 72 * SECOND, "samsung-stop/stop", "watching", "fired", WHY, "engine")


def row(subject: str = "a/stop", before: str = "watching", after: str = "paused", note: Note = WHY) -> JournalRow:
    return JournalRow(NINE_IN_SEOUL, subject, before, after, note, "cli")


@pytest.mark.parametrize(
    ("line", "style", "text"),
    [
        pytest.param(
            of_row(FIRED),
            SEOUL,
            "09:01:12 samsung-stop/stop  watching -> fired  3 log lines were lost because nothing took them"
            "  rule=samsung-stop leg=stop by=engine code=notify.dropped",
            id="a leg on a plain stream",
        ),
        pytest.param(
            of_row(row("a/stop/2/1", "sending", "accepted", Note("notify.dropped", {"count": "1", "order": "o 7"}))),
            SEOUL,
            "09:00:00 a/stop/2/1  sending -> accepted  1 log lines were lost because nothing took them"
            '  rule=a leg=stop shot=a/stop/2 intent=a/stop/2/1 order="o 7" by=cli code=notify.dropped',
            id="an intent with all its ids",
        ),
        pytest.param(
            of_row(row("main", "", "recovered")),
            SEOUL,
            "09:00:00 main  recovered  3 log lines were lost because nothing took them  by=cli code=notify.dropped",
            id="an account that had no state before",
        ),
        pytest.param(
            of_alert(AlertRecord(NINE_IN_SEOUL, "a/stop", WHY)),
            Style(journal=True),
            "<4>a/stop  ALERT  3 log lines were lost because nothing took them  rule=a leg=stop code=notify.dropped",
            id="an alert in the journal, which has its own time",
        ),
        pytest.param(
            of_row(row(after="held")),
            Style(journal=True),
            "<3>a/stop  watching -> held  3 log lines were lost because nothing took them  rule=a leg=stop by=cli code=notify.dropped",
            id="held is an error",
        ),
        pytest.param(
            of_row(row(after="held")),
            Style(colour=True, zone=ZoneInfo("UTC")),
            "\x1b[1;31m00:00:00 a/stop  watching -> held  3 log lines were lost because nothing took them"
            "  rule=a leg=stop by=cli code=notify.dropped\x1b[0m",
            id="an error on a terminal is red",
        ),
        pytest.param(
            of_row(row(note=Note("no.such_code", {"price": "1"}))),
            SEOUL,
            "09:00:00 a/stop  watching -> paused  no.such_code price=1  rule=a leg=stop by=cli code=no.such_code",
            id="a code that the catalogue lacks shows the bare facts",
        ),
        pytest.param(
            of_row(row(note=Note("notify.dropped", {}))),
            SEOUL,
            "09:00:00 a/stop  watching -> paused  notify.dropped  rule=a leg=stop by=cli code=notify.dropped",
            id="a parameter that is missing does too",
        ),
        pytest.param(
            Line(NINE_IN_SEOUL, Priority.INFO, "daemon", "", WHY),
            SEOUL,
            "09:00:00 daemon  3 log lines were lost because nothing took them  code=notify.dropped",
            id="a sentence of the daemon",
        ),
    ],
)
def test_lines(line, style, text):
    assert shape(line, style) == text


def test_korean_is_used_where_there_is_some():
    note = Note("control.stranger")
    assert "데몬은" in shape(Line(0, Priority.INFO, "daemon", "", note), Style(language="ko"))


@pytest.mark.parametrize("evil", ["\n00:00 forged", "\r", "\x1b[2J", "\x00", "\x9b31m", "\u2028", "\t"])
def test_what_a_stranger_said_cannot_break_a_line(evil):
    text = shape(of_row(row(note=Note("notify.dropped", {"count": f"x{evil}y"}))), Style(colour=True))
    assert evil not in text
    assert text.isprintable()


def test_a_sentence_of_several_lines_is_one_line_in_which_their_ends_can_be_seen():
    note = Note("plan.refused", {"count": "2", "mistakes": "f.yaml:1:1: one\nf.yaml:2:1: two"})
    text = shape(Line(0, Priority.WARNING, "file", "ALERT", note), Style())
    assert "(mistakes: 2): | f.yaml:1:1: one | f.yaml:2:1: two" in text


class Pipe:
    """A reader that can be stuck, gone or well."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.gate = threading.Event()
        self.gate.set()
        self.at_gate = threading.Event()
        self.fault: Exception | None = None

    def write(self, text: bytes) -> None:
        self.at_gate.set()
        self.gate.wait(10)
        if self.fault:
            raise self.fault
        self.taken.append(text.decode())


def test_rows_alerts_and_sentences_come_out_in_order_and_none_is_left_behind_at_the_end():
    pipe = Pipe()
    log = LogNotifier(pipe.write, SEOUL)
    log.told(row("a/stop"))
    log.alerted(AlertRecord(0, "b/stop", WHY))
    log.said("daemon", WHY, 0)
    log.close()
    assert [line.split()[1] for line in pipe.taken] == ["a/stop", "b/stop", "daemon"]
    assert all(line.endswith("\n") for line in pipe.taken)


def test_a_reader_that_is_stuck_costs_lines_and_not_time_and_the_loss_is_told_afterwards():
    pipe = Pipe()
    log = LogNotifier(pipe.write, SEOUL, waiting=2)
    pipe.gate.clear()
    log.told(row("first/leg"))
    assert pipe.at_gate.wait(5)
    for _ in range(10):
        log.told(row("later/leg"))
    assert log.dropped == 8
    pipe.gate.set()
    log.close()
    assert [line.split()[1] for line in pipe.taken] == ["first/leg", "daemon", "later/leg", "later/leg"]
    assert "8 log lines" in pipe.taken[1]


@pytest.mark.parametrize("fault", [BrokenPipeError(), OSError(28, "no space"), ValueError("closed file")])
def test_a_reader_that_is_gone_is_not_our_trouble_and_lines_flow_again_when_it_is_back(fault):
    pipe = Pipe()
    pipe.fault = fault
    log = LogNotifier(pipe.write, SEOUL)
    log.told(row())
    log.told(row())
    until_true(lambda: log.dropped == 2)
    pipe.fault = None
    log.told(row())
    log.close()
    assert log.dropped == 2
    assert "2 log lines" in pipe.taken[0] and len(pipe.taken) == 2


def test_closing_does_not_wait_for_a_reader_that_is_stuck():
    pipe = Pipe()
    pipe.gate.clear()
    log = LogNotifier(pipe.write, SEOUL, waiting=1)
    log.told(row())
    assert pipe.at_gate.wait(5)
    log.told(row())
    finished: queue.Queue[bool] = queue.Queue()
    threading.Thread(target=lambda: finished.put(log.close(within=0.05) is None), daemon=True).start()
    assert finished.get(timeout=5)
    pipe.gate.set()


def read_all(fd: int) -> str:
    with os.fdopen(fd, "rb") as stream:
        return stream.read().decode()


@pytest.mark.parametrize(
    ("ours", "start"), [pytest.param(True, "<6>a/stop", id="the stream that systemd named"), pytest.param(False, "", id="another stream")]
)
def test_the_journal_style_is_for_the_very_stream_that_systemd_named(ours, start):
    reading, writing = os.pipe()
    status = os.fstat(writing)
    stream = f"{status.st_dev}:{status.st_ino}" if ours else "1:1"
    log = open_log({"JOURNAL_STREAM": stream}, fd=writing)
    log.told(row())
    log.close()
    os.close(writing)
    text = read_all(reading)
    assert text.startswith(start or text[:8] + " a/stop")


@pytest.mark.parametrize(("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colours_are_for_terminals_that_want_them(environment, coloured):
    ours, theirs = os.openpty()
    log = open_log(environment, fd=theirs)
    log.told(row(after="failed"))
    log.close()
    text = os.read(ours, 4096).decode()
    os.close(ours)
    os.close(theirs)
    assert text.startswith("\x1b[1;31m") is coloured
    assert "failed" in text


def test_a_closed_pipe_is_survived():
    reading, writing = os.pipe()
    os.close(reading)
    log = open_log({}, fd=writing)
    log.told(row())
    log.close()
    os.close(writing)
    assert log.dropped == 1


def test_a_stderr_that_was_never_open_is_survived():
    reading, writing = os.pipe()
    os.close(reading)
    os.close(writing)
    log = open_log({"JOURNAL_STREAM": "1:1"}, fd=writing)
    log.close()
    assert log.dropped == 0
