"""Where the state and the configuration live: what was said, else the environment, else the service's, else the user's own
(DESIGN 8), so that a command finds the daemon that the same person would have started.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from autotrader.errors import UserMistake

CONFIG = "config.yaml"


def state_directory(named: Path | None, environ: Mapping[str, str], service: Path) -> Path:
    """Return the state directory; it need not exist."""
    if named is not None:
        return named
    if environ.get("AUTOTRADER_STATE"):
        return Path(environ["AUTOTRADER_STATE"])
    return service if _is_ours(service) else _xdg(environ, "XDG_STATE_HOME", ".local/state")


def config_file(named: Path | None, environ: Mapping[str, str], service: Path) -> Path:
    """Return the configuration file: the one that was named, else the first that exists; raise UserMistake when there is none."""
    if named is not None:
        return named
    if environ.get("AUTOTRADER_CONFIG"):
        return Path(environ["AUTOTRADER_CONFIG"])
    usual = (service, _xdg(environ, "XDG_CONFIG_HOME", ".config") / CONFIG, Path(CONFIG))
    found = next((path for path in usual if path.is_file() and os.access(path, os.R_OK)), None)
    if found is None:
        raise UserMistake("cli.no_config", places=", ".join(str(path) for path in usual))
    return found


def _is_ours(directory: Path) -> bool:
    """Tell whether we may look into the service's directory: its user, root, and the members of its group may."""
    return directory.is_dir() and os.access(directory, os.R_OK | os.X_OK)


def _xdg(environ: Mapping[str, str], variable: str, usual: str) -> Path:
    base = environ.get(variable, "")
    home = Path(environ["HOME"]) if environ.get("HOME") else Path.home()
    return (Path(base) if base.startswith("/") else home / usual) / "autotrader"
