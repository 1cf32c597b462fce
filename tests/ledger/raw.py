"""Batches as a client of any make could send them, byte by byte, and their producer."""

import gzip
import struct
from collections.abc import Sequence
from typing import Any, NamedTuple

import cramjam
from aiokafka import AIOKafkaClient
from aiokafka.codec import lz4_encode
from aiokafka.errors import NoError, for_code
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.record.util import calc_crc32c, encode_varint

CODECS = ("none", "gzip", "snappy", "lz4", "zstd")
TRANSACTIONAL = 0x10
NOW = 1_700_000_000_000
_HEADER = struct.Struct(">qiibIhiqqqhii")
_CRC_FROM = struct.calcsize(">qiibI")
_LENGTH_FROM = struct.calcsize(">qi")


class Raw(NamedTuple):
    """A record of bytes: nothing in it need be what anybody expects."""

    key: bytes | None = None
    value: bytes | None = None
    headers: Sequence[tuple[bytes, bytes | None]] = ()
    timestamp: int = NOW


def varint(number: int) -> bytes:
    """Write a number as records do."""
    out = bytearray()
    encode_varint(number, out.append)
    return bytes(out)


def sized(value: bytes | None) -> bytes:
    """Write bytes after their length; what is absent has length -1."""
    return varint(-1) if value is None else varint(len(value)) + value


def packed(record: Raw, at: int, *, first: int) -> bytes:
    """Write a record at its place in a batch."""
    body = b"\0" + varint(record.timestamp - first) + varint(at)
    body += sized(record.key) + sized(record.value) + varint(len(record.headers))
    for name, value in record.headers:
        body += sized(name) + sized(value)
    return varint(len(body)) + body


def compressed(body: bytes, codec: str) -> bytes:
    """Compress the records of a batch, whether it pays or not."""
    if codec == "gzip":
        return gzip.compress(body)
    if codec == "snappy":
        return bytes(cramjam.snappy.compress_raw(body))
    if codec == "lz4":
        return lz4_encode(body)  # blocks that stand alone: Kafka reads no others
    return bytes(cramjam.zstd.compress(body)) if codec == "zstd" else body


def batch(
    records: Sequence[Raw],
    *,
    codec: str = "none",
    attributes: int = 0,
    producer: tuple[int, int, int] = (-1, -1, -1),
) -> bytes:
    """Make one batch of records, as the wire and the log hold it."""
    first = records[0].timestamp
    body = b"".join(packed(one, at, first=first) for at, one in enumerate(records))
    return framed(
        compressed(body, codec),
        count=len(records),
        attributes=attributes | CODECS.index(codec),
        times=(first, max(one.timestamp for one in records)),
        producer=producer,
    )


def framed(
    body: bytes,
    *,
    count: int,
    attributes: int = 0,
    times: tuple[int, int] = (NOW, NOW),
    producer: tuple[int, int, int] = (-1, -1, -1),
    base: int = 0,
) -> bytes:
    """Put any bytes into the frame of a batch whose checksum is right."""
    made = bytearray(_HEADER.size) + body
    length = len(made) - _LENGTH_FROM
    head = (base, length, -1, 2, 0, attributes, count - 1, *times, *producer, count)
    _HEADER.pack_into(made, 0, *head)
    struct.pack_into(">I", made, _CRC_FROM - 4, calc_crc32c(bytes(made[_CRC_FROM:])))
    return bytes(made)


class RawProducer:
    """Sends batches as they are; gives their first offset."""

    def __init__(self, bootstrap: str) -> None:
        self._client = AIOKafkaClient(bootstrap_servers=bootstrap)

    async def __aenter__(self) -> "RawProducer":
        await self._client.bootstrap()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()

    async def send(
        self, topic: str, partition: int, made: bytes, *, name: str | None = None
    ) -> int:
        """Send a batch, of the transaction ``name`` if there is one."""
        await self._client.set_topics({topic})
        request = ProduceRequest(name, -1, 30_000, [(topic, [(partition, made)])])
        while True:
            response: Any = await self._client.send(self._node, request)
            ((_, ((_, code, offset, *_),)),) = response.topics
            if code == NoError.errno:
                return int(offset)
            if not for_code(code).retriable:
                raise for_code(code)(topic, partition)

    @property
    def _node(self) -> int:
        """The one broker that there is."""
        (broker,) = self._client.cluster.brokers()
        return int(broker.nodeId)
