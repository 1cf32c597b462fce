"""The gate of art. 27: no outpatient benefit during a stay in hospital."""

from jiesuan_domain.gates.case import Case
from jiesuan_domain.refusals.of_bill import inpatient_stay
from jiesuan_domain.refusals.refusal import Refusal
from jiesuan_events.words.codes import INPATIENT


def outside_stay(case: Case) -> Refusal | None:
    """Refuse a line within [admission, discharge) (67号第二十七条, A22)."""
    if case.bill.care_type == INPATIENT:
        return None
    for stay in case.person.head.admissions:
        begin, end = stay.begin, stay.end
        if any(
            begin <= line.incurred_at and (end is None or line.incurred_at < end)
            for line in case.bill.lines
        ):
            return inpatient_stay(stay.visit_id)
    return None
