"""The amounts of one settlement: the rules composed, each step kept as it is taken.

The explanation is the computation: every amount is the sum of its steps.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from msgspec import Struct

from jiesuan_domain.benefit import chronic, inpatient, large_sum, ordinary, payers
from jiesuan_domain.benefit.chronic import left_of_limit, towards
from jiesuan_domain.policy.model import Rules
from jiesuan_events.words.codes import CHRONIC, INPATIENT, OF_A_DISEASE, TWO_DISEASES
from jiesuan_events.words.money import Fen, Rate, share
from jiesuan_ledger.parts.block import Step, Totals

_OPTIONAL: Final = ("large_sum_threshold", "employer_supplement_ratio")


class Visit(Struct, frozen=True, gc=False):
    """What the amounts of a settlement depend on, besides the year before it."""

    care_type: str
    tier: str
    is_retired: bool
    age: int
    disease: str | None
    filing_type: str | None
    reduction: Rate
    total: Fen
    in_scope: Fen
    account_used: bool
    balance: Fen | None


class Missing(Struct, frozen=True):
    """A parameter that the settlement needs and the region has no value for."""

    parameter: str


class Crossing(Struct, frozen=True):
    """A reimbursable part above 24万 while no large-sum ratio is configured; fen."""

    amount: Fen


class CareSteps(NamedTuple):
    """The steps that use up what is in scope, by the kind of care."""

    deductible: str
    limit: str
    pool: str
    person: str


ORDINARY_STEPS: Final = CareSteps(
    "outpatient-deductible", "", "outpatient-pool", "outpatient-person"
)
TWO_DISEASE_STEPS: Final = CareSteps(
    "", "two-disease-limit", "two-disease-pool", "two-disease-person"
)
CHRONIC_STEPS: Final = CareSteps("", "disease-limit", "chronic-pool", "chronic-person")
"""Chronic care has no deductible (67号第三条)."""
INPATIENT_STEPS: Final = CareSteps(
    "inpatient-deductible", "", "inpatient-pool", "inpatient-person"
)


class Share(Struct, frozen=True, gc=False):
    """How the in-scope amount divides before the funds pay; fen and a ratio."""

    deductible: Fen
    eligible: Fen
    over_cap: Fen
    ratio: Rate
    steps: CareSteps


class Pool(Struct, frozen=True, gc=False):
    """What the pool shares in and pays, and the large-sum above 24万; in fen.

    ``beyond_limit`` is what the pool does not pay because of a disease's yearly limit.
    """

    amount: Fen
    pay: Fen
    beyond_limit: Fen
    above: Fen
    large: Fen


class Amounts(Struct, frozen=True, gc=False):
    """Who pays what of the in-scope amount and of the bill; in fen."""

    deductible: Fen
    over_cap: Fen
    pool_pay: Fen
    large_sum_pay: Fen
    person_share: Fen
    supplement: Fen
    fund_total: Fen
    burden: Fen
    account: Fen
    cash: Fen
    pool_rate: Rate
    steps: tuple[Step, ...]


def _ordinary(visit: Visit, rules: Rules, *, before: Totals) -> Share | Missing:
    if rules.outpatient_deductible is None:
        return Missing("outpatient_deductible")
    if rules.outpatient_cap is None:
        return Missing("outpatient_cap")
    rate = ordinary.ratio(rules, visit.tier)
    if rate is None:
        return Missing("outpatient_ratio")
    used = ordinary.use_up(
        visit.in_scope,
        before.ordinary_in_scope,
        standard=rules.outpatient_deductible,
        cap=ordinary.cap_for(visit.age, rules.outpatient_cap),
    )
    return Share(used.deductible, used.eligible, used.over_cap, rate, ORDINARY_STEPS)


def _chronic(visit: Visit, rules: Rules) -> Share | Missing:
    rate = chronic.ratio(rules, visit.tier, is_retired=visit.is_retired)
    if rate is None:
        return Missing("chronic_ratio")
    return Share(0, visit.in_scope, 0, rate, CHRONIC_STEPS)


def _two_diseases(visit: Visit, rules: Rules) -> Share | Missing:
    rate = chronic.two_disease_ratio(rules, visit.tier)
    if rate is None:
        return Missing("two_disease_ratio")
    return Share(0, visit.in_scope, 0, rate, TWO_DISEASE_STEPS)


def _inpatient(visit: Visit, rules: Rules) -> Share | Missing:
    standard = inpatient.deductible(rules, visit.tier)
    if standard is None:
        return Missing("inpatient_deductible")
    rate = inpatient.ratio(
        rules, visit.tier, is_retired=visit.is_retired, reduction=visit.reduction
    )
    if rate is None:
        return Missing("inpatient_ratio")
    first = min(visit.in_scope, standard)
    return Share(first, visit.in_scope - first, 0, rate, INPATIENT_STEPS)


def shares(visit: Visit, rules: Rules, *, before: Totals) -> Share | Missing:
    """Divide the in-scope amount by the kind of care; name a missing parameter."""
    if visit.care_type == CHRONIC:
        return _chronic(visit, rules)
    if visit.care_type == INPATIENT:
        return _inpatient(visit, rules)
    if visit.care_type == TWO_DISEASES:
        return _two_diseases(visit, rules)
    return _ordinary(visit, rules, before=before)


def _optional(visit: Visit) -> tuple[str, ...]:
    """List what a region may go without, but not have on other days alone."""
    if visit.care_type == CHRONIC:
        return (*_OPTIONAL, "disease_limits")
    if visit.care_type == TWO_DISEASES:
        return (*_OPTIONAL, "two_disease_limits")
    return _OPTIONAL


def compute(
    visit: Visit, rules: Rules, *, before: Totals, paid_for_disease: Fen
) -> Amounts | Missing | Crossing:
    """Compute a settlement on the accumulators before it (67号第八、二十一、二十八条).

    Large-sum pays its ratio of the reimbursable part beyond 24万, the pool its ratio
    of the rest; rounding is half up to the fen, what remains is the person's (A31).
    """
    parts = shares(visit, rules, before=before)
    if isinstance(parts, Missing):
        return parts
    if rules.missing:
        for name in _optional(visit):
            if name in rules.missing:
                return Missing(name)
    above = _above(visit, rules, parts=parts, before=before)
    if above and rules.large_sum_ratio is None:
        return Crossing(above)
    pooled = parts.eligible - above
    pool_pay = share(pooled, parts.ratio)
    beyond_limit = 0
    if visit.care_type in OF_A_DISEASE:
        one = towards(visit.care_type, visit.disease)
        limit = left_of_limit(rules, one, paid=paid_for_disease)
        beyond_limit = 0 if limit is None else max(0, pool_pay - limit)
    large = share(above, rules.large_sum_ratio or 0) if above else 0
    return _paid(
        visit,
        rules,
        parts=parts,
        pool=Pool(pooled, pool_pay - beyond_limit, beyond_limit, above, large),
    )


def _above(visit: Visit, rules: Rules, *, parts: Share, before: Totals) -> Fen:
    """Return the reimbursable part that lies above the year's 24万."""
    threshold = rules.large_sum_threshold
    if threshold is None or before.total_in_scope + visit.in_scope <= threshold:
        return 0
    tail = large_sum.beyond(visit.in_scope, before.total_in_scope, threshold=threshold)
    return large_sum.eligible_beyond(parts.eligible, parts.over_cap, tail=tail)


