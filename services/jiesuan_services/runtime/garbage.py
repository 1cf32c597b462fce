"""The collector of garbage, called by the clock where records come by the thousand."""

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator, Iterator
from typing import Final

COLLECT_SECONDS: Final = 5.0


@contextlib.contextmanager
def collector_at_rest() -> Iterator[None]:
    """Leave what stands alone, and look for no cycles until the end."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


@contextlib.asynccontextmanager
async def collected_by_the_clock(
    seconds: float = COLLECT_SECONDS,
) -> AsyncIterator[None]:
    """Look for cycles by the clock, not by the count.

    Requests, facts and rows hold no cycles and are freed when they are let go of: the
    more come by, the more would be looked through for nothing. What the event loop
    leaves behind has some.
    """
    with collector_at_rest():
        collecting = asyncio.create_task(_collect(seconds))
        try:
            yield
        finally:
            collecting.cancel()


async def _collect(seconds: float) -> None:
    while True:
        await asyncio.sleep(seconds)
        gc.collect()
