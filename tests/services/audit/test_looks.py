"""Looks: who, what, when, why, kept in order and found by person."""

import orjson
import pytest

from jiesuan_events.words.topics import LOOKS
from jiesuan_ledger.log.memory import MemoryLog
from jiesuan_ledger.log.record import Record
from jiesuan_services.audit.looks import LookNote, looks_at, note


def look(at: str, psn_no: str | None, *, why: str | None = None) -> LookNote:
    """Return a look of an auditor."""
    return LookNote(at, "auditor@host", "as-of", psn_no, "202203", why)


async def test_looks_are_found_by_person() -> None:
    """Each look is kept as it was said; asked for a person, only his come."""
    log = MemoryLog()
    for one in (look("1", "P1", why="投诉核查"), look("2", None), look("3", "P1")):
        await note(log, one)
    await note(log, look("4", "P2"))
    found = [one async for one in looks_at(log, "P1")]
    assert found == [
        {
            "at": "1",
            "who": "auditor@host",
            "what": "as-of",
            "psn_no": "P1",
            "detail": "202203",
            "why": "投诉核查",
        },
        {
            "at": "3",
            "who": "auditor@host",
            "what": "as-of",
            "psn_no": "P1",
            "detail": "202203",
            "why": None,
        },
    ]
    assert [one["at"] async for one in looks_at(log, None)] == ["1", "2", "3", "4"]
    assert [one.key for one in log.partitions[LOOKS, 0]] == [b"P1", None, b"P1", b"P2"]


SAID = orjson.loads(look("1", "P1").record().value or b"")
STRANGERS = {
    "no value": Record(b"P1", None, []),
    "no text": Record(b"P1", b"\xff", []),
    "no object": Record(b"P1", b"[1]", []),
    "a field less": Record(b"P1", b'{"at":"1"}', []),
    "a time that is a number": Record(b"P1", orjson.dumps({**SAID, "at": 1}), []),
    "a person that is a list": Record(b"P1", orjson.dumps({**SAID, "psn_no": []}), []),
    "another person's key": Record(b"P2", orjson.dumps(SAID), []),
    "headers": Record(b"P1", orjson.dumps(SAID), [("\udcff", None)]),
}


@pytest.mark.parametrize("which", STRANGERS)
async def test_what_is_no_look_is_passed_over_and_named(which: str) -> None:
    """A stranger among the looks is none, and whoever asks is told where it stands."""
    log = MemoryLog()
    await note(log, look("1", "P1"))
    await log.append(LOOKS, 0, [STRANGERS[which]])
    await note(log, look("2", None))
    named: list[int] = []
    found = [one["at"] async for one in looks_at(log, None, stranger=named.append)]
    assert (found, named) == (["1", "2"], [1])
