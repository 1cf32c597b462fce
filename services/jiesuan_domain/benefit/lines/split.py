"""The split of a bill's lines: by the care place (50号三(二)) or by its catalogue."""

from msgspec import Struct

from jiesuan_domain.asked.commands import BillLine
from jiesuan_events.words.codes import APPROVED, CLASS_B, DENIED, EXCLUDED_CLASS
from jiesuan_events.words.money import (
    Fen,
    Rate,
    half_up,
    price_times_quantity,
    rate_of,
    scaled,
    share,
)
from jiesuan_ledger.parts.block import SplitLine


class Fault(Struct, frozen=True):
    """A line, or a total when there is no line, that does not add up; in fen."""

    line_id: str | None
    expected: Fen
    found: Fen
    what: str


class NeedsClassBRatio(Struct, frozen=True):
    """A 乙类 line came without a ratio and the region has none."""

    line_id: str


def is_excluded(line: BillLine) -> bool:
    """Whether the whole line is 自费: 丙类, restricted unapproved, or denied.

    A negotiated drug is 乙类 whatever its class (67号第二十五条).
    """
    if line.approval == DENIED or (
        line.restricted == "1" and line.approval != APPROVED
    ):
        return True
    return line.item_class == EXCLUDED_CLASS and line.negotiated != "1"


def over_limit(line: BillLine, ceiling: str) -> Fen:
    """Return what lies above the price ceiling (超限价), at most the line; unsigned."""
    above = scaled(line.price, 6) - scaled(ceiling, 6)
    if above <= 0:
        return 0
    amount = half_up(above * abs(scaled(line.quantity, 4)), 10**8)
    return min(amount, abs(line.line_total))


def upfront(line: BillLine, within: Fen, *, class_b: Rate | None) -> Fen | None:
    """Return the 先行自付 of a 乙类 line within its ceiling (67号第二十五条).

    A negotiated drug goes by the region's ratio, not by one of its own (不再另设).
    None when the region's is asked for and it has none.
    """
    own = line.self_pay_ratio if line.negotiated != "1" else None
    ratio = rate_of(own) if own else class_b
    return None if ratio is None else share(within, ratio)


def split_by_catalogue(
    line: BillLine, class_b: Rate | None
) -> SplitLine | NeedsClassBRatio:
    """Split a line by its catalogue facts; a negative line mirrors its positive."""
    total = line.line_total
    if is_excluded(line):
        return SplitLine(line.line_id, line.item, total, total)
    over = 0 if line.price_limit is None else over_limit(line, line.price_limit)
    within = abs(total) - over
    copay = 0
    if line.item_class == CLASS_B or line.negotiated == "1":
        first = upfront(line, within, class_b=class_b)
        if first is None:
            return NeedsClassBRatio(line.line_id)
        copay = first
    if total < 0:
        over, copay, within = -over, -copay, -within
    return SplitLine(line.line_id, line.item, total, 0, over, copay, within - copay)


def take_given_split(line: BillLine) -> SplitLine | Fault:
    """Take the care place's split as it is: four parts, none of the opposite sign."""
    total = line.line_total
    excluded, over = line.excluded or 0, line.line_over_limit or 0
    copay, in_scope = line.upfront_copay or 0, line.in_scope or 0
    found = excluded + over + copay + in_scope
    if found != total:
        return Fault(line.line_id, total, found, "parts")
    if total < 0:
        is_mixed = excluded > 0 or over > 0 or copay > 0 or in_scope > 0
    else:
        is_mixed = excluded < 0 or over < 0 or copay < 0 or in_scope < 0
    if is_mixed:
        return _opposite(line, (excluded, over, copay, in_scope))
    return SplitLine(line.line_id, line.item, total, excluded, over, copay, in_scope)


def _opposite(line: BillLine, parts: tuple[Fen, ...]) -> Fault:
    """Return the first part that has not the sign of its line."""
    sign = (line.line_total > 0) - (line.line_total < 0)
    wrong = next(part for part in parts if part and (part > 0) - (part < 0) != sign)
    return Fault(line.line_id, 0, wrong, "sign")


def _has_changed_sides(line: BillLine) -> bool:
    """Whether an amount has not the sign of its quantity: one fen of rounding may."""
    total = line.line_total
    if not total or not -1 <= total <= 1:
        return False
    quantity = scaled(line.quantity, 4)
    return quantity == 0 or (quantity > 0) != (total > 0)


def split_line(
    line: BillLine, class_b: Rate | None
) -> SplitLine | Fault | NeedsClassBRatio:
    """Check price × quantity to within one fen, then split the line."""
    product = price_times_quantity(line.price, line.quantity)
    if not -1 <= product - line.line_total <= 1 or _has_changed_sides(line):
        return Fault(line.line_id, product, line.line_total, "product")
    if line.in_scope is not None:
        return take_given_split(line)
    return split_by_catalogue(line, class_b)
