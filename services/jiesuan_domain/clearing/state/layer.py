"""A mapping with changes on top of it: looked at as one, taken over or thrown away."""

from collections.abc import MutableMapping
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Layer(Generic[K, V]):
    """Changes of a mapping; a value of None says that the key is gone."""

    __slots__ = ("below", "changed")

    def __init__(self, below: MutableMapping[K, V]) -> None:
        self.below = below
        self.changed: dict[K, V | None] = {}

    def get(self, key: K) -> V | None:
        """Return the value as changed, or as it lies below."""
        if key in self.changed:
            return self.changed[key]
        return self.below.get(key)

    def __setitem__(self, key: K, value: V) -> None:
        self.changed[key] = value

    def drop(self, key: K) -> None:
        """Take a key away."""
        self.changed[key] = None

    def settle(self) -> None:
        """Take the changes over into what lies below."""
        gone = [key for key, value in self.changed.items() if value is None]
        for key in gone:
            self.below.pop(key, None)
        self.below.update(
            {key: value for key, value in self.changed.items() if value is not None}
        )
