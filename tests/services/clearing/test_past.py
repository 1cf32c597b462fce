"""Which facts of the months a point keeps, and what is not shown."""

from datetime import date
from pathlib import Path

import pytest
from tests.domain.clearing.test_recording import RegionDecider, draw
from tests.domain.clearing.written_months import (
    OF_HOSPITAL,
    OF_REGION,
    WrittenMonths,
    day,
    fine,
)
from tests.services.clearing.conftest import Served
from tests.services.clearing.past import past_of

from jiesuan_domain.clearing.decide import ClearingDecided
from jiesuan_events.words.topics import CLEARING, LEDGER
from jiesuan_ledger.log.record import Record
from jiesuan_services.audit.history.ledger import HistoryRefused
from jiesuan_services.audit.history.months.kept import months_at
from jiesuan_services.audit.history.months.past import PastMonths
from jiesuan_services.audit.history.months.statements import (
    statement_as_of,
    statements_as_of,
)


def story() -> WrittenMonths:
    """Write two months: bills, and between them what is asked of January."""
    months = WrittenMonths()
    months.begin(100_000, 200_000, 300_000)
    months.drawn("202201", day("2022-02-05"))
    months.bill(400_000, day("2022-02-10"))
    months.declare(OF_REGION, day("2022-02-12"))
    months.by_payer("accept", OF_REGION, day("2022-02-13"))
    months.bill(500_000, day("2022-02-20"))
    months.by_payer("reject", OF_REGION, day("2022-02-21"), reason="材料不全")
    months.drawn("202202", day("2022-03-05"))
    return months


async def lived(served: Served, months: WrittenMonths) -> list[tuple[int, int]]:
    """Ask each request; return the last offsets of both logs after each."""
    ends = []
    for message in months.asked:
        await served.ask(message)
        await served.serve()
        logs = served.log.partitions
        ends.append((len(logs[LEDGER, 0]) - 1, len(logs[CLEARING, 0]) - 1))
    return ends


async def test_offsets_keep_what_came_before_the_ledger_went_on(
    served: Served, tmp_path: Path
) -> None:
    """Of each offset all is kept that was asked while the ledger ended there."""
    ends = await lived(served, story())
    last = dict(ends)
    assert sorted(last.values()) == [-1, -1, -1, -1, 0, 2, 4]
    async with past_of(served, tmp_path) as past:
        for offset, clearing in last.items():
            assert (await months_at(past, f"0:{offset}")).last == clearing
        assert (await months_at(past, "0:999")).last == ends[-1][1]


async def test_a_draw_that_read_beyond_the_offsets_is_left_out(
    served: Served, tmp_path: Path
) -> None:
    """A clock that runs behind makes no draw earlier than the entries it read."""
    months = WrittenMonths()
    months.begin(100_000)
    months.bill(200_000, day("2022-02-10"))
    months.drawn("202201", day("2022-02-05"))
    ((end, _), *_) = reversed(await lived(served, months))
    async with past_of(served, tmp_path) as past:
        before = await statements_as_of(past, f"0:{end - 1}", clr_ym="202201")
        assert (before["statements"], before["clearing_as_of"]) == ([], {"0": -1})
        after = await statements_as_of(past, f"0:{end}", clr_ym="202201")
        assert (len(after["statements"]), after["clearing_as_of"]) == (2, {"0": 0})
        then = await statement_as_of(
            past, "2022-02-06T00:00:00Z", statement_id=OF_REGION
        )
        assert then is not None
        assert then["as_of"] == {"0": end - 1}
        assert len(then["rows"]) == 1


async def test_a_draw_of_what_is_not_indexed_yet_is_left_out(
    served: Served, tmp_path: Path
) -> None:
    """What was entered after the ledger was followed stays for the next to ask."""
    months = story()
    async with past_of(served, tmp_path) as past:
        await lived(served, months)
        assert (await months_at(past, "now")).last == -1
    async with past_of(served, tmp_path) as past:
        assert (await months_at(past, "now")).last == 4


async def test_rows_that_are_not_those_of_the_digest_are_not_shown(
    served: Served, tmp_path: Path
) -> None:
    """Where the ledger no longer holds what was drawn, a statement is refused."""
    await lived(served, story())
    records = served.log.partitions[LEDGER, 0]
    offset = max(at for at, one in enumerate(records) if b'"2022-01-10"' in one.value)
    one = records[offset]
    records[offset] = Record(one.key, one.value + b" ", one.headers)
    async with past_of(served, tmp_path) as past:
        with pytest.raises(HistoryRefused, match="jiesuan verify"):
            await statement_as_of(past, "now", statement_id=OF_REGION)


async def test_fines_are_those_of_the_list_that_counted_then(
    served: Served, tmp_path: Path
) -> None:
    """What was replaced or taken back since is told of the instant when it stood."""
    months = story()
    months.in_audit(OF_HOSPITAL, "2022-03-06")
    lists = ((7, [fine(5_000), fine(70)]), (8, [fine(70)]), (9, []))
    for number, fines in lists:
        months.fined(day(f"2022-03-0{number}"), *fines)
    await lived(served, months)
    async with past_of(served, tmp_path) as past:
        for number, fines in ((6, []), *lists):
            point = f"2022-03-0{number}T20:00:00+08:00"
            then = await statement_as_of(past, point, statement_id=OF_HOSPITAL)
            assert then is not None
            on = date(2022, 3, number)
            assert then["fines"] == [{**one, "fined_on": on} for one in fines]


async def test_a_statement_is_none_before_its_draw(
    served: Served, tmp_path: Path
) -> None:
    """Nothing is shown of a statement that was not drawn by then, or never."""
    await lived(served, story())
    async with past_of(served, tmp_path) as past:
        for point, id_ in (("202201", OF_REGION), ("now", "region:202201:1:2:3:4")):
            assert await statement_as_of(past, point, statement_id=id_) is None


def test_parts_are_told_with_the_fact_that_follows_them() -> None:
    """Of 2,500 statements all are told, once their fact has come, and none before."""
    decider = RegionDecider()
    decider.hear(2_500)
    outcome = decider.ask(draw())
    assert isinstance(outcome, ClearingDecided)
    *parts, fact = outcome.facts
    assert PastMonths(parts).statements == {}
    again = PastMonths([*parts, *parts, fact])
    assert sorted(again.statements) == sorted(decider.region.statements)
