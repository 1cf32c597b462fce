"""Settle a bill: the gates, the split, the amounts, and the fact that comes of it."""

from collections.abc import Callable
from datetime import date
from operator import attrgetter
from typing import Any, Final

from jiesuan_domain.asked.asked import Asked, caused
from jiesuan_domain.asked.commands import ClaimBill, QuoteBill
from jiesuan_domain.benefit.amounts import Amounts, Crossing, Missing, Visit, compute
from jiesuan_domain.benefit.chronic import paid_towards
from jiesuan_domain.benefit.lines.bill import SplitBill, split_bill
from jiesuan_domain.gates.care_place import filed, listed, opened, prescribed
from jiesuan_domain.gates.case import NOT_AWAY, Case, open_case
from jiesuan_domain.gates.insured import (
    enrolled,
    form,
    known_institution,
    policy_in_force,
)
from jiesuan_domain.gates.lines import bill_faults, one_disease, one_year
from jiesuan_domain.gates.qualification import qualified
from jiesuan_domain.gates.stay import outside_stay
from jiesuan_domain.in_force import InForce
from jiesuan_domain.outcome import Decided, Outcome, Quoted, refused
from jiesuan_domain.person import totals
from jiesuan_domain.person.enrolment import CarePlace, filings_on
from jiesuan_domain.person.identity import settlement_id
from jiesuan_domain.person.state import Enrolment, Person, PersonYear
from jiesuan_domain.policy.model import Rules
from jiesuan_domain.refusals.of_bill import large_sum_ratio_not_configured
from jiesuan_domain.refusals.of_person import policy_not_in_force
from jiesuan_domain.refusals.refusal import Refusal
from jiesuan_events.words.codes import CHRONIC, CLAIM_PLACE, INPATIENT, OTHER_TEMPORARY
from jiesuan_events.words.instants import completed_years
from jiesuan_events.words.money import rate_text
from jiesuan_ledger.facts import Block, Claimed, PolicyRef, Settled, Totals

Gate = Callable[[Case], Refusal | None]

GATES: Final[tuple[Gate, ...]] = (
    known_institution,
    enrolled,
    policy_in_force,
    one_year,
    one_disease,
    outside_stay,
    qualified,
)
PLACE_GATES: Final[tuple[Gate, ...]] = (filed, listed, opened, prescribed)
ALL_GATES: Final = GATES + PLACE_GATES


def decide_bill(person: Person, asked: Asked, *, in_force: InForce) -> Outcome:
    """Decide a settle, quote or claim: every gate is looked at, then the amounts."""
    case = open_case(person, asked, in_force=in_force)
    misformed = form(case)
    if misformed:
        return refused(*misformed)
    gates = GATES if case.is_claim else ALL_GATES
    refusals = [no for gate in gates if (no := gate(case)) is not None]
    rules = case.rules
    split = split_bill(
        case.bill.lines,
        case.bill.total_charge,
        class_b=None if rules is None else rules.class_b_selfpay_prop,
    )
    if isinstance(split, list):
        refusals += bill_faults(case, split)
    if refusals or isinstance(split, list):
        return refused(*refusals)
    return _settle(case, split)


def _settle(case: Case, split: SplitBill) -> Outcome:
    assert case.rules is not None
    assert case.enrolment is not None
    assert case.institution is not None
    person_year = case.person.year_of(case.bill.scheme, case.year)
    visit = _visit(case, split, rules=case.rules, enrolment=case.enrolment)
    amounts = compute(
        visit,
        case.rules,
        before=person_year.totals,
        paid_for_disease=0
        if case.rules.disease_limits is None
        else paid_for(person_year, visit.disease, rules=case.rules),
    )
    if not isinstance(amounts, Amounts):
        return refused(uncomputable(amounts, case.day))
    return _outcome(case, split, visit=visit, amounts=amounts, person_year=person_year)


def uncomputable(why: Missing | Crossing, on: date) -> Refusal:
    """Say which configuration an amount waits for."""
    if isinstance(why, Missing):
        return policy_not_in_force(why.parameter, on)
    return large_sum_ratio_not_configured(why.amount)


