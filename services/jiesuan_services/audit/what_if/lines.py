"""The lines of a what-if: what moves of each person, pool and year, and in all."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from jiesuan_events.words.glossary import wire_name
from jiesuan_services.audit.what_if.again import AgainSettled, NotComputable, YearAgain

PAYERS: Final = (
    "fund_pay_total",
    "pool_pay",
    "large_sum_pay",
    "person_burden",
    "cash_pay",
)
Moved = dict[str, dict[str, int]]
"""By wire name: from, to, difference; in fen."""
Pool = tuple[str, str, str]
"""Region, scheme, year."""


def moved_by(settled: Iterable[AgainSettled]) -> Moved:
    """Return what settlements were and would be, payer by payer."""
    sums = [[0, 0] for _ in PAYERS]
    for one in settled:
        for sum_, name in zip(sums, PAYERS, strict=True):
            sum_[0] += getattr(one.block, name)
            sum_[1] += int(one.fields[name])
    return {
        wire_name(name): _change(was, is_)
        for name, (was, is_) in zip(PAYERS, sums, strict=True)
    }


def line(psn_no: str, pool: Pool, *, year: YearAgain) -> dict[str, Any] | None:
    """Return the line of a person's year, None where nothing moves."""
    moved = moved_by(year.settled)
    is_moved = any(one["difference"] for one in moved.values())
    if not is_moved and not year.not_computable:
        return None
    region, scheme, benefit_year = pool
    return {
        "psn_no": psn_no,
        "insuplc_admdvs": region,
        "insutype": scheme,
        "year": benefit_year,
        "settlements": year.settlements,
        "moved": moved,
        "not_computable": [_missing(one) for one in year.not_computable],
    }


class WhatIfTotal:
    """The sums of the lines printed."""

    def __init__(self) -> None:
        self.persons: set[str] = set()
        self.settlements = 0
        self._moved = moved_by(())
        self._rules: dict[str, list[int]] = {}
        self._institutions: dict[str, Moved] = {}

    def add(self, psn_no: str, year: YearAgain) -> None:
        """Add a line that was printed."""
        self.persons.add(psn_no)
        self.settlements += year.settlements
        _add(self._moved, moved_by(year.settled))
        for one in year.settled:
            sums = self._institutions.setdefault(one.block.institution_id, moved_by(()))
            _add(sums, moved_by((one,)))
            for at, steps in enumerate((one.block.steps, one.steps)):
                for step in steps:
                    self._rules.setdefault(step.rule, [0, 0])[at] += step.amount_out

    def said(self) -> dict[str, Any]:
        """Return the last line."""
        return {
            "total": {
                "persons": len(self.persons),
                "settlements": self.settlements,
                "moved": self._moved,
                "by_rule": [
                    {"rule": rule, **_change(was, is_)}
                    for rule, (was, is_) in sorted(self._rules.items())
                ],
                "by_institution": [
                    {"fixmedins_code": code, "moved": moved}
                    for code, moved in sorted(self._institutions.items())
                ],
            }
        }


def lines_of(
    psn_no: str, years: Iterable[tuple[Pool, YearAgain]], *, total: WhatIfTotal
) -> Iterator[dict[str, Any]]:
    """Return a person's lines by region, scheme and year, and add them to the total."""
    for pool, year in years:
        printed = line(psn_no, pool, year=year)
        if printed is not None:
            total.add(psn_no, year)
            yield printed


def _change(was: int, is_: int) -> dict[str, int]:
    return {"from": was, "to": is_, "difference": is_ - was}


def _add(sums: Moved, more: Moved) -> None:
    for name, change in more.items():
        for part, fen in change.items():
            sums[name][part] += fen


def _missing(one: NotComputable) -> dict[str, str]:
    return {"setl_id": one.block.settlement_id, "code": one.code}
