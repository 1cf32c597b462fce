"""What is owed within a limit of working days, and by how much it is late (A26).

A bill that was not settled on the spot is uploaded within three (50号三(四)); a chronic
disease that a hospital recognised is flagged within five (67号第十四条). The numbers
are the packs'; a region whose notices name no limit has none.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from enum import Enum

from msgspec import Struct

from jiesuan_domain.duties.working_days import passed, working_days_between
from jiesuan_domain.policy.because import Because
from jiesuan_domain.policy.model import Packs


class Clock(Enum):
    """Which limit runs: its name, its Chinese, and the parameter that says how long."""

    UPLOAD = ("upload", "费用明细上传", "upload_working_days")
    FLAG = ("flag", "慢特病备案标识", "flag_working_days")

    def __init__(self, word: str, zh: str, parameter: str) -> None:
        self.word = word
        self.zh = zh
        self.parameter = parameter


class Duty(Struct, frozen=True, kw_only=True):
    """Something owed within a limit: whose, since when, and when it was done.

    ``schemes`` are the regions and schemes whose limit may bind.
    """

    clock: Clock
    person_id: str
    responsible: str
    subject: str
    since: date
    done: date | None
    schemes: tuple[tuple[str, str], ...]
    refusal: str | None = None


class Late(Struct, frozen=True, kw_only=True):
    """A duty that is late: by when it was due, and by how many working days."""

    duty: Duty
    due: date
    working_days: int
    because: Because


def late_on(day: date, duties: Iterable[Duty], *, packs: Packs) -> Iterator[Late]:
    """Return the duties that are late on a day, or were done late by then."""
    for duty in duties:
        limit = limit_of(duty, packs)
        if limit is None:
            continue
        count, because = limit
        end = day if duty.done is None else duty.done
        due = passed(duty.since, count, on=end)
        if due is not None:
            lateness = working_days_between(due, end)
            yield Late(duty=duty, due=due, working_days=lateness, because=because)


def limit_of(duty: Duty, packs: Packs) -> tuple[int, Because] | None:
    """Return the limit in working days and its source; the longest of several."""
    limits: list[tuple[int, Because]] = []
    for region, scheme in duty.schemes:
        pack = packs.find(region, scheme)
        rules = None if pack is None else pack.on(duty.since)
        because = None if rules is None else rules.because(duty.clock.parameter)
        if because is not None:
            limits.append((getattr(rules, duty.clock.parameter), because))
    return max(limits, key=lambda limit: limit[0], default=None)
