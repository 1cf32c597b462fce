"""What agencies said of persons, row by row, in the order of the ledger."""

from typing import Final

from jiesuan_events.words.topics import LEDGER
from jiesuan_ledger.accumulators.pools import Homes
from jiesuan_ledger.facts import (
    Designated,
    Disqualified,
    Enrolled,
    Fact,
    Filed,
    InpatientReported,
    Qualified,
    Undesignated,
    Unfiled,
)
from jiesuan_projections.engine.model import Connection, ReadModel, Row, storable
from jiesuan_projections.engine.reading.homes import follow, homes_before
from jiesuan_projections.engine.reading.ledger import LedgerBatch, PlacedEntry
from jiesuan_projections.engine.tables.copy import append
from jiesuan_projections.engine.tables.sql import query

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
        "ended_dise_codes",
    ),
    "designation": (
        *_PLACE,
        "designated",
        "fixmedins_code",
        "opsp_dise_code",
        "begndate",
        "enddate",
        "memo",
    ),
    "filing": (
        *_PLACE,
        "filed",
        "filing_type",
        "rloc_admdvs",
        "refl_fixmedins_code",
        "begndate",
        "enddate",
        "memo",
    ),
    "inpatient_report": (
        *_PLACE,
        "insuplc_admdvs",
        "year",
        "mdtrt_id",
        "inscp_scp_amt_fen",
    ),
}


Said = tuple[str, Row] | None
"""A table and its row, or nothing."""


def _said(entry: PlacedEntry, homes: Homes) -> Said:
    """Return table and row of what a fact registers of a person, None if nothing."""
    fact = entry.fact
    if isinstance(fact, InpatientReported):
        region = fact.insured_region or homes.of(entry.person_id, fact.scheme)
        row = (fact.scheme, region, fact.year, fact.visit_id, fact.in_scope)
        return "inpatient_report", row
    return _of_person(fact) or _of_places(fact)


def _of_person(fact: Fact) -> Said:
    match fact:
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
            said = (f.begin_date, f.end_date, f.identified_on, None, ())
            return "qualification", (f.scheme, f.qualified_disease, True, *said)
        case Disqualified() as f:
            memo = f.memo and storable(f.memo)
            end = (None, f.end_date, None, memo, f.ended_diseases)
            return "qualification", (f.scheme, f.qualified_disease, False, *end)
        case _:
            return None


def _of_places(fact: Fact) -> Said:
    match fact:
        case Designated() as f:
            chosen = (f.institution_id, f.qualified_disease, f.begin_date, f.end_date)
            return "designation", (f.scheme, True, *chosen, None)
        case Undesignated() as f:
            ended = (f.institution_id, f.qualified_disease, *_end(f))
            return "designation", (f.scheme, False, *ended)
        case Filed() as f:
            where = (f.filing_type, f.filed_region, f.referring_institution)
            return "filing", (f.scheme, True, *where, f.begin_date, f.end_date, None)
        case Unfiled() as f:
            return "filing", (f.scheme, False, None, f.filed_region, None, *_end(f))
        case _:
            return None


def _end(fact: Undesignated | Unfiled) -> Row:
    """Return the columns of an end: no begin, the last day, the memo."""
    return None, fact.end_date, fact.memo and storable(fact.memo)


def rows(batch: LedgerBatch, homes: Homes | None = None) -> dict[str, list[Row]]:
    """Return the rows that a batch adds to each table.

    ``homes`` are those of before the batch; of a whole life there are none.
    """
    homes = Homes() if homes is None else homes
    result: dict[str, list[Row]] = {table: [] for table in COLUMNS}
    for entry in batch.others:
        follow(homes, entry)
        said = _said(entry, homes)
        if said is not None:
            table, row = said
            place = (entry.recorded_at, entry.partition, entry.offset, entry.person_id)
            result[table].append((*place, *row))
    return result


async def apply(connection: Connection, batch: LedgerBatch) -> None:
    """Append what was said in a batch."""
    statement = query("register", "homes")
    homes = await homes_before(connection, batch.others, statement=statement)
    for table, added in rows(batch, homes).items():
        await append(connection, table, columns=COLUMNS[table], rows=added)


MODEL: Final = ReadModel("register", LEDGER, tuple(COLUMNS), apply)
