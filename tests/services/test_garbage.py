"""The collector called by the clock: off by itself, and never forgotten."""

import asyncio
import gc
import weakref

import pytest

from jiesuan_services.runtime.garbage import collected_by_the_clock


class Node:
    """Something that can hold itself."""

    def __init__(self) -> None:
        self.me = self


async def test_the_collector_rests_meanwhile_and_works_again_after() -> None:
    """Inside nothing is collected by the count; after it, even a failure, it is."""

    async def fail_inside() -> None:
        async with collected_by_the_clock():
            assert not gc.isenabled()
            raise KeyError

    with pytest.raises(KeyError):
        await fail_inside()
    assert gc.isenabled()


async def test_a_cycle_is_found_by_the_clock() -> None:
    """What holds itself is let go of, although the collector does not count."""
    gone = asyncio.Event()
    async with collected_by_the_clock(seconds=0.01), asyncio.timeout(10):
        weakref.finalize(Node(), gone.set)
        await gone.wait()
    assert gone.is_set()
