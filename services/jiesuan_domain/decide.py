"""``decide``: one request about one person, under one law, to one outcome.

Total and pure: every request that reads comes to an outcome, and nothing but the
arguments is looked at.
"""

from jiesuan_domain.asked import Asked
from jiesuan_domain.compensate import decide_compensation
from jiesuan_domain.gap_refund import decide_gap_refund
from jiesuan_domain.law import Law
from jiesuan_domain.outcome import Again, Outcome, Refused, refused
from jiesuan_domain.refund import decide_refund
from jiesuan_domain.refusal import Code, Refusal
from jiesuan_domain.register import decide_registration
from jiesuan_domain.settle import decide_bill
from jiesuan_domain.state import Name, Person
from jiesuan_events import requests


def decide(person: Person, asked: Asked, *, law: Law) -> Outcome:
    """Decide a request: again, refused by its name, or by what it asks for."""
    name = person.name(asked.source, asked.id)
    if name is not None:
        taken = _by_name(name, asked)
        if taken is not None:
            return taken
    command = asked.command
    if isinstance(command, requests.Settle | requests.Quote | requests.Claim):
        return decide_bill(person, asked, law=law)
    if isinstance(command, requests.GapRefund):
        return decide_gap_refund(person, asked, law=law)
    if isinstance(command, requests.Refund):
        return decide_refund(person, asked, law=law)
    if isinstance(command, requests.Compensate):
        return decide_compensation(person, asked, law=law)
    return decide_registration(person, asked, law=law)


def _by_name(name: Name, asked: Asked) -> Again | Refused:
    """Answer a name that is taken: the same again, or refused (V12e)."""
    same = name.content == asked.content
    refusals: list[Refusal] = []
    if not same and name.content:
        refusals.append(_different(name))
    if name.barred:
        refusals.append(
            Refusal(
                Code.COMPENSATED_BEFORE,
                "该报文已被冲正，不能再办理，请使用新的报文编号重新结算。",
                {},
            )
        )
    return refused(*refusals) if refusals else Again(name)


def _different(name: Name) -> Refusal:
    first = {"version": name.version, "hash": name.hash.hex()}
    return Refusal(
        Code.DUPLICATE_DIFFERENT,
        "同一报文编号已用于内容不同的请求，请使用新的报文编号。",
        {"first_entry": first},
    )
