"""What a draw has read, when a request came, and what does not fit into one fact."""

from dataclasses import dataclass, field
from typing import Any

from tests.domain.clearing.months import packs

from jiesuan_domain.clearing.asked import ClearingAsked
from jiesuan_domain.clearing.deadlines import Calendar
from jiesuan_domain.clearing.decide import (
    ClearingDecided,
    ClearingOutcome,
    decide_clearing,
)
from jiesuan_domain.clearing.evolve import evolve_region
from jiesuan_domain.clearing.rules.case import PartitionReach
from jiesuan_domain.clearing.showing.answer import clearing_answer
from jiesuan_domain.clearing.state.region import Region
from jiesuan_domain.clearing.state.row import Row
from jiesuan_domain.outcome import Refused
from jiesuan_events.clearing import requests
from jiesuan_ledger.clearing.facts import ChangingFact, ClearingPart

CARE = "990100"
FIRST = "2022-02-01T09:00:00+08:00"
TYPES = {model: type_ for type_, model in requests.CLEARING_REQUEST_TYPES.items()}


@dataclass
class RegionDecider:
    """Decides for one region, with rows as they are given."""

    region: Region = field(default_factory=lambda: Region(CARE))
    number: int = 0

    def hear(self, count: int, *, partition: int = 0, month: str = "202201") -> None:
        """Take in rows of as many hospitals, at offsets from 1 on."""
        for at in range(1, count + 1):
            self.region.hear(
                Row(
                    settlement_id=f"S{partition}X{at}",
                    place=(partition, at, 0),
                    month=month,
                    care_region=CARE,
                    insured_region=CARE,
                    institution_id=f"H{at:06}",
                    scheme="310",
                    category="11",
                    total_charge=100,
                    fund_pay=80,
                    account_pay=0,
                    cash_pay=20,
                )
            )

    def ask(
        self,
        command: requests.ClearingRequest,
        *,
        time: str = FIRST,
        recorded_at: str | None = None,
        reach: tuple[PartitionReach, ...] = (PartitionReach(0, 10_000, 10_000),),
    ) -> ClearingOutcome:
        """Decide one request and take over what it changes."""
        self.number += 1
        outcome = decide_clearing(
            self.region,
            ClearingAsked(
                source=f"/agency/{CARE}",
                id=str(self.number),
                type=TYPES[type(command)],
                time=time,
                care_region=CARE,
                content="0" * 64,
                command=command,
            ),
            packs=packs(),
            recorded_at=recorded_at or time,
            reach=reach,
        )
        if isinstance(outcome, ClearingDecided):
            self.region.apply(outcome.draft)
        return outcome


def draw(month: str = "202201") -> requests.Draw:
    """Draw a month."""
    return requests.Draw(clearing_month=month, care_region=CARE)


def refused(outcome: ClearingOutcome) -> list[tuple[str, dict[str, Any]]]:
    """Return the codes and particulars of a refusal."""
    assert isinstance(outcome, Refused)
    return [(one.code.value, one.details) for one in outcome.refusals]


def decided(outcome: ClearingOutcome) -> ChangingFact:
    """Return the fact that counts."""
    assert isinstance(outcome, ClearingDecided)
    fact = outcome.facts[-1]
    assert isinstance(fact, ChangingFact)
    return fact


def test_a_draw_waits_for_every_partition() -> None:
    """It names those that are not read up to where they ended, and may come again."""
    decider = RegionDecider()
    decider.hear(3)
    reach = (PartitionReach(0, 3, 3), PartitionReach(1, 4, 9), PartitionReach(2, -1, 0))
    outcome = decider.ask(draw(), reach=reach)
    ((code, details),) = refused(outcome)
    assert isinstance(outcome, Refused)
    assert code == "not-yet-readable"
    assert outcome.refusals[0].code.is_transient
    assert details["waits_for"] == [
        {"partition": 1, "read": 4, "end": 9},
        {"partition": 2, "read": -1, "end": 0},
    ]


def test_a_draw_of_the_future_is_not_yet_readable() -> None:
    """A time after the recording says nothing about what the ledger will hold."""
    decider = RegionDecider()
    decider.hear(3)
    outcome = decider.ask(draw(), recorded_at="2022-01-31T23:00:00+08:00")
    assert refused(outcome) == [("not-yet-readable", {"waits_for": []})]


def test_a_draw_takes_what_was_read_and_says_how_far() -> None:
    """Rows beyond the offsets of the fact stay where they are, now and in replay."""
    decider = RegionDecider()
    decider.hear(3)
    decider.hear(2, partition=1)
    reach = (PartitionReach(0, 2, 2), PartitionReach(1, 2, 2))
    fact = decided(decider.ask(draw(), reach=reach))
    assert fact.statement_count == 2
    assert sum(one.settlement_count for one in fact.statements) == 4
    assert list(decider.region.waiting) == ["S0X3"]
    again = RegionDecider()
    again.hear(3)
    again.hear(2, partition=1)
    draft = evolve_region(again.region, fact, calendar=Calendar(packs()))
    again.region.apply(draft)
    assert again.region.statements == decider.region.statements


def test_a_time_after_the_recording_is_malformed() -> None:
    """A clock that runs ahead moves no deadline."""
    decider = RegionDecider()
    decider.hear(1)
    decider.ask(draw())
    ask = requests.Accept(statement_id=f"institution:202201:{CARE}:H000001:310:11")
    outcome = decider.ask(
        ask, time="2022-02-10T09:00:00+08:00", recorded_at="2022-02-10T08:00:00+08:00"
    )
    assert [code for code, _ in refused(outcome)] == ["malformed", "wrong-state"]
    assert refused(outcome)[0][1]["path"] == "time"


def test_what_does_not_fit_comes_before_in_parts() -> None:
    """Of 2,500 statements the fact holds the first thousand, its parts the rest."""
    decider = RegionDecider()
    decider.hear(2_500)
    outcome = decider.ask(draw())
    fact = decided(outcome)
    assert isinstance(outcome, ClearingDecided)
    *parts, _ = outcome.facts
    assert (fact.parts, fact.statement_count, len(fact.statements)) == (2, 2_500, 1_000)
    ids = [one.statement_id for one in fact.statements]
    for part in reversed(parts):
        assert isinstance(part, ClearingPart)
        ids += [one.statement_id for one in part.statements]
    assert ids == sorted(decider.region.statements)
    answer = clearing_answer(fact, entry={})
    assert (answer["statement_cnt"], len(answer["statements"])) == (2_500, 1_000)


def test_without_deadlines_nothing_is_drawn() -> None:
    """A month of which the pack says nothing is refused, never guessed."""
    decider = RegionDecider()
    decider.hear(1, month="202012")
    ((code, details),) = refused(decider.ask(draw()))
    assert code == "policy-not-in-force"
    assert details == {"parameter": "clearing_declare_day", "on": "2020-12-01"}
