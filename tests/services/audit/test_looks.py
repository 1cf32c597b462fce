"""Looks: who, what, when, why, kept in order and found by person."""

from jiesuan_events.words.topics import LOOKS
from jiesuan_ledger.log.memory import MemoryLog
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
