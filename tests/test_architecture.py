"""The house keeps its floors, the pure floors stay pure, and no message goes unsaid or unheard.

Each rule is a function from a source tree to its faults; planted faults show that it would notice.
"""

import ast
import graphlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import get_args

import pytest
from source_tree import PACKAGE, PURE, Module, errors, modules, placeholders

from autotrader.domain.rule import Trigger
from autotrader.messages import ENGLISH, KOREAN

REPOSITORY = PACKAGE.parent
CALM = {
    "abc",
    "bisect",
    "collections",
    "contextlib",
    "dataclasses",
    "datetime",
    "decimal",
    "enum",
    "fractions",
    "functools",
    "hashlib",
    "heapq",
    "itertools",
    "math",
    "msgspec",
    "operator",
    "re",
    "string",
    "types",
    "typing",
    "zoneinfo",
}
"""What the pure floors may import from outside. (`zoneinfo` reads the zones' rules, the same for every run.)"""
RESTLESS = re.compile(r"(open|print|input|exec|eval|__import__|breakpoint|(\w+\.)*(datetime|date)\.(now|today|utcnow))")
"""Calls that need no import, or only one that is allowed, and yet reach out of the pure floors."""
HEAVY = {"typer", "click", "rich", "pydantic", "yaml", "ruamel"}
CODE = re.compile(r"[a-z][a-z_]*\.[a-z0-9_]+")
FILES = (".reserve", ".yaml", ".yml", ".json", ".toml", ".sock", ".sqlite", ".sqlite3", ".db", ".lock", ".log", ".sql", ".gz", ".csv")

Rule = Callable[[Path], Iterator[str]]


def restless_imports(package: Path) -> Iterator[str]:
    """Name every import of a pure floor that is not on the list of calm ones."""
    for module in modules(package):
        for name in module.imports() if module.floor in PURE else ():
            if name.split(".")[0] not in CALM | {"autotrader"}:
                yield f"{module.name} imports {name}"


def restless_calls(package: Path) -> Iterator[str]:
    """Name every call of a pure floor that looks at the clock, at files or at people."""
    for module in modules(package):
        for name, call in module.calls() if module.floor in PURE else ():
            if RESTLESS.fullmatch(name):
                yield f"{module.name}:{call.lineno} calls {name}"


def import_circles(package: Path) -> Iterator[str]:
    """Name a circle of modules that import each other, if there is one."""
    names = {module.name for module in modules(package)}
    graph = {module.name: {target for name in module.imports() if (target := _module_of(name, names))} for module in modules(package)}
    try:
        graphlib.TopologicalSorter({name: targets - {name} for name, targets in graph.items()}).prepare()
    except graphlib.CycleError as circle:
        yield " <- ".join(circle.args[1])


def _module_of(name: str, names: set[str]) -> str | None:
    return next((known for known in (name, name.rpartition(".")[0]) if known in names), None)


def missing_codes(package: Path) -> Iterator[str]:
    """Name every string that looks like a message code of an area that the catalogue has, but is not in it."""
    areas = {code.split(".")[0] for code in ENGLISH}
    for module in speaking(package):
        for text, line in module.strings():
            if CODE.fullmatch(text) and text.split(".")[0] in areas and not text.endswith(FILES) and text not in ENGLISH:
                yield f"{module.name}:{line} says {text}"


def uncatalogued_codes(package: Path) -> Iterator[str]:
    """Name every note and error whose code the catalogue does not have."""
    for module, call, code in coded_calls(package):
        # A rehearsal venue answers with HTTP numbers, which are not codes of ours.
        if code not in ENGLISH and not str(code).isdigit():
            yield f"{module.name}:{call.lineno} says {code}"


def missing_parameters(package: Path) -> Iterator[str]:
    """Name every note and error that leaves out a parameter of its sentence, as far as the call alone shows it."""
    for module, call, code in coded_calls(package):
        given = _given(call)
        if code in ENGLISH and given is not None and (lacking := placeholders(ENGLISH[code]) - given):
            yield f"{module.name}:{call.lineno} says {code} without {', '.join(sorted(lacking))}"


