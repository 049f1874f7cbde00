"""What the pages tell people is so: files load, commands parse, links lead somewhere, printed pages are current."""

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from pages import ROOT, anchors, blocks, commands, links, name, pages

from autotrader.cli.doors import Doors
from autotrader.cli.main import build, main
from autotrader.cli.words import number
from autotrader.config.load import load_file, load_text
from autotrader.config.reference import page as yaml_page
from autotrader.control import exits
from autotrader.daemon.replay import replay
from autotrader.domain.settings import FeedSettings
from autotrader.domain.tick import Tick
from autotrader.engine.diagram import intent_diagram, leg_diagram
from autotrader.feeds.sim.issues import open_market, read_facts
from autotrader.messages import say

TODAY = date(2026, 11, 20)
README = ROOT / "README.md"


def test_the_example_loads_without_a_mistake_or_a_warning() -> None:
    loaded = load_file(ROOT / "config.example.yaml", TODAY)
    assert (loaded.mistakes, loaded.warnings) == ((), ())
    assert loaded.settings is not None and len(loaded.settings.rules) == 5


@pytest.mark.parametrize("block", [pytest.param(b, id=f"{b.page}-{n}") for n, b in enumerate(blocks("yaml"))])
def test_a_file_on_a_page_loads(block) -> None:
    loaded = load_text(block.text, block.page, TODAY, directory=ROOT, require_accounts="accounts:" in block.text)
    assert [mistake.sentence() for mistake in (*loaded.mistakes, *loaded.warnings)] == []


def test_there_are_files_on_the_pages() -> None:
    assert {block.page for block in blocks("yaml")} >= {"README.md", "docs/feeds.md", "docs/replay.md", "docs/ko.md"}


@pytest.mark.parametrize(("page", "words"), [pytest.param(p, w, id=f"{p}: {' '.join(w)}") for p, w in commands()])
def test_a_command_on_a_page_is_one(page, words, parsed) -> None:
    assert parsed(words) == "", page


@pytest.mark.parametrize("words", [["ad", "sell"], ["list", "--bogus"], ["add", "hold", "KRX:005930"], ["resolve", "x", "perhaps"]])
def test_what_is_no_command_would_be_noticed(words, parsed) -> None:
    assert parsed(words) != ""


def test_the_pages_show_every_verb() -> None:
    shown = {words[0] for page, words in commands() if words and page != "docs/cli.md"}
    assert set(build().list_commands(None)) - shown == set()


QUESTIONS = {"list", "status", "history", "held", "alerts", "journal", "templates", "version"}


def questions() -> list[list[str]]:
    """Return the calls on the pages that only ask and need no daemon, without the words that say where."""
    asked = [words for _, words in commands() if words and words[0] in QUESTIONS and "--help" not in words and "--seen" not in words]
    return [list(words) for words in dict.fromkeys(tuple(w for w in words if w not in ("--state", "demo")) for words in asked)]


