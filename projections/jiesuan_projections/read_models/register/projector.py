"""What agencies said of persons, row by row, in the order of the ledger."""

from typing import Final

from jiesuan_events.words.topics import LEDGER
from jiesuan_ledger.facts import (
    Disqualified,
    Enrolled,
    Filed,
    InpatientReported,
    Qualified,
)
from jiesuan_projections.engine.model import Connection, ReadModel, Row, storable
from jiesuan_projections.engine.reading.ledger import LedgerBatch, PlacedEntry
from jiesuan_projections.engine.tables.copy import append

_PLACE: Final = ("recorded_at", "partition", "offset", "psn_no", "insutype")
COLUMNS: Final = {
    "enrolment": (
        *_PLACE,
        "psn_type",
        "insuplc_admdvs",
        "brdy",
        "begndate",
        "enddate",
        "psn_insu_stas",
    ),
    "qualification": (
        *_PLACE,
        "opsp_dise_code",
        "qualified",
        "begndate",
        "enddate",
        "hosp_ide_date",
        "memo",
    ),
    "filing": (*_PLACE, "filing_type", "rloc_admdvs", "begndate", "enddate"),
    "inpatient_report": (*_PLACE, "year", "mdtrt_id", "inscp_scp_amt_fen"),
}


def _said(entry: PlacedEntry) -> tuple[str, Row] | None:
    """Give the table and the row of what was said of a person, if anything was."""
    match entry.fact:
        case Enrolled() as f:
            return "enrolment", (
                f.scheme,
                f.person_category,
                f.insured_region,
                f.birth_date,
                f.begin_date,
                f.end_date,
                f.enrolment_status,
            )
        case Qualified() as f:
            dates = (f.begin_date, f.end_date, f.identified_on)
            return "qualification", (f.scheme, f.qualified_disease, True, *dates, None)
        case Disqualified() as f:
            end = (None, f.end_date, None, f.memo and storable(f.memo))
            return "qualification", (f.scheme, f.qualified_disease, False, *end)
        case Filed() as f:
            where = (f.filing_type, f.filed_region)
            return "filing", (f.scheme, *where, f.begin_date, f.end_date)
        case InpatientReported() as f:
            return "inpatient_report", (f.scheme, f.year, f.visit_id, f.in_scope)
        case _:
            return None


def rows(batch: LedgerBatch) -> dict[str, list[Row]]:
    """Give the rows that a batch adds to each table."""
    result: dict[str, list[Row]] = {table: [] for table in COLUMNS}
    for entry in batch.entries:
        said = _said(entry)
        if said is not None:
            table, row = said
            place = (entry.recorded_at, entry.partition, entry.offset, entry.person_id)
            result[table].append((*place, *row))
    return result


async def apply(connection: Connection, batch: LedgerBatch) -> None:
    """Append what was said in a batch."""
    for table, added in rows(batch).items():
        await append(connection, table, columns=COLUMNS[table], rows=added)


MODEL: Final = ReadModel("register", LEDGER, tuple(COLUMNS), apply)
