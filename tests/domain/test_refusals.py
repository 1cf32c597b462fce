"""Every refusal is made in one place, under the name of its code."""

import ast
from pathlib import Path

import jiesuan_domain
from jiesuan_events.words.codes import RefusalCode

LAW = Path(jiesuan_domain.__file__).parent
REFUSALS = LAW / "refusals"


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


def test_each_code_has_one_function_of_its_name() -> None:
    """One public function makes the refusal of each code, and is called as the code."""
    made = [
        (function.name.replace("_", "-"), code)
        for path in sorted(REFUSALS.glob("*.py"))
        for function in functions(path)
        for code in made_in(function)
    ]
    assert sorted(made) == sorted((code.value, code.value) for code in RefusalCode)


def test_no_refusal_is_made_elsewhere() -> None:
    """Outside its room the law makes no refusal of its own."""
    making = [
        str(path.relative_to(LAW))
        for path in sorted(LAW.rglob("*.py"))
        if REFUSALS not in path.parents
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Refusal"
    ]
    assert making == []


def test_codes_count_in_their_order() -> None:
    """The precedence of a code is its place in the list."""
    assert [code.precedence for code in RefusalCode] == list(range(len(RefusalCode)))
