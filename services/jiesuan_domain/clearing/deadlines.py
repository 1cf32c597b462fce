"""By when a month is declared and cleared, and from state to state: the pack says it.

Deadlines are those of 27号 二(七); the states of contracts §10, with the notices where
one names the step.
"""

from datetime import date, timedelta
from typing import Final, NamedTuple

from msgspec import Struct

from jiesuan_domain.policy.model import Packs
from jiesuan_domain.policy.parameters import CLEARING_STEPS
from jiesuan_domain.policy.units import ClearingStep
from jiesuan_events.words.codes import ClearingState
from jiesuan_events.words.instants import moment, plus_months, policy_date
from jiesuan_ledger.parts.block import PolicyRef

PACK: Final = ("000000", "clearing")
NEEDED: Final = (
    "clearing_declare_day",
    "clearing_delay_months",
    "clearing_close_months",
    "clearing_redeclare_days",
    "clearing_recording_days",
    *CLEARING_STEPS,
)
_REQUEST: Final = "jiesuan.clearing."
_VERSION: Final = ".v1"


class MonthDeadlines(Struct, frozen=True):
    """The three days of a month: declare by, latest with a delay, cleared by."""

    declare_by: date
    latest_on: date
    hard_stop: date


class Unruled(NamedTuple):
    """A day for which the pack says nothing."""

    parameter: str | None
    on: date


class Calendar:
    """The deadlines of clearing, from the packs in force."""

    def __init__(self, packs: Packs) -> None:
        self._pack = packs.find(*PACK)

    def unruled(self, day: date) -> Unruled | None:
        """Say what the pack leaves open on a day, if anything."""
        if self._pack is None:
            return Unruled(None, day)
        rules = self._pack.on(day)
        for name in NEEDED:
            if getattr(rules, name) is None:
                return Unruled(name, day)
        return None

    def policy(self) -> PolicyRef:
        """Return the pack that facts are decided under."""
        assert self._pack is not None, "what is unruled is not decided"
        return PolicyRef(self._pack.id, self._pack.sha256)

    def of(self, month: str) -> MonthDeadlines:
        """Return a month's deadlines: 次月20日前, 最长不超过2个月, 次年第一季度."""
        first = first_day(month)
        day = self._number("clearing_declare_day", first)
        declare_by = plus_months(first, 1).replace(day=day)
        months = self._number("clearing_close_months", first)
        close = plus_months(date(first.year + 1, 1, 1), months)
        return MonthDeadlines(
            declare_by,
            plus_months(declare_by, self._number("clearing_delay_months", first)),
            close - timedelta(days=1),
        )

    def redeclare_by(self, rejected_on: date) -> date:
        """Return the day by which a rejected statement is declared again."""
        days = self._number("clearing_redeclare_days", rejected_on)
        return rejected_on + timedelta(days=days)

    def counted_on(self, time: str, recorded_at: str) -> date:
        """Return the day that counts: the request's, unless it came much later."""
        asked, recorded = policy_date(moment(time)), policy_date(moment(recorded_at))
        grace = timedelta(days=self._number("clearing_recording_days", asked))
        return recorded if recorded - asked > grace else asked

    def states_before(self, request_type: str, on: date) -> tuple[ClearingState, ...]:
        """Return the states in which a request about a statement may come on a day."""
        name = request_type.removeprefix(_REQUEST).removesuffix(_VERSION)
        assert self._pack is not None, "what is unruled is not decided"
        step = getattr(self._pack.on(on), f"clearing_step_{name.replace('-', '_')}")
        assert isinstance(step, ClearingStep), "what is unruled is not decided"
        return step.origins

    def _number(self, name: str, day: date) -> int:
        assert self._pack is not None, "what is unruled is not decided"
        value: int | None = getattr(self._pack.on(day), name)
        assert value is not None, "what is unruled is not decided"
        return value


def first_day(month: str) -> date:
    """Return the first day of a month.

    >>> first_day("202203")
    datetime.date(2022, 3, 1)
    """
    return date(int(month[:4]), int(month[4:]), 1)
