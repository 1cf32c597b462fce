"""What the auditors' commands share: a ledger opened to be asked, and its times."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from jiesuan_services.cli.console import servers_of
from jiesuan_services.cli.options import settings_from

if TYPE_CHECKING:
    from jiesuan_services.audit.history.ledger import PastLedger

T = TypeVar("T")


def ask_past(data: Path | None, question: Callable[["PastLedger"], Awaitable[T]]) -> T:
    """Ask a ledger about its past; nothing can be written through it."""

    async def asked() -> T:
        from jiesuan_services.audit.history.ledger import past_ledger
        from jiesuan_services.audit.opened import opened_ledger

        folder = settings_from(data).data
        async with (
            opened_ledger(servers_of(data).kafka) as ledger,
            past_ledger(
                ledger.log, folder, ledger_id=ledger.id, partitions=ledger.partitions
            ) as past,
        ):
            return await question(past)

    return asyncio.run(asked())
