"""冲正 2601: undo a message whose outcome its sender does not know.

Whatever it finds, the seen is barred from then on, so that a late original is refused
and a second compensation does no harm.
"""

from typing import Final, Literal

from jiesuan_domain.asked.asked import Asked, caused
from jiesuan_domain.in_force import InForce
from jiesuan_domain.outcome import Decided, Outcome, refused
from jiesuan_domain.person.identity import settlement_id
from jiesuan_domain.person.state import KeptSettlement, Person, SeenRequest
from jiesuan_domain.refusals.of_request import unknown_institution
from jiesuan_domain.refusals.of_undoing import not_compensable
from jiesuan_domain.requests.mirror import mirror_fields
from jiesuan_domain.requests.refund import out_of_turn, target_of
from jiesuan_events.requests import Compensate
from jiesuan_events.words.codes import COMPENSABLE
from jiesuan_ledger.accumulators import totals
from jiesuan_ledger.facts import Compensated, CompensatedByReversal

SETTLE: Final = "jiesuan.settle.v1"
CLAIM: Final = "jiesuan.claim.v1"


def decide_compensation(person: Person, asked: Asked, *, in_force: InForce) -> Outcome:
    """Decide a compensation: reversed, already reversed, or nothing to reverse."""
    command = asked.command
    assert isinstance(command, Compensate)
    if command.institution_id not in in_force.institutions:
        return refused(unknown_institution())
    seen = person.request(asked.source, command.compensated_message)
    itself = command.compensated_message == asked.id
    if itself or not _is_compensable(person, command, seen=seen):
        return refused(
            not_compensable(command.compensated_message, command.compensated_interface)
        )
    bill = None if seen is None or seen.settlement_id is None else _bill(person, seen)
    if bill is None:
        return _without_effect(asked, command, what="nothing-to-reverse")
    if bill.is_refunded:
        return _without_effect(asked, command, what="already-reversed")
    return _reverse(person, asked, bill=bill, in_force=in_force)


def _bill(person: Person, seen: SeenRequest) -> KeptSettlement | None:
    return person.settlements.get(seen.settlement_id or "")


def _is_compensable(
    person: Person, command: Compensate, *, seen: SeenRequest | None
) -> bool:
    """Whether 2601 reaches the message: a settlement, or nothing known."""
    if command.compensated_interface not in COMPENSABLE:
        return False
    if seen is not None:
        return seen.type in (SETTLE, "")
    return not any(
        _is_claim_here(person, other, institution_id=command.institution_id)
        for other in person.requests.get(command.compensated_message, ())
    )


def _is_claim_here(person: Person, seen: SeenRequest, *, institution_id: str) -> bool:
    if seen.type != CLAIM:
        return False
    bill = _bill(person, seen)
    return bill is not None and bill.block.institution_id == institution_id


def _without_effect(
    asked: Asked,
    command: Compensate,
    *,
    what: Literal["nothing-to-reverse", "already-reversed"],
) -> Outcome:
    return Decided(
        Compensated(
            **caused(asked),
            institution_id=command.institution_id,
            compensated_message=command.compensated_message,
            compensated_interface=command.compensated_interface,
            compensated=what,
        )
    )


def _reverse(
    person: Person, asked: Asked, *, bill: KeptSettlement, in_force: InForce
) -> Outcome:
    command = asked.command
    assert isinstance(command, Compensate)
    target = target_of(bill, person)
    waits = out_of_turn(person, target, in_force=in_force)
    if waits is not None:
        return refused(waits)
    fields = mirror_fields(
        bill.block,
        settlement_id=settlement_id(person.head, asked.content),
        sender_id=asked.id,
    )
    return Decided(
        CompensatedByReversal(
            **fields,
            **caused(asked),
            totals=totals.take_back(target.person_year.totals, bill.block),
            totals_region=target.totals_region(person),
            compensated_message=command.compensated_message,
            compensated_interface=command.compensated_interface,
            compensated="reversed",
        )
    )
