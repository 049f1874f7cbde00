"""The reader keeps every scalar as it was written, and a hostile file costs neither time nor the process."""

import time
from pathlib import Path

import pytest

from autotrader.config.load import load_file, load_text
from autotrader.config.reader import MAX_BYTES, read_bytes, read_text
from autotrader.config.tree import Mapping, Scalar, plain

HOSTILE_SECONDS = 8.0
"""The aim is 2 s of processor time (safety Y3; `python -m benchmarks` shows it); the suite shares its processors, so it only
catches what grows without bound."""


def laughs(levels: int) -> str:
    """Return the billion laughs: each line refers ten times to the one before."""
    lines = ["a0: &a0 [lol, lol]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, levels)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    "text", ["000660", "15:20", "no", "off", "1_000", "0x1F", "1e3", "2026-11-20", "~", "null", ".5", "KRX:005930", "=", "<<"]
)
def test_a_scalar_stays_the_text_that_was_written(text: str) -> None:
    root = read_text(f"key: {text}\n", "f").root
    assert root is not None
    assert plain(root) == {"key": text}


def test_a_node_knows_its_line_and_column_in_characters() -> None:
    root = read_text("가나: 1\n둘: {셋: [x, 값]}\n", "f").root
    assert isinstance(root, Mapping)
    value = root.entries["둘"][1]
    assert isinstance(value, Mapping)
    assert value.entries["셋"][0] == Scalar("셋", 2, 5)
    assert plain(value) == {"셋": ["x", "값"]}


@pytest.mark.parametrize(
    ("text", "first"),
    [
        pytest.param(laughs(9), "f:1:5: the anchor &a0 is not allowed; write the value out where it is needed", id="a billion laughs"),
        pytest.param(
            "a: " + "[" * 1_000_000, "f:1:35: this is nested deeper than 32 levels; close the brackets above", id="a million brackets"
        ),
        pytest.param("{a: " * 1_000_000, "f:1:129: this is nested deeper than 32 levels; close the brackets above", id="a million braces"),
        pytest.param("- " * 1_000_000, "f:1:65: this is nested deeper than 32 levels; close the brackets above", id="a million dashes"),
        pytest.param(
            "? " * 1_000_000, "f:1:65: this is nested deeper than 32 levels; close the brackets above", id="a million question marks"
        ),
        pytest.param("a: 1\n" + "#" * 17_000_000, "f: the file is bigger than 16 MB; split off what is not configuration", id="17 MB"),
        pytest.param(
            "a: [" + "b," * 4_000_000 + "]",
            "f:1:60005: this is more than 30,000 entries in one place; split off what is not configuration",
            id="millions of words in one list",
        ),
        pytest.param(
            "a:\n" + f"- [{'b,' * 19_999}]\n" * 400,
            "f:21:39996: the file has more than 400,000 values; split off what is not configuration",
            id="millions of words",
        ),
        pytest.param(
            "".join(f"key{n}: x\n" for n in range(190_000)),
            "f:30001:1: this is more than 30,000 entries in one place; split off what is not configuration",
            id="a hundred thousand unknown sections",
        ),
        pytest.param(
            "rules: {r: {" + "".join(f"key{n}: x, " for n in range(190_000)) + "}}",
            "f:1:378903: this is more than 30,000 entries in one place; split off what is not configuration",
            id="a hundred thousand unknown keys of a rule",
        ),
        pytest.param(
            "guards: {" + "".join(f"key{n}: x, " for n in range(190_000)) + "}",
            "f:1:378900: this is more than 30,000 entries in one place; split off what is not configuration",
            id="a hundred thousand unknown guards",
        ),
        pytest.param(
            "accounts: {" + "".join(f"a{n}: x, " for n in range(190_000)) + "}",
            "f:1:318902: this is more than 30,000 entries in one place; split off what is not configuration",
            id="a hundred thousand accounts",
        ),
        pytest.param(
            "guards: {" + "".join(f"key{n}: x, " for n in range(30_000)) + "}",
            "f:1:10: `key0` is not a key here; there are collar, stale, max_rules",
            id="thirty thousand unknown guards",
        ),
        pytest.param(
            "accounts: {" + "".join(f"a{n}: {{key: x, b: y}}, " for n in range(30_000)) + "}",
            "f:1:17: `key` is not a key here; there are broker, cash, positions, url, fee",
            id="thirty thousand wrong accounts",
        ),
        pytest.param(
            "rules: {" + "".join(f"r{n}: {{key: x, b: y}}, " for n in range(30_000)) + "}",
            "f:1:1: there are rules but no account; add `accounts: {main: {broker: paper, cash: {KRW: 10000000}}}`",
            id="thirty thousand wrong rules",
        ),
        pytest.param(
            "".join(f"%TAG !{n}! tag:x:\n" for n in range(500_000)) + "--- {}\n",
            "f:1:1: a line may not begin with %; delete it or indent it",
            id="half a million directives",
        ),
        pytest.param(
            "rules: !!python/object/apply:os.abort {}\n",
            "f:1:8: the tag !!python/object/apply:os.abort is not allowed; write the value without it",
            id="an object",
        ),
        pytest.param(
            "a: &x\n" * 500_000,
            "f:1:4: the anchor &x is not allowed; write the value out where it is needed",
            id="half a million duplicates",
        ),
    ],
)
def test_a_hostile_file_is_refused_in_time(text: str, first: str) -> None:
    begun = time.process_time()
    loaded = load_text(text, "f")
    spent = time.process_time() - begun
    assert loaded.settings is None
    # From PyYAML 6.0.4 on the parser meets a limit of its own, a thousand brackets, before it tells of the thirty-third.
    assert loaded.mistakes[0].sentence() in (first, first.replace("f:1:35:", "f:1:1003:"))
    assert len(loaded.mistakes) <= 101
    assert spent < HOSTILE_SECONDS


