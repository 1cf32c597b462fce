"""The rules of a computation: one row for each step of the law.

A row says which amount a rule feeds and what it rests on; all else derives from it:
the check that a block is the sum of its steps, the article of a step, what its
sentence may say. Every reader of a fact uses this one check, so that they agree on
what is a fork.
"""

from collections.abc import Iterable
from enum import Enum
from typing import Any, Final, NamedTuple, Protocol

EXPLAINED: Final = (
    "excluded",
    "over_limit",
    "upfront_copay",
    "deductible_applied",
    "over_cap",
    "pool_pay",
    "large_sum_pay",
    "person_share",
    "employer_supplement_pay",
    "catastrophic_pay",
    "civil_servant_pay",
    "medical_aid_pay",
    "disabled_pay",
    "other_pay",
)
"""The amounts that are sums of steps; all others follow from these by addition."""


class Depends(Enum):
    """What the value of a rule's parameter depends on, where its sentence says it."""

    DAY = "the day alone: an amount, or a text of the law"
    AGE = "the person's age"
    TIER = "the institution's tier"
    DISEASE = "the disease"
    RATIO = "tier, group and filing: the pool's ratio as the block keeps it"
    UNSAID = "it is a ratio where amounts are said, and a line may bring its own"


class Rule(NamedTuple):
    """A step of the law: the amount it feeds, and the parameter it is cited for.

    ``payer`` is the ratio of a payer after the pool, ``also`` a parameter that is
    cited besides where it had a part.
    """

    feeds: str
    cites: str
    value: Depends = Depends.DAY
    payer: str | None = None
    also: str | None = None


RULES: Final[dict[str, Rule]] = {
    "care-place-excluded": Rule("excluded", "care_place_rule"),
    "care-place-over-limit": Rule("over_limit", "care_place_rule"),
    "care-place-upfront": Rule("upfront_copay", "care_place_rule"),
    "catalogue-excluded": Rule("excluded", "scope_rule"),
    "price-limit": Rule("over_limit", "price_limit_rule"),
    "class-b-upfront": Rule("upfront_copay", "class_b_selfpay_prop", Depends.UNSAID),
    "outpatient-deductible": Rule("deductible_applied", "outpatient_deductible"),
    "inpatient-deductible": Rule(
        "deductible_applied", "inpatient_deductible", Depends.TIER
    ),
    "over-cap": Rule("over_cap", "outpatient_cap", Depends.AGE),
    "disease-limit": Rule("over_cap", "disease_limits", Depends.DISEASE),
    "two-disease-limit": Rule("over_cap", "two_disease_limits", Depends.DISEASE),
    "outpatient-pool": Rule("pool_pay", "outpatient_ratio", Depends.RATIO),
    "chronic-pool": Rule("pool_pay", "chronic_ratio", Depends.RATIO),
    "two-disease-pool": Rule("pool_pay", "two_disease_ratio", Depends.RATIO),
    "inpatient-pool": Rule(
        "pool_pay", "inpatient_ratio", Depends.RATIO, also="filing_inpatient_reduction"
    ),
    "outpatient-person": Rule("person_share", "account_rule"),
    "chronic-person": Rule("person_share", "account_rule"),
    "two-disease-person": Rule("person_share", "account_rule"),
    "inpatient-person": Rule("person_share", "account_rule"),
    "large-sum": Rule(
        "large_sum_pay",
        "large_sum_threshold",
        payer="large_sum_ratio",
        also="large_sum_ratio",
    ),
    "large-sum-person": Rule("person_share", "account_rule"),
    "employer-supplement": Rule(
        "employer_supplement_pay",
        "employer_supplement_ratio",
        Depends.UNSAID,
        payer="employer_supplement_ratio",
    ),
}
"""A rule that is not here is no rule."""

BY_CARE_PLACE: Final = frozenset(
    name for name, rule in RULES.items() if rule.cites == "care_place_rule"
)
"""The steps of a split that the care place made."""

_PLACE: Final = {name: EXPLAINED.index(rule.feeds) for name, rule in RULES.items()}


class Taken(Protocol):
    """A step of a computation: by which rule it feeds how much, in fen."""

    @property
    def rule(self) -> str:
        """Return the name of the rule."""

    @property
    def amount_out(self) -> int:
        """What the step feeds."""


def is_computed(block: Any, steps: Iterable[Taken]) -> bool:
    """Whether every explained amount of a block is the sum of its steps.

    Every block that is made or read passes here: the amounts are written out, in the
    order of `EXPLAINED`, at half the price of `attrgetter` (`python -m tools.shapes`).
    """
    left = [
        block.excluded,
        block.over_limit,
        block.upfront_copay,
        block.deductible_applied,
        block.over_cap,
        block.pool_pay,
        block.large_sum_pay,
        block.person_share,
        block.employer_supplement_pay,
        block.catastrophic_pay,
        block.civil_servant_pay,
        block.medical_aid_pay,
        block.disabled_pay,
        block.other_pay,
    ]
    try:
        for step in steps:
            left[_PLACE[step.rule]] -= step.amount_out
    except KeyError:
        return False
    return not any(left)
