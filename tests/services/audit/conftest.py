"""Vectors that other implementations made, and a small ledger that has lived."""

import asyncio
import importlib.util
import json
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from jiesuan_domain.in_force import InForce
from jiesuan_events.entries.entry import read_entry
from jiesuan_events.entries.partition import partition_of
from jiesuan_events.words.topics import CLEARING, LEDGER, REFERENCE
from jiesuan_ledger.genesis import Ledger, genesis_record
from jiesuan_ledger.log.memory import MemoryLog
from jiesuan_ledger.log.record import Incoming, Record
from jiesuan_services.audit.export.write import export_ledger
from jiesuan_services.audit.sealing.receipts import make_receipt
from jiesuan_services.audit.sealing.sealed import SealedTree
from jiesuan_services.audit.sealing.sealer import seal_ledger
from jiesuan_services.audit.tree.files.manifest import signed_manifest
from jiesuan_services.audit.tree.files.receipt import Receipt
from jiesuan_services.audit.tree.merkle import Subtree, leaf_hash, range_hash
from jiesuan_services.audit.tree.notes.keys import NOTE, SignerKey
from jiesuan_services.audit.tree.tiles import Tile, Tiles, TileTree
from jiesuan_services.clerk.clerk import Clerk
from jiesuan_services.clerk.handled import NewEntry, Registered
from jiesuan_services.clerk.trial import MemoryPersons
from jiesuan_services.client.sending import to_record
from jiesuan_services.runtime.packs import load_packs

TOOL = Path(__file__).parents[3] / "tools" / "jiesuan_verify.py"
VECTORS = Path(__file__).parent / "vectors"
FOLDER = Path(__file__).parents[2] / "acceptance" / "cases"
CASES = ("public_b.jsonl", "public_money.jsonl", "public_refunds.jsonl")
PARTITIONS = 3
FIRST_MORNING = datetime(2022, 3, 1, tzinfo=UTC)
Change = Callable[["Lived"], None]
LEDGER_ID = "0123456789abcdef0123456789abcdef"
KEY = SignerKey(f"jiesuan.invalid/{LEDGER_ID}", NOTE, bytes(range(32)))


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


class Seen:
    """A tree of numbered leaves as it was at a size, read from the larger one's."""

    def __init__(self, size: int, hashes: dict[int, list[bytes]]) -> None:
        self.size = size
        self._hashes = hashes

    def bytes(self, tile: Tile) -> bytes:
        """Return what the file of a tile holds."""
        first = tile.index * 256
        return b"".join(self._hashes[tile.level][first : first + tile.width])

    @property
    def subtree(self) -> Subtree:
        """The hashes of perfect subtrees, for the making of proofs."""
        return Tiles(self.size, self.bytes).subtree

    @property
    def root(self) -> bytes:
        """The root of the tree."""
        return range_hash(0, self.size, subtree=self.subtree)


class Grown:
    """A tree that kept every tile as it grew."""

    def __init__(self, size: int) -> None:
        tree = TileTree()
        tiles: dict[Tile, bytes] = {}
        for number in range(size):
            data = sha256(f"leaf {number}".encode()).digest()
            tiles.update(tree.append(leaf_hash(data)))
        tiles.update(tree.edge())
        self._hashes: dict[int, list[bytes]] = {}
        for tile in sorted(tiles, key=lambda one: (one.level, one.index)):
            level = self._hashes.setdefault(tile.level, [])
            data = tiles[tile]
            level += [data[at : at + 32] for at in range(0, len(data), 32)]

    def at(self, size: int) -> Seen:
        """Return the tree as it was at a smaller size."""
        return Seen(size, self._hashes)


@pytest.fixture(scope="session")
def tree_vectors() -> Any:
    """Roots, proofs and tiles of Go's `sumdb/tlog`."""
    return json.loads((VECTORS / "tree.json").read_text("utf-8"))


@pytest.fixture(scope="session")
def note_vectors() -> Any:
    """Notes, checkpoints, cosignatures and proofs of Go's implementations."""
    return json.loads((VECTORS / "notes.json").read_text("utf-8"))


