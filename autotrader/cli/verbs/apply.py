"""`autotrader apply`: the daemon takes the file, a large change too, as long as it is the file that was looked at."""

from pathlib import Path
from typing import Annotated

import typer

from autotrader.cli.call import Call
from autotrader.cli.options import AsJson, Config, Lang, State, alone
from autotrader.cli.planning import asked, told
from autotrader.cli.verbs.reload import taken
from autotrader.errors import RefusedByState, UserMistake

Plan = Annotated[Path | None, typer.Option("--plan", metavar="FILE", help="Only the file of this plan (of `plan --out`).")]
Digest = Annotated[str, typer.Option("--digest", metavar="SHA256", help="Only a file with this digest.", show_default=False)]


def apply(
    ctx: typer.Context,
    plan: Plan = None,
    digest: Digest = "",
    state: State = None,
    config: Config = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Let the daemon take its file, and say what changes.

    This confirms a large change. A file that changes while you look is not taken: neither after a plan of yours (--plan, --digest),
    nor between what is said here and what is done.
    """
    from autotrader.control.protocol import Reload

    call = Call(ctx)
    if call.daemon is None:
        raise call.needs_daemon()
    if plan is not None and digest:
        raise UserMistake("cli.digest_or_plan")
    expected = _digest_in(plan) if plan is not None else digest
    found = asked(call)
    if expected and expected != found["digest"]:
        raise RefusedByState("plan.file_changed", file=found["file"])
    lines = told(call, {**found, "large": False})
    result = call.ask(Reload(confirmed=True, digest=found["digest"]))
    if call.as_json:
        call.print_json({**result, "plan": found})
        return
    print("\n".join([*lines, taken(call, result)]))


def _digest_in(file: Path) -> str:
    """Return the digest that a plan in a file was made of."""
    import msgspec

    try:
        found = msgspec.json.decode(file.read_bytes())
        digest = found["digest"]
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError):
        raise UserMistake("cli.not_a_plan", file=file) from None
    if not isinstance(digest, str) or not digest:
        raise UserMistake("cli.not_a_plan", file=file)
    return digest


APP = alone(apply)
