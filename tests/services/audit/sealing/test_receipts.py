"""Receipts made from a log: every sealed record has one, no other has."""

from pathlib import Path
from typing import Any

import pytest

from jiesuan_ledger.log.record import Record
from jiesuan_services.audit.sealing.keyfile import SealRefused
from jiesuan_services.audit.sealing.receipts import make_receipt
from jiesuan_services.audit.sealing.sealed import SealedTree
from jiesuan_services.audit.tree.files.receipt import check_receipt
from jiesuan_services.audit.tree.notes.keys import read_verifier_key


async def test_every_sealed_record_has_a_receipt(
    sealed_thrice: Any, receipt_of: Any
) -> None:
    """Each record of each partition is proven against the last checkpoint."""
    key = read_verifier_key(sealed_thrice.vkey)
    for partition in range(3):
        for offset, record in enumerate(sealed_thrice.ledger.records(partition)):
            receipt = await receipt_of(partition, offset)
            assert check_receipt(receipt, key).size == 294
            assert receipt.record.value == record.value


async def test_what_is_not_sealed_has_none(lived: Any, tmp_path: Path) -> None:
    """A record since the last seal is refused, and `jiesuan seal` named."""
    await lived.seal(tmp_path / "tree")
    lived.fork(0)
    offset = len(lived.records(0)) - 1
    async with SealedTree(lived.log, tmp_path / "tree", key=None) as sealed:
        with pytest.raises(SealRefused, match="jiesuan seal"):
            await make_receipt(lived.log, sealed.folder, partition=0, offset=offset)


async def test_a_changed_log_gives_no_receipt(lived: Any, tmp_path: Path) -> None:
    """A record that is no longer what was sealed is refused by its place."""
    await lived.seal(tmp_path / "tree")
    record = lived.records(1)[3]
    changed = record.value.replace(b"0", b"1", 1)
    lived.records(1)[3] = Record(record.key, changed, record.headers)
    async with SealedTree(lived.log, tmp_path / "tree", key=None) as sealed:
        with pytest.raises(SealRefused, match=r"partition 1 offset 3 .*封存时不同"):
            await make_receipt(lived.log, sealed.folder, partition=1, offset=3)
