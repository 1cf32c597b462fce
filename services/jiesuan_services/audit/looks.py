"""Who looked: written to `jiesuan.looks` before anything is shown.

The one topic that who looks may write to; what is shown is read by a log without a
producer.
"""

from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import orjson
from msgspec import Struct

from jiesuan_events.words.topics import LOOKS
from jiesuan_ledger.log.port import Log
from jiesuan_ledger.log.record import Record

FIELDS: Final = ("at", "who", "what", "psn_no", "detail", "why")


class LookNote(Struct, frozen=True):
    """Somebody looked at something: when, who, at what and at whom, and why.

    ``psn_no`` is null where the whole ledger was looked at, ``why`` where no reason
    was given.
    """

    at: str
    who: str
    what: str
    psn_no: str | None
    detail: str
    why: str | None

    def record(self) -> Record:
        """Write the look as a record."""
        said = {name: getattr(self, name) for name in FIELDS}
        key = None if self.psn_no is None else self.psn_no.encode()
        return Record(key, orjson.dumps(said), [])


async def note(log: Log, look: LookNote) -> None:
    """Write a look, and wait until it is written."""
    pending = await log.append(LOOKS, 0, [look.record()])
    await pending.done()


def nobody(offset: int) -> None:
    """Name no stranger: nobody asked."""


async def looks_at(
    log: Log, psn_no: str | None, *, stranger: Callable[[int], None] = nobody
) -> AsyncIterator[dict[str, Any]]:
    """Return every look at a person, or every look at all, in their order.

    ``stranger`` is called with the offset of each record that is no look.
    """
    start = await log.begin_offset(LOOKS, 0)
    stop = await log.end_offset(LOOKS, 0)
    async for batch in log.read(LOOKS, 0, start=start, stop=stop):
        for stored in batch:
            look = _look(stored.record)
            if look is None:
                stranger(stored.offset)
            elif psn_no in (None, look["psn_no"]):
                yield look


def _look(record: Record) -> dict[str, Any] | None:
    """Return the look that a record says, or None: it is a stranger's."""
    if record.headers:
        return None
    try:
        look = orjson.loads(record.value or b"")
    except orjson.JSONDecodeError:
        return None
    if not isinstance(look, dict) or look.keys() != set(FIELDS):
        return None
    texts = [look[name] for name in ("at", "who", "what", "detail")]
    if not all(isinstance(text, str) for text in texts):
        return None
    if not all(isinstance(look[name], str | None) for name in ("psn_no", "why")):
        return None
    key = None if look["psn_no"] is None else look["psn_no"].encode(errors="replace")
    return {name: look[name] for name in FIELDS} if record.key == key else None
