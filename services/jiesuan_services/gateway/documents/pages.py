"""The page of transactions: each with its nodes, in the standard's names."""

from collections.abc import Iterator
from types import UnionType
from typing import Any, Final, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from jiesuan_services.gateway.documents.refusals import codes, sentences
from jiesuan_services.gateway.transactions.kinds import Reading, Transaction
from jiesuan_services.gateway.transactions.table import TRANSACTIONS

HEAD: Final = """# Transactions of the counter

Generated from the table of transactions (`make docs`); fields in bold must be sent,
others may be left out, empty or null. Amounts are yuan. What a refusal says is the
reply's `err_msg`: a sentence of the counter, listed here with … for what the message
says, or the sentence of the first of the ledger's [codes](refusals.md). Any message may
be refused besides for its form (the field is named), its sender, a pause or an outage.
"""


def page() -> str:
    """Return the page."""
    return HEAD + "".join(_section(one) for one in TRANSACTIONS.values())


def _section(one: Transaction) -> str:
    kind = "reads" if isinstance(one.work, Reading) else "has an effect, once"
    lines = [f"\n## {one.infno} {one.zh}\n", f"\n{kind.capitalize()}.\n"]
    lines += _nodes("input", one.input)
    lines += _nodes("output", one.output)
    lines += _refusals(one)
    if one.names_person:
        lines.append("\nThe person's name, numbers, birth and age are added.\n")
    return "".join(lines)


def _refusals(one: Transaction) -> Iterator[str]:
    """List what the counter says no with, and what the ledger may."""
    said, asked = sentences(one), codes(one)
    if said:
        yield "\nRefused by the counter:\n\n"
        yield from (f"- {sentence}\n" for sentence in said)
    if asked:
        listed = ", ".join(f"`{code}`" for code in asked)
        yield f"\nRefused by the [ledger](refusals.md): {listed}.\n"
    if not said and not asked:
        yield "\nRefused for nothing of its own.\n"


def _nodes(title: str, model: type[BaseModel]) -> Iterator[str]:
    if not model.model_fields:
        yield f"\n`{title}`: nothing.\n"
        return
    yield f"\n| `{title}` | |\n|---|---|\n"
    for name, field in model.model_fields.items():
        inner = _inner(field.annotation)
        if inner is None:
            yield _row(name, field)
            continue
        many = "[]" if "list" in str(field.annotation) else ""
        if many and get_origin(field.annotation) is UnionType:
            yield _row(name, field)
        for part, inner_field in inner.model_fields.items():
            yield _row(f"{name}{many}.{part}", inner_field)


def _row(name: str, field: FieldInfo) -> str:
    shown = f"**{name}**" if field.is_required() else name
    return f"| {shown} | {field.title or ''} |\n"


def _inner(kind: Any) -> type[BaseModel] | None:
    """Return the model of a node, of one row or of many."""
    for one in (kind, *get_args(kind)):
        if isinstance(one, type) and issubclass(one, BaseModel):
            return one
    return None
