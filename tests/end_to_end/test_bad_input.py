"""Wrong files and wrong calls, through real processes: the exact words, the exit code, and a state directory that stays byte-equal."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from real_processes import Home, Venue, run_cli

STOP = "s: {instrument: KRX:005930, side: sell, quantity: 5, stop: 60000}"


def _table() -> ModuleType:
    """Return the table of the configuration's own tests: pytest knows only the folders that it has collected."""
    place = Path(__file__).parents[1] / "config" / "bad_files.py"
    spec = importlib.util.spec_from_file_location("bad_files_for_the_command_line", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TIMELESS = [(cause, text, said) for cause, text, said in _table().BAD_FILES if "202" not in "".join(said)]
"""Those whose sentences name no day: a process of its own has today's date."""
SAMPLE = TIMELESS[:: len(TIMELESS) // 2]


@pytest.fixture
def lived_in(home: Home, venue: Venue) -> Home:
    """Return a home with a rule in its store and no daemon."""
    home.settle(venue.url, STOP)
    assert home.cli("add", "sell", "KRX:005930", "--quantity", "1", "--stop", "50000", "--id", "kept").code == 0
    return home


def wrong_file(home: Home, text: str, verb: str) -> tuple[int, list[str]]:
    """Give a wrong file of the name `config.yaml` to a verb; return the exit code and the sentences."""
    folder = home.folder / "wrong"
    folder.mkdir(exist_ok=True)
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    words = ["check", "config.yaml"] if verb == "check" else ["run", "-c", "config.yaml", "--state", str(home.state)]
    done = run_cli(*words, folder=folder)
    return done.code, (done.out if verb == "check" else done.err).splitlines()


def refused_by_check_and_run(home: Home, text: str, sentences: list[str]) -> None:
    before = home.digest()
    lines = "\n".join(sentences).splitlines()
    code, said = wrong_file(home, text, "check")
    assert (code, said[: len(lines)]) == (2, lines)
    assert wrong_file(home, text, "run") == (78, lines)
    assert home.digest() == before


def test_wrong_files_are_refused_in_the_words_of_the_table_and_change_nothing(lived_in: Home) -> None:
    for cause, text, sentences in SAMPLE:
        try:
            refused_by_check_and_run(lived_in, text, sentences)
        except AssertionError as error:
            raise AssertionError(f"{cause}: {error}") from error


@pytest.mark.slow
@pytest.mark.parametrize(("text", "sentences"), [pytest.param(text, said, id=cause) for cause, text, said in TIMELESS])
def test_every_wrong_file_is_refused_in_the_words_of_the_table_and_changes_nothing(lived_in: Home, text: str, sentences: list[str]) -> None:
    refused_by_check_and_run(lived_in, text, sentences)


CALLS: list[tuple[str, list[str], int, str]] = [
    ("no such verb", ["ad"], 2, "No such command"),
    ("an unknown option", ["list", "--colour"], 2, "No such option"),
    ("no trigger", ["add", "sell", "KRX:005930", "--quantity", "1"], 2, "stop"),
    ("no quantity", ["add", "sell", "KRX:005930", "--stop", "1000"], 2, "quantity"),
    ("a stop for a buy", ["add", "buy", "KRX:005930", "--quantity", "1", "--stop", "1000"], 2, "stop"),
    ("a quantity that is none", ["add", "sell", "KRX:005930", "--quantity", "many", "--stop", "1000"], 2, "many"),
    ("half a share", ["add", "sell", "KRX:005930", "--quantity", "0.5", "--stop", "1000"], 2, "0.5"),
    ("an unknown market", ["add", "sell", "MARS:1", "--quantity", "1", "--stop", "1000"], 2, "MARS"),
    ("an unknown account", ["add", "sell", "KRX:005930", "--quantity", "1", "--stop", "1000", "--account", "x"], 2, "x"),
    ("a taken id", ["add", "sell", "KRX:005930", "--quantity", "1", "--stop", "1000", "--id", "kept"], 5, "kept"),
    ("a rule that is not there", ["cancel", "nobody"], 2, "nobody"),
    ("an item that is not held", ["resolve", "kept/stop", "absent"], 2, "kept"),
    ("a wrong decision", ["resolve", "kept/stop", "maybe"], 2, "maybe"),
    ("an edit of nothing", ["edit", "kept"], 2, "nothing to change"),
    ("a resume of what watches", ["resume", "kept"], 5, "kept"),
]


def judged(call: Callable[..., object], before: object, after: Callable[[], object]) -> list[str]:
    """Make every wrong call; return what is not as the table says, or has changed something."""
    wrong = []
    for cause, words, code, part in CALLS:
        said = call(*words)
        text = getattr(said, "err", "") + getattr(said, "out", "")
        if getattr(said, "code", None) != code or part not in text or "Traceback" in text:
            wrong.append(f"{cause}: {said}")
        now = after()
        if now != before:
            wrong.append(f"{cause}: something changed")
            before = now
    return wrong


def test_wrong_calls_are_refused_and_leave_the_state_directory_byte_equal(lived_in: Home) -> None:
    assert judged(lived_in.cli, lived_in.digest(), lived_in.digest) == []


@pytest.mark.slow
def test_wrong_calls_change_no_rule_and_no_journal_of_a_daemon(lived_in: Home) -> None:
    lived_in.start()
    lived_in.until_armed()

    def known() -> object:
        return lived_in.rules(), [line for line in lived_in.daemons[-1].lines if " by=cli" in line]

    assert judged(lived_in.cli, known(), known) == []