@pytest.fixture(scope="session")
def seventy_thousand() -> Grown:
    """The vectors' largest tree."""
    return Grown(70_000)


@dataclass
class Lived:
    """A ledger on a log in memory, as deciders would have written it."""

    log: MemoryLog = field(default_factory=MemoryLog)
    clerks: list[Clerk] = field(default_factory=list)

    def found(self) -> None:
        """Write the first record of every partition."""
        in_force = InForce(load_packs(), {})
        for partition in range(PARTITIONS):
            genesis = genesis_record(Ledger(LEDGER_ID, PARTITIONS), at(0))
            self.records(partition).append(genesis)
            self.clerks.append(
                Clerk(
                    in_force=in_force,
                    persons=MemoryPersons(),
                    partition=partition,
                    partitions=PARTITIONS,
                    writer="test",
                )
            )

    def records(self, partition: int) -> list[Record]:
        """Return what a partition holds."""
        return self.log.partitions[LEDGER, partition]

    def live(self, lines: Iterable[str], *, first: int = 0, step: int = 1) -> None:
        """Decide requests in the order of the lines, some seconds each."""
        for number, line in enumerate(lines, start=first):
            record = to_record(json.loads(line))
            partition = partition_of((record.key or b"").decode(), PARTITIONS)
            records = self.records(partition)
            handled = self.clerks[partition].handle(
                Incoming(
                    "jiesuan.requests",
                    partition,
                    number,
                    record.key,
                    record.value,
                    record.headers,
                ),
                ledger_offset=len(records),
                recorded_at=at(number * step),
            )
            if isinstance(handled, NewEntry):
                records.append(handled.record())
            if isinstance(handled, Registered):
                self.log.partitions[REFERENCE, 0].append(handled.reference)

    def fork(self, partition: int) -> None:
        """Let somebody write an entry a second time."""
        self.records(partition).append(self.records(partition)[-1])

    async def seal(self, folder: Path) -> str:
        """Seal what there is; return the checkpoint."""
        sealed = await seal_ledger(self.log, folder, key=KEY, partitions=PARTITIONS)
        return sealed.seal.checkpoint

    async def export(self, folder: Path, out: Path, *, per_file: int = 100) -> Path:
        """Write what the last seal covers."""
        async with SealedTree(self.log, folder, key=KEY.verifier) as sealed:
            assert sealed.last is not None
            await export_ledger(
                self.log,
                out,
                folder=sealed.folder,
                seal=sealed.last,
                key=KEY,
                ledger_id=LEDGER_ID,
                per_file=per_file,
            )
        return out


def at(second: int) -> str:
    """Return an instant since the ledger's first morning."""
    return (FIRST_MORNING + timedelta(seconds=second)).isoformat()


def requests(towns: Iterable[int]) -> Iterator[str]:
    """Return the worked cases, once for the persons of each town."""
    for town in towns:
        for case in CASES:
            for line in (FOLDER / case).read_text("utf-8").splitlines():
                yield line.replace('"PV', f'"PV{town}-')


def make(towns: int) -> Lived:
    """Let a ledger live, forks, clearing and all."""
    ledger = Lived()
    ledger.found()
    ledger.live(requests(range(towns)))
    for partition in range(PARTITIONS):
        ledger.fork(partition)
    ledger.log.partitions[CLEARING, 0] += [
        Record(b"42", b'{"drawn":%d}' % number, []) for number in range(3)
    ]
    return ledger


@dataclass
class Exported:
    """A ledger that was sealed several times, and its export."""

    ledger: Lived
    folder: Path
    checkpoints: list[str]

    @property
    def out(self) -> Path:
        """Where the export lies."""
        return self.folder / "out"

    @property
    def vkey(self) -> str:
        """The public key that it verifies by."""
        return KEY.verifier.text


