"""What shows the past cannot write: its log refuses, and so does the database."""

import os
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer

from jiesuan_embedded import Servers
from jiesuan_events.words.topics import LEDGER, LOOKS
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


async def test_who_looks_never_holds_a_producer(
    servers: Servers,
    fresh_ledger: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """A look is written by another process than the one that goes on to read: there,
    no producer was ever made.
    """
    from jiesuan_services.cli.looking import looked

    made, begin = tmp_path / "made", AIOKafkaProducer.__init__

    def begun(self: AIOKafkaProducer, **settings: Any) -> None:
        with made.open("a") as file:
            file.write(f"{os.getpid()}\n")
        begin(self, **settings)

    monkeypatch.setattr(AIOKafkaProducer, "__init__", begun)
    monkeypatch.setenv("JIESUAN_KAFKA", fresh_ledger)
    monkeypatch.setenv("JIESUAN_PG", servers.pg)
    async with opened_ledger(fresh_ledger) as ledger:
        before = await ledger.log.end_offset(LOOKS, 0)
        looked(None, "what-if", detail="draft", why="a test")
        assert await ledger.log.end_offset(LOOKS, 0) == before + 1
    pids = made.read_text().split()
    assert len(pids) == 1
    assert pids != [str(os.getpid())]


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