def _steps(visit: Visit, parts: Share, *, pool: Pool) -> list[Step]:
    """List the steps that use the in-scope amount up, each that takes something."""
    steps: list[Step] = []
    in_scope, names = visit.in_scope, parts.steps
    if parts.deductible:
        steps.append(Step(names.deductible, in_scope, parts.deductible))
    if parts.over_cap:
        steps.append(Step("over-cap", in_scope - parts.deductible, parts.over_cap))
    if pool.amount:
        steps += _pool_steps(names, pool)
    if pool.above:
        left = pool.above - pool.large
        if pool.large:
            steps.append(Step("large-sum", pool.above, pool.large))
        if left:
            steps.append(Step("large-sum-person", pool.above, left))
    return steps


def _pool_steps(names: CareSteps, pool: Pool) -> Iterator[Step]:
    """List what becomes of the amount that the pool shares in."""
    amount, pay, beyond_limit = pool.amount, pool.pay, pool.beyond_limit
    person = amount - pay - beyond_limit
    if beyond_limit:
        yield Step(names.limit, pay + beyond_limit, beyond_limit)
    if pay:
        yield Step(names.pool, amount, pay)
    if person:
        yield Step(names.person, amount, person)


def _paid(visit: Visit, rules: Rules, *, parts: Share, pool: Pool) -> Amounts:
    over_cap = parts.over_cap + pool.beyond_limit
    person_share = parts.eligible - pool.pay - pool.beyond_limit - pool.large
    borne = parts.deductible + over_cap + person_share
    steps = _steps(visit, parts, pool=pool)
    supplement = 0
    if rules.employer_supplement_ratio is not None:
        supplement = payers.employer_supplement(borne, rules.employer_supplement_ratio)
    if supplement:
        steps.append(Step("employer-supplement", borne, supplement))
    fund_total = pool.pay + pool.large + supplement
    burden = visit.total - fund_total
    account = payers.account_pay(burden, visit.balance) if visit.account_used else 0
    return Amounts(
        parts.deductible,
        over_cap,
        pool.pay,
        pool.large,
        person_share,
        supplement,
        fund_total,
        burden,
        account,
        burden - account,
        parts.ratio if pool.amount else 0,
        tuple(steps),
    )
