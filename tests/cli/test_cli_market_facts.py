"""What `check` says of facts: the unverified ones that the rules rest on, and a wrong file of the owner's."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cli_stage import doors_of

NOON = int(datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp()) * 10**9
CONFIG = """\
market_facts: mine.toml
accounts: {main: {cash: {USD: 1000}}}
feeds: {demo: {kind: sim, instruments: {US:AAPL: {start: 100}}}}
rules:
  first: {instrument: US:AAPL, side: sell, quantity: 1, stop: 90, until: 10d}
  second: {instrument: US:AAPL, side: sell, quantity: 2, stop: 80, until: 10d}
"""
SAID = (
    "the costs of US, commission 0 % and 0.00206 % on sells, are not verified (market rules 7); look at your broker's page and write "
    "what it says into your `market_facts`, under [[US.costs]]"
)


@pytest.fixture
def facts(home: Path) -> Path:
    (home / "config.yaml").write_text(CONFIG, encoding="utf-8")
    (home / "mine.toml").write_text("", encoding="utf-8")
    return home / "mine.toml"


def test_check_names_an_unverified_fact_once_with_its_place(cli, home, facts):
    result = cli("check", doors=doors_of(home, now=lambda: NOON))
    assert (result.code, result.out) == (0, f"Mind: {home}/config.yaml:5:3: {SAID}.\nrules: 2, no mistakes (paper mode)\n")


def test_scripts_get_its_code_and_what_it_is_about(cli, home, facts):
    told = cli("check", "--json", doors=doors_of(home, now=lambda: NOON)).json
    (warning,) = told["warnings"]
    assert (told["ok"], warning["code"], warning["params"]["market"], warning["line"]) == (True, "config.unverified_cost", "US", 5)


def test_what_the_owner_has_looked_up_is_not_named(cli, home, facts):
    facts.write_text('[[US.costs]]\ncommission = "0.25"\ntax = "0.00206"\n', encoding="utf-8")
    assert cli("check", doors=doors_of(home, now=lambda: NOON)).out == "rules: 2, no mistakes (paper mode)\n"


def test_a_wrong_file_of_facts_is_shown_with_its_own_name_and_line(cli, home, facts):
    facts.write_text('[[US.costs]]\ncommission = "much"\ntax = 0\n', encoding="utf-8")
    result = cli("check", doors=doors_of(home, now=lambda: NOON))
    said = f"{facts}:2:1: `US.costs[1].commission` cannot be much; write a number such as 0.15"
    assert (result.code, result.out) == (2, f"{said}\nmistakes: 1\n")
    facts.unlink()
    result = cli("check", doors=doors_of(home, now=lambda: NOON))
    assert (result.code, result.out.splitlines()[0]) == (
        2,
        f"{facts}: the file of market facts cannot be read (No such file or directory); check `market_facts`",
    )
