"""Write again what is printed from the code: `python docs/renew.py` renews README's diagrams and docs/yaml.md."""

import re
import sys
from pathlib import Path

from autotrader.config import reference as settings
from autotrader.engine.diagram import intent_diagram, leg_diagram

ROOT = Path(__file__).resolve().parent.parent
BLOCK = "<!-- {name} -->\n```mermaid\n{text}\n```\n<!-- /{name} -->"


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
    (ROOT / "docs" / "yaml.md").write_text(settings.page(), encoding="utf-8")


if __name__ == "__main__":
    main()
