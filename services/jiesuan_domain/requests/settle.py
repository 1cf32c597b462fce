"""Settle a bill: the gates, the split, the amounts, and the fact that comes of it."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from jiesuan_domain.asked.asked import Asked, caused
from jiesuan_domain.asked.commands import ClaimBill, QuoteBill, time_text
from jiesuan_domain.benefit.amounts import Amounts, Crossing, Missing, Visit, compute
from jiesuan_domain.benefit.block import block_values
from jiesuan_domain.benefit.chronic import limited_as, paid_towards, towards
from jiesuan_domain.benefit.lines.bill import BillFault, SplitBill, split_bill
from jiesuan_domain.benefit.lines.supplies import supplies
from jiesuan_domain.checks.beforehand import warnings
from jiesuan_domain.checks.rules import Checks
from jiesuan_domain.gates.care_place import (
    covering,
    designated,
    filed,
    opened,
    prescribed,
)
from jiesuan_domain.gates.case import NOT_AWAY, Case, open_case
from jiesuan_domain.gates.insured import (
    enrolled,
    form,
    known_institution,
    policy_in_force,
)
from jiesuan_domain.gates.lines import bill_faults, one_disease, one_year
from jiesuan_domain.gates.qualification import listed, one_of_the_two, qualified
from jiesuan_domain.gates.visit import no_third_party, outside_stay, settled_once
from jiesuan_domain.in_force import InForce
from jiesuan_domain.outcome import Decided, Outcome, Quoted, Refused, refused
from jiesuan_domain.person.identity import settlement_id
from jiesuan_domain.person.state import (
    Enrolment,
    Filing,
    Person,
    PersonYear,
    totals_region,
)
from jiesuan_domain.policy.model import Rules
from jiesuan_domain.refusals.of_bill import large_sum_ratio_not_configured
from jiesuan_domain.refusals.of_person import policy_not_in_force
from jiesuan_domain.refusals.refusal import Refusal
from jiesuan_events.words.codes import (
    INPATIENT,
    OF_A_DISEASE,
    OTHER_TEMPORARY,
    RefusalCode,
)
from jiesuan_events.words.instants import completed_years
from jiesuan_ledger.accumulators import totals
from jiesuan_ledger.facts import Claimed, Settled
from jiesuan_ledger.parts.block import Block, Totals

Gate = Callable[[Case], Refusal | None]

GATES: Final[tuple[Gate, ...]] = (
    known_institution,
    enrolled,
    policy_in_force,
    one_year,
    one_disease,
    no_third_party,
    outside_stay,
    qualified,
    listed,
    one_of_the_two,
    designated,
    settled_once,
)
PLACE_GATES: Final[tuple[Gate, ...]] = (filed, opened, prescribed)
ALL_GATES: Final = GATES + PLACE_GATES


class Priced(NamedTuple):
    """A bill that passed every gate, with what its amounts depend on."""

    case: Case
    split: SplitBill
    visit: Visit
    person_year: PersonYear


def decide_bills(
    bills: Sequence[tuple[Person, Asked]], *, in_force: InForce
) -> list[Outcome]:
    """Decide settles, quotes and claims, each of another person.

    Each step is taken for all bills before the next one is: a step fits into the
    processor's nearest caches, the whole law does not, and a bill among 400 costs
    half of one by itself (`jiesuan bench --only law`).
    """
    cases = [open_case(person, asked, in_force=in_force) for person, asked in bills]
    splits = [_split(case) for case in cases]
    looked = [_priced(case, split) for case, split in zip(cases, splits, strict=True)]
    passed = [one for one in looked if isinstance(one, Priced)]
    settled = iter(_settle(passed, checks=in_force.checks))
    return [one if isinstance(one, Refused) else next(settled) for one in looked]


def _split(case: Case) -> SplitBill | list[BillFault]:
    rules = case.rules
    return split_bill(
        case.bill.lines,
        case.bill.total_charge,
        class_b=None if rules is None else rules.class_b_selfpay_prop,
    )


def _refused(case: Case, split: SplitBill | list[BillFault]) -> Refused | None:
    """Look at every gate; None if the bill passes them all."""
    misformed = form(case)
    if misformed:
        return refused(*misformed)
    gates = GATES if case.is_claim else ALL_GATES
    found = [no for gate in gates if (no := gate(case)) is not None]
    if isinstance(split, list):
        found += bill_faults(case, split)
    return refused(*_no_policy_once(found)) if found else None


def _no_policy_once(refusals: list[Refusal]) -> list[Refusal]:
    """Leave out what a day without any policy lacks besides: it has one sentence."""
    code = RefusalCode.POLICY_NOT_IN_FORCE
    none = [
        one for one in refusals if one.code is code and not one.details["parameter"]
    ]
    if not none:
        return refusals
    return none[:1] + [one for one in refusals if one.code is not code]


def _priced(case: Case, split: SplitBill | list[BillFault]) -> Priced | Refused:
    """Return what the amounts of a bill depend on, once every gate has been passed."""
    no = _refused(case, split)
    if no is not None:
        return no
    assert not isinstance(split, list)
    assert case.rules is not None
    assert case.enrolment is not None
    visit = _visit(case, split, rules=case.rules, enrolment=case.enrolment)
    return Priced(case, split, visit, case.person.year_of(case.pool))


def _settle(bills: list[Priced], *, checks: Checks) -> list[Outcome]:
    """Return what bills that passed the gates come to, step by step over all."""
    amounts = [_amounts(bill) for bill in bills]
    values = [
        () if isinstance(one, Refused) else _block_values(bill, one)
        for bill, one in zip(bills, amounts, strict=True)
    ]
    return [
        one
        if isinstance(one, Refused)
        else _outcome(bill, one, values=block, checks=checks)
        for bill, one, block in zip(bills, amounts, values, strict=True)
    ]


def _amounts(bill: Priced) -> Amounts | Refused:
    case, _, visit, person_year = bill
    assert case.rules is not None
    amounts = compute(
        visit,
        case.rules,
        before=person_year.totals,
        paid_for_disease=paid_for(case, visit, rules=case.rules)
        if visit.care_type in OF_A_DISEASE
        else 0,
    )
    if isinstance(amounts, Amounts):
        return amounts
    return refused(uncomputable(amounts, case.day))


def uncomputable(why: Missing | Crossing, on: date) -> Refusal:
    """Say which configuration an amount waits for."""
    if isinstance(why, Missing):
        return policy_not_in_force(why.parameter, on)
    return large_sum_ratio_not_configured(why.amount)


def paid_for(case: Case, visit: Visit, *, rules: Rules) -> int:
    """Add up what the pool has paid for a disease this year, in fen.

    Where the region limits nothing, nothing is added up.
    """
    one = towards(visit.care_type, visit.disease)
    if limited_as(rules, one) is None:
        return 0
    paid = (
        (towards(other.care_type, other.disease), other.pool_pay)
        for other in case.person.standing(case.pool)
        if other.care_type == visit.care_type
    )
    return paid_towards(paid, one, rules=rules)


def _visit(
    case: Case, split: SplitBill, *, rules: Rules, enrolment: Enrolment
) -> Visit:
    bill, institution = case.bill, case.institution
    assert institution is not None
    filing = filing_type(case, rules) if bill.care_type == INPATIENT else None
    return Visit(
        bill.care_type,
        institution.tier,
        enrolment.is_retired,
        completed_years(enrolment.birth, case.day),
        bill.disease,
        filing,
        0 if filing is None else reduction(rules, filing, region=bill.care_region),
        split.total,
        split.in_scope,
        bill.account_used == "1",
        bill.account_balance,
    )


def filing_type(case: Case, rules: Rules) -> str | None:
    """Return the filing under which inpatient care away from home takes place.

    Of several that count the one that lowers the ratio least, of those the latest
    begun, then the latest entered; care that never was filed is claimed as other
    temporary care (118号三(二)、四(三)).
    """
    if case.reach in NOT_AWAY:
        return None
    found = covering(case, rules)
    if not found:
        return OTHER_TEMPORARY
    region = case.bill.care_region

    def in_order(one: Filing) -> tuple[int, date]:
        return -reduction(rules, one.type, region=region), one.begin

    return sorted(found, key=in_order)[-1].type


def reduction(rules: Rules, filing: str | None, *, region: str) -> int:
    """Return the points that a filing takes off the inpatient ratio (118号三(二))."""
    table = rules.filing_inpatient_reduction
    if table is None or filing is None:
        return 0
    return rules.inpatient_reduction(filing, region)


def _block_values(bill: Priced, amounts: Amounts) -> tuple[Any, ...]:
    case = bill.case
    is_quote = type(case.bill) is QuoteBill
    id_ = "" if is_quote else settlement_id(case.person.head, case.asked.content)
    return block_values(id_, case, split=bill.split, visit=bill.visit, amounts=amounts)


def _outcome(
    priced: Priced, amounts: Amounts, *, values: tuple[Any, ...], checks: Checks
) -> Outcome:
    case, _, visit, person_year = priced
    bill = case.bill
    if type(bill) is QuoteBill:
        block = Block(*values)
        after = totals.add(person_year.totals, block)
        return Quoted(block, after, warnings(case, block, checks=checks))
    after = after_settling(person_year.totals, visit, amounts=amounts)
    region = totals_region(case.person.head, case.pool)
    if type(bill) is ClaimBill:
        return Decided(_claimed(case, bill, values=values, after=after, region=region))
    return Decided(_settled(case, values=values, after=after, region=region))


def _settled(
    case: Case, *, values: tuple[Any, ...], after: Totals, region: str | None
) -> Settled:
    asked, bill = case.asked, case.bill
    return Settled(
        *values,
        person_id=asked.person_id,
        request_source=asked.source,
        request_id=asked.id,
        request_time=asked.time,
        content=asked.content,
        totals=after,
        totals_region=region,
        invoice=bill.invoice,
        incurred_at=time_text(case.last_at),
        incurred_from=_from(case),
        prescription_id=bill.prescription_id,
        prescribing_institution=bill.prescribing_institution,
        supplies=supplies(bill),
    )


def _claimed(
    case: Case,
    bill: ClaimBill,
    *,
    values: tuple[Any, ...],
    after: Totals,
    region: str | None,
) -> Claimed:
    return Claimed(
        *values,
        claim_reason=bill.claim_reason,
        totals=after,
        totals_region=region,
        invoice=bill.invoice,
        incurred_at=time_text(case.last_at),
        incurred_from=_from(case),
        prescription_id=bill.prescription_id,
        prescribing_institution=bill.prescribing_institution,
        supplies=supplies(bill),
        **caused(case.asked),
    )


def _from(case: Case) -> str | None:
    """Write when the earliest line arose, if not with the latest."""
    first = case.first_at
    return None if first is case.last_at else time_text(first)


def after_settling(before: Totals, visit: Visit, *, amounts: Amounts) -> Totals:
    """Return the accumulators after a settlement on those before it."""
    return totals.advance(
        before,
        visit.care_type,
        in_scope=visit.in_scope,
        amounts=(
            amounts.deductible,
            amounts.over_cap,
            amounts.pool_pay,
            amounts.large_sum_pay,
            amounts.burden,
        ),
    )
