"""The months from their facts: whole rows as facts give them, drawn rows by place.

A draw names how far the ledger was read and lists no rows: they are those of
`settlement` up to there. So its fact waits here until the ledger is projected that far.
"""

from collections.abc import Sequence
from typing import Final

from jiesuan_events.words.topics import CLEARING, LEDGER
from jiesuan_ledger.clearing.facts import (
    Audited,
    ChangedRows,
    ClearingFact,
    ClearingPart,
    Drawn,
    Fined,
    QuotaSet,
    StatementPaid,
    StatementRejected,
    read_clearing_fact,
)
from jiesuan_ledger.clearing.reader import (
    CLEARING_PARTITION,
    AcceptedClearing,
    accept_clearing,
)
from jiesuan_ledger.reader import NO_HEAD, ChainHead, Fork, person_of
from jiesuan_projections.engine.logs import LogUnreadable
from jiesuan_projections.engine.model import Connection, LogRecord, ReadModel
from jiesuan_projections.engine.tables.sql import query
from jiesuan_projections.read_models.clearing.rows import (
    fine_values,
    line_values,
    prepayment_values,
    recovery_key,
    statement_values,
    warn_ratio,
)

FOLDER: Final = "clearing"
PART_TYPE: Final = "jiesuan.clearing.part.v1"


class LedgerBehind(LogUnreadable):
    """The ledger is not projected as far as a draw had read it: it will be."""


async def apply(connection: Connection, records: Sequence[LogRecord]) -> None:
    """Apply records in order, by the rule of all readers."""
    heads = await _heads(connection, records)
    for record in records:
        region = person_of(record) or ""
        one = accept_clearing(record, heads.get(region, NO_HEAD))
        if isinstance(one, Fork):
            note = query(FOLDER, "note_fork")
            await connection.execute(note, record.offset, one.reason.value)
            continue
        heads[region] = one.head
        await _apply(connection, one, offset=record.offset)
    for region, head in heads.items():
        move = query(FOLDER, "move_head")
        await connection.execute(move, region, head.version, head.hash)


async def _heads(
    connection: Connection, records: Sequence[LogRecord]
) -> dict[str, ChainHead]:
    regions = list({name for record in records if (name := person_of(record))})
    rows = await connection.fetch(query(FOLDER, "heads"), regions)
    return {
        row["mdtrtarea_admvs"]: ChainHead(
            row["version"], row["hash"], CLEARING_PARTITION
        )
        for row in rows
    }


async def _apply(connection: Connection, one: AcceptedClearing, *, offset: int) -> None:
    fact = one.fact
    if isinstance(fact, ClearingPart):
        keep = query(FOLDER, "keep_part")
        region, version = fact.care_region, one.entry.version
        await connection.execute(keep, region, version, one.entry.value)
        return
    parts = await _parts(connection, one)
    if isinstance(fact, QuotaSet):
        await _set_quota(connection, fact)
        return
    if isinstance(fact, Drawn):
        await _draw(connection, fact)
    for rows in (*parts, fact):
        await _write_rows(connection, rows)
    await _recover(connection, fact)
    if isinstance(fact, Audited):
        await _deduct(connection, fact, offset=offset)
    if isinstance(fact, Fined):
        await _fine(connection, fact)
    if isinstance(fact, StatementRejected):
        await connection.execute(query(FOLDER, "undeduct"), fact.statement_id)
        note = query(FOLDER, "note_rejection")
        await connection.execute(note, fact.statement_id, fact.counted_on)
    if isinstance(fact, StatementPaid):
        settle = query(FOLDER, "settle")
        await connection.executemany(settle, prepayment_values(fact))


async def _parts(connection: Connection, one: AcceptedClearing) -> list[ClearingPart]:
    """Take the parts that stand right before a fact; what was left over is let go."""
    count = getattr(one.fact, "parts", 0)
    rows = await connection.fetch(query(FOLDER, "take_parts"), one.fact.care_region)
    first = one.entry.version - count
    facts = [
        read_clearing_fact(PART_TYPE, row["value"])
        for row in sorted(rows, key=lambda row: row["version"])
        if row["version"] >= first
    ]
    found = [fact for fact in facts if isinstance(fact, ClearingPart)]
    assert len(found) == count, "the parts of a fact stand right before it"
    return found


async def _write_rows(connection: Connection, rows: ClearingPart | ChangedRows) -> None:
    statements = map(statement_values, rows.statements)
    await connection.executemany(query(FOLDER, "statement"), list(statements))
    lines = map(line_values, rows.statement_lines)
    await connection.executemany(query(FOLDER, "line"), list(lines))


async def _draw(connection: Connection, fact: Drawn) -> None:
    positions = await connection.fetch(query(FOLDER, "ledger_positions"), LEDGER)
    projected = {row["partition"]: row["offset"] for row in positions}
    for one in fact.read_to:
        if projected.get(one.partition, -1) < one.offset:
            raise LedgerBehind(
                f"账本分区{one.partition}尚未投影到{one.offset}，稍后再应用清分"
            )
    region, month = fact.care_region, fact.clearing_month
    partitions = [one.partition for one in fact.read_to]
    offsets = [one.offset for one in fact.read_to]
    await connection.execute(query(FOLDER, "carry"), region, month)
    await connection.execute(query(FOLDER, "draw"), region, month, partitions, offsets)
    await connection.execute(
        query(FOLDER, "note_draw"), region, month, partitions, offsets
    )


async def _deduct(connection: Connection, fact: Audited, *, offset: int) -> None:
    await connection.executemany(
        query(FOLDER, "deduct"),
        [
            (
                fact.statement_id,
                one.settlement_id,
                one.amount,
                one.article,
                one.reason,
                offset,
                seq,
            )
            for seq, one in enumerate(fact.deductions)
        ],
    )


async def _fine(connection: Connection, fact: Fined) -> None:
    """Replace the fines of a statement by the list that counts from now on."""
    await connection.execute(query(FOLDER, "forget_fines"), fact.statement_id)
    await connection.executemany(query(FOLDER, "fine"), list(fine_values(fact)))


async def _recover(connection: Connection, fact: ClearingFact) -> None:
    """Replace what is pending; nothing pending has no row."""
    if not isinstance(fact, ChangedRows):
        return
    for one in fact.recoveries:
        key = recovery_key(one)
        await connection.execute(query(FOLDER, "forget_recovery"), *key)
        if one.pending:
            await connection.execute(query(FOLDER, "recover"), *key, one.pending)


async def _set_quota(connection: Connection, fact: QuotaSet) -> None:
    await connection.execute(
        query(FOLDER, "quota"),
        fact.care_region,
        fact.insured_region,
        fact.scheme,
        fact.year,
        fact.quota,
        warn_ratio(fact),
    )


MODEL: Final = ReadModel(
    FOLDER,
    CLEARING,
    (
        "clearing_statement",
        "clearing_row",
        "clearing_draw",
        "clearing_deduction",
        "clearing_fine",
        "clearing_rejection",
        "clearing_recovery",
        "prepayment_account",
        "clearing_head",
        "clearing_part",
        "clearing_fork",
    ),
    apply,
    views=(
        "clearing_balance",
        "clearing_posting",
        "clearing_waiting",
        "prepayment",
        "overspend",
    ),
    stands_on=("settlement", "prepayment_use"),
)
