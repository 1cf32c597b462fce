"""The voice: the pairs of the contributing guide are ours, and no one goes back."""

import ast
import re

from tests.docs.pages import ROOT

GUIDE = (ROOT / "docs" / "guides" / "contributing.md").read_text("utf-8")
ROOMS = ("events", "services", "projections", "deploy")
PAIR = re.compile(r"^\| ([A-Z][^|]*\.) \| ([A-Z][^|]*\.) \|$", re.MULTILINE)
OLD = re.compile(r"(Give (?!back)|Tell whether|Hear )")
PAIRS = 9
SAYING = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def docstrings() -> dict[str, str]:
    """Return the docstrings of what is shipped, each with its place."""
    return {
        f"{page.relative_to(ROOT)}:{node.name}": " ".join(
            (ast.get_docstring(node) or "").split()
        )
        for room in ROOMS
        for page in sorted((ROOT / room).rglob("*.py"))
        for node in ast.walk(ast.parse(page.read_text("utf-8")))
        if isinstance(node, SAYING)
    }


SAID = docstrings()


def test_the_pairs_are_our_own() -> None:
    """What the guide shows as better stands in the code, what was before does not."""
    pairs = PAIR.findall(GUIDE)
    assert len(pairs) == PAIRS
    whole = "\n".join(SAID.values())
    assert [after for _, after in pairs if after not in whole] == []
    assert [before for before, _ in pairs if before in whole] == []


def test_what_returns_says_return() -> None:
    """No docstring gives or tells: it returns, or it says whether."""
    wrong = {place: text for place, text in SAID.items() if OLD.match(text)}
    assert wrong == {}