def paid_for(person_year: PersonYear, disease: str | None, *, rules: Rules) -> int:
    """Add up what the pool has paid for a disease this year, in fen."""
    if disease is None:
        return 0
    chronic = [one for one in person_year.effective if one.care_type == CHRONIC]
    paid = ((one.disease, one.pool_pay) for one in chronic)
    return paid_towards(paid, disease, rules=rules)


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
    """Give the filing under which inpatient care away from home takes place.

    Of several in force the one that began last, as a changed one replaces the former;
    care that never was filed is claimed as other temporary care (118号三(二)、四(三)).
    """
    if case.reach in NOT_AWAY:
        return None
    covering = filings_on(
        case.person.head,
        case.bill.scheme,
        place=CarePlace(case.bill.care_region, case.bill.institution_id),
        rules=rules,
        on=case.day,
    )
    in_order = sorted(covering, key=lambda filing: filing.begin)
    return in_order[-1].type if in_order else OTHER_TEMPORARY


def reduction(rules: Rules, filing: str | None, *, region: str) -> int:
    """Give the points that a filing takes off the inpatient ratio (118号三(二))."""
    table = rules.filing_inpatient_reduction
    if table is None or filing is None:
        return 0
    return rules.inpatient_reduction(filing, region)


def _outcome(
    case: Case,
    split: SplitBill,
    *,
    visit: Visit,
    amounts: Amounts,
    person_year: PersonYear,
) -> Outcome:
    asked, bill = case.asked, case.bill
    if type(bill) is QuoteBill:
        block = Block("", *_values(case, split, visit=visit, amounts=amounts))
        return Quoted(block, totals.add(person_year.totals, block))
    after = after_settling(person_year.totals, visit, amounts=amounts)
    values = (
        settlement_id(case.person.head, asked.content),
        *_values(case, split, visit=visit, amounts=amounts),
    )
    if type(bill) is ClaimBill:
        reason, said = bill.claim_reason, caused(asked)
        return Decided(
            Claimed(
                *values, claim_reason=reason, totals=after, invoice=bill.invoice, **said
            )
        )
    return Decided(
        Settled(
            *values,
            person_id=asked.person_id,
            request_source=asked.source,
            request_id=asked.id,
            request_time=asked.time,
            content=asked.content,
            totals=after,
            invoice=bill.invoice,
        )
    )


def after_settling(before: Totals, visit: Visit, *, amounts: Amounts) -> Totals:
    """Give the accumulators after a settlement on those before it."""
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


def _values(
    case: Case, split: SplitBill, *, visit: Visit, amounts: Amounts
) -> tuple[Any, ...]:
    """Give the values of a block in the order of its fields, after its id."""
    bill, rules, enrolment = case.bill, case.rules, case.enrolment
    institution = case.institution
    assert rules is not None
    assert institution is not None
    assert enrolment is not None
    return (
        case.asked.id,
        bill.visit_id,
        case.year,
        bill.scheme,
        enrolment.category,
        bill.care_type,
        bill.care_type,
        _place(case),
        institution.level,
        institution.tier,
        bill.institution_id,
        bill.care_region,
        bill.insured_region,
        case.day,
        PolicyRef(rules.pack, rules.sha256),
        rate_text(amounts.pool_rate),
        visit.age,
        split.lines,
        split.steps + amounts.steps,
        bill.disease,
        visit.filing_type,
        bill.account_balance if visit.account_used else None,
        split.total,
        split.excluded,
        split.over_limit,
        split.upfront_copay,
        split.in_scope,
        *_decided(amounts),
    )


_AMOUNTS: Final = {
    "deductible_applied": "deductible",
    "over_cap": "over_cap",
    "pool_pay": "pool_pay",
    "large_sum_pay": "large_sum_pay",
    "person_share": "person_share",
    "employer_supplement_pay": "supplement",
    "fund_pay_total": "fund_total",
    "person_burden": "burden",
    "account_pay": "account",
    "cash_pay": "cash",
}
"""The amounts of a block that the accumulators decide, in its order."""
_decided: Final = attrgetter(*_AMOUNTS.values())


def amount_fields(amounts: Amounts) -> dict[str, Any]:
    """Give the fields of a block that the accumulators decide."""
    fields: dict[str, Any] = dict(zip(_AMOUNTS, _decided(amounts), strict=True))
    fields["pool_rate"] = rate_text(amounts.pool_rate)
    return fields


def _place(case: Case) -> str:
    """Say where the payment took place: at the agency, or how far from home."""
    if case.is_claim:
        return CLAIM_PLACE
    assert case.reach is not None
    return case.reach.value