def undocumented_modules(package: Path) -> Iterator[str]:
    """Name every module that does not say what it promises."""
    for module in modules(package):
        if not ast.get_docstring(module.tree):
            yield module.name


def kinds_told_elsewhere(package: Path) -> Iterator[str]:
    """Name every module, besides the one that says what the kinds of trigger mean and those that judge or spell what an owner
    wrote, that knows one by its name: a new kind must have to be told to nobody else."""
    kinds = {f"autotrader.domain.rule.{kind.__name__}" for kind in get_args(Trigger)}
    for module in modules(package):
        if module.floor in ("engine", "daemon", "store", "brokers", "feeds") and module.name not in TELL_KINDS:
            yield from (f"{module.name} knows {name}" for name in module.imports() if name in kinds)


TELL_KINDS = {f"autotrader.engine.{name}" for name in ("triggers", "coherence", "soundness", "lint")}


def speaking(package: Path) -> Iterator[Module]:
    """Yield the modules that use the catalogue, which is all but the catalogue."""
    return (module for module in modules(package) if module.floor != "messages")


def coded_calls(package: Path) -> Iterator[tuple[Module, ast.Call, str]]:
    """Yield every call that makes a note, an error or a sentence from a literal code."""
    makers = errors(package) | {"Note", "say"}
    for module in speaking(package):
        for name, call in module.calls():
            if name.rpartition(".")[2] in makers and call.args and isinstance(call.args[0], ast.Constant):
                yield module, call, str(call.args[0].value)


def _given(call: ast.Call) -> set[str] | None:
    """Return the names of the parameters in a call, or None when they are not written there."""
    if any(keyword.arg is None for keyword in call.keywords):
        return None
    if ast.unparse(call.func).rpartition(".")[2] not in {"Note", "say"}:
        return {keyword.arg for keyword in call.keywords if keyword.arg}
    if len(call.args) < 2:
        return set()
    params = call.args[1]
    literal = isinstance(params, ast.Dict) and all(isinstance(key, ast.Constant) for key in params.keys)
    return {str(key.value) for key in params.keys if isinstance(key, ast.Constant)} if literal else None


RULES = [
    restless_imports,
    restless_calls,
    import_circles,
    missing_codes,
    uncatalogued_codes,
    missing_parameters,
    undocumented_modules,
    kinds_told_elsewhere,
]
PLANTED: list[tuple[Rule, str, str]] = [
    (restless_imports, "engine/planted.py", '"""."""\nimport asyncio\n'),
    (restless_imports, "domain/planted.py", '"""."""\nfrom time import monotonic\n'),
    (restless_imports, "exchange/planted.py", '"""."""\ndef f():\n    import random\n'),
    (restless_imports, "markets/planted.py", '"""."""\nfrom pathlib import Path\n'),
    (restless_calls, "engine/planted.py", '"""."""\nTEXT = open("x").read()\n'),
    (restless_calls, "engine/planted.py", '"""."""\nfrom datetime import UTC, datetime\nNOW = datetime.now(UTC)\n'),
    (restless_calls, "markets/planted.py", '"""."""\nimport datetime\nDAY = datetime.date.today()\n'),
    (import_circles, "errors.py", '"""."""\ndef f():\n    from autotrader.markets import profile\n'),
    (missing_codes, "daemon/planted.py", '"""."""\nREASON = "control.never_written"\n'),
    (uncatalogued_codes, "daemon/planted.py", '"""."""\nraise UserMistake("nowhere.never_written")\n'),
    (uncatalogued_codes, "daemon/planted.py", '"""."""\nclass Own(UserMistake): ...\nraise Own("nowhere.never_written")\n'),
    (missing_parameters, "daemon/planted.py", '"""."""\nraise UserMistake("control.busy", limits=3)\n'),
    (missing_parameters, "engine/planted.py", '"""."""\nWHY = Note("control.taken", {"place": "x"})\n'),
    (undocumented_modules, "daemon/planted.py", "VALUE = 1\n"),
    (kinds_told_elsewhere, "engine/planted.py", '"""."""\nfrom autotrader.domain.rule import Rule, Trail\n'),
]
CONTRACTS: list[tuple[str, str, str]] = [
    ("domain/planted.py", "import autotrader.engine.records", "lower floors"),
    ("store/planted.py", "import autotrader.notify", "lower floors"),
    ("engine/planted.py", "import autotrader.exchange", "lower floors"),
    ("newroom/__init__.py", "", "newroom"),
    ("engine/planted.py", "import asyncio", "nothing knows of the loop"),
    ("domain/planted.py", "def f():\n    import time", "nothing knows of the loop"),
    ("daemon/planted.py", "import typer", "command line's tools"),
    ("config/planted.py", "import rich", "command line's tools"),
    ("daemon/planted.py", "import pydantic", "pydantic and YAML"),
    ("brokers/paper/planted.py", "import autotrader.brokers.upbit", "venue"),
]


