"""`verify-floor`: verifying against reading and hashing the same bytes, on one core.

Whatever is verified has to be read, with the consumer that `verify` reads with, and
hashed three times, as the formats demand: for its chain, for its record digest, for its
leaf. Nothing is faster than that. CPU time of one process counts, of the same log.
"""

from collections.abc import Sequence
from hashlib import sha256
from time import process_time
from typing import Final

from jiesuan_events.words.topics import LEDGER
from jiesuan_ledger.log.port import Log
from jiesuan_services.bench.figure import Figure, at_least

ENOUGH: Final = 150_000.0
"""Entries a second of one core that are enough, however fast the floor is."""
SHARE: Final = 0.5


async def floor_rate(log: Log, partitions: int) -> float:
    """Return how many records a second one core reads and hashes."""
    records, began = 0, process_time()
    for partition in range(partitions):
        end = await log.end_offset(LEDGER, partition)
        async for batch in log.read(LEDGER, partition, start=0, stop=end):
            for stored in batch:
                record = stored.record
                value = record.value or b""
                headers = b"".join(said or b"" for _, said in record.headers)
                sha256(value).digest()
                digest = sha256(headers + value).digest()
                sha256(b"\x00" + digest).digest()
            records += len(batch)
    return records / (process_time() - began)


def against_floor(rates: Sequence[float], floor: float) -> Figure:
    """Hold what one core verifies against half the floor, or what is enough."""
    is_enough = SHARE * floor >= ENOUGH
    return at_least(
        "verify-floor",
        rates,
        unit="entries/s/core",
        baseline="足够快" if is_enough else "读取并哈希同样的字节",
        over=ENOUGH if is_enough else floor,
        ratio=1.0 if is_enough else SHARE,
    )
