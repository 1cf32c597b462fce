"""Who may know whom."""

from pathlib import Path
from typing import Any

from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).parent.parent.parent
OURS = {
    "jiesuan_events",
    "jiesuan_ledger",
    "jiesuan_domain",
    "jiesuan_services",
    "jiesuan_projections",
    "jiesuan_cluster",
    "jiesuan_embedded",
}
MAY_IMPORT = {
    "jiesuan_events": set(),
    "jiesuan_ledger": {"jiesuan_events"},
    "jiesuan_domain": {"jiesuan_events", "jiesuan_ledger"},
    "jiesuan_projections": {"jiesuan_events", "jiesuan_ledger"},
    "jiesuan_cluster": set(),
    "jiesuan_embedded": set(),
}
READS_TABLES = ("bench", "cli", "demo", "supervisor")
SHOWS_ROWS = "services/jiesuan_services/audit/history/"
"""Shows the past in the read models' rows, made from entries."""
TABLES = ("queries", "database", "connect", "asyncpg")
KNOWS_THE_MACHINE = ("bench", "cli", "demo", "supervisor")
VENDORS_NEED = {"pydantic"}


def ours(source: Any) -> set[str]:
    """List the packages of ours that a module imports, its own aside."""
    found = {name.split(".")[0] for name in source.imports} & OURS
    return found - {source.package}


def part(source: Any) -> str:
    """Return the part of the services that a module belongs to."""
    return str(source.path.relative_to(ROOT).parts[2]).removesuffix(".py")


def test_the_import_linter_agrees(monkeypatch: Any) -> None:
    """Every contract of `pyproject.toml` is kept."""
    monkeypatch.chdir(ROOT)
    assert lint_imports(config_filename="pyproject.toml") == EXIT_STATUS_SUCCESS


def test_packages_import_whom_they_may(shipped: Any) -> None:
    """Events knows nobody, law and read models know events and the ledger alone."""
    wrong = {
        source.name: ours(source) - MAY_IMPORT[source.package]
        for source in shipped
        if source.package in MAY_IMPORT
        and not ours(source) <= MAY_IMPORT[source.package]
    }
    assert wrong == {}


def test_only_screens_read_tables(shipped: Any) -> None:
    """Within the services only commands, pages and figures import the read models."""
    wrong = [
        source.name
        for source in shipped
        if source.package == "jiesuan_services"
        and "jiesuan_projections" in ours(source)
        and part(source) not in READS_TABLES
        and not source.name.startswith(SHOWS_ROWS)
    ]
    assert wrong == []


def test_the_past_is_shown_without_tables(shipped: Any) -> None:
    """What makes rows from entries asks no table and opens no database."""
    wrong = {
        (source.name, name)
        for source in shipped
        if source.name.startswith(SHOWS_ROWS)
        for name in source.imports
        if set(name.split(".")) & set(TABLES)
    }
    assert wrong == set()


def test_only_commands_and_tests_know_the_machine(shipped: Any) -> None:
    """Processes are told where Kafka is; how it was started is not their business."""
    wrong = [
        source.name
        for source in shipped
        if source.package == "jiesuan_services"
        and {"jiesuan_cluster", "jiesuan_embedded"} & ours(source)
        and part(source) not in KNOWS_THE_MACHINE
    ]
    assert wrong == []


def test_a_vendor_needs_pydantic_alone(shipped: Any) -> None:
    """The contracts import the standard library and pydantic, nothing else."""
    stdlib = __import__("sys").stdlib_module_names
    wrong = {
        (source.name, name)
        for source in shipped
        if source.package == "jiesuan_events"
        for name in (imported.split(".")[0] for imported in source.imports)
        if name not in stdlib | VENDORS_NEED | {"jiesuan_events"}
    }
    assert wrong == set()