def test_a_thousand_mistakes_are_shown_as_a_hundred() -> None:
    loaded = load_text("rules:\n" + "".join(f"  r{n}: x\n" for n in range(1000)), "f")
    assert len(loaded.mistakes) == 101
    assert "more mistakes are not shown" in loaded.mistakes[-1].sentence()


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        pytest.param("mode: 가\n".encode("euc-kr"), "f:1:7: the byte 0xB0 is not UTF-8; save the file as UTF-8", id="Korean in EUC-KR"),
        pytest.param("a: b\n".encode("utf-16"), "f:1:1: the byte 0xFF is not UTF-8; save the file as UTF-8", id="UTF-16"),
        pytest.param(
            b"x" * (MAX_BYTES + 1), "f: the file is bigger than 16 MB; split off what is not configuration", id="one byte too many"
        ),
    ],
)
def test_bytes_that_are_no_text_are_refused(raw: bytes, sentence: str) -> None:
    document = read_bytes(raw, "f")
    assert document.root is None
    assert [mistake.sentence() for mistake in document.mistakes] == [sentence]


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    root = read_bytes(b"\xef\xbb\xbfmode: paper\n", "f").root
    assert root is not None
    assert plain(root) == {"mode": "paper"}


def test_a_file_that_cannot_be_read_is_a_mistake_like_any_other(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    missing, folder = str(tmp_path / "none.yaml"), str(tmp_path / "folder")
    remedy = "there is no such file; check the name, or write one (config.example.yaml is a start)"
    assert [m.sentence() for m in load_file(missing).mistakes] == [f"{missing}: {remedy}"]
    assert [m.sentence() for m in load_file(folder).mistakes] == [f"{folder}: this is a directory; name the YAML file in it"]
    assert [m.sentence() for m in load_file("/dev/null").mistakes] == ["/dev/null: this is not an ordinary file; name a YAML file"]
    below = str(tmp_path / "folder" / ("x" * 300))
    assert load_file(below).mistakes[0].code == "config.unreadable"


class TestManyRules:
    """With small numbers in place of ours: 100 values in a file, looked at every 10 rules, 6 values more for each of those."""

    @pytest.fixture(autouse=True)
    def small(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in (("MAX_NODES", 100), ("RULES_A_LOOK", 10), ("LOOKED_AT", 3), ("NODES_A_RULE", 6), ("MAX_RULES", 50)):
            monkeypatch.setattr(f"autotrader.config.reader.{name}", value)

    @staticmethod
    def codes(text: str) -> list[str]:
        return [mistake.code for mistake in read_text(text, "f").mistakes]

    def test_what_is_made_of_the_keys_of_rules_may_go_on(self) -> None:
        assert self.codes("rules:\n" + "".join(f" r{n}: {{side: sell, stop: 1}}\n" for n in range(50))) == []

    @pytest.mark.parametrize("entry", ["{side: sell, stopp: 1}", "{a: b, c: d}", "[a, b, c, d]", "{a: {b: {c: d}}}"])
    def test_what_is_not_ends_where_any_file_does(self, entry: str) -> None:
        assert self.codes("rules:\n" + "".join(f" r{n}: {entry}\n" for n in range(50))) == ["config.too_many_nodes"]

    def test_rules_elsewhere_are_none(self) -> None:
        assert self.codes("accounts:\n" + "".join(f" r{n}: {{side: sell, stop: 1}}\n" for n in range(50))) == ["config.too_many_nodes"]

    def test_rules_of_too_many_values_end_too(self) -> None:
        long = ", ".join("x" for _ in range(20))
        assert self.codes("rules:\n" + "".join(f" r{n}: {{side: sell, tags: [{long}]}}\n" for n in range(50))) == ["config.too_many_nodes"]

    def test_there_is_an_end_to_rules_too(self) -> None:
        assert self.codes("rules:\n" + "".join(f" r{n}: {{side: sell, stop: 1}}\n" for n in range(51))) == ["config.too_many_entries"]
