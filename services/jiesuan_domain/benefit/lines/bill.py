"""A bill after its split: the lines, their four totals, and who split them."""

from collections.abc import Iterable, Sequence
from operator import sub
from typing import cast

from msgspec import Struct

from jiesuan_domain.asked.commands import BillLine
from jiesuan_domain.benefit.lines.split import Fault, NeedsClassBRatio, split_line
from jiesuan_events.words.money import Fen, Rate, rate_of
from jiesuan_ledger.parts.block import SplitLine, Step


class SplitBill(Struct, frozen=True, gc=False):
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
SUMS = ("total", "excluded", "over_limit", "upfront_copay", "in_scope")
Sums = tuple[Fen, Fen, Fen, Fen, Fen]


def split_bill(
    lines: Sequence[BillLine], total: Fen, *, class_b: Rate | None
) -> SplitBill | list[BillFault]:
    """Split every line and add up; every fault is named, not the first alone."""
    done: list[SplitLine] = []
    ours: list[SplitLine] = []
    lent: list[SplitLine] = []
    faults: list[BillFault] = []
    for line in lines:
        outcome = split_line(line, class_b)
        if not isinstance(outcome, SplitLine):
            faults.append(outcome)
            continue
        done.append(outcome)
        if line.in_scope is None:
            ours.append(outcome)
            if outcome.upfront_copay and _is_lent(line, class_b):
                lent.append(outcome)
    if faults:
        return faults
    whole = _sums(done)
    if whole[0] != total:
        return [Fault(None, whole[0], total, "sum")]
    if min(whole) < 0:
        return [_negative(whole)]
    steps = _steps(ours, lent, count=len(done), whole=whole)
    return SplitBill(tuple(done), steps, *whole)


def _is_lent(line: BillLine, class_b: Rate | None) -> bool:
    """Whether a line brought another 乙类 ratio than the region's.

    The region's article names its own number (67号第二十五条), not the care place's.
    """
    own = line.self_pay_ratio
    if own is None or class_b is None or line.negotiated == "1":
        return False
    return rate_of(own) != class_b


def _negative(whole: Sums) -> Fault:
    """Return the first total that is below zero."""
    name, amount = next(one for one in zip(SUMS, whole, strict=True) if one[1] < 0)
    return Fault(None, 0, amount, name)


def _sums(lines: Iterable[SplitLine]) -> Sums:
    """Add lines up: total, excluded, over the limit, upfront, in scope; in fen."""
    total = excluded = over = upfront = in_scope = 0
    for line in lines:
        total += line.line_total
        excluded += line.excluded
        over += line.line_over_limit
        upfront += line.upfront_copay
        in_scope += line.in_scope
    return total, excluded, over, upfront, in_scope


def _steps(
    ours: Sequence[SplitLine], lent: Sequence[SplitLine], *, count: int, whole: Sums
) -> tuple[Step, ...]:
    """Say who took what out of the bill: the care place's split, or our catalogue.

    What lines by our catalogue took by a lent ratio is the care place's.
    """
    if not ours:
        return _taken(CARE_PLACE_RULES, whole)
    if len(ours) == count and not lent:
        return _taken(CATALOGUE_RULES, whole)
    by_catalogue = _sums(ours)
    by_care_place = cast(Sums, tuple(map(sub, whole, by_catalogue)))
    looked_at, _, _, taken, _ = _sums(lent)
    return _taken(CARE_PLACE_RULES, by_care_place, more=(looked_at, taken)) + _taken(
        CATALOGUE_RULES, by_catalogue, more=(0, -taken)
    )


def _taken(
    rules: tuple[str, str, str], sums: Sums, *, more: tuple[Fen, Fen] = (0, 0)
) -> tuple[Step, ...]:
    """Return a step for each part that is not zero; ``more`` is of the upfront one."""
    total, excluded, over, upfront, _ = sums
    steps: list[Step] = []
    if excluded:
        steps.append(Step(rules[0], total, excluded))
    if over:
        steps.append(Step(rules[1], total, over))
    if upfront + more[1]:
        steps.append(Step(rules[2], total + more[0], upfront + more[1]))
    return tuple(steps)
