"""A bill after its split: the lines, their four totals, and who split them."""

from collections.abc import Sequence

from msgspec import Struct

from jiesuan_domain.benefit.split import Fault, NeedsClassBRatio, split_line
from jiesuan_domain.facts import SplitLine, Step
from jiesuan_events.money import Fen, Rate
from jiesuan_events.requests import Line


class SplitBill(Struct, frozen=True):
    """The lines of a bill and their totals, in fen, each total ≥ 0."""

    lines: tuple[SplitLine, ...]
    steps: tuple[Step, ...]
    total: Fen
    excluded: Fen
    over_limit: Fen
    upfront_copay: Fen
    in_scope: Fen


BillFault = Fault | NeedsClassBRatio

CARE_PLACE_RULES = (
    "care-place-excluded",
    "care-place-over-limit",
    "care-place-upfront",
)
CATALOGUE_RULES = ("catalogue-excluded", "price-limit", "class-b-upfront")


def split_bill(
    lines: Sequence[Line], total: Fen, *, class_b: Rate | None
) -> SplitBill | list[BillFault]:
    """Split every line and add up; every fault is named, not the first alone."""
    done: list[SplitLine] = []
    faults: list[BillFault] = []
    for line in lines:
        outcome = split_line(line, class_b)
        if isinstance(outcome, SplitLine):
            done.append(outcome)
        else:
            faults.append(outcome)
    if faults:
        return faults
    found = sum(line.line_total for line in done)
    if found != total:
        return [Fault(None, found, total, "sum")]
    return _totalled(lines, tuple(done), total=total)


def _totalled(
    asked: Sequence[Line], lines: tuple[SplitLine, ...], *, total: Fen
) -> SplitBill | list[BillFault]:
    excluded = over = upfront = in_scope = 0
    for line in lines:
        excluded += line.excluded
        over += line.line_over_limit
        upfront += line.upfront_copay
        in_scope += line.in_scope
    for name, amount in (
        ("total", total),
        ("excluded", excluded),
        ("over_limit", over),
        ("upfront_copay", upfront),
        ("in_scope", in_scope),
    ):
        if amount < 0:
            return [Fault(None, 0, amount, name)]
    steps = _steps(asked, lines)
    return SplitBill(lines, steps, total, excluded, over, upfront, in_scope)


def _steps(asked: Sequence[Line], lines: tuple[SplitLine, ...]) -> tuple[Step, ...]:
    """Say who took what out of the bill: the care place's split, or the catalogue."""
    by_care_place, by_catalogue = [0, 0, 0, 0], [0, 0, 0, 0]
    for ask, line in zip(asked, lines, strict=True):
        sums = by_catalogue if ask.in_scope is None else by_care_place
        sums[0] += line.line_total
        sums[1] += line.excluded
        sums[2] += line.line_over_limit
        sums[3] += line.upfront_copay
    return tuple(
        [
            Step(rule, sums[0], amount)
            for sums, rules in (
                (by_care_place, CARE_PLACE_RULES),
                (by_catalogue, CATALOGUE_RULES),
            )
            for rule, amount in zip(rules, sums[1:], strict=True)
            if amount
        ]
    )
