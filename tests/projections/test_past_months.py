"""What tables showed of living months is told again later, from the logs alone."""

import json
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
from tests.domain.clearing.random_months import RandomMonths
from tests.projections.conftest import Retold
from tests.projections.test_months import follower_of, records
from tests.services.clearing.conftest import Served
from tests.services.clearing.past import past_of

from jiesuan_events.words.instants import moment
from jiesuan_events.words.topics import CLEARING, LEDGER
from jiesuan_projections.engine.follower import Follower
from jiesuan_projections.read_models.clearing.queries import by_id, of_month
from jiesuan_services.audit.history.ledger import (
    PastLedger,
)
from jiesuan_services.audit.history.months.statements import (
    statement_as_of,
    statements_as_of,
)
from jiesuan_services.cli.regions.statements import postings

Json = dict[str, Any]
EVERY: Final = 23
"""Requests between two looks at the tables."""


def text(value: Any) -> str:
    """Write as the commands do."""
    return json.dumps(value, ensure_ascii=False, default=lambda day: day.isoformat())


class Witness:
    """Follows both logs into tables, and notes what the tables show."""

    def __init__(self, served: Served, retold: Retold) -> None:
        self.served = served
        self.retold = retold
        self.noted: list[tuple[str, int, int, dict[str, str]]] = []
        """An instant, the ends of both logs, and what was shown by what was asked."""
        self._done = {LEDGER: 0, CLEARING: 0}
        self._followers: dict[str, Follower] = {}
        self._chance = Random(15)

    def ends(self) -> tuple[int, int]:
        """Return the last offsets of ledger and clearing."""
        logs = self.served.log.partitions
        return len(logs[LEDGER, 0]) - 1, len(logs[CLEARING, 0]) - 1

    async def note(self, at: str) -> None:
        """Note what the tables show of every month, and of a statement a state."""
        for topic in (LEDGER, CLEARING):
            log = records(self.served, topic)
            if topic not in self._followers and log:
                self._followers[topic] = follower_of(log)
            if new := log[self._done[topic] :]:
                await self._followers[topic].apply(self.retold.connection, new)
            self._done[topic] = len(log)
        on = self.retold.connection
        found = await on.fetch(
            "SELECT statement_id, clr_ym, clr_stas FROM clearing_statement ORDER BY 1"
        )
        shown: dict[str, str] = {}
        for month in sorted({one["clr_ym"] for one in found} | {"209901"}):
            rows = await of_month(on, month)
            shown[month] = text({"clr_ym": month, "statements": rows})
        for state in sorted({one["clr_stas"] for one in found}):
            ids = [one["statement_id"] for one in found if one["clr_stas"] == state]
            id_ = self._chance.choice(ids)
            one = await by_id(on, id_)
            assert one is not None
            shown[id_] = text({**one, "postings": postings(one)})
        self.noted.append((at, *self.ends(), shown))


async def told_again(past: PastLedger, point: str, shown: dict[str, str]) -> Json:
    """Ask for each of what was shown, and return the places that all of it says."""
    places: list[Json] = []
    for what, before in shown.items():
        found: Json | None
        if ":" in what:
            found = await statement_as_of(past, point, statement_id=what)
        else:
            found = await statements_as_of(past, point, clr_ym=what)
        assert found is not None, (point, what)
        places.append({name: found.pop(name) for name in ("as_of", "clearing_as_of")})
        if ":" in what:
            found["postings"] = postings(found)
        assert text(found) == before, (point, what)
    assert all(one == places[0] for one in places)
    return places[0]


@pytest.fixture(scope="session")
def life() -> RandomMonths:
    """Random months, in which two requests never come at once."""
    made = RandomMonths(Random(311))
    made.live(220)
    return made


@pytest.fixture
async def witness(life: RandomMonths, retold: Retold, tmp_path: Path) -> Witness:
    """Months that were looked at while they lived."""
    served = Served(tmp_path / "store")
    await served.begin()
    made = Witness(served, retold)
    asked = life.months.asked
    for number, message in enumerate(asked):
        await served.ask(message)
        await served.serve()
        is_last = number + 1 == len(asked)
        is_over = is_last or moment(asked[number + 1]["time"]) > moment(message["time"])
        if is_last or (is_over and number % EVERY == 0):
            await made.note(message["time"])
    return made


def met(shown: dict[str, str]) -> set[str]:
    """Return what was met among the statements that were shown."""
    found = set()
    for one in (json.loads(said) for what, said in shown.items() if ":" in what):
        found |= {one["statement"]["clr_stas"], one["statement"]["kind"]}
        found |= {
            f"in force {deduction['in_force']}" for deduction in one["deductions"]
        }
        found |= {"fined"} if one["fines"] else set()
        for row in one["rows"]:
            found |= {name for name in ("carried_from", "carried_to") if row[name]}
            found |= {"deducted"} if row["deducted_fen"] else set()
    return found


async def test_an_instant_tells_what_the_tables_showed(
    witness: Witness, tmp_path: Path
) -> None:
    """Asked for an instant, months and statements are what they were to the byte."""
    found = set()
    async with past_of(witness.served, tmp_path / "data") as past:
        for at, ledger, clearing, shown in witness.noted:
            places = await told_again(past, at, shown)
            assert places["as_of"] == {"0": ledger}
            assert places["clearing_as_of"] == {"0": clearing}
            found |= met(shown)
        assert places == await told_again(past, "now", shown)
    states = {"00", "10", "20", "30", "40", "50", "60", "70"}
    rows = {"carried_from", "carried_to", "deducted", "in force True", "in force False"}
    assert found == states | rows | {"institution", "region", "fined"}
