"""Sealing a log: what is new, once, by one key; what is no seal is passed over."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from jiesuan_events.words.topics import LEDGER, SEALS
from jiesuan_ledger.log.imported import IMPORTED
from jiesuan_ledger.log.record import MARKER, Record
from jiesuan_ledger.ours import StrangerReason
from jiesuan_services.audit.sealing.keyfile import SealRefused
from jiesuan_services.audit.sealing.sealed import SealedTree, is_sealed
from jiesuan_services.audit.sealing.sealer import seal_ledger
from jiesuan_services.audit.tree.files.seal import Seal, read_seal
from jiesuan_services.audit.tree.notes.checkpoint import (
    TreeHead,
    opened_checkpoint,
    signed_checkpoint,
)
from jiesuan_services.audit.tree.notes.keys import NOTE, SignerKey

PARTITIONS = 3


@pytest.fixture
def key(sealed_thrice: Any) -> SignerKey:
    """The key that seals."""
    return SignerKey(sealed_thrice.vkey.split("+")[0], NOTE, bytes(range(32)))


def on_topic(lived: Any) -> list[Seal]:
    """Return the seals on the log."""
    return [read_seal(one.value) for one in lived.log.partitions[SEALS, 0]]


async def test_a_seal_covers_all_there_is(
    lived: Any, key: SignerKey, tmp_path: Path
) -> None:
    """The seal names the last offset of each partition under one signed head."""
    sealed = await seal_ledger(
        lived.log, tmp_path / "tree", key=key, partitions=PARTITIONS
    )
    assert sealed.is_new
    assert on_topic(lived) == [sealed.seal]
    counts = [len(lived.records(partition)) for partition in range(PARTITIONS)]
    assert sealed.seal.ends == {at: count - 1 for at, count in enumerate(counts)}
    head = opened_checkpoint(sealed.seal.checkpoint, key.verifier)
    assert head.size == sealed.seal.size == sum(counts)


async def test_nothing_new_writes_nothing(lived: Any, tmp_path: Path) -> None:
    """Sealed again without a new record, the same checkpoint is given."""
    first = await lived.seal(tmp_path / "tree")
    assert await lived.seal(tmp_path / "tree") == first
    assert len(on_topic(lived)) == 1
    lived.fork(0)
    assert await lived.seal(tmp_path / "tree") != first
    assert len(on_topic(lived)) == 2


async def test_the_folder_is_a_cache(lived: Any, tmp_path: Path) -> None:
    """Deleted, or on another machine, it is made again, tile by tile the same."""
    await lived.seal(tmp_path / "tree")
    lived.fork(1)
    await lived.seal(tmp_path / "tree")
    async with SealedTree(lived.log, tmp_path / "other", key=None) as again:
        assert again.last == on_topic(lived)[-1]
    for path in (tmp_path / "tree").rglob("*"):
        if path.is_file():
            other = tmp_path / "other" / path.relative_to(tmp_path / "tree")
            assert other.read_bytes() == path.read_bytes()
    lived.fork(2)
    await lived.seal(tmp_path / "other")
    await lived.seal(tmp_path / "tree")
    assert len(on_topic(lived)) == 3


async def test_what_is_no_seal_is_passed_over(
    lived: Any, key: SignerKey, tmp_path: Path
) -> None:
    """Garbage, a stranger's seal, a wrong root, an old seal again: none counts."""
    await lived.seal(tmp_path / "tree")
    topic = lived.log.partitions[SEALS, 0]
    last = on_topic(lived)[-1]
    lived.fork(0)
    ends = {**last.ends, 0: last.ends[0] + 1}
    head = TreeHead(key.name, last.size + 1, bytes(32))
    stranger = SignerKey(key.name, NOTE, bytes(32))
    for line in (
        "garbage",
        last.line,
        Seal(ends, last.size + 1, signed_checkpoint(head, stranger)).line,
        Seal(ends, last.size + 1, signed_checkpoint(head, key)).line,
        Seal(ends, last.size + 1, last.checkpoint).line,
    ):
        topic.append(Record(None, line.encode(), []))
    await lived.seal(tmp_path / "tree")
    assert len(topic) == 7
    async with SealedTree(lived.log, tmp_path / "new", key=key.verifier) as again:
        assert again.folder.state.seals == 2
        assert again.last is not None
        assert again.last.line.encode() == topic[-1].value


async def test_a_hole_is_refused_by_its_place(lived: Any, tmp_path: Path) -> None:
    """A ledger with a record missing is not sealed, and the place is said."""
    log = Holed(lived.log, partition=1, offset=4)
    with pytest.raises(SealRefused, match="partition 1 offset 4 "):
        await seal_ledger(log, tmp_path / "t", key=KEY, partitions=PARTITIONS)
    assert lived.log.partitions[SEALS, 0] == []


KEY = SignerKey("jiesuan.invalid/x", NOTE, bytes(32))