def copy_with(folder: Path, planted: str, text: str) -> Path:
    """Copy the package with one file more, or one file changed, and return its place."""
    package = folder / PACKAGE.name
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    place = package / planted
    place.parent.mkdir(exist_ok=True)
    place.write_text(text)
    return package


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the import contracts over the package in a folder."""
    command = [Path(sys.executable).parent / "lint-imports", "--no-cache", "--config", REPOSITORY / "pyproject.toml"]
    environment = {**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "300"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_package_has_no(rule):
    faults = list(rule(PACKAGE))
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(("rule", "place", "text"), PLANTED, ids=[f"{rule.__name__} {number}" for number, (rule, *_) in enumerate(PLANTED)])
def test_a_planted_fault_is_noticed(tmp_path, rule, place, text):
    package = copy_with(tmp_path, place, text)
    found = set(rule(package)) - set(rule(PACKAGE))
    assert any(place.removesuffix(".py").replace("/", ".") in fault for fault in found)


def test_the_import_contracts_hold():
    run = lint_imports(REPOSITORY)
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize(("place", "text", "broken"), CONTRACTS, ids=[f"{place}: {text}" for place, text, _ in CONTRACTS])
def test_a_planted_import_breaks_its_contract(tmp_path, place, text, broken):
    copy_with(tmp_path, place, text)
    run = lint_imports(tmp_path)
    assert run.returncode != 0
    complaints = [line for line in run.stdout.splitlines() if "KEPT" not in line]
    assert any(broken in line for line in complaints), run.stdout


def test_every_code_of_the_catalogue_is_said_somewhere():
    said = {text for module in speaking(PACKAGE) for text, _ in module.strings()}
    patterns = [pattern for module in speaking(PACKAGE) for pattern in module.string_patterns()]
    unsaid = [code for code in ENGLISH if code not in said and not any(pattern.fullmatch(code) for pattern in patterns)]
    assert not unsaid, "\n".join(unsaid)


def test_every_korean_sentence_has_an_english_one_with_the_same_parameters():
    assert {code: placeholders(text) for code, text in KOREAN.items()} == {code: placeholders(ENGLISH.get(code, "")) for code in KOREAN}


def test_a_code_belongs_to_one_area():
    from autotrader.messages import _AREAS

    assert sum(len(area.ENGLISH) for area in _AREAS) == len(ENGLISH)
    assert sum(len(area.KOREAN) for area in _AREAS) == len(KOREAN)


def test_what_the_daemon_loads_is_light():
    floors = {"engine", "feeds", "store", "notify", "control", "brokers", "daemon"}
    loaded = [module.name for module in modules() if module.floor in floors and not module.name.endswith("__main__")]
    loaded += [name for name in ("autotrader.config.child", "autotrader.config.fields") if name in {module.name for module in modules()}]
    script = f"import sys, importlib\nfor name in {loaded!r}: importlib.import_module(name)\nprint(*sorted({HEAVY!r} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (run.stdout.split(), run.stderr) == ([], "")
