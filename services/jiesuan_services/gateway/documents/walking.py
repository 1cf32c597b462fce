"""Functions read as text: what each does, and which functions of a package it uses.

A page says what the code can come to, so the code is asked: from a function to every
function that it mentions, by their global names. What is passed as a value and called
under another name is not followed; a method is, where its class and its name are
mentioned anywhere on the way.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from types import CodeType, FunctionType, ModuleType
from typing import Any, Final

Function = Callable[..., Any]
COMMAND: Final = "command"
"""What the law calls the request that it decides."""


@dataclass(frozen=True)
class FunctionRead:
    """One function on the way: its nodes, and the names that they may mean."""

    nodes: list[ast.AST]
    scope: dict[str, Any]

    def meaning(self, node: ast.AST) -> Any:
        """Return what a name stands for, None for what is known only when it runs."""
        return _meaning(node, self.scope)


def steps(
    roots: Iterable[Function],
    package: str,
    *,
    command: type | None = None,
    without: frozenset[Function] = frozenset(),
) -> Iterator[FunctionRead]:
    """Walk from some functions through a package; each function is met once.

    Of what depends on the kind of ``command``, only what is of its kind is walked.
    """
    ahead, met = list(roots), set(without)
    classes: dict[type, None] = {}
    attributes: set[str] = set()
    while ahead:
        function = inspect.unwrap(ahead.pop(0))
        if function in met:
            continue
        met.add(function)
        step = _step(function, command)
        yield step
        found = [
            one for node in step.nodes for one in _own(step.meaning(node), package)
        ]
        classes |= {one: None for one in found if isinstance(one, type)}
        attributes |= {one.attr for one in step.nodes if isinstance(one, ast.Attribute)}
        ahead += (one for one in found if not isinstance(one, type))
        ahead += (one for kind in classes for one in _methods(kind, attributes))


def _step(function: Function, command: type | None) -> FunctionRead:
    tree, scope = _tree(function), dict(function.__globals__)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            scope.pop(node.id, None)
        elif isinstance(node, ast.arg):
            scope.pop(node.arg, None)
    return FunctionRead(list(_nodes(tree, scope, command=command)), scope)


@cache
def _tree(function: Function) -> ast.AST:
    return ast.parse(textwrap.dedent(inspect.getsource(function)))


def _meaning(node: ast.AST, scope: dict[str, Any]) -> Any:
    if isinstance(node, ast.Name):
        return scope.get(node.id)
    if isinstance(node, ast.Attribute):
        home = _meaning(node.value, scope)
        if isinstance(home, ModuleType | type):
            return getattr(home, node.attr, None)
    return None


def _nodes(
    tree: ast.AST, scope: dict[str, Any], *, command: type | None
) -> Iterator[ast.AST]:
    ahead: list[ast.AST] = [tree]
    while ahead:
        node = ahead.pop(0)
        parts: Iterable[ast.AST] = ast.iter_child_nodes(node)
        if command is not None and isinstance(node, ast.Match):
            parts = _case(node, scope, command=command)
        elif command is not None and isinstance(node, ast.If):
            kind = _asked_kind(node.test, scope)
            if isinstance(kind, type) and not issubclass(command, kind):
                parts = node.orelse
        else:
            yield node
        ahead[:0] = parts


def _case(
    match: ast.Match, scope: dict[str, Any], *, command: type
) -> Iterable[ast.AST]:
    """Return what is done with a kind of command: the first case that it fits."""
    for case in match.cases:
        pattern = case.pattern
        kinds = pattern.patterns if isinstance(pattern, ast.MatchOr) else [pattern]
        for kind in kinds:
            meant = object
            if isinstance(kind, ast.MatchClass):
                meant = _meaning(kind.cls, scope)
            if issubclass(command, meant):
                return case.body
    return []


def _asked_kind(test: ast.AST, scope: dict[str, Any]) -> Any:
    """Return of which kind the command must be for a branch, if that is asked."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        test = test.values[0]
    if not isinstance(test, ast.Call) or len(test.args) != 2:
        return None
    subject, kind = test.args
    is_asked = isinstance(subject, ast.Name) and subject.id == COMMAND
    return _meaning(kind, scope) if is_asked else None


def _own(found: Any, package: str) -> Iterator[Any]:
    """Return the functions and classes of a package that something is or holds."""
    if isinstance(found, tuple | list):
        for one in found:
            yield from _own(one, package)
    elif isinstance(found, FunctionType | type) and _is_within(found, package):
        yield found


def _is_within(found: Any, package: str) -> bool:
    return f"{found.__module__}.".startswith(f"{package}.")


def _methods(kind: type, names: set[str]) -> Iterator[Function]:
    for name in sorted(names.intersection(vars(kind))):
        one = vars(kind)[name]
        method = one.fget if isinstance(one, property) else one
        if isinstance(method, FunctionType) and not _is_made(method):
            yield method


def _is_made(function: FunctionType) -> bool:
    """Whether a function was made by a decorator, from no text of ours."""
    code: CodeType = inspect.unwrap(function).__code__
    return code.co_filename.startswith("<")
