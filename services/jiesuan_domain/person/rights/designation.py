"""Which institutions a person has chosen (定点备案, 50号二(三)), and until when."""

from datetime import date
from typing import Final

from jiesuan_domain.person.enrolment import moved_after
from jiesuan_domain.person.state import Designation, Head

FOR_ORDINARY_CARE: Final[frozenset[str | None]] = frozenset((None,))


def counts_on(one: Designation, head: Head, *, on: date) -> bool:
    """Whether a choice counts on a day: begun, not ended, and no move since."""
    if on < one.begin:
        return False
    if one.end is not None and one.end < on:
        return False
    if one.ended_after is not None and one.ended_after < on:
        return False
    moved = moved_after(head, one.scheme, since=one.begin)
    return moved is None or on < moved


def designated_on(
    head: Head, scheme: str, *, diseases: frozenset[str | None], on: date
) -> list[str]:
    """List the institutions chosen for one of the diseases on a day, sorted.

    No disease (None) is ordinary care.
    """
    found = {
        one.institution_id
        for one in head.designations
        if one.scheme == scheme
        and one.disease in diseases
        and counts_on(one, head, on=on)
    }
    return sorted(found)


def most_at_once(
    head: Head, new: Designation, *, diseases: frozenset[str | None]
) -> list[str]:
    """List the other institutions chosen on the day on which a new one meets most.

    Only days on which a choice begins can have more than the day before.
    """
    days = {new.begin} | {
        one.begin
        for one in head.designations
        if one.begin > new.begin and (new.end is None or one.begin <= new.end)
    }
    met = (
        designated_on(head, new.scheme, diseases=diseases, on=day)
        for day in sorted(days)
    )
    others = [[code for code in codes if code != new.institution_id] for codes in met]
    return max(others, key=len)
