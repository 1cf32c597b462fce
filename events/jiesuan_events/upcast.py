"""Old facts read as new ones: the stored bytes, and so their hash, stay as they are.

A step turns the data of one version into that of the next. Readers understand the
newest version only; the chain is checked over what is stored, before any step.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

MOST_STEPS: Final = 100
"""No fact has had so many versions: a longer way is a circle."""


class Step(NamedTuple):
    """From one version to the next: its type, and what becomes of the data."""

    to: str
    turn: Callable[[dict[str, Any]], dict[str, Any]]


STEPS: Final[Mapping[str, Step]] = {}
"""By the type that is stored. Every fact is still in its first version."""


def upcast(
    type_: str, value: bytes, *, steps: Mapping[str, Step] = STEPS
) -> tuple[str, bytes]:
    """Turn a stored fact into its newest version; a newest one comes back untouched."""
    if type_ not in steps:
        return type_, value
    data = json.loads(value)
    for _ in range(MOST_STEPS):
        step = steps.get(type_)
        if step is None:
            return type_, json.dumps(data, ensure_ascii=False).encode()
        type_, data = step.to, step.turn(data)
    raise ValueError(f"the way from {type_!r} to its newest version is a circle")
