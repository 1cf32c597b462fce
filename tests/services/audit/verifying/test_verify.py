"""`verify` holds every seal against the records that are there now."""

import json
from pathlib import Path
from typing import Any

import pytest

from jiesuan_events.words.topics import SEALS
from jiesuan_ledger.log.record import Record
from jiesuan_services.audit.tree.notes.keys import NOTE, SignerKey
from jiesuan_services.audit.verifying.report import Report
from jiesuan_services.audit.verifying.verify import Knowledge, verify_log

NAME = "jiesuan.invalid/0123456789abcdef0123456789abcdef"
KEY = SignerKey(NAME, NOTE, bytes(range(32))).verifier


@pytest.fixture
async def sealed(lived: Any, tmp_path: Path) -> Any:
    """A ledger that was sealed twice; its tree lies in the test's folder."""
    await lived.seal(tmp_path / "tree")
    lived.fork(2)
    await lived.seal(tmp_path / "tree")
    return lived


async def verified(ledger: Any, tiles: Path, key: Any = KEY) -> Report:
    """Verify a ledger with what a machine knows of it."""
    return await verify_log(ledger.log, partitions=3, known=Knowledge(tiles, key))


async def test_seals_that_hold_are_counted(sealed: Any, tmp_path: Path) -> None:
    """A ledger as it was sealed has nothing wrong, with and without its key."""
    for key in (KEY, None):
        report = await verified(sealed, tmp_path / "tree", key)
        assert (report.seals, report.wrong, report.warnings) == (2, [], [])
        assert report.sealed == sum(len(sealed.records(one)) for one in range(3))


async def test_what_no_chain_covers_is_found(sealed: Any, tmp_path: Path) -> None:
    """A time of recording is under no person's hash; the tree covers it, and this
    machine's tiles name the record.
    """
    record = sealed.records(1)[5]
    later = [
        (name, b"2099-01-01T00:00:00Z" if name == "ce_time" else value)
        for name, value in record.headers
    ]
    sealed.records(1)[5] = Record(record.key, record.value, later)
    report = await verified(sealed, tmp_path / "tree")
    assert report.wrong == ["分区 1 偏移 5：记录与封存时不同"]
    assert not report.is_sound


async def test_without_tiles_the_seal_says_where(sealed: Any, tmp_path: Path) -> None:
    """On another machine the records of the first broken seal are named."""
    record = sealed.records(2)[-1]
    sealed.records(2)[-1] = Record(record.key, record.value, record.headers[:-1])
    [wrong] = (await verified(sealed, tmp_path / "none")).wrong
    last = len(sealed.records(2)) - 1
    assert "条记录的封存不成立" in wrong
    assert wrong.endswith(f"（分区 2 偏移 {last} 至 {last}）")


async def test_a_lost_tail_is_found(sealed: Any, tmp_path: Path) -> None:
    """What was sealed and is no longer there is named by its first record."""
    del sealed.records(0)[-2:]
    report = await verified(sealed, tmp_path / "tree")
    assert any(
        wrong.startswith(f"分区 0 偏移 {len(sealed.records(0))}：已封存而缺失")
        for wrong in report.wrong
    )


async def test_what_is_no_seal_is_a_warning(sealed: Any, tmp_path: Path) -> None:
    """Garbage and a stranger's signature on the topic make no ledger unsound."""
    topic = sealed.log.partitions[SEALS, 0]
    topic.insert(1, Record(None, b"garbage", []))
    report = await verified(sealed, tmp_path / "tree")
    assert (report.seals, report.wrong) == (2, [])
    assert report.warnings == ["jiesuan.seals：1 条记录不是这个账本的封存"]
    other = SignerKey(NAME, NOTE, bytes(32)).verifier
    assert (await verified(sealed, tmp_path / "tree", other)).seals == 0


def enrolled_as(person: str, name: str) -> str:
    """Return the line that enrols a person by a request of a name."""
    data = {
        "psn_no": person,
        "insutype": "310",
        "psn_type": "11",
        "insuplc_admdvs": "429900",
        "brdy": "1980-01-01",
        "begndate": "2020-01-01",
    }
    line = {
        "specversion": "1.0",
        "type": "jiesuan.enrol.v1",
        "source": "/agency/429900",
        "id": name,
        "time": "2022-01-01T09:00:00+08:00",
        "subject": person,
        "data": data,
    }
    return json.dumps(line)


@pytest.mark.parametrize("other", ["N1", "N3"])
async def test_a_name_of_two_persons_is_a_warning(
    lived: Any, tmp_path: Path, other: str
) -> None:
    """Two persons' requests under one name are told, whichever partitions the persons
    stand in (N0 and N1 in one, N3 in another); the ledger is sound with them.
    """
    forked = len((await verified(lived, tmp_path / "tree")).forks)
    lived.live([enrolled_as("N0", "twin"), enrolled_as(other, "twin")], first=90)
    report = await verified(lived, tmp_path / "tree")
    assert report.warnings == ["1 条账目与他人的请求编号相同"]
    assert (report.wrong, len(report.forks)) == ([], forked)


async def test_entries_are_counted_by_writer(lived: Any, tmp_path: Path) -> None:
    """Who wrote how many of the accepted entries is said, forks aside."""
    report = await verified(lived, tmp_path / "tree")
    assert report.writers == {"test": report.entries}
    assert len(report.forks) == 3


async def test_a_ledger_without_seals_is_no_fault(lived: Any, tmp_path: Path) -> None:
    """Before the first seal there is nothing to hold against."""
    report = await verified(lived, tmp_path / "tree")
    assert (report.seals, report.sealed, report.wrong) == (0, 0, [])
