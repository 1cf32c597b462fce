"""Noting who looks, for every command that shows persons or hands the ledger out.

The note is written by a process of its own, which ends before anything is read: the one
that reads and shows never holds a producer (docs/decisions/0044).
"""

import asyncio
import os
import pwd
import socket
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from jiesuan_services.cli.console import servers_of
from jiesuan_services.runtime.bootstrap import now

if TYPE_CHECKING:
    from jiesuan_services.audit.looks import LookNote


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
    from jiesuan_services.audit.looks import LookNote

    look = LookNote(now(), who(), what, psn_no, detail, why)
    # Forked, for it costs a hundredth of a process that begins anew; nothing here has
    # started a thread or a loop yet.
    with ProcessPoolExecutor(1, mp_context=get_context("fork")) as pool:
        pool.submit(_note, servers_of(data).kafka, look).result()


def _note(kafka: str, look: "LookNote") -> None:
    """Write a look, and let the producer go."""
    from jiesuan_ledger.log.kafka import KafkaLog, make_producer
    from jiesuan_services.audit.looks import note

    async def noted() -> None:
        log = KafkaLog(kafka, producer=make_producer(kafka))
        await log.start()
        try:
            await note(log, look)
        finally:
            await log.stop()

    asyncio.run(noted())
