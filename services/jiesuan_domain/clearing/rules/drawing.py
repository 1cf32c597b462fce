"""Whether a month may be drawn (118号 七(二): 统一清分、按月清算)."""

from jiesuan_domain.clearing import refusals
from jiesuan_domain.clearing.deadlines import first_day
from jiesuan_domain.clearing.effects.drawing import NOT_READ
from jiesuan_domain.clearing.rules.case import ClearingCase, Verdict
from jiesuan_domain.refusals.of_person import policy_not_in_force
from jiesuan_domain.refusals.refusal import Refusal
from jiesuan_events.clearing.requests import Draw
from jiesuan_events.words.instants import clearing_month
from jiesuan_ledger.clearing.facts import Drawn, PartitionRead


def decide_draw(case: ClearingCase, command: Draw) -> Verdict:
    """Decide a draw: it is refused for one reason only, the first."""
    month = command.clearing_month
    refusal = _not_now(case, month) or _not_yet(case) or _nothing(case, month)
    if refusal is not None:
        return [refusal]
    return Drawn(
        **case.caused(),
        clearing_month=month,
        read_to=tuple(
            PartitionRead(partition=one.partition, offset=one.read)
            for one in case.reach
        ),
    )


def _not_now(case: ClearingCase, month: str) -> Refusal | None:
    if clearing_month(case.asked.time) <= month:
        return refusals.month_not_over(month)
    drawn = case.region.head.drawn
    return refusals.already_drawn(month, drawn) if month <= drawn else None


def _not_yet(case: ClearingCase) -> Refusal | None:
    waits_for = [one._asdict() for one in case.reach if one.read < one.end]
    if waits_for or case.is_after_recording():
        return refusals.not_yet_readable(waits_for)
    return None


def _nothing(case: ClearingCase, month: str) -> Refusal | None:
    read = {one.partition: one.read for one in case.reach}
    months = {
        row.month
        for row in case.region.waiting.values()
        if row.month <= month and row.place[1] <= read.get(row.place[0], NOT_READ)
    }
    if not months:
        return refusals.nothing_to_draw(month)
    for one in sorted({*months, month}):
        unruled = case.calendar.unruled(first_day(one))
        if unruled is not None:
            return policy_not_in_force(*unruled, to_clear=True)
    return None
