"""Noting who looks, for every command that shows persons or hands the ledger out."""

import asyncio
import os
import pwd
import socket
from pathlib import Path

from jiesuan_services.cli.console import servers_of
from jiesuan_services.runtime.bootstrap import now


def who() -> str:
    """Return who runs the command: the account, and on which machine."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        name = str(os.getuid())
    return f"{name}@{socket.gethostname()}"


def looked(
    data: Path | None,
    what: str,
    *,
    psn_no: str | None = None,
    detail: str = "",
    why: str | None,
) -> None:
    """Record a look before anything is shown; raise if it cannot be recorded."""
    from jiesuan_ledger.log.kafka import KafkaLog, make_producer
    from jiesuan_services.audit.looks import LookNote, note

    look = LookNote(now(), who(), what, psn_no, detail, why)
    kafka = servers_of(data).kafka

    async def noted() -> None:
        log = KafkaLog(kafka, producer=make_producer(kafka))
        await log.start()
        try:
            await note(log, look)
        finally:
            await log.stop()

    asyncio.run(noted())