class Holed:
    """A log that has lost one record of the ledger."""

    def __init__(self, log: Any, *, partition: int, offset: int) -> None:
        self._log = log
        self._lost = (LEDGER, partition, offset)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    async def read(self, topic: str, partition: int, **span: Any) -> Any:
        """Read around the hole."""
        async for batch in self._log.read(topic, partition, **span):
            yield [one for one in batch if (topic, partition, one.offset) != self._lost]


async def test_another_key_does_not_go_on(lived: Any, tmp_path: Path) -> None:
    """Only the key of the last seal seals on, with the folder or without it."""
    await lived.seal(tmp_path / "tree")
    lived.fork(0)
    for folder in (tmp_path / "tree", tmp_path / "none"):
        with pytest.raises(SealRefused, match="JIESUAN_SEAL_KEY"):
            await seal_ledger(lived.log, folder, key=KEY, partitions=PARTITIONS)
    assert len(on_topic(lived)) == 1


async def test_sealers_take_turns(lived: Any, tmp_path: Path) -> None:
    """Asked twice at once over one folder, the ledger is sealed once."""
    both = await asyncio.gather(*(lived.seal(tmp_path / "tree") for _ in range(2)))
    assert both[0] == both[1]
    assert len(on_topic(lived)) == 1


async def test_a_second_sealer_is_found(lived: Any, tmp_path: Path) -> None:
    """Whoever seals and finds that the same key sealed in between says so."""
    await lived.seal(tmp_path / "tree")
    lived.fork(0)
    shutil.copytree(tmp_path / "tree", tmp_path / "copy")

    async def seal_more() -> None:
        lived.fork(1)
        await lived.seal(tmp_path / "copy")

    with pytest.raises(SealRefused, match="同时在封存"):
        await Sealing(Crowded(lived.log, seal_more)).seal(tmp_path / "tree")


async def test_a_stranger_who_writes_in_between_is_passed_over(
    lived: Any, tmp_path: Path
) -> None:
    """What anybody puts right before a seal is counted, and the seal stands."""
    await lived.seal(tmp_path / "tree")
    lived.fork(0)
    topic = lived.log.partitions[SEALS, 0]

    async def write() -> None:
        topic.extend([Record(b"k", b"other", []), MARKER])

    sealed = await Sealing(Crowded(lived.log, write)).seal(tmp_path / "tree")
    assert (sealed.is_new, sealed.strangers) == (True, 1)
    assert read_seal(topic[-1].value) == sealed.seal
    lived.fork(1)
    assert (await Sealing(lived.log).seal(tmp_path / "tree")).strangers == 1


def strangers(line: bytes) -> dict[StrangerReason, Record]:
    """Return records that are no seals, the last of which says a seal again."""
    return {
        StrangerReason.NOT_OUR_KEY: Record(b"k", line, []),
        StrangerReason.NO_VALUE: Record(None, None, []),
        StrangerReason.NOT_OUR_HEADERS: Record(None, line, [("\udcff", b"1")]),
        StrangerReason.NOT_UNDERSTOOD: Record(None, b'{"ends":', [IMPORTED]),
        StrangerReason.OVERTAKEN: Record(None, line, []),
    }


async def test_strangers_are_named_and_hold_up_no_first_seal(
    lived: Any, key: SignerKey, tmp_path: Path
) -> None:
    """Garbage before the first seal and after it is named by its reason and counted;
    what another log has sealed is no seal of this one.
    """
    topic = lived.log.partitions[SEALS, 0]
    head = TreeHead(KEY.name, 3, bytes(32))
    elsewhere = Seal({0: 0, 1: 0, 2: 0}, 3, signed_checkpoint(head, KEY)).line.encode()
    made = strangers(elsewhere)
    del made[StrangerReason.OVERTAKEN]
    topic.extend([*made.values(), MARKER, Record(None, elsewhere, [])])
    assert not await is_sealed(lived.log, partitions=PARTITIONS)
    named: list[StrangerReason] = []
    seal = partial(
        seal_ledger,
        lived.log,
        tmp_path / "tree",
        key=key,
        partitions=PARTITIONS,
        name=lambda _, reason: named.append(reason),
    )
    assert (await seal()).strangers == 5
    assert named == [*made, StrangerReason.NOT_OUR_SIGNATURE]
    assert await is_sealed(lived.log, partitions=PARTITIONS)
    named.clear()
    made = strangers(topic[-1].value)
    topic.extend(made.values())
    lived.fork(0)
    assert (await seal()).strangers == 10
    assert named == list(made)


class Crowded:
    """A log on which somebody else writes just before ours."""

    def __init__(self, log: Any, write: Callable[[], Awaitable[None]]) -> None:
        self._log = log
        self._write = write

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    async def append(self, topic: str, partition: int, records: Any) -> Any:
        """Write after somebody else."""
        await self._write()
        return await self._log.append(topic, partition, records)


class Sealing:
    """Seals a log with the key of the tests."""

    def __init__(self, log: Any) -> None:
        self._log = log

    async def seal(self, folder: Path) -> Any:
        """Seal what is new."""
        name = "jiesuan.invalid/0123456789abcdef0123456789abcdef"
        key = SignerKey(name, NOTE, bytes(range(32)))
        return await seal_ledger(self._log, folder, key=key, partitions=PARTITIONS)
