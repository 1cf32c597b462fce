"""Small things: modules, functions, nesting, lists of positional parameters."""

import ast
from typing import Any

MODULE = 400
ONE_FILE = {"tools/jiesuan_verify.py": 840}
"""What auditors are handed as one file, to be read from top to bottom."""
FUNCTION = 40
NESTING = 3
POSITIONAL = 2
ONE_THING = ({"topic", "partition"}, {"month", "day"})
"""Said in two words, always together: a place in a log, a day."""
Function = ast.FunctionDef | ast.AsyncFunctionDef
DEEPER = (
    ast.If,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.With,
    ast.AsyncWith,
    ast.Try,
    ast.Match,
)
GIVEN_POSITIONALLY = {"__init__", "__exit__", "__aexit__", "__call__"}


def depth(node: ast.AST) -> int:
    """Count how deep the blocks of a function lie in each other."""
    deepest = 0
    for field, value in ast.iter_fields(node):
        children = value if isinstance(value, list) else [value]
        for child in children:
            if not isinstance(child, ast.AST) or isinstance(child, Function):
                continue
            # `elif` reads as one level, though the tree nests it.
            chained = (
                isinstance(node, ast.If)
                and field == "orelse"
                and isinstance(child, ast.If)
                and len(children) == 1
            )
            step = 1 if isinstance(child, DEEPER) and not chained else 0
            deepest = max(deepest, step + depth(child))
    return deepest


def length(function: Function) -> int:
    """Count the lines of a function, its docstring and comments included."""
    assert function.end_lineno is not None
    return function.end_lineno - function.lineno + 1


def positional(function: Function) -> int:
    """Count the parameters that a caller gives without saying their name."""
    names = [one.arg for one in (*function.args.posonlyargs, *function.args.args)]
    given = {name for name in names if name not in ("self", "cls")}
    return len(given) - len([pair for pair in ONE_THING if pair <= given])


def is_fixture_or_test(function: Function) -> bool:
    """Whether pytest fills the parameters in, or click does."""
    return function.name.startswith("test_") or bool(function.decorator_list)


def test_modules_are_short(shipped: Any, tests: Any) -> None:
    """No module is longer than 400 lines."""
    lines = {
        source.name: len(source.text.splitlines()) for source in [*shipped, *tests]
    }
    assert {
        name: count
        for name, count in lines.items()
        if count > ONE_FILE.get(name, MODULE)
    } == {}


def test_functions_are_short(shipped: Any, tests: Any) -> None:
    """No function is longer than 40 lines."""
    wrong = {
        f"{source.name}:{function.name}": length(function)
        for source in [*shipped, *tests]
        for function in source.functions
        if length(function) > FUNCTION
    }
    assert wrong == {}


def test_functions_are_flat(shipped: Any, tests: Any) -> None:
    """No function nests deeper than three blocks."""
    wrong = {
        f"{source.name}:{function.name}": depth(function)
        for source in [*shipped, *tests]
        for function in source.functions
        if depth(function) > NESTING
    }
    assert wrong == {}


def test_the_third_argument_has_a_name(shipped: Any) -> None:
    """What comes after two arguments is given by keyword."""
    wrong = {
        f"{source.name}:{function.name}": positional(function)
        for source in shipped
        for function in source.functions
        if positional(function) > POSITIONAL
        and function.name not in GIVEN_POSITIONALLY
        and not is_fixture_or_test(function)
    }
    assert wrong == {}
