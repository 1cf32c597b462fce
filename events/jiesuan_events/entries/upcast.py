"""Old facts read as new ones: the stored bytes, and so their hash, stay as they are.

A step turns the data of one version into that of the next. Readers understand the
newest version only; the chain is checked over what is stored, before any step.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple


class UpcastStep(NamedTuple):
    """From one version to the next: its type, and what becomes of the data."""

    to: str
    turn: Callable[[dict[str, Any]], dict[str, Any]]


STEPS: Final[Mapping[str, UpcastStep]] = {}
"""By the stored type; never a circle. Every fact is still in its first version."""


class NotUpcast(ValueError):
    """Stored data of an old type that is not what its type says."""


def upcast(
    type_: str, value: bytes, *, steps: Mapping[str, UpcastStep] = STEPS
) -> tuple[str, bytes]:
    """Turn a stored fact into its newest version; a newest one comes back untouched."""
    if type_ not in steps:
        return type_, value
    try:
        data = json.loads(value)
        while type_ in steps:
            step = steps[type_]
            type_, data = step.to, step.turn(data)
    except (ValueError, LookupError, TypeError, AttributeError) as wrong:
        raise NotUpcast(f"not a stored {type_!r}") from wrong
    return type_, json.dumps(data, ensure_ascii=False).encode()
