"""The mutants of a module: each a function's code with one small change."""

import ast
import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import ndiff
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, Final

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.file_mutation import (
    Mutation,
    MutationVisitor,
    OuterFunctionProvider,
    deep_replace,
)
from mutmut.mutation.mutators import mutation_operators
from mutmut.mutation.pragma_handling import IgnoredCode

PACKAGE: Final = "jiesuan_domain"
NOTHING_IGNORED: Final = IgnoredCode(set(), set(), set())
Defaults = tuple[Any, ...] | None


@dataclass(frozen=True)
class Mutant:
    """A changed function: what to put in, and where a test must have been to notice."""

    function: str
    number: int
    changed: tuple[str, ...]
    """The lines that it takes out (``- ``) and puts in (``+ ``)."""
    file: str
    lines: range
    original: FunctionType
    code: CodeType
    defaults: Defaults
    keyword_defaults: dict[str, Any] | None

    @property
    def name(self) -> str:
        """Return the name that no other mutant has."""
        return f"{self.function}#{self.number}"

    @property
    def identity(self) -> str:
        """Return what stays while its function is not changed above it."""
        return "\n".join((self.function, str(self.number), *self.changed))

    def put_in(self) -> None:
        """Let whoever holds the function call the changed one, in this process."""
        self.original.__code__ = self.code
        self.original.__defaults__ = self.defaults
        self.original.__kwdefaults__ = self.keyword_defaults


def mutants_of(root: Path, path: Path) -> Iterator[Mutant]:
    """Make every mutant of a module below ``root``, in the order of its functions."""
    dotted = ".".join(path.relative_to(root).with_suffix("").parts)
    module = importlib.import_module(dotted)
    source = path.read_text()
    wrapper = MetadataWrapper(cst.parse_module(source))
    visitor = MutationVisitor(mutation_operators, NOTHING_IGNORED)
    wrapper.visit(visitor)
    owners = wrapper.resolve(OuterFunctionProvider)
    positions = wrapper.resolve(PositionProvider)
    spans = _Spans(source)
    held = dict(_functions(wrapper.module))
    written = {one: cst.Module([one]).code for one in held}
    count: dict[cst.FunctionDef, int] = {}
    for mutation in visitor.mutations:
        owner = owners.get(mutation.original_node)
        if not isinstance(owner, cst.FunctionDef):
            continue
        count[owner] = number = count.get(owner, 0) + 1
        at = positions[mutation.original_node].start
        yield _made(
            module,
            owner,
            mutation,
            name=(held[owner], number),
            before=written[owner],
            where=(str(path), spans.of(at.line, at.column)),
        )


def _functions(module: cst.Module) -> Iterator[tuple[cst.FunctionDef, str]]:
    """Yield each function and method with the name it has in its module."""
    classes = [one for one in module.body if isinstance(one, cst.ClassDef)]
    parts = [(one, f"{held.name.value}.") for held in classes for one in held.body.body]
    for part, prefix in [*((one, "") for one in module.body), *parts]:
        if isinstance(part, cst.FunctionDef):
            yield part, prefix + part.name.value


def _made(
    module: ModuleType,
    owner: cst.FunctionDef,
    mutation: Mutation,
    *,
    name: tuple[str, int],
    before: str,
    where: tuple[str, range],
) -> Mutant:
    held, number = name
    changed = deep_replace(owner, mutation.original_node, mutation.mutated_node)
    assert isinstance(changed, cst.FunctionDef)
    after = cst.Module([changed]).code
    space = dict(vars(module))
    exec(compile(after, where[0], "exec"), space)
    function = _plain(space[owner.name.value])
    original = _plain(_found(module, held))
    assert function.__code__.co_freevars == original.__code__.co_freevars
    return Mutant(
        function=f"{module.__name__.removeprefix(PACKAGE + '.')}.{held}",
        number=number,
        changed=tuple(
            line
            for line in ndiff(before.splitlines(), after.splitlines())
            if line[0] in "+-"
        ),
        file=where[0],
        lines=where[1],
        original=original,
        code=function.__code__,
        defaults=function.__defaults__,
        keyword_defaults=function.__kwdefaults__,
    )


def _found(module: ModuleType, held: str) -> Any:
    space: dict[str, Any] = dict(vars(module))
    *classes, name = held.split(".")
    for one in classes:
        space = dict(vars(space[one]))
    return space[name]


def _plain(made: Any) -> FunctionType:
    """Return the function of a class method or a static method."""
    function = getattr(made, "__func__", made)
    assert isinstance(function, FunctionType)
    return function


class _Spans:
    """Which lines belong to the statement at a place of the source.

    A test that ran none of them cannot notice a change there. Of what holds other
    statements only the head counts; a function's head is the whole function.
    """

    def __init__(self, source: str) -> None:
        self._statements = [
            node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.stmt)
        ]

    def of(self, line: int, column: int) -> range:
        """Return the lines of the innermost statement there."""
        around = [
            one
            for one in self._statements
            if (one.lineno, one.col_offset) <= (line, column)
            and line <= (one.end_lineno or one.lineno)
        ]
        inner = max(around, key=lambda one: (one.lineno, one.col_offset))
        last = inner.end_lineno or inner.lineno
        body = getattr(inner, "body", None)
        if body and not isinstance(inner, ast.FunctionDef):
            last = max(inner.lineno, body[0].lineno - 1)
        return range(inner.lineno, last + 1)
