"""The past of served months, as an auditor opens it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.services.clearing.conftest import Served

from jiesuan_ledger.genesis import read_genesis
from jiesuan_services.audit.history.ledger import PastLedger, past_ledger


@asynccontextmanager
async def past_of(served: Served, folder: Path) -> AsyncIterator[PastLedger]:
    """Open the past of a ledger; its index lies in a folder."""
    ledger = await read_genesis(served.log, 0, partitions=1)
    async with past_ledger(
        served.log, folder, ledger_id=ledger.id, partitions=1
    ) as past:
        yield past
