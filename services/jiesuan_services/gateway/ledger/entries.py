"""What the ledger itself holds, read where it stands: read models keep no lines."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from aiokafka.errors import KafkaError

from jiesuan_events.entries.partition import partition_of
from jiesuan_events.words.topics import LEDGER
from jiesuan_ledger.facts import Fact, GapRefunded
from jiesuan_ledger.log.kafka import KafkaLog, count_partitions
from jiesuan_ledger.log.port import LogError, read_one
from jiesuan_ledger.parts.block import Block
from jiesuan_ledger.reader import accepted
from jiesuan_services.gateway.faults import Unavailable

READ_SECONDS: Final = 5.0
AWAY: Final = "账本暂时无法读取，请稍候用同一报文重新发送。"


async def blocks_at(bootstrap: str, places: Sequence[Mapping[str, Any]]) -> list[Block]:
    """Return settlements or mirrors from the entries that made them; or Unavailable.

    Each place says `setl_id`, `partition` and `offset`.
    """
    log = KafkaLog(bootstrap, producer=None)
    try:
        async with asyncio.timeout(READ_SECONDS):
            await log.start()
            return [await _block(log, place) for place in places]
    except (TimeoutError, KafkaError, LogError):
        raise Unavailable(AWAY) from None
    finally:
        await log.stop()


async def last_entry(bootstrap: str, psn_no: str) -> tuple[int, int]:
    """Return where a person's partition ends now: the last offset; or Unavailable."""
    log = KafkaLog(bootstrap, producer=None)
    try:
        async with asyncio.timeout(READ_SECONDS):
            partition = partition_of(psn_no, await count_partitions(bootstrap))
            await log.start()
            return partition, await log.end_offset(LEDGER, partition) - 1
    except (TimeoutError, KafkaError, LogError):
        raise Unavailable(AWAY) from None
    finally:
        await log.stop()


async def _block(log: KafkaLog, place: Mapping[str, Any]) -> Block:
    record = await read_one(log, LEDGER, place["partition"], offset=place["offset"])
    made = _blocks(accepted(record).fact)
    return next(block for block in made if block.settlement_id == place["setl_id"])


def _blocks(fact: Fact) -> list[Block]:
    if isinstance(fact, GapRefunded):
        return [*fact.reversed, *fact.resettled]
    return [fact] if isinstance(fact, Block) else []
