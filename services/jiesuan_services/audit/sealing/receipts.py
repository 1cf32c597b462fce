"""Receipts: a record of the log and the proof that the last checkpoint covers it."""

from jiesuan_events.words.topics import LEDGER
from jiesuan_ledger.log.port import Log, Stored
from jiesuan_services.audit.sealing.folder import TreeFolder
from jiesuan_services.audit.sealing.keyfile import SealRefused
from jiesuan_services.audit.sealing.sealed import missing, tree_record
from jiesuan_services.audit.tree.digest import record_digest
from jiesuan_services.audit.tree.files.receipt import Receipt
from jiesuan_services.audit.tree.files.seal import Seal
from jiesuan_services.audit.tree.merkle import (
    inclusion_proof,
    leaf_hash,
    root_of_inclusion,
)
from jiesuan_services.audit.tree.notes.checkpoint import read_tree_head
from jiesuan_services.audit.tree.notes.note import read_note
from jiesuan_services.audit.tree.notes.proof import InclusionProof
from jiesuan_services.audit.tree.order import index_of
from jiesuan_services.audit.tree.tiles import Tiles


async def make_receipt(
    log: Log, folder: TreeFolder, *, partition: int, offset: int
) -> Receipt:
    """Return the receipt of a record, proven against the last seal."""
    covering = folder.covering(partition, offset)
    last = folder.last_seal()
    if covering is None or last is None:
        raise SealRefused(
            f"partition {partition} offset {offset} 尚未封存，请先运行 jiesuan seal"
        )
    record = tree_record(partition, await _stored(log, partition, offset=offset))
    index = _index(covering, partition, offset=offset)
    tiles = Tiles(last.size, folder.read)
    path = tuple(inclusion_proof(index, last.size, subtree=tiles.subtree))
    head = read_tree_head(read_note(last.checkpoint).text)
    leaf = leaf_hash(record_digest(record))
    if root_of_inclusion(leaf, index, size=last.size, proof=path) != head.root:
        raise SealRefused(
            f"partition {partition} offset {offset} 的记录与封存时不同："
            "账本在封存之后被改动，或本机的树文件损坏；请运行 jiesuan verify"
        )
    return Receipt(record, InclusionProof(index, path, last.checkpoint))


def _index(covering: tuple[Seal | None, Seal], partition: int, *, offset: int) -> int:
    before, found = covering
    sealed = [found.ends] if before is None else [before.ends, found.ends]
    index = index_of(sealed, partition, offset=offset)
    assert index is not None, "a seal covers what it was found to cover"
    return index


async def _stored(log: Log, partition: int, *, offset: int) -> Stored:
    reading = log.read(LEDGER, partition, start=offset, stop=offset + 1)
    async for batch in reading:
        return batch[0]
    raise missing(partition, offset)
