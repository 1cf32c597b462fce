"""The persons of a partition: an LRU in memory over the store, loaded as touched."""

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any, Final, TypeVar, cast

import msgspec

from jiesuan_domain.state import Bill, Change, Head, Name, Page, PageKey, Person
from jiesuan_services.decider.store import Store

MOST_PERSONS: Final = 4_000
"""Persons kept in memory for one partition; the rest wait in the store."""

K = TypeVar("K")
V = TypeVar("V")

_ENCODE: Final = msgspec.msgpack.Encoder().encode
_HEAD: Final = msgspec.msgpack.Decoder(Head)
_PAGE: Final = msgspec.msgpack.Decoder(Page)
_NAMES: Final = msgspec.msgpack.Decoder(tuple[Name, ...])
_BILL: Final = msgspec.msgpack.Decoder(Bill)


class Lazy(dict[K, V]):
    """A dict that asks the store for what it lacks, and remembers what is not there."""

    __slots__ = ("_absent", "_decoder", "_prefix", "_store")

    def __init__(
        self, store: Store, prefix: bytes, *, decoder: msgspec.msgpack.Decoder[V]
    ) -> None:
        super().__init__()
        self._store = store
        self._prefix = prefix
        self._decoder = decoder
        self._absent: K | None = None

    def __missing__(self, key: K) -> V:
        if key == self._absent:
            raise KeyError(key)
        raw = self._store.get(self._prefix + _tail(key))
        if raw is None:
            self._absent = key
            raise KeyError(key)
        value = self[key] = self._decoder.decode(raw)
        return value

    def get(self, key: K, default: Any = None) -> Any:
        """Give a value, from the store if need be."""
        try:
            return self[key]
        except KeyError:
            return default

    def drop(self, key: K) -> None:
        """Let go of a value that the store has now."""
        self.pop(key, None)
        self._absent = None


def _tail(key: Any) -> bytes:
    text = key if isinstance(key, str) else "\0".join(key)
    return text.encode()


def _key(kind: bytes, person_id: str, *parts: str) -> bytes:
    """Put all of a person's keys side by side: a visit touches one page."""
    return b"%s\0%s%s" % (person_id.encode(), kind, "\0".join(parts).encode())


class Dirty:
    """What a batch has changed, by person: the keys to be written."""

    def __init__(self) -> None:
        self.pages: set[tuple[str, PageKey]] = set()
        self.names: set[tuple[str, str]] = set()
        self.bills: set[tuple[str, str]] = set()
        self.persons: set[str] = set()

    def add(self, person_id: str, change: Change) -> None:
        """Note what an entry changed."""
        self.persons.add(person_id)
        for page in change.pages:
            self.pages.add((person_id, page))
        for name in change.names:
            self.names.add((person_id, name))
        for bill in change.bills:
            self.bills.add((person_id, bill))


class StoredPersons:
    """The desk's persons; what a batch touched is taken as a snapshot at its end."""

    def __init__(self, store: Store, *, most: int = MOST_PERSONS) -> None:
        self._store = store
        self._most = most
        self._known: OrderedDict[str, Person] = OrderedDict()
        self._dirty = Dirty()
        self._in_flight: dict[str, int] = {}

    def get(self, person_id: str) -> Person:
        """Give a person, empty if nothing is known of one."""
        person = self._known.get(person_id)
        if person is None:
            person = self._known[person_id] = self._load(person_id)
        else:
            self._known.move_to_end(person_id)
        return person

    def _load(self, person_id: str) -> Person:
        raw = self._store.get(_key(b"h", person_id))
        if raw is None:
            return Person()
        return Person(
            _HEAD.decode(raw),
            pages=Lazy(self._store, _key(b"p", person_id), decoder=_PAGE),
            names=Lazy(self._store, _key(b"n", person_id), decoder=_NAMES),
            bills=Lazy(self._store, _key(b"b", person_id), decoder=_BILL),
        )

    def touched(self, person_id: str, change: Change) -> None:
        """Note what an entry changed of a person."""
        self._dirty.add(person_id, change)

    def snapshot(self) -> tuple[list[tuple[bytes, bytes]], Dirty]:
        """Encode everything that changed since the last snapshot."""
        dirty, self._dirty = self._dirty, Dirty()
        for person_id in dirty.persons:
            self._in_flight[person_id] = self._in_flight.get(person_id, 0) + 1
        return list(self._encoded(dirty)), dirty

    def _encoded(self, dirty: Dirty) -> Iterator[tuple[bytes, bytes]]:
        known = self._known
        for person_id in dirty.persons:
            yield _key(b"h", person_id), _ENCODE(known[person_id].head)
        for person_id, page in dirty.pages:
            yield _key(b"p", person_id, *page), _ENCODE(known[person_id].pages[page])
        for person_id, id_ in dirty.names:
            yield _key(b"n", person_id, id_), _ENCODE(known[person_id].names[id_])
        for person_id, id_ in dirty.bills:
            yield _key(b"b", person_id, id_), _ENCODE(known[person_id].bills[id_])

    def committed(self, dirty: Dirty) -> None:
        """Let go of what the store has now; what is still on its way is kept."""
        for person_id in dirty.persons:
            left = self._in_flight[person_id] - 1
            if left:
                self._in_flight[person_id] = left
                continue
            del self._in_flight[person_id]
        self._trim(dirty)
        while len(self._known) > self._most:
            oldest = next(iter(self._known))
            if oldest in self._in_flight or oldest in self._dirty.persons:
                self._known.move_to_end(oldest)
                if len(self._in_flight) >= self._most:
                    return
                continue
            del self._known[oldest]

    def _trim(self, dirty: Dirty) -> None:
        """Drop names and bills that the store has: a long life costs no memory."""
        settled = self._in_flight.keys() | self._dirty.persons
        for person_id, id_ in dirty.names:
            if person_id not in settled and person_id in self._known:
                self._make_lazy(person_id)
                cast(Any, self._known[person_id].names).drop(id_)
        for person_id, id_ in dirty.bills:
            if person_id not in settled and person_id in self._known:
                cast(Any, self._known[person_id].bills).drop(id_)

    def _make_lazy(self, person_id: str) -> None:
        """Turn a person who began in memory into one read from the store."""
        person = self._known[person_id]
        if not isinstance(person.names, Lazy):
            fresh = self._load(person_id)
            fresh.head = person.head
            fresh.pages.update(person.pages)
            self._known[person_id] = fresh

    def forget(self) -> None:
        """Forget what is in memory: the store has what was acknowledged."""
        self._known.clear()
        self._in_flight.clear()
        self._dirty = Dirty()
