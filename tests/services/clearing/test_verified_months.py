"""`verify` makes every month again from both logs."""

from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.domain.clearing.months import packs
from tests.domain.clearing.random_months import RandomMonths
from tests.domain.clearing.written_months import WrittenMonths, day
from tests.services.clearing.conftest import FaultyLog, Served

from jiesuan_events.entries.chain import entry_hash
from jiesuan_events.words.topics import CLEARING, LEDGER
from jiesuan_ledger.clearing.reader import accepted_clearing
from jiesuan_ledger.log.port import Stored
from jiesuan_ledger.log.record import Record
from jiesuan_services.audit.verifying.months import MonthsAgain
from jiesuan_services.audit.verifying.report import Report
from jiesuan_services.audit.verifying.verify import Knowledge, verify_log

DRAWN = b"jiesuan.clearing.drawn.v1"
Change = Callable[[dict[str, Any]], None]


async def verified(served: Served) -> Report:
    """Verify both logs."""
    known = Knowledge(Path("/nowhere"), packs=packs())
    return await verify_log(served.log, partitions=1, known=known)


@pytest.fixture
async def closed(served: Served, lived: RandomMonths) -> Served:
    """Random months, as the process of clearing entered them."""
    for message in lived.months.asked:
        await served.ask(message)
        await served.serve()
    return served


def count(statement: dict[str, Any]) -> None:
    """Count a row more."""
    statement["setl_cnt"] += 1


def money(statement: dict[str, Any]) -> None:
    """Let the fund pay a fen less, all sums in accord."""
    statement["fund_pay_sumamt_fen"] -= 1
    statement["payable_fen"] -= 1


def digest(statement: dict[str, Any]) -> None:
    """Name other rows."""
    statement["digest"] = "0" * 64


async def test_months_come_to_what_their_facts_say(closed: Served) -> None:
    """Every entry is accepted and made again; nothing is wrong."""
    report = await verified(closed)
    assert report.wrong == []
    assert report.clearing_entries == len(closed.log.partitions[CLEARING, 0])


@pytest.mark.parametrize("change", [count, money, digest])
async def test_a_draw_that_says_otherwise_is_found(
    closed: Served, change: Change
) -> None:
    """Chained as it must be, a draw whose sums are not the ledger's is named."""
    records = closed.log.partitions[CLEARING, 0]
    at = next(
        at for at, one in enumerate(records) if dict(one.headers)["ce_type"] == DRAWN
    )
    del records[at + 1 :]
    records[at] = forged(records[at], change)
    assert (await verified(closed)).wrong == [
        f"jiesuan.clearing 偏移 {at}：笔数、金额或明细摘要与账本重算的不一致"
    ]


def forged(record: Record, change: Change) -> Record:
    """Change the first statement of a draw, and hash the entry anew."""
    said = orjson.loads(record.value or b"")
    change(said["statements"][0])
    return hashed(record, said)


def hashed(record: Record, said: dict[str, Any]) -> Record:
    """Let an entry say something else, chained as it was."""
    entry = accepted_clearing(record).entry
    value = orjson.dumps(said)
    made = entry_hash(entry.prev_hash, entry.version, type_=entry.type, value=value)
    headers = [
        (name, made.hex().encode() if name == "ce_id" else old)
        for name, old in record.headers
    ]
    return Record(record.key, value, headers)


async def test_a_fine_that_moves_money_is_found(closed: Served) -> None:
    """Fines change no statement: one that shows another sum is named."""
    records = closed.log.partitions[CLEARING, 0]
    facts = [orjson.loads(one.value or b"") for one in records]
    at = max(at for at, one in enumerate(facts) if "fines" in one)
    row = next(
        row
        for fact in facts
        for row in fact.get("statements", [])
        if row["statement_id"] == facts[at]["statement_id"]
    )
    money(row)
    del records[at + 1 :]
    said = {**facts[at], "statement_cnt": 1, "statements": [row]}
    records[at] = hashed(records[at], said)
    assert (await verified(closed)).wrong == [
        f"jiesuan.clearing 偏移 {at}：笔数、金额或明细摘要与账本重算的不一致"
    ]


async def test_what_follows_nothing_is_found(closed: Served) -> None:
    """A record of clearing that is no region's next entry is named."""
    records = closed.log.partitions[CLEARING, 0]
    records.append(records[0])
    report = await verified(closed)
    assert len(report.wrong) == 1
    assert "does-not-follow" in report.wrong[0]
    assert not report.is_sound


class NotedLog(FaultyLog):
    """A log that notes which spans of the ledger are read."""

    def __init__(self) -> None:
        super().__init__()
        self.spans: list[tuple[int, int]] = []

    async def read(
        self, topic: str, partition: int, **span: Any
    ) -> AsyncIterator[Sequence[Stored]]:
        """Read, and note it."""
        if topic == LEDGER:
            self.spans.append((span["start"], span["stop"]))
        async for batch in super().read(topic, partition, **span):
            yield batch


async def test_what_no_draw_had_read_is_not_read(tmp_path: Path) -> None:
    """The ledger is read draw by draw, each as far as it had read, and no further."""
    log = NotedLog()
    served = Served(tmp_path / "store", log)
    await served.begin()
    months = WrittenMonths()
    months.begin(100_000, 200_000)
    months.drawn("202201", day("2022-02-05"))
    months.bill(300_000, day("2022-02-10"))
    months.drawn("202202", day("2022-03-05"))
    months.bill(400_000, day("2022-03-10"))
    for message in months.asked:
        await served.ask(message)
        await served.serve()
    log.spans.clear()
    report = Report("")
    await MonthsAgain(report, packs(), folder=tmp_path).check(log, 1)
    assert (report.wrong, report.clearing_entries) == ([], 2)
    end = len(log.partitions[LEDGER, 0])
    assert log.spans == [(1, end - 2), (end - 2, end - 1)]
