"""The source as it lies there: every module of every room, parsed once."""

import ast
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
ROOMS = ("events", "services", "projections", "deploy", "tools")


@dataclass
class Source:
    """One module: where it is, its text and its tree."""

    path: Path

    @property
    def name(self) -> str:
        """Its path from the root, to be read in a failure."""
        return str(self.path.relative_to(ROOT))

    @property
    def package(self) -> str:
        """The package of ours that it belongs to, or `tests`."""
        parts = self.path.relative_to(ROOT).parts
        return parts[0] if parts[0] == "tests" else parts[1]

    @cached_property
    def text(self) -> str:
        """What it says."""
        return self.path.read_text("utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        """What it says, parsed."""
        return ast.parse(self.text)

    @cached_property
    def functions(self) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
        """Every function in it, methods and inner ones included."""
        return [
            node
            for node in ast.walk(self.tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        ]

    @cached_property
    def imports(self) -> set[str]:
        """Every module that it imports, wherever in it."""
        found: set[str] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            if isinstance(node, ast.ImportFrom) and node.module:
                found |= {node.module}
                found |= {f"{node.module}.{alias.name}" for alias in node.names}
        return found


def read(folder: str) -> list[Source]:
    """Read every module under a folder."""
    return [
        Source(path)
        for path in sorted((ROOT / folder).rglob("*.py"))
        if not {".venv", "build", "dist"} & set(path.parts)
    ]


@pytest.fixture(scope="session")
def shipped() -> list[Source]:
    """Every module that is installed somewhere."""
    return [source for room in ROOMS for source in read(room)]


@pytest.fixture(scope="session")
def tests() -> list[Source]:
    """Every module of the tests."""
    return read("tests")
