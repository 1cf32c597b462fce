"""Which rule feeds which amount: a stored computation is checked against its block.

Every reader of a fact uses this one check, so that they agree on what is a fork.
"""

from collections.abc import Iterable
from operator import attrgetter
from typing import Final, Protocol

FEEDS: Final[dict[str, str]] = {
    "care-place-excluded": "excluded",
    "care-place-over-limit": "over_limit",
    "care-place-upfront": "upfront_copay",
    "catalogue-excluded": "excluded",
    "price-limit": "over_limit",
    "class-b-upfront": "upfront_copay",
    "outpatient-deductible": "deductible_applied",
    "inpatient-deductible": "deductible_applied",
    "over-cap": "over_cap",
    "disease-limit": "over_cap",
    "outpatient-pool": "pool_pay",
    "chronic-pool": "pool_pay",
    "inpatient-pool": "pool_pay",
    "outpatient-person": "person_share",
    "chronic-person": "person_share",
    "inpatient-person": "person_share",
    "large-sum": "large_sum_pay",
    "large-sum-person": "person_share",
    "employer-supplement": "employer_supplement_pay",
}
"""The amount that each rule feeds; a rule that is not here is no rule."""
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

_AMOUNTS: Final = attrgetter(*EXPLAINED)
_PLACE: Final = {rule: EXPLAINED.index(word) for rule, word in FEEDS.items()}


class Taken(Protocol):
    """A step of a computation: by which rule it feeds how much, in fen."""

    @property
    def rule(self) -> str:
        """Name the rule."""

    @property
    def amount_out(self) -> int:
        """Give what the step feeds."""


def is_computed(block: object, steps: Iterable[Taken]) -> bool:
    """Tell whether every explained amount of a block is the sum of its steps."""
    left = list(_AMOUNTS(block))
    try:
        for step in steps:
            left[_PLACE[step.rule]] -= step.amount_out
    except KeyError:
        return False
    return not any(left)
