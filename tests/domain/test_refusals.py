"""Every refusal is made in one place, under the name of its code."""

import ast
from pathlib import Path

import jiesuan_domain
from jiesuan_events.words.codes import RefusalCode

LAW = Path(jiesuan_domain.__file__).parent
ROOMS = {
    "persons": sorted((LAW / "refusals").glob("*.py")),
    "clearing": [LAW / "clearing" / "refusals.py"],
}
"""Where refusals are made: those of persons, and those of a clearing month."""


def made_in(function: ast.FunctionDef) -> set[str]:
    """List the codes that a function names."""
    return {
        RefusalCode[node.attr].value
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "RefusalCode"
    }


def functions(path: Path) -> list[ast.FunctionDef]:
    """List the functions of a module."""
    tree = ast.parse(path.read_text("utf-8"))
    return [node for node in tree.body if isinstance(node, ast.FunctionDef)]


def made(room: str) -> list[tuple[str, str]]:
    """List the functions of a room that make a refusal, each with its code."""
    return [
        (function.name.replace("_", "-"), code)
        for path in ROOMS[room]
        for function in functions(path)
        for code in made_in(function)
    ]


def test_each_code_has_one_function_of_its_name() -> None:
    """One function of both rooms makes the refusal of a code, and is called as it."""
    making = [one for room in ROOMS for one in made(room)]
    codes = sorted(code.value for code in RefusalCode)
    assert sorted(making) == [(code, code) for code in codes]


def test_no_refusal_is_made_elsewhere() -> None:
    """Outside these rooms the law makes no refusal of its own."""
    rooms = {path for paths in ROOMS.values() for path in paths}
    making = [
        str(path.relative_to(LAW))
        for path in sorted(LAW.rglob("*.py"))
        if path not in rooms
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Refusal"
    ]
    assert making == []


def test_codes_count_in_their_order() -> None:
    """The precedence of a code is its place in the list."""
    assert [code.precedence for code in RefusalCode] == list(range(len(RefusalCode)))
