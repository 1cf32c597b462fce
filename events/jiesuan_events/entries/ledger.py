"""The first record of every partition of the ledger: which ledger this is."""

from typing import Annotated

from pydantic import Field

from jiesuan_events.words.fields import Contract, Instant

LedgerId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class LedgerCreated(Contract):
    """A ledger was created with so many partitions, fixed for ever."""

    ledger_id: LedgerId
    partitions: Annotated[int, Field(strict=True, ge=1, le=10_000)]
    created_at: Instant
