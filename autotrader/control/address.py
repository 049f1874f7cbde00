"""Where the control socket is. A Unix socket's address holds 107 bytes and a state directory may be deeper than that, so
a long path is reached through the directory's open descriptor.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autotrader.errors import UserMistake

LONGEST = 107
"""sun_path has 108 bytes, the last one is zero (unix(7))."""


@contextmanager
def within_reach(path: Path) -> Iterator[str]:
    """Yield an address for the socket at the path that is short enough for the kernel while the context lasts."""
    if len(os.fsencode(path)) <= LONGEST:
        yield str(path)
        return
    directory = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        address = f"/proc/self/fd/{directory}/{path.name}"
        if len(os.fsencode(address)) > LONGEST:
            raise UserMistake("control.name_too_long", name=path.name, limit=LONGEST)
        yield address
    finally:
        os.close(directory)
