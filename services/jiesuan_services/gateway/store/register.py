"""What the read models know of a person: enrolments, qualifications, settlements."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from jiesuan_services.gateway.store.database import Connection
from jiesuan_services.gateway.store.sql import query

_HOME: Final = ("store", "register")
ENROLLED: Final = "1"
SUSPENDED: Final = "2"
ENDED: Final = "4"
Row = Mapping[str, Any]


async def enrolments_on(db: Connection, psn_no: str, *, day: date) -> list[Row]:
    """Return the enrolments of a person that count on a day, one a scheme."""
    rows = await db.fetch(query(*_HOME, name="enrolments_on"), psn_no, day)
    return [{**row, "stas": _status(row, day)} for row in rows]


def _status(row: Row, day: date) -> str:
    """Return 1 enrolled, 2 suspended, 4 ended, or what the agency said else."""
    if row["enddate"] is not None and row["enddate"] < day:
        return ENDED
    return str(row["psn_insu_stas"] or ENROLLED)


async def region_of(
    db: Connection, psn_no: str, *, insutype: str, day: date
) -> str | None:
    """Return where a person is enrolled in a scheme on a day."""
    for row in await enrolments_on(db, psn_no, day=day):
        if row["insutype"] == insutype and row["stas"] != ENDED:
            return str(row["insuplc_admdvs"])
    return None


async def qualifications(db: Connection, psn_no: str, *, day: date) -> list[Row]:
    """Return of each chronic disease of a person what counts on a day."""
    rows: list[Row] = await db.fetch(query(*_HOME, name="qualifications"), psn_no, day)
    return rows


async def treated(db: Connection, psn_no: str, *, day: date) -> list[Row]:
    """Return until when each chronic disease of a person was treated, to a day."""
    rows: list[Row] = await db.fetch(query(*_HOME, name="treated"), psn_no, day)
    return rows


async def designations(db: Connection, psn_no: str, *, day: date) -> list[Row]:
    """Return the institutions that a person chose and that hold on a day."""
    rows: list[Row] = await db.fetch(query(*_HOME, name="designations"), psn_no, day)
    return rows


async def settlement(
    db: Connection, setl_id: str, *, psn_no: str, fixmedins_code: str
) -> Row | None:
    """Return a settlement of the institution's own, with its refund if there is one."""
    row = await db.fetchrow(
        query(*_HOME, name="settlement"), setl_id, psn_no, fixmedins_code
    )
    if row is None:
        return None
    refund = await db.fetchval(query(*_HOME, name="refund_of"), setl_id, psn_no)
    return {**row, "refunded_by": refund}


async def settlements_of_visit(
    db: Connection, mdtrt_id: str, *, psn_no: str, fixmedins_code: str, most: int
) -> list[Row]:
    """Return the settlements of a visit to the institution, and which of them stand."""
    named = (psn_no, fixmedins_code, mdtrt_id, most)
    rows: list[Row] = await db.fetch(query(*_HOME, name="settlements_of_visit"), *named)
    return rows


async def standing(
    db: Connection, psn_no: str, *, setl_ids: Iterable[str]
) -> dict[str, str]:
    """Return of each settlement what stands of it now, leaving out those taken back."""
    statement = query(*_HOME, name="standing")
    rows = await db.fetch(statement, psn_no, list(setl_ids))
    return {row["first"]: row["setl_id"] for row in rows}


async def visits_settled(
    db: Connection, psn_no: str, *, fixmedins_code: str, days: tuple[date, date]
) -> list[Row]:
    """Return the visits to the institution that only settlements of those days tell."""
    rows: list[Row] = await db.fetch(
        query(*_HOME, name="visits_settled"), psn_no, fixmedins_code, *days
    )
    return rows


async def named_by_sender(
    db: Connection,
    names: list[str],
    *,
    psn_no: str,
    fixmedins_code: str,
    seconds: list[str],
    standing: bool = False,
) -> list[Row]:
    """Return what settled under a sender's name, or a second one less its digits.

    Of ``standing`` those that were not taken back.
    """
    statement = query(*_HOME, name="named_by_sender")
    named = (psn_no, fixmedins_code, names, seconds, standing)
    rows: list[Row] = await db.fetch(statement, *named)
    return rows


async def entered_under(
    db: Connection, names: Sequence[str], *, psn_no: str, fixmedins_code: str
) -> list[Row]:
    """Return what settled or took back under some names, and if it stands."""
    named = (psn_no, fixmedins_code, list(names))
    rows: list[Row] = await db.fetch(query(*_HOME, name="entered_under"), *named)
    return rows


async def years(db: Connection, psn_no: str) -> list[Row]:
    """Return a person's accumulators, scheme by scheme and year by year.

    A row for each region in which he was insured.
    """
    rows: list[Row] = await db.fetch(query(*_HOME, name="years"), psn_no)
    return rows
