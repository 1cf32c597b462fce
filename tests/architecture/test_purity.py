"""Below the edges there is no clock, chance, environment, waiting or logging."""

import ast
from collections.abc import Iterator
from typing import Any

PURE = {"jiesuan_events", "jiesuan_domain"}
PURE_FOLDERS = ("services/jiesuan_services/audit/tree/",)
"""Formats that others check by themselves: bytes in, bytes out."""
BANNED_MODULES = {
    "asyncio": "decide in plain functions; the processes wait",
    "concurrent": "decide in plain functions; the processes wait",
    "logging": "return what happened; the processes log it",
    "multiprocessing": "the processes are started by `jiesuan up`",
    "os": "take what is needed as an argument; bootstrap reads the environment",
    "random": "take chance as an argument",
    "secrets": "ids follow from the entry",
    "socket": "the processes speak to the network",
    "structlog": "return what happened; the processes log it",
    "subprocess": "deploy starts processes",
    "threading": "decide in plain functions; the processes wait",
    "time": "take the instant as an argument",
    "uuid": "ids follow from the entry",
}
BANNED_CALLS = {"now", "utcnow", "today", "getenv", "uuid4", "urandom", "perf_counter"}
EDGES = {"jiesuan_events/schemas.py"}
"""Its command writes files and reads its arguments; nothing imports it."""
ENVIRONMENT = ("environ", "getenv")
READS_THE_ENVIRONMENT = {
    "services/jiesuan_services/runtime/bootstrap.py",
}


def pure(shipped: Any) -> Iterator[Any]:
    """List the modules that must be pure."""
    return (
        source
        for source in shipped
        if source.package in PURE or source.name.startswith(PURE_FOLDERS)
    )


def calls(source: Any) -> Iterator[str]:
    """List the names of what a module calls."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call):
            target = node.func
            if isinstance(target, ast.Attribute):
                yield target.attr
            if isinstance(target, ast.Name):
                yield target.id


def test_nothing_impure_is_imported(shipped: Any) -> None:
    """Contracts and law import no clock, chance, environment, thread or logger."""
    wrong = {
        (source.name, name, BANNED_MODULES[name])
        for source in pure(shipped)
        for name in {imported.split(".")[0] for imported in source.imports}
        if name in BANNED_MODULES
    }
    assert wrong == set()


def test_nothing_impure_is_called(shipped: Any) -> None:
    """Contracts and law ask no clock and no chance."""
    wrong = {
        (source.name, name)
        for source in pure(shipped)
        for name in calls(source)
        if name in BANNED_CALLS
    }
    assert wrong == set()


def test_nothing_pure_waits(shipped: Any) -> None:
    """Contracts and law hold no coroutine."""
    waiting = (ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith)
    wrong = {
        source.name
        for source in pure(shipped)
        for node in ast.walk(source.tree)
        if isinstance(node, waiting)
    }
    assert wrong == set()


def test_nothing_pure_opens_files(shipped: Any) -> None:
    """The law is handed its texts; only the schemas' command touches files."""
    touching = {"open", "read_text", "read_bytes", "write_text", "write_bytes", "print"}
    wrong = {
        (source.name, name)
        for source in pure(shipped)
        if not any(source.name.endswith(edge) for edge in EDGES)
        for name in calls(source)
        if name in touching
    }
    assert wrong == set()


def test_nobody_imports_the_edge(shipped: Any) -> None:
    """What may touch files below the edges is a command and nobody's module."""
    wrong = {
        source.name for source in shipped if "jiesuan_events.schemas" in source.imports
    }
    assert wrong == set()


def test_one_module_reads_the_environment(shipped: Any) -> None:
    """In the services only bootstrap looks at the environment."""
    wrong = {
        source.name
        for source in shipped
        if source.package == "jiesuan_services"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and node.attr in ENVIRONMENT
    }
    assert wrong <= READS_THE_ENVIRONMENT


def test_no_float_is_money(shipped: Any) -> None:
    """Contracts, law and read models write no float at all."""
    wrong = {
        (source.name, node.value)
        for source in shipped
        if source.package in PURE
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, float)
    }
    assert wrong == set()
    assert not {
        source.name
        for source in pure(shipped)
        if {"round", "float"} & set(calls(source))
    }
