"""Write again what is printed from the code: `python docs/renew.py` renews README's diagrams, docs/yaml.md, docs/markets.md."""

import io
import re
import shlex
import sys
from contextlib import chdir, redirect_stdout
from pathlib import Path

from autotrader.cli.doors import Doors
from autotrader.cli.main import main as command
from autotrader.config import reference as settings
from autotrader.engine.diagram import intent_diagram, leg_diagram

ROOT = Path(__file__).resolve().parent.parent
BLOCK = "<!-- {name} -->\n```mermaid\n{text}\n```\n<!-- /{name} -->"
A_FRIDAY = 1_795_136_400_000_000_000
"""2026-11-20 10:00 in Seoul: the present of the page of markets."""
ASKED = re.compile(r"(^```sh\n(.*?)^```\n\n)^```(text|json)\n.*?^```$", re.MULTILINE | re.DOTALL)


def answered(page: str) -> str:
    """Return a page whose shell blocks are each followed by what their commands print."""
    return ASKED.sub(lambda found: f"{found[1]}```{found[3]}\n{_printed(found[2])}```", page)


def _printed(commands: str) -> str:
    """Return what commands print on a machine without any configuration, on that Friday."""
    doors = Doors({"AUTOTRADER_CONFIG": "/nowhere/config.yaml", "AUTOTRADER_STATE": "/nowhere"}, now=lambda: A_FRIDAY)
    with chdir(ROOT), redirect_stdout(io.StringIO()) as out:
        for line in commands.splitlines():
            if command(shlex.split(line, comments=True)[1:], doors):
                sys.exit(f"failed: {line}")
    return out.getvalue()


def renewed(readme: str) -> str:
    """Return the README with both diagrams as the tables are now."""
    for name, text in (("leg-life", leg_diagram()), ("intent-life", intent_diagram())):
        block = BLOCK.format(name=name, text=text)
        readme, count = re.subn(f"<!-- {name} -->.*?<!-- /{name} -->", lambda _, block=block: block, readme, flags=re.DOTALL)
        if count != 1:
            sys.exit(f"README.md must have <!-- {name} --> … <!-- /{name} --> once")
    return readme


def main() -> None:
    """Renew the files."""
    readme = ROOT / "README.md"
    readme.write_text(renewed(readme.read_text(encoding="utf-8")), encoding="utf-8")
    markets = ROOT / "docs" / "markets.md"
    markets.write_text(answered(markets.read_text(encoding="utf-8")), encoding="utf-8")
    (ROOT / "docs" / "yaml.md").write_text(settings.page(), encoding="utf-8")


if __name__ == "__main__":
    main()
