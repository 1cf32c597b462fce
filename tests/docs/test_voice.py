"""The voice: the pairs of the contributing guide are ours, and no one goes back."""

import ast
import re
from functools import cache

from tests.docs.pages import ROOT

GUIDE = (ROOT / "docs" / "guides" / "contributing.md").read_text("utf-8")
ROOMS = ("events", "services", "projections", "deploy", "tools", "tests")
PAIR = re.compile(r"^\| ([A-Z][^|]*\.) \| ([A-Z][^|]*\.) \|$", re.MULTILINE)
OLD = re.compile(r"(Tell|Give)\b")
OLD_OF_A_RESULT = re.compile(r"(Hear|Name)\b")
PAIRS = 9
SAYING = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def returns(node: ast.AST) -> bool:
    """Whether something comes of it: a function, not of None."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    return node.returns is not None and ast.unparse(node.returns) != "None"


def said(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """Return a docstring as one line, empty where there is none."""
    return " ".join((ast.get_docstring(node) or "").split())


@cache
def docstrings() -> dict[tuple[str, bool], str]:
    """Return each docstring with its place, and whether it is that of a result."""
    return {
        (f"{page.relative_to(ROOT)}:{node.lineno} {node.name}", returns(node)): (
            said(node)
        )
        for room in ROOMS
        for page in sorted((ROOT / room).rglob("*.py"))
        for node in ast.walk(ast.parse(page.read_text("utf-8")))
        if isinstance(node, SAYING)
    }


def test_the_pairs_are_our_own() -> None:
    """What the guide shows as better stands in the code, what was before does not."""
    pairs = PAIR.findall(GUIDE)
    assert len(pairs) == PAIRS
    whole = "\n".join(docstrings().values())
    assert [after for _, after in pairs if after not in whole] == []
    assert [before for before, _ in pairs if before in whole] == []


def test_what_returns_says_return() -> None:
    """No docstring gives or tells, no result is heard or named: it is returned."""
    wrong = {
        place: text
        for (place, is_result), text in docstrings().items()
        if OLD.match(text) or (is_result and OLD_OF_A_RESULT.match(text))
    }
    assert wrong == {}
