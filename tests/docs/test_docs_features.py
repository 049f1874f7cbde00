"""Every feature has a page and a test that exist."""

import re

import pytest
from pages import ROOT, anchors

ROW = re.compile(r"^\| (\d+) \| [^|]+ \| \[[^\]]+\]\(([^)#]+)(?:#([^)]+))?\) \| `([^`]+)` \|$", re.MULTILINE)
ROWS = ROW.findall((ROOT / "docs" / "features.md").read_text(encoding="utf-8"))
WANTED = {*range(1, 28), *range(28, 42), 46, 47, 50, 55, 66, 67, 71}


def test_no_row_is_forgotten() -> None:
    assert {int(number) for number, *_ in ROWS} == WANTED


@pytest.mark.parametrize(("number", "page", "anchor", "test"), ROWS)
def test_its_page_and_its_test_are_there(number: str, page: str, anchor: str, test: str) -> None:
    assert (ROOT / test).exists(), number
    place = ROOT / "docs" / page
    assert place.exists(), number
    assert not anchor or anchor in anchors(place), number
