"""One call of the command line: where its state is, whether a daemon answers there, and in what form the answer is wanted.

With a daemon everything goes over its socket. Without one, questions go to the store and changes are made under the
instance lock; a verb does not notice which, unless it asks.
"""

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autotrader.cli.doors import Doors, View
from autotrader.cli.places import config_file, state_directory
from autotrader.cli.refusals import refusal_of
from autotrader.cli.words import sentence
from autotrader.daemon.places import MODE, socket_path
from autotrader.errors import DaemonNotRunning, UserMistake

if TYPE_CHECKING:
    from autotrader.control.protocol import AnyVerb
    from autotrader.domain.settings import Settings
    from autotrader.markets.profile import Markets

QUESTIONS = frozenset({"list", "show", "held", "status", "history", "journal", "alerts", "templates"})


class Call:
    """What one command works with. Options after the verb win over the same ones before it."""

    def __init__(self, context: Any) -> None:
        options = [context.params]
        while context.parent is not None:
            context = context.parent
            options.append(context.params)

        def chosen(name: str) -> Any:
            return next((given[name] for given in options if given.get(name)), None)

        self.doors: Doors = context.obj
        self.as_json = bool(chosen("as_json"))
        lang, state, config = chosen("lang"), chosen("state"), chosen("config")
        self.language = str(getattr(lang, "value", lang) or self.doors.environ.get("AUTOTRADER_LANG", "en"))
        self.state = state_directory(Path(state) if state else None, self.doors.environ, self.doors.service_state)
        self.named_config = Path(config) if config else None

    @cached_property
    def daemon(self) -> View | None:
        """What the daemon says of itself, None when there is none."""
        path = socket_path(self.state)
        try:
            path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except PermissionError:
            raise UserMistake("control.not_allowed", path=path) from None
        from autotrader.control.protocol import Ping

        try:
            return self._over_the_socket(Ping())
        except DaemonNotRunning:
            return None

    @property
    def mode(self) -> str:
        """Paper or live, as the daemon says, else as the state directory remembers."""
        if self.daemon is not None:
            return str(self.daemon["mode"])
        try:
            return (self.state / MODE).read_text(encoding="ascii").strip()
        except OSError:
            return "paper"

    @cached_property
    def config(self) -> Path:
        """The configuration file: the daemon's own, else where it is looked for."""
        if self.named_config is None and self.daemon is not None:
            return Path(self.daemon["config"])
        return config_file(self.named_config, self.doors.environ, self.doors.service_config)

    def refuse_another_file(self) -> None:
        """Raise UserMistake when a file is named that is not the running daemon's: it takes its own, whatever is named here."""
        if self.daemon is None or self.named_config is None:
            return
        mine, its = self.config.resolve(), Path(self.daemon["config"]).resolve()
        if mine != its:
            raise UserMistake("cli.another_file", file=self.named_config, daemon=its)

    @cached_property
    def settings(self) -> "Settings":
        """The configuration, whole and valid; raises all its mistakes."""
        return self.settings_of(self.config)

    def settings_of(self, file: Path) -> "Settings":
        """Return what a configuration file says; raises all its mistakes."""
        from autotrader.config.load import load_file
        from autotrader.config.mistakes import Mistakes

        loaded = load_file(file, self.now, past_is_mistake=False)
        if loaded.settings is None:
            raise Mistakes(loaded.mistakes)
        return loaded.settings

    @cached_property
    def markets(self) -> "Markets":
        """The market facts that rules are judged by: the daemon's when one runs, else the configuration's."""
        from autotrader.config.markets import load_markets, markets_of

        if self.daemon is None:
            return markets_of(self.settings)
        facts = self.daemon.get("market_facts")  # a daemon of an earlier version has none
        return load_markets(Path(facts) if facts else None)

    @property
    def now(self) -> int:
        return self.doors.now()

    def ask(self, verb: "AnyVerb") -> View:
        """Return the result of a request, or raise the refusal."""
        if self.daemon is not None:
            return self._over_the_socket(verb)
        tag = str(verb.__struct_config__.tag)
        if tag in QUESTIONS:
            body = self.doors.look(self.state, verb)
        elif tag == "reload":
            raise self.needs_daemon()
        else:
            body = self.doors.answer(self.state, self.settings, verb, self.by)
        return _result(body)

    def needs_daemon(self) -> DaemonNotRunning:
        """Return the error of what only a running daemon can do."""
        return DaemonNotRunning("control.not_running", path=socket_path(self.state))

    @cached_property
    def by(self) -> str:
        """Who asks, for the journal."""
        import pwd

        try:
            return f"cli:{pwd.getpwuid(os.getuid()).pw_name}"
        except KeyError:
            return f"cli:{os.getuid()}"

    def _over_the_socket(self, verb: "AnyVerb") -> View:
        from autotrader.control.client import ask
        from autotrader.control.protocol import Request
        from autotrader.engine.records import RequestId

        reply = ask(socket_path(self.state), Request(RequestId(os.urandom(12).hex()), self.by, verb))
        return _result({"ok": reply.ok, "result": reply.result, "code": reply.code, "params": reply.params, "exit": reply.exit})

    def tell(self, code: str, **params: object) -> str:
        """Return a sentence in the language of this call."""
        return sentence(code, params, self.language)

    def print_json(self, result: View) -> None:
        """Print a result for a script, with what every listing must say: the mode, and whether a daemon watches."""
        import msgspec

        shown = {"ok": True, "mode": self.mode, "daemon": self.daemon is not None, **result}
        print(msgspec.json.encode(shown).decode())


def _result(body: View) -> View:
    if not body["ok"]:
        raise refusal_of(body)
    result: View = body["result"]
    return result
