"""A ledger that lives for two months, and its past as an auditor opens it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.services.audit.conftest import LEDGER_ID

from jiesuan_services.audit.history.ledger import PastLedger, past_ledger

PARTITIONS = 3
Opening = Callable[[], AbstractAsyncContextManager[PastLedger]]


@pytest.fixture
def past_of(tmp_path: Path) -> Callable[..., AbstractAsyncContextManager[PastLedger]]:
    """Open the past of a ledger; the index lies in the test's folder."""

    @asynccontextmanager
    async def opened(
        ledger: Any, folder: str = "data", *, state_every: int = 7
    ) -> AsyncIterator[PastLedger]:
        async with past_ledger(
            ledger.log,
            tmp_path / folder,
            ledger_id=LEDGER_ID,
            partitions=PARTITIONS,
            state_every=state_every,
        ) as past:
            yield past

    return opened


@pytest.fixture
def two_months(begun: Any, worked_cases: list[str]) -> Any:
    """A ledger that has lived from March into May, and met forks."""
    for number, line in enumerate(worked_cases):
        begun.live([line], first=number, step=86_400)
        if number % 20 == 19:
            begun.fork(number % PARTITIONS)
    return begun
