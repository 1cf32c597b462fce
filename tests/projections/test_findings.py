"""The table of findings is what the checks find, in batches and told again."""

from random import Random
from typing import Any

from tests.domain.asking import Message
from tests.domain.checks.looking import decided, found_in, packs_with
from tests.domain.checks.test_new_or_whole import crowded
from tests.projections.conftest import LEDGER_ID, PARTITIONS, Log, Rec, Retold

from jiesuan_events.words.topics import LEDGER
from jiesuan_ledger.facts import read_fact
from jiesuan_ledger.genesis import Ledger
from jiesuan_projections.engine.follower import Follower
from jiesuan_projections.engine.models import following
from jiesuan_projections.read_models.finding.queries import listed
from jiesuan_services.supervisor.checking import LawChecker

PERSONS = ("P0001", "P0002", "P0003")


def lives(random: Random) -> list[Message]:
    """Draw the crowded lives of some persons, one request of each in turn."""
    drawn = [[_of(one, person) for one in crowded(random)] for person in PERSONS]
    longest = max(map(len, drawn))
    return [life[at] for at in range(longest) for life in drawn if at < len(life)]


def _of(message: Message, person: str) -> Message:
    data = {**message["data"], "psn_no": person}
    return {**message, "subject": person, "data": data}


async def test_the_table_is_what_the_checks_find(retold: Retold, log: Log) -> None:
    """In batches of any size the table ends as a look over each whole person."""
    packs = packs_with(None)
    random = Random(3)
    entries = decided(lives(random), packs)
    for entry in entries:
        log.append(entry)
    follower = Follower(
        LEDGER,
        following(LEDGER),
        Ledger(LEDGER_ID, PARTITIONS),
        LawChecker(packs),
    )
    records: list[Rec] = log.records
    at = 0
    while at < len(records):
        size = random.choice((1, 3, 20))
        await follower.apply(retold.connection, records[at : at + size])
        at += size
    wanted: list[tuple[Any, ...]] = []
    for person in PERSONS:
        mine = [one for one in entries if one.person_id == person]
        facts = [read_fact(one.type, one.value) for one in mine]
        wanted += [(person, *found) for found in found_in(facts, packs)]
    rows = await listed(retold.connection)
    columns = ("psn_no", "rule", "setl_id", "other_setl_id", "severity", "zh")
    found = [tuple(row[name] for name in columns) for row in rows]
    assert sorted(map(str, found)) == sorted(map(str, wanted))
    assert len(found) > len(PERSONS)
    of_one = await listed(retold.connection, psn_no="P0002", severity="suspicion")
    assert {row["psn_no"] for row in of_one} == {"P0002"}
