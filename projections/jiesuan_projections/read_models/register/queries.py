"""What may be asked of the register."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from jiesuan_projections.engine.model import Connection
from jiesuan_projections.engine.tables.sql import query


async def _of_person(
    connection: Connection, psn_no: str, *, what: str
) -> list[dict[str, Any]]:
    rows = await connection.fetch(query("register", what), psn_no)
    return [dict(row) for row in rows]


async def enrolments(connection: Connection, psn_no: str) -> list[dict[str, Any]]:
    """Return a person's enrolments as they were reported."""
    return await _of_person(connection, psn_no, what="enrolments")


async def qualifications(connection: Connection, psn_no: str) -> list[dict[str, Any]]:
    """Return a person's chronic qualifications and their ends as they were reported."""
    return await _of_person(connection, psn_no, what="qualifications")


async def filings(connection: Connection, psn_no: str) -> list[dict[str, Any]]:
    """Return a person's filings as they were reported."""
    return await _of_person(connection, psn_no, what="filings")


async def designations(connection: Connection, psn_no: str) -> list[dict[str, Any]]:
    """Return the institutions that a person chose, as they were reported."""
    return await _of_person(connection, psn_no, what="designations")


async def flagged(connection: Connection, before: datetime) -> list[dict[str, Any]]:
    """Return the qualifications that name the day a hospital recognised the disease."""
    return [
        dict(row)
        for row in await connection.fetch(query("register", "flagged"), before)
    ]


async def enrolments_of(
    connection: Connection, persons: Sequence[str]
) -> list[dict[str, Any]]:
    """Return the enrolments of several persons as they were reported."""
    rows = await connection.fetch(query("register", "enrolments_of"), persons)
    return [dict(row) for row in rows]