@pytest.mark.parametrize("words", [pytest.param(w, id=" ".join(w)) for w in questions()])
def test_a_question_on_a_page_is_answered_also_before_anything_was_started(words, tmp_path, capsys) -> None:
    code = main(words, Doors(environ={"AUTOTRADER_STATE": str(tmp_path / "state"), "HOME": str(tmp_path)}))
    said = capsys.readouterr().err
    if "--tag" in words or words == ["history", "some-rule"]:  # it names a rule or a tag, and there are none yet
        assert code == 2
        assert said.startswith(("there is no rule", "no rule has the tag"))
    else:
        assert (code, said) == (0, "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("page", [pytest.param(p, id=name(p)) for p in pages()])
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in links(page):
        if link.startswith(("http://", "https://")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_every_page_is_in_the_index() -> None:
    index = {(ROOT / "docs" / link).resolve() for link in links(ROOT / "docs" / "index.md")}
    assert {p for p in pages() if p.parent != ROOT / "docs" / "decisions"} - {ROOT / "docs" / "index.md"} <= index
    decisions = {(ROOT / "docs" / "decisions" / link).resolve() for link in links(ROOT / "docs" / "decisions" / "README.md")}
    assert set((ROOT / "docs" / "decisions").glob("0*.md")) <= decisions


def test_the_yaml_reference_is_as_the_schema_is_now() -> None:
    assert (ROOT / "docs" / "yaml.md").read_text(encoding="utf-8") == yaml_page(), "run `python docs/renew.py`"


@pytest.mark.parametrize(("mark", "diagram"), [("leg-life", leg_diagram), ("intent-life", intent_diagram)])
def test_a_picture_in_the_readme_is_as_the_table_is_now(mark, diagram) -> None:
    drawn = f"<!-- {mark} -->\n```mermaid\n{diagram()}\n```\n<!-- /{mark} -->"
    assert drawn in README.read_text(encoding="utf-8"), "run `python docs/renew.py`"


@pytest.mark.parametrize("page", ["README.md", "docs/operations.md"])
def test_the_exit_codes_on_a_page_are_those_of_the_program(page: str) -> None:
    codes = {exits.DONE, exits.FAILED, exits.MISTAKE, exits.NOT_RUNNING, exits.REFUSED, exits.ANOTHER_INSTANCE, exits.BAD_CONFIG}
    text = (ROOT / page).read_text(encoding="utf-8").partition("## Exit codes")[2].partition("\n## ")[0]
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)} == codes


def test_the_tests_that_the_readme_names_exist() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", README.read_text(encoding="utf-8"))
    assert len(named) >= 10
    for file, test in named:
        assert re.search(rf"^(async )?def {test}\(", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE), f"{file}::{test}"


def test_the_files_that_the_readme_and_the_architecture_name_exist() -> None:
    text = "".join((ROOT / page).read_text(encoding="utf-8") for page in ("README.md", "docs/architecture.md"))
    package = re.findall(r"`((?:brokers|cli|config|control|daemon|domain|engine|feeds|store)/[\w/]+\.(?:py|sql))`", text)
    assert len(package) >= 30
    assert [path for path in package if not (ROOT / "autotrader" / path).exists()] == []


def test_the_replay_on_its_page_is_what_replay_prints() -> None:
    text = (ROOT / "docs" / "replay.md").read_text(encoding="utf-8")
    example = ROOT / "docs" / "examples"
    shown = text.partition("<!-- replay -->\n```json\n")[2].partition("```\n<!-- /replay -->")[0]
    loaded = load_file(example / "trail.yaml", None, require_accounts=False)
    assert loaded.settings is not None
    printed = list(replay(loaded.settings, example / "trail.csv"))
    assert [json.loads(line) for line in shown.splitlines()] == printed
    assert (example / "trail.csv").read_text(encoding="utf-8") in text
    assert (example / "trail.yaml").read_text(encoding="utf-8") in text


def test_the_fires_in_the_readme_are_those_of_the_demo(tmp_path: Path) -> None:
    loaded = load_file(ROOT / "config.example.yaml", TODAY)
    assert loaded.settings is not None
    prints = tmp_path / "demo.csv"
    prints.write_text("\n".join(demo_prints(loaded.settings.feeds[0], steps=160)))
    fired = [line for line in replay(loaded.settings, prints) if line["type"] == "fired"]
    assert [line["rule"] for line in fired] == ["samsung-follow", "hynix-break", "samsung-trail", "btc-rebound"]
    for line in fired:
        params = {key: number(value) for key, value in line["why"]["params"].items()}
        assert say(line["why"]["code"], params) in README.read_text(encoding="utf-8")


def demo_prints(feed: FeedSettings, *, steps: int) -> Iterator[str]:
    """Yield the csv of what the simulated exchange of a feed prints."""
    market = open_market(feed, read_facts(), 1_795_129_200_000_000_000)
    yield "time,price,size,symbol"
    for told in (market.turn() for _ in range(steps * len(feed.instruments))):
        yield from (f"{tick.time},{tick.price},{tick.size},{tick.instrument}" for tick in told if isinstance(tick, Tick))


def test_the_pages_name_nothing_of_the_machine_they_were_written_on() -> None:
    for page in pages():
        assert not re.search(r"/tmp/|/work/|/root/|/home/\w", page.read_text(encoding="utf-8")), name(page)
