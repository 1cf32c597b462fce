"""Refunds (2208): one settlement at a time, newest first (50号三(二): 时间倒序).

Order is the ledger's, never a clock's. A refund of a settlement cleared long ago is
allowed; it restores the accumulators of the original year (A18).
"""

from collections.abc import Iterator

from msgspec import Struct

from jiesuan_domain.asked.asked import ORDINARY, Asked, caused
from jiesuan_domain.gates.insured import policy_missing, unknown_institution
from jiesuan_domain.gates.needed import first_missing
from jiesuan_domain.in_force import InForce
from jiesuan_domain.outcome import Decided, Outcome, Refused, refused
from jiesuan_domain.person import totals
from jiesuan_domain.person.identity import settlement_id
from jiesuan_domain.person.state import Effective, KeptSettlement, Person, PersonYear
from jiesuan_domain.refusals import Code, Refusal
from jiesuan_domain.requests.mirror import mirror_fields
from jiesuan_events.requests import Refund
from jiesuan_ledger.facts import Refunded

SCHEME_YEAR = "scheme-year"
INSTITUTION = "institution"
CARE_TYPE = "care-type"


class Target(Struct, frozen=True):
    """The settlement that a refund requests, and the page it stands on."""

    bill: KeptSettlement
    person_year: PersonYear


def decide_refund(person: Person, asked: Asked, *, in_force: InForce) -> Outcome:
    """Decide a refund: known, the sender's own, not refunded, and nothing above it."""
    target = find(person, asked, in_force=in_force)
    if isinstance(target, Refused):
        return target
    waits = out_of_turn(target, in_force=in_force)
    if waits is not None:
        return refused(waits)
    fields = mirror_fields(
        target.bill.block,
        settlement_id=settlement_id(person.head, asked.content),
        sender_id=asked.id,
    )
    after = totals.take_back(target.person_year.totals, target.bill.block)
    return Decided(Refunded(**fields, **caused(asked), totals=after))


def find(person: Person, asked: Asked, *, in_force: InForce) -> Target | Refused:
    """Find what is to be refunded, or say why it can't be: unknown, not yours, done."""
    command = asked.command
    assert isinstance(command, Refund)
    if command.institution_id not in in_force.institutions:
        return refused(unknown_institution())
    bill = _named(person, asked, command=command)
    if bill is None:
        return refused(unknown_settlement(command))
    if not is_senders(bill, asked, institution_id=command.institution_id):
        return refused(not_yours(bill))
    if bill.is_refunded:
        return refused(already_refunded(bill, person))
    return Target(bill, person.year_of(bill.block.scheme, bill.block.year))


def not_yours(bill: KeptSettlement) -> Refusal:
    """Say that it is another's, and whose: a claim is its agency's to take back."""
    zh = "该笔结算不是本机构办理的，请到原结算机构退费。"
    if bill.claimed_by is not None:
        zh = "该笔结算是手工报销，请由办理报销的医保经办机构退费。"
    id_ = bill.block.settlement_id
    return Refusal(Code.NOT_YOUR_SETTLEMENT, zh, {"setl_id": id_})


def already_refunded(bill: KeptSettlement, person: Person) -> Refusal:
    """Say that it stands no more, and what stands in its place after gap refunds."""
    zh = "该笔结算已经退费，不能重复退费，请核对结算编号。"
    new = bill
    while new.is_refunded and new.replaced_by is not None:
        new = person.settlements[new.replaced_by]
    if not new.is_refunded:
        id_ = new.block.settlement_id
        zh = f"该笔结算已因隔笔退费重新结算，请改退重新结算后的{id_}。"
    return Refusal(
        Code.ALREADY_REFUNDED,
        zh,
        {"setl_id": bill.block.settlement_id, "replaced_by": bill.replaced_by},
    )


def unknown_settlement(command: Refund) -> Refusal:
    """Say that no settlement of this person has that id."""
    return Refusal(
        Code.UNKNOWN_SETTLEMENT,
        "没有找到要退费的结算，请核对结算编号和人员编号。",
        {
            "setl_id": command.settlement_id,
            "medins_setl_id": command.sender_settlement_id,
        },
    )


def _named(person: Person, asked: Asked, *, command: Refund) -> KeptSettlement | None:
    """Look a settlement up by its id, or by its sender's id, the sender's own first."""
    if command.settlement_id is not None:
        return person.settlements.get(command.settlement_id)
    requests = person.requests.get(command.sender_settlement_id or "", ())
    ranked = sorted(requests, key=lambda seen: seen.source != asked.source)
    for seen in ranked:
        if seen.settlement_id is not None:
            return person.settlements.get(seen.settlement_id)
    return None


def is_senders(bill: KeptSettlement, asked: Asked, *, institution_id: str) -> bool:
    """Tell whether the sender made the settlement; a claim is its agency's."""
    block = bill.block
    if block.institution_id != institution_id:
        return False
    if bill.claimed_by is not None:
        return bill.claimed_by == asked.source
    return not asked.agency


def out_of_turn(target: Target, *, in_force: InForce) -> Refusal | None:
    """Refuse what later settlements stand on, or whose order its region left open."""
    block = target.bill.block
    pack = in_force.packs.find(block.insured_region, block.scheme)
    rules = None if pack is None else pack.on(block.service_day)
    if first_missing(rules, ("refund_scope",)) is not None:
        return policy_missing("refund_scope", block.service_day.isoformat())
    scope = SCHEME_YEAR if rules is None else rules.refund_scope or SCHEME_YEAR
    blocking = list(_blockers(target, scope=scope))
    return later_first(blocking) if blocking else None


def _blockers(target: Target, *, scope: str) -> Iterator[Effective]:
    """Give the later effective settlements that stand on it, newest first (A19)."""
    block = target.bill.block
    for effective in reversed(target.person_year.effective):
        if effective.settlement_id == block.settlement_id:
            return
        if effective.settlement_id and _in_scope(effective, target, scope=scope):
            yield effective


def _in_scope(effective: Effective, target: Target, *, scope: str) -> bool:
    block = target.bill.block
    if scope == INSTITUTION:
        return effective.institution_id == block.institution_id
    if scope == CARE_TYPE:
        care, theirs = block.care_type, effective.care_type
        return theirs == care or (theirs in ORDINARY and care in ORDINARY)
    return True


def later_first(blocking: list[Effective]) -> Refusal:
    """Say which settlements to refund first, in the order in which to do it."""
    listed = "、".join(effective.settlement_id for effective in blocking[:5])
    more = f"等{len(blocking)}笔" if len(blocking) > 5 else ""
    return Refusal(
        Code.LATER_SETTLEMENTS_FIRST,
        f"该笔结算之后还有未退费的结算，请按时间倒序先依次退费：{listed}{more}。",
        {
            "blocking": [
                {
                    "setl_id": effective.settlement_id,
                    "medins_setl_id": effective.sender_id,
                    "fixmedins_code": effective.institution_id,
                }
                for effective in blocking
            ]
        },
    )
