"""Points of the ledger's life: an instant, a month, offsets, or now, as one word.

Each keeps of every partition the longest prefix without what is left out.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from msgspec import Struct

from jiesuan_events.words.instants import plus_months
from jiesuan_services.audit.index.instants import nanoseconds
from jiesuan_services.audit.index.store import IndexStore

NOW: Final = "now"
_MONTH: Final = re.compile(r"[0-9]{4}(0[1-9]|1[0-2])")
_INSTANT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_PLACE: Final = re.compile(r"(0|[1-9][0-9]{0,8}):(0|[1-9][0-9]{0,18})")


class PointRefused(RuntimeError):
    """A word that is no point, or two points in the wrong order."""


class Before(Struct, frozen=True):
    """Everything up to an instant, in nanoseconds, inclusive."""

    nanoseconds: int


class UpTo(Struct, frozen=True):
    """Everything up to these offsets, inclusive; a partition not named: its genesis."""

    offsets: dict[int, int]


class Now(Struct, frozen=True):
    """Everything there is."""


Point = Before | UpTo | Now
AsOf = dict[int, int]
"""The last offset of each partition that a point keeps."""


def read_point(text: str) -> Point:
    """Return the point that a word names, or refuse it."""
    if text == NOW:
        return Now()
    try:
        if _MONTH.fullmatch(text):
            return Before(_end_of_month(text))
        if _INSTANT.fullmatch(text):
            return Before(nanoseconds(text))
    except ValueError as wrong:
        raise _refused(text) from wrong
    places = [_PLACE.fullmatch(part) for part in text.split(",")]
    offsets = {int(place[1]): int(place[2]) for place in places if place is not None}
    if None in places:
        raise _refused(text)
    if len(offsets) != len(places):
        raise PointRefused(f"时点“{text[:60]}”中同一分区出现了两次，请每个分区只写一次")
    return UpTo(offsets)


def as_of(point: Point, ends: Mapping[int, int], *, index: IndexStore) -> AsOf:
    """Return the last offset of each partition that a point keeps."""
    match point:
        case Now():
            return dict(ends)
        case UpTo():
            if unknown := sorted(set(point.offsets) - set(ends)):
                raise PointRefused(
                    f"账本没有分区 {unknown[0]}，共有分区 0 至 {len(ends) - 1}"
                )
            return {
                one: min(end, point.offsets.get(one, 0)) for one, end in ends.items()
            }
        case Before():
            kept = dict(ends)
            for partition, end in ends.items():
                left_out = index.first_after(partition, point.nanoseconds)
                if left_out is not None:
                    kept[partition] = min(end, left_out - 1)
            return kept


def check_order(first: AsOf, second: AsOf) -> None:
    """Refuse two points of which the second is earlier on some partition."""
    for partition in sorted(first):
        if second[partition] < first[partition]:
            raise PointRefused(
                f"第二个时点在分区 {partition} 上早于第一个"
                f"（{second[partition]} 早于 {first[partition]}），请把较早的写在前面"
            )


def said(kept: AsOf) -> dict[str, int]:
    """Return the offsets as every output says them."""
    return {str(partition): kept[partition] for partition in sorted(kept)}


def first_of_month(text: str) -> int:
    """Return the first nanosecond of a Beijing month."""
    return nanoseconds(f"{text[:4]}-{text[4:]}-01T00:00:00+08:00")


def _end_of_month(text: str) -> int:
    """Return the last nanosecond of a Beijing month."""
    following = plus_months(date(int(text[:4]), int(text[4:]), 1), 1)
    return first_of_month(f"{following.year:04}{following.month:02}") - 1


def _refused(text: str) -> PointRefused:
    return PointRefused(
        f"“{text[:60]}”不是时点：请写带时区的时刻（2022-03-01T00:00:00+08:00）、"
        "月份（202203）、分区与偏移（3:1200,4:88）或 now"
    )
