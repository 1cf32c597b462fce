"""What a transaction is refused with: sentences of the counter, codes of the ledger."""

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

from jiesuan_domain.asked.commands import BILL_TYPES
from jiesuan_domain.clearing.decide import decide_clearing
from jiesuan_domain.decide import decide_each
from jiesuan_domain.refusals.refusal import Refusal
from jiesuan_domain.requests.settle import decide_bills
from jiesuan_events.clearing.requests import CLEARING_REQUEST_TYPES
from jiesuan_events.requests import REQUEST_TYPES
from jiesuan_events.words.codes import RefusalCode
from jiesuan_services.gateway.counter import not_for_you
from jiesuan_services.gateway.documents.walking import Function, FunctionRead, steps
from jiesuan_services.gateway.faults import CounterFault
from jiesuan_services.gateway.transactions.kinds import EVERYBODY, Asking, Transaction

COUNTER: Final = "jiesuan_services.gateway"
LAW: Final = "jiesuan_domain"
KNOWN_THEN: Final = "…"
"""Stands for what only the message says."""
_GAP: Final = re.compile(r"\{[^{}]*\}")


def sentences(transaction: Transaction) -> list[str]:
    """Return every sentence that the counter itself may refuse a transaction with."""
    found = [one for step in _of_counter(transaction) for one in _raised(step)]
    if transaction.who != EVERYBODY:
        found.insert(0, not_for_you(transaction))
    return list(dict.fromkeys(found))


def codes(transaction: Transaction) -> list[str]:
    """Return every code that the ledger may refuse with what is asked of it."""
    asked = {
        type_
        for step in _of_counter(transaction)
        for node in step.nodes
        if isinstance(type_ := step.meaning(node), str)
        and (type_ in REQUEST_TYPES or type_ in CLEARING_REQUEST_TYPES)
    }
    found = {code for type_ in asked for code in codes_of(type_)}
    return [one.value for one in RefusalCode if one in found]


@cache
def codes_of(type_: str) -> frozenset[RefusalCode]:
    """Return every code that a request of a type may be refused with."""
    if type_ in CLEARING_REQUEST_TYPES:
        asked = CLEARING_REQUEST_TYPES[type_]
        return frozenset(_refused(steps([decide_clearing], LAW, command=asked)))
    bill = BILL_TYPES.get(type_)
    others = frozenset[Function]() if bill else frozenset([decide_bills])
    command = bill or REQUEST_TYPES[type_]
    way = steps([decide_each], LAW, command=command, without=others)
    return frozenset(_refused(way))


def _of_counter(transaction: Transaction) -> Iterator[FunctionRead]:
    work = transaction.work
    if isinstance(work, Asking):
        return steps([work.ask, work.reply], COUNTER)
    return steps([work.answer], COUNTER)


def _raised(step: FunctionRead) -> Iterator[str]:
    for node in step.nodes:
        call = node.exc if isinstance(node, ast.Raise) else None
        if not isinstance(call, ast.Call):
            continue
        kind = step.meaning(call.func)
        if isinstance(kind, type) and issubclass(kind, CounterFault):
            yield from _sentence(call.args[0], step)


def _sentence(said: ast.expr, step: FunctionRead) -> Iterator[str]:
    """Return a sentence with what is known of its gaps; none for the ledger's own."""
    filled: list[ast.expr] = []
    named = said
    if isinstance(said, ast.Call) and isinstance(said.func, ast.Attribute):
        named, filled = said.func.value, said.args
    text = step.meaning(named)
    if not isinstance(text, str):
        return
    words = iter(step.meaning(one) for one in filled)

    def filling(_: re.Match[str]) -> str:
        word = next(words, None)
        return word if isinstance(word, str) else KNOWN_THEN

    yield _GAP.sub(filling, text)


def _refused(way: Iterable[FunctionRead]) -> Iterator[RefusalCode]:
    for step in way:
        for node in step.nodes:
            if isinstance(node, ast.Call) and step.meaning(node.func) is Refusal:
                code = step.meaning(node.args[0])
                assert isinstance(code, RefusalCode), ast.unparse(node)
                yield code
