"""One request, the region it is about, and what else a decision looks at."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from msgspec import Struct

from jiesuan_domain.clearing.asked import ClearingAsked, caused_by
from jiesuan_domain.clearing.deadlines import Calendar
from jiesuan_domain.clearing.state.region import Draft, Region
from jiesuan_domain.clearing.state.statement import Statement
from jiesuan_domain.policy.model import Packs
from jiesuan_domain.refusals.of_request import malformed
from jiesuan_domain.refusals.refusal import Refusal
from jiesuan_events.words.codes import ClearingState
from jiesuan_events.words.instants import moment
from jiesuan_ledger.clearing.facts import ClearingFact


class PartitionReach(NamedTuple):
    """How far a partition of the ledger was read, and how far it reached when asked."""

    partition: int
    read: int
    end: int


class ClearingCase(Struct, frozen=True):
    """What a rule is given: a request, its region, the calendar, the ledger's reach."""

    asked: ClearingAsked
    region: Region
    draft: Draft
    calendar: Calendar
    packs: Packs
    recorded_at: str
    reach: Sequence[PartitionReach]

    @property
    def counted_on(self) -> date:
        """The day that counts."""
        return self.calendar.counted_on(self.asked.time, self.recorded_at)

    @property
    def allowed(self) -> tuple[ClearingState, ...]:
        """The states of a statement in which the request may come."""
        return self.calendar.states_before(self.asked.type, self.counted_on)

    def caused(self) -> dict[str, Any]:
        """Return the fields that every fact has."""
        asked = self.asked
        return {
            **caused_by(asked),
            "counted_on": self.counted_on,
            "policy": self.calendar.policy(),
        }

    def is_after_recording(self) -> bool:
        """Whether the request's time lies after it was recorded."""
        return moment(self.asked.time) > moment(self.recorded_at)

    def bad_time(self, statements: Iterable[Statement]) -> list[Refusal]:
        """Refuse a time after recording, or before what was decided of a statement."""
        asked_at = moment(self.asked.time)
        if self.is_after_recording():
            zh = "请求时间晚于入账时间"
            return [malformed("time", "the time lies after the recording", zh=zh)]
        if any(asked_at < moment(one.named_at) for one in statements):
            zh = "请求时间早于该清算单上一次办理的时间"
            return [malformed("time", "the time lies before the latest request", zh=zh)]
        return []


Verdict = ClearingFact | list[Refusal]
"""The fact that a request comes to, or the reasons against it."""
