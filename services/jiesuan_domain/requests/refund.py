"""Refunds (2208): one settlement at a time, newest first (50号三(二): 时间倒序).

Order is the ledger's, never a clock's. A refund of a settlement cleared long ago is
allowed; it restores the accumulators of the original year (A18).
"""

from collections.abc import Iterator

from msgspec import Struct

from jiesuan_domain.asked.asked import ORDINARY, Asked, caused
from jiesuan_domain.gates.insured import policy_missing, unknown_institution
from jiesuan_domain.gates.needed import first_missing
from jiesuan_domain.in_force import Law
from jiesuan_domain.outcome import Decided, Outcome, Refused, refused
from jiesuan_domain.person import totals
from jiesuan_domain.person.identity import settlement_id
from jiesuan_domain.person.state import Bill, Page, Person, Standing
from jiesuan_domain.refusals import Code, Refusal
from jiesuan_domain.requests.mirror import mirror_fields
from jiesuan_events.requests import Refund
from jiesuan_ledger.facts import Refunded

SCHEME_YEAR = "scheme-year"
INSTITUTION = "institution"
CARE_TYPE = "care-type"


class Target(Struct, frozen=True):
    """The settlement that a refund names, and the page it stands on."""

    bill: Bill
    page: Page


def decide_refund(person: Person, asked: Asked, *, law: Law) -> Outcome:
    """Decide a refund: known, the sender's own, not refunded, and nothing above it."""
    target = find(person, asked, law=law)
    if isinstance(target, Refused):
        return target
    waits = out_of_turn(target, law=law)
    if waits is not None:
        return refused(waits)
    fields = mirror_fields(
        target.bill.block,
        settlement_id=settlement_id(person.head, asked.content),
        sender_id=asked.id,
    )
    after = totals.take_back(target.page.totals, target.bill.block)
    return Decided(Refunded(**fields, **caused(asked), totals=after))


def find(person: Person, asked: Asked, *, law: Law) -> Target | Refused:
    """Find what is to be refunded, or say why it can't be: unknown, not yours, done."""
    command = asked.command
    assert isinstance(command, Refund)
    if command.institution_id not in law.institutions:
        return refused(unknown_institution())
    bill = _named(person, asked, command=command)
    if bill is None:
        return refused(unknown_settlement(command))
    if not is_senders(bill, asked, institution_id=command.institution_id):
        return refused(not_yours(bill))
    if bill.is_refunded:
        return refused(already_refunded(bill, person))
    return Target(bill, person.page(bill.block.scheme, bill.block.year))


def not_yours(bill: Bill) -> Refusal:
    """Say that it is another's, and whose: a claim is its agency's to take back."""
    zh = "该笔结算不是本机构办理的，请到原结算机构退费。"
    if bill.claimed_by is not None:
        zh = "该笔结算是手工报销，请由办理报销的医保经办机构退费。"
    id_ = bill.block.settlement_id
    return Refusal(Code.NOT_YOUR_SETTLEMENT, zh, {"setl_id": id_})


def already_refunded(bill: Bill, person: Person) -> Refusal:
    """Say that it stands no more, and what stands in its place after gap refunds."""
    zh = "该笔结算已经退费，不能重复退费，请核对结算编号。"
    new = bill
    while new.is_refunded and new.replaced_by is not None:
        new = person.bills[new.replaced_by]
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


def _named(person: Person, asked: Asked, *, command: Refund) -> Bill | None:
    """Look a settlement up by its id, or by its sender's id, the sender's own first."""
    if command.settlement_id is not None:
        return person.bills.get(command.settlement_id)
    names = person.names.get(command.sender_settlement_id or "", ())
    ranked = sorted(names, key=lambda name: name.source != asked.source)
    for name in ranked:
        if name.settlement_id is not None:
            return person.bills.get(name.settlement_id)
    return None


def is_senders(bill: Bill, asked: Asked, *, institution_id: str) -> bool:
    """Tell whether the sender made the settlement; a claim is its agency's."""
    block = bill.block
    if block.institution_id != institution_id:
        return False
    if bill.claimed_by is not None:
        return bill.claimed_by == asked.source
    return not asked.agency


def out_of_turn(target: Target, *, law: Law) -> Refusal | None:
    """Refuse what later settlements stand on, or whose order its region left open."""
    block = target.bill.block
    pack = law.packs.find(block.insured_region, block.scheme)
    rules = None if pack is None else pack.on(block.service_day)
    if first_missing(rules, ("refund_scope",)) is not None:
        return policy_missing("refund_scope", block.service_day.isoformat())
    scope = SCHEME_YEAR if rules is None else rules.refund_scope or SCHEME_YEAR
    blocking = list(_blockers(target, scope=scope))
    return later_first(blocking) if blocking else None


def _blockers(target: Target, *, scope: str) -> Iterator[Standing]:
    """Give the later effective settlements that stand on it, newest first (A19)."""
    block = target.bill.block
    for standing in reversed(target.page.standing):
        if standing.settlement_id == block.settlement_id:
            return
        if standing.settlement_id and _in_scope(standing, target, scope=scope):
            yield standing


def _in_scope(standing: Standing, target: Target, *, scope: str) -> bool:
    block = target.bill.block
    if scope == INSTITUTION:
        return standing.institution_id == block.institution_id
    if scope == CARE_TYPE:
        care, theirs = block.care_type, standing.care_type
        return theirs == care or (theirs in ORDINARY and care in ORDINARY)
    return True


def later_first(blocking: list[Standing]) -> Refusal:
    """Say which settlements to refund first, in the order in which to do it."""
    listed = "、".join(standing.settlement_id for standing in blocking[:5])
    more = f"等{len(blocking)}笔" if len(blocking) > 5 else ""
    return Refusal(
        Code.LATER_SETTLEMENTS_FIRST,
        f"该笔结算之后还有未退费的结算，请按时间倒序先依次退费：{listed}{more}。",
        {
            "blocking": [
                {
                    "setl_id": standing.settlement_id,
                    "medins_setl_id": standing.sender_id,
                    "fixmedins_code": standing.institution_id,
                }
                for standing in blocking
            ]
        },
    )