async def exported(
    folder: Path, *, change: Change | None = None, before: int = 0
) -> Exported:
    """Let a ledger of six towns live, seal it after every second, export it.

    Somebody may change the log before one of the seals.
    """
    ledger = make(2)
    checkpoints: list[str] = []
    for towns in ((), range(2, 4), range(4, 6)):
        ledger.live(requests(towns))
        if change is not None and len(checkpoints) == before:
            change(ledger)
        checkpoints.append(await ledger.seal(folder / "tree"))
    made = Exported(ledger, folder, checkpoints)
    await ledger.export(folder / "tree", made.out)
    return made


def settled_from(ledger: Lived, partition: int, *, offset: int) -> int:
    """Return where the next settlement stands."""
    records = ledger.records(partition)
    return next(
        place
        for place in range(offset, len(records))
        if ("ce_type", b"jiesuan.settled.v1") in records[place].headers
    )


def rewritten(ledger: Lived, partition: int, *, offset: int) -> None:
    """Change what a settlement cost, and chain all that follows of its person anew."""
    records = ledger.records(partition)
    offset = settled_from(ledger, partition, offset=offset)
    person, was, head = records[offset].key, b"", b""
    for place in range(offset, len(records)):
        record = records[place]
        if record.key != person:
            continue
        entry = read_entry(record.key, record.value, headers=record.headers)
        if was and entry.prev_hash != was:
            continue  # a fork, which stays one
        was = entry.hash
        if head:
            entry = entry._replace(prev_hash=head)
        else:
            charged = b'"medfee_sumamt_fen":'
            entry = entry._replace(value=entry.value.replace(charged, charged + b"9"))
        head = entry.hash
        records[place] = Record(record.key, entry.value, entry.headers())


@pytest.fixture(scope="session")
def rewrite() -> Callable[..., None]:
    """Rewrite a ledger from one settlement on."""
    return rewritten


@pytest.fixture(scope="session")
def make_export() -> Callable[..., Awaitable[Exported]]:
    """Make an export, of a ledger that somebody changed before its first seal."""
    return exported


@pytest.fixture(scope="session")
def make_small() -> Callable[[Path], Awaitable[Path]]:
    """Make an export of about fifty records and one seal."""

    async def made(folder: Path) -> Path:
        ledger = make(1)
        await ledger.seal(folder / "tree")
        return await ledger.export(folder / "tree", folder / "out")

    return made


@pytest.fixture(scope="session")
def sealed_thrice(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """An export of some three hundred records and three seals."""
    return asyncio.run(exported(tmp_path_factory.mktemp("sealed")))


@pytest.fixture(scope="session")
def receipt_of(sealed_thrice: Exported) -> Callable[..., Awaitable[Receipt]]:
    """Make the receipt of a record of the ledger that was sealed three times."""

    async def made(partition: int, offset: int) -> Receipt:
        folder = sealed_thrice.folder / "tree"
        log = sealed_thrice.ledger.log
        async with SealedTree(log, folder, key=None) as sealed:
            return await make_receipt(
                log, sealed.folder, partition=partition, offset=offset
            )

    return made


@pytest.fixture(scope="session")
def resign() -> Callable[[Path], None]:
    """Sign an export's manifest anew, as one who has the key can."""

    def signed(folder: Path) -> None:
        manifest = (folder / "manifest.json").read_bytes()
        note = signed_manifest(manifest, LEDGER_ID, key=KEY)
        (folder / "manifest.note").write_text(note, "utf-8")

    return signed


@pytest.fixture(scope="session")
def settlement(sealed_thrice: Exported) -> tuple[int, int]:
    """Return the place of a settlement that the first of three seals covers."""
    return 1, settled_from(sealed_thrice.ledger, 1, offset=4)


@pytest.fixture
def lived() -> Lived:
    """A ledger of about fifty records."""
    return make(1)


@pytest.fixture(scope="session")
def tool() -> Any:
    """The tool, as a module."""
    spec = importlib.util.spec_from_file_location("jiesuan_verify", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["jiesuan_verify"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def begun() -> Lived:
    """A ledger whose life has yet to begin."""
    ledger = Lived()
    ledger.found()
    return ledger


@pytest.fixture(scope="session")
def worked_cases() -> list[str]:
    """The requests of the worked cases, once."""
    return list(requests([0]))
