"""The gate of art. 27: no outpatient benefit during a stay in hospital."""

from jiesuan_domain.asked.asked import INPATIENT
from jiesuan_domain.gates.case import Case
from jiesuan_domain.refusals import Code, Refusal


def outside_stay(case: Case) -> Refusal | None:
    """Refuse a line within [admission, discharge) (67号第二十七条, A22)."""
    if case.bill.care_type == INPATIENT:
        return None
    for stay in case.person.head.admissions:
        if any(
            stay.begin <= line.incurred_at
            and (stay.end is None or line.incurred_at < stay.end)
            for line in case.bill.lines
        ):
            return Refusal(
                Code.INPATIENT_STAY,
                "费用发生在住院期间，不能享受门诊待遇，请并入住院费用结算。",
                {"mdtrt_id": stay.visit_id},
            )
    return None
