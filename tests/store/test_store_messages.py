"""What the store says exists in the catalogue."""

import re
from pathlib import Path
from string import Formatter

import pytest

import autotrader.store
from autotrader.messages import store as catalogue


def codes_used() -> set[str]:
    files = Path(autotrader.store.__file__).parent.glob("*.py")
    return {code for file in files for code in re.findall(r'"(store\.[a-z_]+)"', file.read_text(encoding="utf-8"))} - {
        "store.sqlite",
        "store.reserve",
    }


def test_every_code_has_its_sentence() -> None:
    used = codes_used()
    assert len(used) >= 9
    assert used <= set(catalogue.ENGLISH)


@pytest.mark.parametrize("code", sorted(catalogue.KOREAN))
def test_a_korean_sentence_names_what_the_english_one_names(code: str) -> None:
    def names(sentence: str) -> set[str | None]:
        return {name for _, name, _, _ in Formatter().parse(sentence) if name}

    assert names(catalogue.KOREAN[code]) == names(catalogue.ENGLISH[code])
