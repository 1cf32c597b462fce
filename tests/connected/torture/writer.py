"""A client that writes batches as they are, in transactions that it may never end."""

import asyncio
import random
import struct
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from aiokafka import AIOKafkaClient
from aiokafka.client import CoordinationType
from aiokafka.errors import NoError, for_code
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.protocol.transaction import (
    AddPartitionsToTxnRequest,
    EndTxnRequest,
    InitProducerIdRequest,
)
from tests.connected.torture.strangers import ENDS, Lot, Stranger
from tests.ledger.raw import CODECS, Raw, batch

NOBODY: Final = (-1, -1, -1)
PLAIN: Final = "plain"
TIMEOUTS_MS: Final = (1_000, 1_000, 1_000, 3_000, 10_000)
"""After how long the broker gives up what was left open: ten seconds at most."""
_LAST_DELTA: Final = struct.Struct(">i")
_LAST_DELTA_AT: Final = struct.calcsize(">qiibIh")

Place = tuple[str, int, int]


class Writer:
    """Writes strangers, and remembers where each stands and what became of it."""

    def __init__(self, bootstrap: str, chance: random.Random) -> None:
        self.places: dict[Place, Stranger] = {}
        self.bent: dict[Place, Place] = {}
        """Each place of a batch with a flipped bit: where the batch begins."""
        self.refused: Counter[str] = Counter()
        self.written: Counter[str] = Counter()
        self._chance = chance
        self._client = AIOKafkaClient(bootstrap_servers=bootstrap)

    async def __aenter__(self) -> "Writer":
        await self._client.bootstrap()
        key = uuid.uuid4().hex
        while True:
            try:
                kind = CoordinationType.TRANSACTION
                await self._client.coordinator_lookup(kind, key)
            except Exception:  # the topic of the transactions is being made
                await asyncio.sleep(0.1)
            else:
                return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()

    @property
    def count(self) -> int:
        """How many records were offered, taken or refused."""
        return self.written.total() + self.refused.total()

    async def good(
        self, topic: str, partition: int, records: Sequence[Raw]
    ) -> list[int]:
        """Write records that are meant well, packed as it comes; give their offsets."""
        made = batch(records, codec=self._chance.choice(CODECS))
        request = ProduceRequest(None, -1, 30_000, [(topic, [(partition, made)])])
        said = await self._client.send(self._node, request)
        ((_, ((_, code, base, *_),)),) = said.topics
        assert code == NoError.errno, for_code(code)
        return [base + at for at in range(len(records))]

    async def write(self, lots: Sequence[Lot]) -> None:
        """Write batches, those of an end in one transaction that ends so."""
        for end in ENDS:
            same = [lot for lot in lots if lot.strangers[0].end == end]
            for some in _apart(same):
                await self._write(some, end)

    async def _write(self, lots: Sequence[Lot], end: str) -> None:
        if end == PLAIN:
            await self._produce(lots, None, producer=NOBODY)
            return
        name = uuid.uuid4().hex
        timeout = self._chance.choice(TIMEOUTS_MS) if end == "open" else 10_000
        said = await self._asked(InitProducerIdRequest(name, timeout))
        producer = said.producer_id, said.producer_epoch
        places = [(lot.topic, [lot.partition]) for lot in lots]
        await self._asked(AddPartitionsToTxnRequest(name, *producer, places))
        await self._produce(lots, name, producer=(*producer, 0))
        if end != "open":
            await self._asked(EndTxnRequest(name, *producer, end == "committed"))

    async def _asked(self, request: Any) -> Any:
        """Ask until the broker is not busy with what was asked before."""
        while True:
            said = await self._client.send(self._node, request)
            codes = [code for code in _codes(said) if code != NoError.errno]
            if not codes:
                return said
            wrong = for_code(codes[0])
            if not wrong.retriable:
                raise wrong(str(said))
            await asyncio.sleep(0.02)

    async def _produce(
        self, lots: Sequence[Lot], name: str | None, *, producer: tuple[int, int, int]
    ) -> None:
        if not lots:
            return
        made = [lot.made(self._chance, producer=producer) for lot in lots]
        topics = [
            (lot.topic, [(lot.partition, raw)])
            for lot, raw in zip(lots, made, strict=True)
        ]
        request = ProduceRequest(name, -1, 30_000, topics)
        said = await self._client.send(self._node, request)
        found = {
            (topic, partition): (code, offset)
            for topic, parts in said.topics
            for partition, code, offset, *_ in parts
        }
        for lot, raw in zip(lots, made, strict=True):
            self._note(lot, raw, *found[lot.topic, lot.partition])

    def _note(self, lot: Lot, raw: bytes, code: int, base: int) -> None:
        if code != NoError.errno:
            self.refused[f"{for_code(code).__name__} {code}"] += len(lot.strangers)
            return
        self.written[lot.topic] += len(lot.strangers)
        (ahead,) = _LAST_DELTA.unpack_from(raw, _LAST_DELTA_AT)
        for at in range(ahead + 1):
            place = lot.topic, lot.partition, base + at
            self.places[place] = lot.strangers[min(at, len(lot.strangers) - 1)]
            if lot.is_bent:
                self.bent[place] = lot.topic, lot.partition, base

    @property
    def _node(self) -> int:
        """The one broker that there is."""
        (broker,) = self._client.cluster.brokers()
        return int(broker.nodeId)


def _codes(said: Any) -> list[int]:
    errors = getattr(said, "errors", None)
    if errors is None:
        return [int(said.error_code)]
    return [int(code) for _, parts in errors for _, code in parts]


def _apart(lots: Sequence[Lot]) -> Iterator[list[Lot]]:
    """Split batches so that no request has two of one partition.

    One with a flipped bit goes alone: a broker may refuse its whole request.
    """
    left = [lot for lot in lots if not lot.is_bent]
    yield from ([lot] for lot in lots if lot.is_bent)
    while left:
        taken: dict[tuple[str, int], Lot] = {}
        later: list[Lot] = []
        for lot in left:
            if taken.setdefault((lot.topic, lot.partition), lot) is not lot:
                later.append(lot)
        yield list(taken.values())
        left = later
