"""Settle a bill: the gates, the split, the amounts, and the fact that comes of it."""

from collections.abc import Callable
from typing import Any, Final

from jiesuan_domain import totals
from jiesuan_domain.asked import CHRONIC, CLAIM_PLACE, INPATIENT, Asked
from jiesuan_domain.benefit.amounts import Amounts, Crossing, Missing, Visit, compute
from jiesuan_domain.benefit.bill import SplitBill, split_bill
from jiesuan_domain.benefit.chronic import paid_towards
from jiesuan_domain.enrolment import CarePlace, filings_on
from jiesuan_domain.facts import Block, Claimed, PolicyRef, Settled, Totals
from jiesuan_domain.gates.case import Bill, Case, Reach, open_case
from jiesuan_domain.gates.lines import bill_faults, one_disease, one_year
from jiesuan_domain.gates.place import filed, listed, opened, prescribed
from jiesuan_domain.gates.qualification import qualified
from jiesuan_domain.gates.standing import (
    enrolled,
    form,
    known_institution,
    policy_in_force,
    policy_missing,
)
from jiesuan_domain.gates.stay import outside_stay
from jiesuan_domain.identity import settlement_id
from jiesuan_domain.law import Institution, Law
from jiesuan_domain.outcome import Decided, Outcome, Quoted, refused
from jiesuan_domain.policy.model import Rules
from jiesuan_domain.refusal import Code, Refusal
from jiesuan_domain.state import Enrolment, Page, Person
from jiesuan_events.instants import completed_years
from jiesuan_events.money import rate_text, yuan
from jiesuan_events.requests import Claim, Quote

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


def decide_bill(person: Person, asked: Asked, *, law: Law) -> Outcome:
    """Decide a settle, quote or claim: every gate is looked at, then the amounts."""
    case = open_case(person, asked, law=law)
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
    page = case.person.page(case.bill.scheme, str(case.day.year))
    visit = _visit(case, split, rules=case.rules, enrolment=case.enrolment)
    amounts = compute(
        visit,
        case.rules,
        before=page.totals,
        paid_for_disease=paid_for(page, visit.disease, rules=case.rules),
    )
    if not isinstance(amounts, Amounts):
        return refused(uncomputable(amounts, case.day.isoformat()))
    return _outcome(case, split, visit=visit, amounts=amounts, page=page)


def uncomputable(why: Missing | Crossing, on: str) -> Refusal:
    """Say which configuration an amount waits for."""
    if isinstance(why, Missing):
        return policy_missing(why.parameter, on)
    return Refusal(
        Code.LARGE_SUM_RATIO_NOT_CONFIGURED,
        f"年度累计超过大额起付额的{yuan(why.amount)}元应由大额医疗保险支付，"
        "但参保地尚未配置支付比例，请联系参保地经办机构配置后重试。",
        {"crossing_fen": why.amount},
    )


def paid_for(page: Page, disease: str | None, *, rules: Rules) -> int:
    """Add up what the pool has paid for a disease this year, in fen."""
    if rules.disease_limits is None or disease is None:
        return 0
    chronic = [one for one in page.standing if one.care_type == CHRONIC]
    paid = ((one.disease, one.pool_pay) for one in chronic)
    return paid_towards(paid, disease, rules=rules)


def _visit(
    case: Case, split: SplitBill, *, rules: Rules, enrolment: Enrolment
) -> Visit:
    bill, institution = case.bill, case.institution
    assert institution is not None
    return Visit(
        care_type=bill.care_type,
        tier=institution.tier,
        is_retired=enrolment.is_retired,
        age=completed_years(enrolment.birth, case.day),
        disease=bill.disease,
        reduction=reduction(rules, filing_type(case, rules), region=bill.care_region),
        total=split.total,
        in_scope=split.in_scope,
        account_used=bill.account_used == "1",
        balance=bill.account_balance,
    )


