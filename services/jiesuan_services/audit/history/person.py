"""A person as of a point: what the read models would show, from the entries alone."""

from operator import itemgetter
from typing import Any

from jiesuan_events.entries.entry import is_person_id
from jiesuan_events.entries.partition import partition_of
from jiesuan_events.words.topics import LEDGER
from jiesuan_ledger.log.port import read_one
from jiesuan_ledger.log.record import Record
from jiesuan_projections.engine.reading.ledger import LedgerBatch, read_entries
from jiesuan_projections.read_models.person_year import projector as person_year
from jiesuan_projections.read_models.register import projector as register
from jiesuan_projections.read_models.settlement import projector as settlement
from jiesuan_services.audit.history.ledger import (
    BROKEN_INDEX,
    HistoryRefused,
    PastLedger,
)
from jiesuan_services.audit.history.rows import Row, as_stored
from jiesuan_services.audit.index.store import IndexedRecord
from jiesuan_services.audit.points import AsOf, said


async def person_as_of(past: PastLedger, kept: AsOf, *, psn_no: str) -> dict[str, Any]:
    """Return the object that `jiesuan person` showed, and the last entry behind it."""
    entries = entries_of(past, kept, psn_no=psn_no)
    batch = await checked(past, entries)
    last = entries[-1] if entries else None
    return {
        "psn_no": psn_no,
        **life(batch),
        "as_of": said(kept),
        "last_entry": None if last is None else _last(last, batch, psn_no=psn_no),
    }


def entries_of(past: PastLedger, kept: AsOf, *, psn_no: str) -> list[IndexedRecord]:
    """Return a person's entries up to a point; nobody has none."""
    if not is_person_id(psn_no):
        return []
    partition = partition_of(psn_no, past.partitions)
    return list(past.index.store.entries(psn_no, until=kept[partition]))


async def checked(past: PastLedger, entries: list[IndexedRecord]) -> LedgerBatch:
    """Return a person's entries, their chain checked and its end found in the log.

    The last hash in the log proves every entry before it.
    """
    batch = read_entries(entries, {}, partitions=past.partitions)
    if batch.forks or len(batch.entries) != len(entries):
        raise HistoryRefused(BROKEN_INDEX)
    if entries:
        last = entries[-1]
        found = await read_one(past.log, LEDGER, last.partition, offset=last.offset)
        if found != Record(last.key, last.value or b"", last.headers):
            raise HistoryRefused(
                f"partition {last.partition} offset {last.offset} 的记录"
                "与此前读到的不同：账本被改动过，请运行 jiesuan verify"
            )
    return batch


def life(batch: LedgerBatch) -> dict[str, list[Row]]:
    """Return the rows of one person, as the queries of `jiesuan person` give them."""
    said_of = register.rows(batch)
    registered = {
        table: as_stored(
            "register", table, rows=said_of[table], names=register.COLUMNS[table]
        )
        for table in ("enrolment", "qualification", "filing", "designation")
    }
    years = as_stored("person_year", "person_year", rows=person_year.rows(batch))
    return {
        "enrolments": registered["enrolment"],
        "years": sorted(years, key=itemgetter("insutype", "year", "insuplc_admdvs")),
        "settlements": _settlements(batch),
        "qualifications": registered["qualification"],
        "filings": registered["filing"],
        "designations": registered["designation"],
    }


def _settlements(batch: LedgerBatch) -> list[Row]:
    rows = as_stored(
        "settlement",
        "settlement",
        rows=settlement.rows(batch),
        names=settlement.COLUMNS,
    )
    taken_back = {row["init_setl_id"] for row in rows}
    return [
        {
            **row,
            "stands": row["init_setl_id"] is None and row["setl_id"] not in taken_back,
        }
        for row in rows
    ]


def _last(last: IndexedRecord, batch: LedgerBatch, *, psn_no: str) -> Row:
    head = batch.moved[psn_no]
    return {
        "partition": last.partition,
        "offset": last.offset,
        "version": head.version,
        "hash": head.hash.hex(),
        "recorded_at": (dict(last.headers)["ce_time"] or b"").decode(),
    }
