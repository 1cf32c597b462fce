"""A care region whose mappings lie in the store: read when asked for, written later.

What is looked through as a whole (what waits, what is deducted, recovered or pending)
is small and held in memory, too.
"""

from collections.abc import Callable, Iterator, MutableMapping
from typing import Any, Final, Generic, TypeVar, cast

import msgspec

from jiesuan_domain.clearing.state.region import (
    Account,
    ClearingHead,
    ClearingRequestSeen,
    Confirmation,
    DeductionInForce,
    Draft,
    Mark,
    Region,
)
from jiesuan_domain.clearing.state.row import Row
from jiesuan_domain.clearing.state.statement import Statement
from jiesuan_services.clearing.serving.store import ClearingStore

K = TypeVar("K")
V = TypeVar("V")
SEPARATOR: Final = "\0"
_NOTHING: Final = object()


class StoredMapping(MutableMapping[K, V], Generic[K, V]):
    """A mapping in the store; keys are strings or tuples of strings."""

    def __init__(self, store: ClearingStore, prefix: bytes, *, of: Any) -> None:
        self._store = store
        self._prefix = prefix
        self._decode = msgspec.msgpack.Decoder(of).decode

    def _key(self, key: Any) -> bytes:
        text = key if isinstance(key, str) else SEPARATOR.join(key)
        return self._prefix + text.encode()

    def get(self, key: Any, default: Any = None, /) -> Any:
        """Read a value."""
        found = self._store.get(self._key(key))
        if found is None:
            return default
        return self._decode(found) if isinstance(found, bytes) else found

    def __getitem__(self, key: K) -> V:
        found = self.get(key, _NOTHING)
        if found is _NOTHING:
            raise KeyError(key)
        return cast(V, found)

    def __contains__(self, key: object) -> bool:
        return self._store.get(self._key(key)) is not None

    def __setitem__(self, key: K, value: V) -> None:
        self._store.put(self._key(key), value)

    def __delitem__(self, key: K) -> None:
        self._store.put(self._key(key), None)

    def __iter__(self) -> Iterator[K]:
        raise TypeError("what lies in the store is not looked through")

    def __len__(self) -> int:
        raise TypeError("what lies in the store is not counted")


class HeldMapping(dict[K, V]):
    """A mapping in memory that is written to the store as it changes."""

    def __init__(
        self,
        store: ClearingStore,
        prefix: bytes,
        *,
        of: Any,
        key: Callable[[str], Any],
    ) -> None:
        decode = msgspec.msgpack.Decoder(of).decode
        super().__init__(
            (key(name[len(prefix) :].decode()), decode(value))
            for name, value in store.under(prefix)
        )
        self._kept: StoredMapping[K, V] = StoredMapping(store, prefix, of=of)

    def __setitem__(self, key: K, value: V) -> None:
        super().__setitem__(key, value)
        self._kept[key] = value

    def pop(self, key: K, default: Any = None, /) -> Any:
        """Take a key away."""
        if key in self:
            del self._kept[key]
        return super().pop(key, default)

    def update(self, changes: Any = (), /, **named: Any) -> None:
        """Take changes over, one by one."""
        for key, value in dict(changes, **named).items():
            self[key] = value


class KeptRegion(Region):
    """A care region as the process keeps it."""

    def __init__(self, care_region: str, store: ClearingStore) -> None:
        super().__init__(care_region)
        self._store = store
        self._stem = care_region.encode() + b"\0"
        raw = store.get(self._stem + b"h")
        if raw is not None:
            self.head = (
                msgspec.msgpack.decode(raw, type=ClearingHead)
                if isinstance(raw, bytes)
                else raw
            )
        self.rows = self._kept(b"r", Row)
        self.mirrors = self._kept(b"o", str)
        self.statements = self._kept(b"s", Statement)
        self.members = self._kept(b"m", tuple[Row, ...])
        self.placed = self._kept(b"p", tuple[str, ...])
        self.marks = self._kept(b"k", tuple[Mark, ...])
        self.confirmations = self._kept(b"c", Confirmation)
        self.audited = self._kept(b"u", tuple[str, ...])
        self.requests = self._kept(b"n", ClearingRequestSeen)
        self.accounts = self._kept(b"a", Account)
        self.waiting = self._held(b"w", Row, key=str)
        self.deductions = self._held(b"d", tuple[DeductionInForce, ...], key=str)
        self.recovered = self._held(b"v", int, key=_parts)
        self.pending = self._held(b"q", int, key=_parts)

    def _kept(self, kind: bytes, of: Any) -> Any:
        return StoredMapping(self._store, self._stem + kind, of=of)

    def _held(self, kind: bytes, of: Any, *, key: Callable[[str], Any]) -> Any:
        return HeldMapping(self._store, self._stem + kind, of=of, key=key)

    def apply(self, draft: Draft) -> None:
        """Take a change over, and write where the chain stands."""
        super().apply(draft)
        self._store.put(self._stem + b"h", self.head)


def _parts(text: str) -> tuple[str, ...]:
    return tuple(text.split(SEPARATOR))
