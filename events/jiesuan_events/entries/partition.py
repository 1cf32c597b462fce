"""Which partition a person belongs to: murmur2(key) mod N, as Kafka's Java client.

Computed here, once and for all, because clients differ in how they hash keys.
"""

from typing import Final

_MASK: Final = 0xFFFFFFFF
_M: Final = 0x5BD1E995


def murmur2(data: bytes) -> int:
    """Hash bytes as Kafka's DefaultPartitioner does; 32 bits, unsigned."""
    length = len(data)
    h = (0x9747B28C ^ length) & _MASK
    whole = length & ~3
    for at in range(0, whole, 4):
        k = int.from_bytes(data[at : at + 4], "little") * _M & _MASK
        k = (k ^ (k >> 24)) * _M & _MASK
        h = (h * _M & _MASK) ^ k
    if whole != length:
        h = (h ^ int.from_bytes(data[whole:], "little")) * _M & _MASK
    h = (h ^ (h >> 13)) * _M & _MASK
    return h ^ (h >> 15)


def partition_of(person_id: str, partitions: int) -> int:
    """Return the partition of a person's requests, entries and answers."""
    return (murmur2(person_id.encode()) & 0x7FFFFFFF) % partitions
