"""An export written back is the ledger that it came from, and lives on."""

from pathlib import Path
from typing import Any

import pytest
from tests.services.audit.conftest import LEDGER_ID, contents

from jiesuan_events.words.topics import CLEARING, LEDGER, REFERENCE, SEALS
from jiesuan_ledger.log.imported import imported_clearing_end, imported_ends
from jiesuan_ledger.log.memory import MemoryLog
from jiesuan_ledger.log.record import Record
from jiesuan_services.audit.export.check import check_export
from jiesuan_services.audit.export.read import ImportRefused, open_export
from jiesuan_services.audit.export.restore import refuse_a_ledger, restore_export
from jiesuan_services.audit.export.write import export_ledger
from jiesuan_services.audit.sealing.sealed import SealedTree
from jiesuan_services.audit.sealing.sealer import seal_ledger
from jiesuan_services.audit.tree.notes.keys import NOTE, SignerKey, read_verifier_key

KEY = SignerKey(f"jiesuan.invalid/{LEDGER_ID}", NOTE, bytes(range(32)))


@pytest.fixture
async def restored(sealed_thrice: Any) -> MemoryLog:
    """A log into which an export of three seals was written."""
    log = MemoryLog()
    export = open_export(sealed_thrice.out, read_verifier_key(sealed_thrice.vkey))
    check_export(export)
    await refuse_a_ledger(log, 3)
    await restore_export(log, export)
    return log


async def export_again(log: MemoryLog, folder: Path) -> Path:
    """Export what a log holds, after its last seal."""
    async with SealedTree(log, folder / "tree", key=KEY.verifier) as sealed:
        assert sealed.last is not None
        await export_ledger(
            log,
            folder / "out",
            folder=sealed.folder,
            seal=sealed.last,
            key=KEY,
            ledger_id=LEDGER_ID,
            per_file=100,
        )
    return folder / "out"


def test_a_check_says_how_far_it_is(sealed_thrice: Any) -> None:
    """While an export is checked the records done are told, up to all of them."""
    told: list[tuple[int, int]] = []
    export = open_export(sealed_thrice.out, read_verifier_key(sealed_thrice.vkey))
    check_export(export, progress=lambda done, of: told.append((done, of)))
    size = export.seals[-1].size
    assert len(told) >= len(export.seals)
    assert told == sorted(told)
    assert told[-1] == (size, size)


async def test_what_was_written_back_is_the_ledger(
    restored: MemoryLog, sealed_thrice: Any
) -> None:
    """Every record of ledger, clearing and reference lies where it lay."""
    log = sealed_thrice.ledger.log
    for place in [(LEDGER, 0), (LEDGER, 1), (LEDGER, 2), (CLEARING, 0), (REFERENCE, 0)]:
        found = [
            Record(one.key, one.value, one.headers)
            for one in restored.partitions[place]
        ]
        assert found == log.partitions[place]
    seals = [one.value for one in restored.partitions[SEALS, 0]]
    assert seals == [one.value for one in log.partitions[SEALS, 0]]


async def test_an_import_is_exported_as_it_came(
    restored: MemoryLog, sealed_thrice: Any, tmp_path: Path
) -> None:
    """Exported again at the same seal, every file is byte for byte the same."""
    out = await export_again(restored, tmp_path)
    assert contents(out) == contents(sealed_thrice.out)


async def test_it_is_sealed_on_with_its_key_alone(
    restored: MemoryLog, tmp_path: Path, tool: Any, sealed_thrice: Any
) -> None:
    """With the key of its last seal it goes on; what follows is consistent."""
    last = restored.partitions[LEDGER, 1][-1]
    restored.partitions[LEDGER, 1].append(last)
    sealed = await seal_ledger(restored, tmp_path / "tree", key=KEY, partitions=3)
    assert sealed.is_new
    assert len(restored.partitions[SEALS, 0]) == 4
    out = await export_again(restored, tmp_path)
    kept = tmp_path / "kept"
    kept.write_text(sealed_thrice.checkpoints[-1], "utf-8")
    key = tool.read_key(KEY.verifier.text)
    earlier = [tool.read_kept(kept, key)]
    assert tool.ledger(out, key, witnesses=[], kept=earlier) == []


async def test_what_was_imported_says_so(
    restored: MemoryLog, sealed_thrice: Any, tmp_path: Path
) -> None:
    """The end of what was imported is known, and does not move with new seals."""
    ends = {one: len(restored.partitions[LEDGER, one]) - 1 for one in range(3)}
    assert await imported_ends(restored) == ends
    restored.partitions[LEDGER, 1].append(restored.partitions[LEDGER, 1][-1])
    await seal_ledger(restored, tmp_path / "tree", key=KEY, partitions=3)
    assert await imported_ends(restored) == ends
    assert await imported_clearing_end(restored) == 2
    for other in (sealed_thrice.ledger.log, MemoryLog()):
        assert await imported_ends(other) == {}
        assert await imported_clearing_end(other) == -1


@pytest.mark.parametrize(
    ("topic", "partition"),
    [(LEDGER, 0), (LEDGER, 2), (SEALS, 0), (CLEARING, 0), (REFERENCE, 0)],
)
async def test_a_log_that_is_not_empty_is_refused(topic: str, partition: int) -> None:
    """One record in any topic of a ledger refuses the import."""
    log = MemoryLog()
    await log.append(topic, partition, [Record(None, b"", [])])
    with pytest.raises(ImportRefused, match=f"{topic} 中已有记录"):
        await refuse_a_ledger(log, 3)
