"""The sealer: appends what is new to the tree, signs its head, writes the seal."""

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from jiesuan_events.words.topics import SEALS
from jiesuan_ledger.log.port import Log
from jiesuan_ledger.log.record import Record
from jiesuan_services.audit.sealing.folder import TreeFolder
from jiesuan_services.audit.sealing.keyfile import SealRefused
from jiesuan_services.audit.sealing.sealed import (
    Name,
    SealedTree,
    is_sealed,
    ledger_ends,
    nobody,
)
from jiesuan_services.audit.sealing.witnesses.witness import Prove, Witness
from jiesuan_services.audit.tree.files.seal import Seal
from jiesuan_services.audit.tree.merkle import consistency_proof
from jiesuan_services.audit.tree.notes.checkpoint import (
    TreeHead,
    opened_checkpoint,
    signed_checkpoint,
)
from jiesuan_services.audit.tree.notes.keys import SignerKey
from jiesuan_services.audit.tree.order import size_of
from jiesuan_services.audit.tree.text import FormatError
from jiesuan_services.audit.tree.tiles import Tile, Tiles, TileTree


class Sealed(Struct, frozen=True):
    """The last seal, whether it was made just now, and strangers among the seals."""

    seal: Seal
    is_new: bool
    strangers: int = 0


async def seal_ledger(
    log: Log,
    folder: Path,
    *,
    key: SignerKey,
    partitions: int,
    witnesses: Sequence[Witness] = (),
    name: Name = nobody,
) -> Sealed:
    """Seal what has come since the last seal; nothing new writes nothing.

    Every witness has to cosign the checkpoint before the seal is written. ``name`` is
    called with each stranger that is met among the seals.
    """
    async with SealedTree(log, folder, key=key.verifier, name=name) as sealed:
        last = sealed.last
        if last is not None:
            check_key(last, key)
        elif sealed.folder.state.next_seal and await is_sealed(
            log, partitions=partitions
        ):
            raise SealRefused(
                f"jiesuan.seals 中已有封存，但都不是密钥 {key.name} 的，"
                "请用 JIESUAN_SEAL_KEY 指明原来的封存密钥"
            )
        ends = await ledger_ends(log, partitions)
        if last is not None and size_of(ends) == last.size:
            return Sealed(last, False, sealed.folder.state.strangers)
        tree = await sealed.grown(ends)
        note = signed_checkpoint(TreeHead(key.name, tree.size, tree.root()), key)
        for witness in witnesses:
            since = 0 if last is None else last.size
            prove = _growth(sealed.folder, tree)
            note = await witness.cosign(note, since=since, prove=prove)
        seal = Seal(dict(ends), tree.size, note)
        await _write(log, sealed, seal=seal, tree=tree)
        return Sealed(seal, True, sealed.folder.state.strangers)


async def _write(log: Log, sealed: SealedTree, *, seal: Seal, tree: TileTree) -> None:
    """Write a seal; what strangers wrote meanwhile is passed over, no other sealer."""
    at = sealed.folder.state.next_seal
    pending = await log.append(SEALS, 0, [Record(None, seal.line.encode(), [])])
    if (await pending.done()).is_contiguous(at):
        sealed.add(seal, tree, next_seal=at + 1)
        return
    await sealed.catch_up()
    if sealed.last != seal:
        raise SealRefused(
            "另有进程同时在封存这个账本：同一密钥只能由一处使用，请停止其一后再试"
        )


def _growth(folder: TreeFolder, tree: TileTree) -> Prove:
    """Return what proves that a tree, whose edge is not written yet, grew."""
    edge = dict(tree.edge())

    def read(tile: Tile) -> bytes:
        return edge[tile] if tile in edge else folder.read(tile)

    tiles = Tiles(tree.size, read)
    return lambda old: consistency_proof(old, tree.size, subtree=tiles.subtree)


def check_key(last: Seal, key: SignerKey) -> None:
    """Refuse a key that is not the one which sealed last."""
    try:
        opened_checkpoint(last.checkpoint, key.verifier)
    except FormatError as wrong:
        raise SealRefused(
            f"这个账本上一次不是用密钥 {key.name} 封存的（{wrong}），"
            "请用 JIESUAN_SEAL_KEY 指明原来的封存密钥"
        ) from wrong
