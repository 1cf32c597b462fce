"""What shows the past cannot write: its log refuses, and so does the database."""

import asyncpg
import pytest

from jiesuan_embedded import Servers
from jiesuan_events.words.topics import LEDGER
from jiesuan_ledger.log.record import Record
from jiesuan_services.audit.opened import opened_ledger

pytestmark = pytest.mark.connected


async def test_an_auditor_s_log_appends_nothing(fresh_ledger: str) -> None:
    """A ledger that is opened to be asked has no producer: an append is refused, and
    nothing arrives.
    """
    async with opened_ledger(fresh_ledger) as ledger:
        before = await ledger.log.end_offset(LEDGER, 0)
        with pytest.raises(AssertionError, match="read only"):
            await ledger.log.append(LEDGER, 0, [Record(None, b"", [])])
        assert await ledger.log.end_offset(LEDGER, 0) == before


@pytest.mark.usefixtures("fresh_ledger")
async def test_a_reader_of_tables_writes_none(servers: Servers) -> None:
    """The role that auditors may have reads the tables and can insert into none."""
    connection = await asyncpg.connect(
        servers.pg, ssl=False, server_settings={"role": "jiesuan_reader"}
    )
    try:
        await connection.fetch("SELECT * FROM jiesuan.settlement LIMIT 1")
        for statement in (
            "INSERT INTO jiesuan.dead_letter DEFAULT VALUES",
            "DELETE FROM jiesuan.settlement",
            "CREATE TABLE jiesuan.mine (x int)",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
    finally:
        await connection.close()
