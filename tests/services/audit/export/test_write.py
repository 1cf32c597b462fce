"""Exports as they are written: whole, the same each time, or not at all."""

import gzip
from pathlib import Path
from typing import Any

import pytest
from tests.services.audit.conftest import LEDGER_ID, contents

from jiesuan_events.words.topics import CLEARING
from jiesuan_services.audit.export.write import ExportRefused, export_ledger
from jiesuan_services.audit.sealing.keyfile import SealRefused
from jiesuan_services.audit.sealing.sealed import SealedTree
from jiesuan_services.audit.tree.files.manifest import check_manifest
from jiesuan_services.audit.tree.notes.keys import NOTE, SignerKey

KEY = SignerKey(f"jiesuan.invalid/{LEDGER_ID}", NOTE, bytes(range(32)))


async def test_an_export_is_the_same_each_time(lived: Any, tmp_path: Path) -> None:
    """Two exports of one seal are byte for byte the same."""
    await lived.seal(tmp_path / "tree")
    one = await lived.export(tmp_path / "tree", tmp_path / "one")
    other = await lived.export(tmp_path / "tree", tmp_path / "other")
    assert contents(one) == contents(other)


async def test_an_export_ends_where_the_seal_does(lived: Any, tmp_path: Path) -> None:
    """What came after the last seal is not exported."""
    await lived.seal(tmp_path / "tree")
    counts = [len(lived.records(partition)) for partition in range(3)]
    lived.fork(0)
    out = await lived.export(tmp_path / "tree", tmp_path / "out")
    manifest = check_manifest(
        (out / "manifest.json").read_bytes(),
        (out / "manifest.note").read_text("utf-8"),
        key=KEY.verifier,
    )
    ends = {at: (count, count - 1) for at, count in enumerate(counts)}
    assert manifest.ledger == ends


async def test_a_place_that_is_taken_is_refused(lived: Any, tmp_path: Path) -> None:
    """A folder with something in it, or a file, is left alone; an empty one is used."""
    await lived.seal(tmp_path / "tree")
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "x").write_text("x", "utf-8")
    for place in (taken, taken / "x"):
        with pytest.raises(ExportRefused, match="另选一个目录"):
            await lived.export(tmp_path / "tree", place)
    (taken / "x").unlink()
    assert contents(await lived.export(tmp_path / "tree", taken))


async def test_a_hole_leaves_nothing_behind(lived: Any, tmp_path: Path) -> None:
    """An export that meets a missing record is refused, and no file is left."""
    await lived.seal(tmp_path / "tree")
    before = contents(tmp_path).keys()
    for topic, refusal in ((CLEARING, CLEARING), ("jiesuan.ledger", "账本有缺失")):
        log = Holed(lived.log, topic=topic, offset=1)
        async with SealedTree(lived.log, tmp_path / "tree", key=None) as sealed:
            with pytest.raises(SealRefused, match=f"{refusal}.*partition 0 offset 1 "):
                await export_ledger(
                    log,
                    tmp_path / "out",
                    folder=sealed.folder,
                    seal=sealed.last,
                    key=KEY,
                    ledger_id=LEDGER_ID,
                )
        assert contents(tmp_path).keys() == before


class Holed:
    """A log that has lost one record of a partition."""

    def __init__(self, log: Any, *, topic: str, offset: int) -> None:
        self._log = log
        self._lost = (topic, 0, offset)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    async def read(self, topic: str, partition: int, **span: Any) -> Any:
        """Read around the hole."""
        async for batch in self._log.read(topic, partition, **span):
            yield [one for one in batch if (topic, partition, one.offset) != self._lost]


async def test_long_partitions_go_into_several_files(
    lived: Any, tmp_path: Path, tool: Any
) -> None:
    """A file is named by its first offset, and the tool reads them in their order."""
    await lived.seal(tmp_path / "tree")
    out = await lived.export(tmp_path / "tree", tmp_path / "out", per_file=5)
    names = sorted(path.name for path in out.glob("ledger-1-*"))
    count = len(lived.records(1))
    assert names == sorted(f"ledger-1-{at}.jsonl.gz" for at in range(0, count, 5))
    for name in names:
        assert len(gzip.decompress((out / name).read_bytes()).splitlines()) <= 5
    key = tool.read_key(KEY.verifier.text)
    assert tool.ledger(out, key, witnesses=[], kept=[]) == []
    (out / "ledger-1-5.jsonl.gz").rename(out / "ledger-1-6.jsonl.gz")
    assert tool.ledger(out, key, witnesses=[], kept=[]) != []
