"""docs/conditions.md is so: its rules over its prints fire and are held as it says."""

from pathlib import Path

from pages import FENCE, ROOT

from autotrader.config.load import load_text
from autotrader.daemon.replay import replay


def test_the_rules_of_the_page_do_over_its_prints_what_it_says(tmp_path: Path) -> None:
    found = {block[1]: block[2] for block in FENCE.finditer((ROOT / "docs" / "conditions.md").read_text(encoding="utf-8"))}
    prints = tmp_path / "prints.csv"
    prints.write_text(found["csv"])
    loaded = load_text(found["yaml"], "conditions.md", None, directory=ROOT, require_accounts=False)
    assert loaded.settings is not None
    told = [line for line in replay(loaded.settings, prints) if line["type"] in ("fired", "held")]
    assert [f"{line['type']} {line['rule']}/{line['leg']} {int(line['price']):,}" for line in told] == found["text"].splitlines()
