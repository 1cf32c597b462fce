"""What is built: the names that the code of this repository knows, kind by kind."""

import importlib
import importlib.util
import json
import re
from functools import cache
from pathlib import Path
from typing import Any, Final

import click
import yaml

from jiesuan_domain.policy import units
from jiesuan_domain.policy.parameters import ALL
from jiesuan_events.catalogue import catalogue
from jiesuan_events.words.codes import RefusalCode
from jiesuan_projections.engine.models import MODELS, SUPPORT
from jiesuan_projections.engine.tables.sql import tables
from jiesuan_services.cli import main

ROOT: Final = Path(__file__).parents[2]
ROOMS: Final = ("events", "services", "projections", "deploy")
FINDINGS: Final = ROOT / "tests" / "acceptance" / "cases" / "findings"
GATEWAY: Final = "jiesuan_services.gateway"
_COMMENT: Final = re.compile(
    r"COMMENT ON (TABLE|VIEW|COLUMN) ([\w.\"]+) IS\s+'((?:[^']|'')*)'"
)


@cache
def documents() -> dict[str, dict[str, Any]]:
    """Return every schema by the name of its file; a test holds them to the code."""
    folder = ROOT / "events" / "schemas"
    pages = sorted(folder.glob("*.json"))
    return {page.name: json.loads(page.read_text("utf-8")) for page in pages}


@cache
def types() -> frozenset[str]:
    """Return every type of message that travels."""
    return frozenset(said.type for said in catalogue())


@cache
def topics() -> frozenset[str]:
    """Return every topic that `jiesuan up` makes."""
    page = ROOT / "deploy" / "jiesuan_cluster" / "topics.yaml"
    return frozenset(yaml.safe_load(page.read_text("utf-8"))["topics"])


@cache
def refusal_codes() -> tuple[str, ...]:
    """Return every refusal code, in the order in which they count."""
    return tuple(code.value for code in RefusalCode)


@cache
def parameters() -> frozenset[str]:
    """Return every parameter that a policy pack may hold."""
    return frozenset(ALL)


@cache
def unit_names() -> frozenset[str]:
    """Return every unit of a parameter."""
    return frozenset(units._UNITS)


@cache
def relations() -> dict[str, dict[str, str]]:
    """Return the columns of every table and view, each with its comment.

    The empty name holds the comment of the relation itself.
    """
    found: dict[str, dict[str, str]] = {}
    for folder in (*SUPPORT, *MODELS):
        for kind, name, text in _COMMENT.findall(tables(folder)):
            relation, _, column = name.replace('"', "").partition(".")
            said = found.setdefault(relation, {})
            said[column if kind == "COLUMN" else ""] = text.replace("''", "'")
    return found


@cache
def fields(type_: str) -> frozenset[str]:
    """Return the fields that the data of a type may have."""
    return frozenset(documents()[f"{type_}.json"].get("properties", {}))


@cache
def fields_deep(type_: str) -> frozenset[str]:
    """Return the fields of a type and of all that it is made of."""
    document = documents()[f"{type_}.json"]
    parts = (document, *document.get("$defs", {}).values())
    return frozenset(name for part in parts for name in part.get("properties", {}))


@cache
def shipped_text() -> str:
    """Return everything that the rooms say, to look words up in."""
    pages = (page for room in ROOMS for page in (ROOT / room).rglob("*.py"))
    return "\n".join(page.read_text("utf-8") for page in pages)


@cache
def gateway_text() -> str:
    """Return everything that the gateway says, nothing while there is none."""
    folder = ROOT / "services" / "jiesuan_services" / "gateway"
    return "\n".join(page.read_text("utf-8") for page in folder.rglob("*.py"))


@cache
def transactions() -> frozenset[str]:
    """Return the number of every transaction of the gateway."""
    name = f"{GATEWAY}.transactions.table"
    if importlib.util.find_spec(GATEWAY) is None:
        return frozenset()
    return frozenset(importlib.import_module(name).TRANSACTIONS)


def has_command(said: str) -> bool:
    """Whether a command line of the contract can be given, its options included."""
    words = said.split()[1:]
    if words[0].startswith("--"):
        return True
    command = main.commands.get(words[0])
    if command is None or command.hidden:
        return False
    options = {word.strip("[]") for word in words if word.strip("[]").startswith("--")}
    if not options - {"--help"} <= set(_options(command)):
        return False
    if not isinstance(command, click.Group):
        return True
    named = [word for word in words[1:] if re.fullmatch(r"[a-z][a-z-]*", word)]
    return set(named) <= set(_subcommands(command))


def _options(command: click.Command) -> list[str]:
    found = [option for one in command.params for option in one.opts]
    if isinstance(command, click.Group):
        for one in command.commands.values():
            found += _options(one)
    return found


def _subcommands(group: click.Group) -> list[str]:
    found: list[str] = []
    for name, one in group.commands.items():
        found.append(name)
        if isinstance(one, click.Group):
            found += _subcommands(one)
    return found


def has_finding(number: str) -> bool:
    """Whether the case of a finding is among those that the tests run."""
    return any(FINDINGS.glob(f"{number}-*.expected.jsonl"))
