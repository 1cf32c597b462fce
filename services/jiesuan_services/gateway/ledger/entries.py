"""What the ledger itself holds, read where it stands: read models keep no lines."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka.errors import KafkaError

from jiesuan_events.entries.partition import partition_of
from jiesuan_events.words.topics import LEDGER
from jiesuan_ledger.facts import Fact, GapRefunded
from jiesuan_ledger.log.kafka import KafkaLog, count_partitions
from jiesuan_ledger.log.port import LogError, read_one
from jiesuan_ledger.parts.block import Block
from jiesuan_ledger.reader import AcceptedEntry, accepted
from jiesuan_services.gateway.faults import Unavailable

READ_SECONDS: Final = 5.0
AWAY: Final = "账本暂时无法读取，请稍候用同一报文重新发送。"


async def blocks_at(bootstrap: str, places: Sequence[Mapping[str, Any]]) -> list[Block]:
    """Return settlements or mirrors from the entries that made them; or Unavailable.

    Each place says `setl_id`, `partition` and `offset`.
    """
    async with _reading(bootstrap) as log:
        return [await _block(log, place) for place in places]


async def entries_at(
    bootstrap: str, places: Sequence[Mapping[str, Any]]
) -> list[AcceptedEntry]:
    """Return the entries of some places, each a `partition` and `offset`, in order."""
    async with _reading(bootstrap) as log:
        return [await _entry(log, place) for place in places]


async def last_entry(bootstrap: str, psn_no: str) -> tuple[int, int]:
    """Return where a person's partition ends now: the last offset; or Unavailable."""
    async with _reading(bootstrap) as log:
        partition = partition_of(psn_no, await count_partitions(bootstrap))
        return partition, await log.end_offset(LEDGER, partition) - 1


@asynccontextmanager
async def _reading(bootstrap: str) -> AsyncIterator[KafkaLog]:
    """Yield the log for some seconds; what it does not say in them is Unavailable."""
    log = KafkaLog(bootstrap, producer=None)
    try:
        async with asyncio.timeout(READ_SECONDS):
            await log.start()
            yield log
    except (TimeoutError, KafkaError, LogError):
        raise Unavailable(AWAY) from None
    finally:
        await log.stop()


async def _block(log: KafkaLog, place: Mapping[str, Any]) -> Block:
    made = _blocks((await _entry(log, place)).fact)
    return next(block for block in made if block.settlement_id == place["setl_id"])


async def _entry(log: KafkaLog, place: Mapping[str, Any]) -> AcceptedEntry:
    at = place["partition"], place["offset"]
    return accepted(await read_one(log, LEDGER, at[0], offset=at[1]))


def _blocks(fact: Fact) -> list[Block]:
    if isinstance(fact, GapRefunded):
        return [*fact.reversed, *fact.resettled]
    return [fact] if isinstance(fact, Block) else []
