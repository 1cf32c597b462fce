"""The persons of a partition: what is being decided in memory, the rest as bytes.

A person is decoded when a request comes and kept for a while, because the next may be
of the same; what a batch changed waits as bytes until the store has it.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Final, Generic, TypeVar

import msgspec

from jiesuan_domain.person.state import (
    Change,
    Chunk,
    ChunkKey,
    Effective,
    Head,
    KeptSettlement,
    Person,
    PersonYear,
    SeenRequest,
)
from jiesuan_ledger.accumulators.pools import PoolYear
from jiesuan_services.decider.store.bills import encode, pack_bill, unpack_bill
from jiesuan_services.decider.store.cache import Store

MOST_PERSONS: Final = 50
"""Persons kept decoded for one partition, besides those of the batch at hand.

More would be slower: after each batch all that are kept are gone through. 400 persons
at random cost a tenth of what they do with 10,000 kept (`python -m tools.shapes`).
"""

_NOTHING: Final = object()
K = TypeVar("K")
V = TypeVar("V")
Read = Callable[[bytes], bytes | None]
Changes = list[tuple[bytes, bytes]]

_HEAD: Final = msgspec.msgpack.Decoder(Head).decode
_YEAR: Final = msgspec.msgpack.Decoder(PersonYear).decode
_CHUNK: Final = msgspec.msgpack.Decoder(tuple[Effective, ...]).decode
_REQUESTS: Final = msgspec.msgpack.Decoder(tuple[SeenRequest, ...]).decode


class StoredView(Generic[K, V]):
    """A person's values of one kind: read from the store when they are asked for."""

    __slots__ = ("_absent", "_decode", "_prefix", "_read", "_seen")

    def __init__(
        self, read: Read, prefix: bytes, *, decode: Callable[[bytes], V]
    ) -> None:
        self._read = read
        self._prefix = prefix
        self._decode = decode
        self._seen: dict[K, V] = {}
        self._absent: K | None = None

    def __getitem__(self, key: K, /) -> V:
        value: V = self.get(key, _NOTHING)
        if value is _NOTHING:
            raise KeyError(key)
        return value

    def get(self, key: K, default: Any = None, /) -> Any:
        """Return a value, read if need be; what was absent a moment ago still is."""
        value = self._seen.get(key, _NOTHING)
        if value is not _NOTHING:
            return value
        if key == self._absent:
            return default
        raw = self._read(self._prefix + _tail(key))
        if raw is None:
            self._absent = key
            return default
        found = self._seen[key] = self._decode(raw)
        return found

    def update(self, changed: Mapping[K, V], /) -> None:
        """Take over changed values."""
        self._seen.update(changed)

    def clear(self) -> None:
        """Discard what was read: the store holds it, or newer values."""
        self._seen.clear()
        self._absent = None


def _tail(key: Any) -> bytes:
    if isinstance(key, str):
        return key.encode()
    return _year_tail(key) if len(key) == 3 else _chunk_tail(key)


def _year_tail(pool: PoolYear) -> bytes:
    return "\0".join(pool).encode()


def _chunk_tail(key: ChunkKey) -> bytes:
    *pool, number = key
    return b"%s\0%08d" % ("\0".join(pool).encode(), number)


class StoredPerson(Person):
    """A person whose values lie in the store until they are asked for."""

    years: StoredView[PoolYear, PersonYear]
    requests: StoredView[str, tuple[SeenRequest, ...]]
    settlements: StoredView[str, KeptSettlement]
    chunks: StoredView[ChunkKey, Chunk]


class StoredPersons:
    """The clerk's persons; what a batch touched is taken as a snapshot at its end."""

    def __init__(self, store: Store, *, most: int = MOST_PERSONS) -> None:
        self._store = store
        self._most = most
        self._known: OrderedDict[str, StoredPerson] = OrderedDict()
        self._asked: set[str] = set()
        """Persons asked for since the last snapshot: all others hold nothing bulky."""
        self._changed: dict[bytes, Any] = {}
        self._on_their_way: dict[bytes, bytes] = {}

    def get(self, person_id: str) -> Person:
        """Return a person, empty if nothing is known of one."""
        self._asked.add(person_id)
        person = self._known.get(person_id)
        if person is None:
            person = self._known[person_id] = self._load(person_id)
        else:
            self._known.move_to_end(person_id)
        return person

    def _read(self, key: bytes) -> bytes | None:
        return self._on_their_way.get(key) or self._store.get(key)

    def _load(self, person_id: str) -> "StoredPerson":
        # All of a person's keys stand side by side: a visit touches one place.
        stem, read = person_id.encode() + b"\0", self._read
        head = read(stem + b"h")
        return StoredPerson(
            Head() if head is None else _HEAD(head),
            years=StoredView(read, stem + b"p", decode=_YEAR),
            requests=StoredView(read, stem + b"n", decode=_REQUESTS),
            settlements=StoredView(read, stem + b"b", decode=unpack_bill),
            chunks=StoredView(read, stem + b"c", decode=_CHUNK),
        )

    def touched(self, person_id: str, change: Change) -> None:
        """Record what an entry changed of a person; the last value of a key counts."""
        stem, changed = person_id.encode() + b"\0", self._changed
        changed[stem + b"h"] = change.head
        for year_key, person_year in change.years.items():
            changed[stem + b"p" + _year_tail(year_key)] = person_year
        for chunk_key, chunk in change.chunks.items():
            changed[stem + b"c" + _chunk_tail(chunk_key)] = chunk
        for id_, names in change.requests.items():
            changed[stem + b"n" + id_.encode()] = names
        for id_, bill in change.settlements.items():
            changed[stem + b"b" + id_.encode()] = bill

    def snapshot(self) -> Changes:
        """Encode everything that changed since the last snapshot."""
        changes = [
            (key, pack_bill(one) if isinstance(one, KeptSettlement) else encode(one))
            for key, one in self._changed.items()
        ]
        self._changed.clear()
        self._on_their_way.update(changes)
        self._trim()
        return changes

    def _trim(self) -> None:
        """Drop the oldest persons beyond the bound, and what of the rest is bulky."""
        while len(self._known) > self._most:
            self._known.popitem(last=False)
        for person_id in self._asked & self._known.keys():
            person = self._known[person_id]
            person.requests.clear()
            person.settlements.clear()
            person.chunks.clear()
        self._asked.clear()

    def committed(self, changes: Changes) -> None:
        """Drop changes that are committed, unless the key changed again since."""
        on_their_way = self._on_their_way
        for key, value in changes:
            if on_their_way.get(key) is value:
                del on_their_way[key]

    def forget(self) -> None:
        """Forget what is in memory: the store has what was acknowledged."""
        self._known.clear()
        self._asked.clear()
        self._changed.clear()
        self._on_their_way.clear()
