"""Keeps what a store of this schema looks like: `python keep_release.py`, once, in the change that adds a schema file."""

import sys
import tempfile
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from store_records import NOW, a_fill, a_fire, a_leg, a_mark, a_rule, unit  # the path comes first

from autotrader.engine.records import AlertRecord, Note
from autotrader.store.place import schema_version
from autotrader.store.writer import Writer


def main() -> None:
    """Write a used store as SQL."""
    with tempfile.TemporaryDirectory() as place, closing(Writer(Path(place), NOW)) as writer:
        alert = AlertRecord(NOW, "daemon", Note("store.full"))
        writer.commit([a_fire(), unit(a_rule("hynix"), a_leg("hynix"), a_mark("hynix"), a_fill(), alert)], NOW)
        dump = "\n".join(writer.connection.iterdump()) + "\n"
    (Path(__file__).parent / "released" / f"{schema_version():04}.sql").write_text(dump, encoding="utf-8")


if __name__ == "__main__":
    main()