def filing_type(case: Case, rules: Rules) -> str | None:
    """Give the filing under which inpatient care away from home takes place.

    Of several in force the one that began last, as a changed one replaces the former;
    care that never was filed is claimed as other temporary care (118号三(二)、四(三)).
    """
    if case.bill.care_type != INPATIENT or case.reach in (None, Reach.LOCAL):
        return None
    covering = filings_on(
        case.person.head,
        case.bill.scheme,
        place=CarePlace(case.bill.care_region, case.bill.institution_id),
        rules=rules,
        on=case.day,
    )
    in_order = sorted(covering, key=lambda filing: filing.begin)
    return in_order[-1].type if in_order else "other-temporary"


def reduction(rules: Rules, filing: str | None, *, region: str) -> int:
    """Give the points that a filing takes off the inpatient ratio (118号三(二))."""
    table = rules.filing_inpatient_reduction
    if table is None or filing is None:
        return 0
    return rules.inpatient_reduction(filing, region)


def _outcome(
    case: Case, split: SplitBill, *, visit: Visit, amounts: Amounts, page: Page
) -> Outcome:
    asked, bill = case.asked, case.bill
    quoted = type(bill) is Quote
    fields = block_fields(case, split, visit=visit, amounts=amounts)
    fields["settlement_id"] = (
        "" if quoted else settlement_id(case.person.head, asked.content)
    )
    if quoted:
        block = Block(**fields)
        return Quoted(block, totals.add(page.totals, block))
    after = after_settling(page.totals, visit, amounts=amounts)
    fields.update(
        person_id=asked.person_id,
        request_source=asked.source,
        request_id=asked.id,
        request_time=asked.time,
        content=asked.content,
        totals=after,
        invoice=bill.invoice,
    )
    if type(bill) is Claim:
        return Decided(Claimed(claim_reason=bill.claim_reason, **fields))
    return Decided(Settled(**fields))


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


def block_fields(
    case: Case, split: SplitBill, *, visit: Visit, amounts: Amounts
) -> dict[str, Any]:
    """Gather the fields of the settlement's block, under our words."""
    bill, rules = case.bill, case.rules
    institution, enrolment = case.institution, case.enrolment
    assert rules is not None
    assert institution is not None
    assert enrolment is not None
    return {
        **_who_and_where(case, bill, institution=institution, enrolment=enrolment),
        "policy": PolicyRef(rules.pack, rules.sha256),
        "age": visit.age,
        "filing_type": filing_type(case, rules),
        "account_balance": bill.account_balance if visit.account_used else None,
        "total_charge": split.total,
        "excluded": split.excluded,
        "over_limit": split.over_limit,
        "upfront_copay": split.upfront_copay,
        "in_scope": split.in_scope,
        "lines": split.lines,
        **amount_fields(amounts),
        "steps": split.steps + amounts.steps,
    }


def amount_fields(amounts: Amounts) -> dict[str, Any]:
    """Give the fields of a block that the accumulators decide."""
    return {
        "pool_rate": rate_text(amounts.pool_rate),
        "deductible_applied": amounts.deductible,
        "over_cap": amounts.over_cap,
        "pool_pay": amounts.pool_pay,
        "large_sum_pay": amounts.large_sum_pay,
        "person_share": amounts.person_share,
        "employer_supplement_pay": amounts.supplement,
        "fund_pay_total": amounts.fund_total,
        "person_burden": amounts.burden,
        "account_pay": amounts.account,
        "cash_pay": amounts.cash,
    }


def _who_and_where(
    case: Case, bill: Bill, *, institution: Institution, enrolment: Enrolment
) -> dict[str, Any]:
    place = CLAIM_PLACE
    if not case.is_claim:
        assert case.reach is not None
        place = case.reach.value
    return {
        "sender_settlement_id": case.asked.id,
        "visit_id": bill.visit_id,
        "year": str(case.day.year),
        "scheme": bill.scheme,
        "person_category": enrolment.category,
        "care_type": bill.care_type,
        "clearing_category": bill.care_type,
        "payment_place": place,
        "institution_level": institution.level,
        "tier": institution.tier,
        "disease": bill.disease,
        "institution_id": bill.institution_id,
        "care_region": bill.care_region,
        "insured_region": bill.insured_region,
        "service_day": case.day,
    }
