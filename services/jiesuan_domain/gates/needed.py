"""Which parameters a decision rests on: one with no value on the day is named.

A region that never configured an optional parameter is without it. One that did, for
other days, has left this day open: that is asked for, never taken for "without".
"""

from collections.abc import Iterable, Iterator
from typing import Final

from jiesuan_domain.gates.case import NOT_AWAY, Case, Reach
from jiesuan_domain.policy.model import Rules
from jiesuan_events.words.codes import CHRONIC, EMERGENCY, INPATIENT, TWO_DISEASES

OF_CHRONIC_CARE: Final = (
    "reverification_years",
    "interruption_years",
    "disease_items",
    "local_disease_codes",
)
OF_LINES: Final = ("disease_items", "local_disease_codes")
"""What says which disease a line belongs to."""
OF_FILINGS: Final = ("temporary_filing_months", "stay_extends_filing")
OF_REDUCTIONS: Final = ("filing_inpatient_reduction", "reduction_exempt_regions")


def first_missing(rules: Rules | None, names: Iterable[str]) -> str | None:
    """Return the first of some parameters that has values, but none on this day."""
    if rules is None or not rules.missing:
        return None
    return next((name for name in names if name in rules.missing), None)


def of_gates(case: Case) -> Iterator[str]:
    """List the parameters that the gates of a bill look at where they have any."""
    care = case.bill.care_type
    if care == CHRONIC:
        yield from OF_CHRONIC_CARE
    if care == TWO_DISEASES:
        yield from OF_LINES
    if care == INPATIENT:
        yield "local_area"
    elif care != EMERGENCY:
        yield "designation_required"
    if case.reach in NOT_AWAY:
        return
    if care == INPATIENT:
        yield from OF_REDUCTIONS
    if care == INPATIENT or not (case.is_claim or care == EMERGENCY):
        yield from OF_FILINGS
    if care == CHRONIC and case.reach is Reach.CROSS_PROVINCE and not case.is_claim:
        yield "cross_province_diseases"
