#!/usr/bin/env python3
"""Verify a receipt or an export of a jiesuan ledger, trusting one public key alone.

    python jiesuan_verify.py receipt FILE --key VKEY
    python jiesuan_verify.py ledger DIR --key VKEY [--earlier FILE]...

Exit code 0: all of it holds. 1: each line names a file and, for a record,
``partition P offset O``. ``--earlier`` is a checkpoint, a receipt or an export (its
``checkpoint`` and ``tile/`` will do) kept from before: a ledger that was rewritten by
somebody who has the key does not fit it. ``--witness
VKEY`` wants a second signer's cosignature. Needs Python 3.11 and `cryptography`.

The formats are public: C2SP signed-note, tlog-checkpoint, tlog-cosignature,
tlog-tiles, tlog-proof; the tree is RFC 6962's. From the record up: its digest is the
data of a leaf, the leaves in the order of the seals make the tree, the checkpoint
signs its root, `manifest.note` signs the list of files.
"""

import argparse
import base64
import json
import os
import re
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

CHUNK, LONGEST_LINE, WIDTH, MOST_NAMED = 1 << 20, 1 << 26, 256, 100
MAX_NUMBER, NOTE, COSIGNATURE = 2**63 - 1, 1, 4
PERSON, HASH = re.compile(r"[A-Za-z0-9_.:/-]{1,50}"), re.compile("[0-9a-f]{64}")
PART = re.compile(r"(ledger|clearing)-(0|[1-9]\d*)-(0|[1-9]\d*)\.jsonl\.gz", re.A)


class Wrong(Exception):
    """Something does not hold; the sentence says what."""


# One meaning, one text: what could be spelled in two ways is refused in all but one.


def unbase64(text: object, length: int | None = None) -> bytes:
    """Return the bytes of a canonical base64 text."""
    try:
        data = base64.b64decode(str(text), validate=True)
    except ValueError as wrong:
        raise Wrong("base64 文本无法识别") from wrong
    if base64.b64encode(data).decode() != text or length not in (None, len(data)):
        raise Wrong("base64 文本不是规范写法，或长度不对")
    return data


def decimal(text: str) -> int:
    """Return a number written without sign, spaces or zeros in front."""
    if not re.fullmatch("0|[1-9][0-9]{0,18}", text) or int(text) > MAX_NUMBER:
        raise Wrong(f"“{text[:40]}”不是规范的十进制数")
    return int(text)


def unjson(data: bytes) -> Any:
    """Return the value of a JSON text: no repeated name, no fraction."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) != len(pairs):
            raise Wrong("JSON 对象中字段重复")
        return dict(pairs)

    def whole(text: str) -> int:
        return -1 if text == "-1" else decimal(text)

    read = json.JSONDecoder(
        object_pairs_hook=once,
        parse_int=whole,
        parse_float=decimal,
        parse_constant=decimal,
    )
    try:
        value = read.decode(data.decode())
        if b"\\u" in data:
            json.dumps(value, ensure_ascii=False).encode()
        return value
    except (ValueError, RecursionError) as wrong:
        raise Wrong("不是有效的 JSON 文本") from wrong


def fields(value: Any, *names: str) -> list[Any]:
    """Return the values of an object that has exactly these fields."""
    if not isinstance(value, dict) or set(value) != set(names):
        raise Wrong(f"应为恰有字段 {'、'.join(names)} 的 JSON 对象")
    return [value[name] for name in names]


def is_count(*values: object) -> bool:
    """Whether all values are whole numbers from 0 on."""
    return all(type(one) is int and 0 <= one <= MAX_NUMBER for one in values)


# Keys and notes.


class Key(NamedTuple):
    """A public key: who holds it, its four-byte id, what it signs."""

    name: str
    id: bytes
    type: int
    public: bytes

    def has_signed(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature is this key's over the message."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


def read_key(text: str) -> Key:
    """Return the key of a text ``name+id+base64``."""
    name, id_, coded = [*text.split("+", 2), "", ""][:3]
    data = unbase64(coded, 33)
    if sha256(name.encode() + b"\n" + data).hexdigest()[:8] != id_ or not is_name(name):
        raise Wrong(f"公钥“{name[:60]}”的名称、指纹与内容不符")
    return Key(name, bytes.fromhex(id_), data[0], data[1:])


def is_name(name: str) -> bool:
    """Whether a key or a log can be called so."""
    return bool(name) and not any(c == "+" or c.isspace() or c < " " for c in name)


def read_note(note: str, key: Key) -> tuple[bytes, bytes]:
    """Return the text of a note, and the one signature that claims to be a key's."""
    text, blank, lines = note.rpartition("\n\n")
    if any(c < " " and c != "\n" for c in note) or not blank or lines[-1:] != "\n":
        raise Wrong("签名文本应为正文、空行、签名行")
    ours = []
    for line in lines[:-1].split("\n"):
        dash, _, rest = line.partition(" ")
        name, _, coded = rest.partition(" ")
        data = unbase64(coded)
        if dash != "—" or not is_name(name) or len(data) < 5:
            raise Wrong("签名行应写作 — 名称 base64")
        ours += [data[4:]] if (name, data[:4]) == (key.name, key.id) else []
    if len(ours) != 1:
        raise Wrong(f"应恰有一行 {key.name}+{key.id.hex()} 的签名，实有 {len(ours)} 行")
    return f"{text}\n".encode(), ours[0]


def open_note(note: str, key: Key) -> str:
    """Return the text of a note that the key has signed."""
    text, signature = read_note(note, key)
    if key.type != NOTE or not key.has_signed(text, signature):
        raise Wrong(f"{key.name} 的签名与正文不符")
    return text.decode()


def open_checkpoint(
    note: Any, key: Key, *, witnesses: Iterable[Key] = ()
) -> tuple[int, bytes]:
    """Return size and root of a checkpoint that key and witnesses have signed."""
    if not isinstance(note, str):
        raise Wrong("检查点应为文本")
    lines = open_note(note, key).split("\n")
    if len(lines) != 4 or lines[0] != key.name:
        raise Wrong("检查点应为三行：来源（即密钥名）、大小、根")
    for witness in witnesses:
        text, signed = read_note(note, witness)
        at = int.from_bytes(signed[:8])
        message = b"cosignature/v1\ntime %d\n" % at + text
        if witness.type != COSIGNATURE or not witness.has_signed(message, signed[8:]):
            raise Wrong(f"见证 {witness.name} 的签名与正文不符")
    return decimal(lines[1]), unbase64(lines[2], 32)


# The tree.


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


def peaks(hashes: list[bytes]) -> Iterator[bytes]:
    """Return the roots of the perfect subtrees over hashes of one height."""
    while hashes:
        count = 1 << len(hashes).bit_length() - 1
        level, hashes = hashes[:count], hashes[count:]
        while len(level) > 1:
            level = [node(*level[at : at + 2]) for at in range(0, len(level), 2)]
        yield level[0]


class Tree:
    """A growing tree: by level, the hashes of its unfinished tile."""

    def __init__(self) -> None:
        self.size = 0
        self.edge: list[list[bytes]] = [[]]

    def append(self, leaf: bytes) -> Iterator[tuple[str, list[bytes]]]:
        """Add a leaf; give the tiles that it completes, by path."""
        self.size += 1
        self.edge[0].append(leaf)
        level = 0
        while len(hashes := self.edge[level]) == WIDTH:
            yield tile_path(level, (self.size >> 8 * level + 8) - 1), hashes
            self.edge[level] = []
            level += 1
            self.edge += [[]] if level == len(self.edge) else []
            self.edge[level] += peaks(hashes)

    def partial(self) -> Iterator[tuple[str, list[bytes]]]:
        """Yield the tiles that are not complete, by path."""
        for level, hashes in enumerate(self.edge):
            if hashes:
                path = tile_path(level, self.size >> 8 * level + 8)
                yield f"{path}.p/{len(hashes)}", hashes

    def root(self) -> bytes:
        """Return the root as of now."""
        every = [peak for hashes in self.edge[::-1] for peak in peaks(hashes)]
        root = every.pop() if every else sha256().digest()
        for peak in reversed(every):
            root = node(peak, root)
        return root


def tile_path(level: int, index: int) -> str:
    """Return where a full tile lies: its index in groups of three digits."""
    groups = [f"{index % 1000:03d}"]
    while index := index // 1000:
        groups.insert(0, f"x{index % 1000:03d}")
    return f"tile/{level}/{'/'.join(groups)}"


def root_of(leaf: bytes, index: int, *, size: int, path: list[bytes]) -> bytes:
    """Return the root that the path of a leaf leads to (RFC 9162 §2.1.3.2)."""
    last, root = size - 1, leaf
    for sibling in path:
        if last == 0:
            raise Wrong("包含证明过长")
        if index & 1 or index == last:
            root = node(sibling, root)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            root = node(root, sibling)
        index, last = index >> 1, last >> 1
    if last != 0:
        raise Wrong("包含证明过短")
    return root


# Records and receipts.


class Record(NamedTuple):
    """A record of the ledger topic, as stored."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]]

    @property
    def leaf(self) -> bytes:
        """The hash of the record's leaf, whose data are the record digest."""
        parts = [number(self.partition), number(self.offset)]
        parts += [field(self.key), field(self.value), number(len(self.headers))]
        for name, value in self.headers:
            parts += [field(name.encode()), field(value)]
        return sha256(b"\x00" + sha256(b"".join(parts)).digest()).digest()

    def entry(self) -> tuple[str, int, str, str]:
        """Return person, version, previous hash and hash of an entry, else Wrong."""
        have: dict[str, Any] = {"cause": b"", "writer": b"", **dict(self.headers)}
        try:
            said = {name: have[name].decode() for name in HEADERS}
            type_, value = said["ce_type"].encode("ascii"), self.value or b""
            version, prev = decimal(said["version"]), said["prev-hash"]
        except (Wrong, KeyError, ValueError, AttributeError) as wrong:
            raise Wrong("不是条目") from wrong
        person = said["ce_subject"]
        if not PERSON.fullmatch(person) or self.key != person.encode():
            raise Wrong("键不是条目的参保人")
        if version == 0 or not HASH.fullmatch(prev):
            raise Wrong("version 或 prev-hash 写法不对")
        hashed = bytes.fromhex(prev) + number(version) + type_ + value
        if said["ce_id"] != sha256(hashed).hexdigest():
            raise Wrong("条目的哈希与内容不符")
        return person, version, prev, said["ce_id"]


HEADERS = (
    *("ce_subject", "ce_type", "ce_time", "ce_id"),
    *("version", "prev-hash", "cause", "writer"),
)


def number(count: int) -> bytes:
    """Return a number as the digest takes it."""
    return count.to_bytes(8, "big")


def field(data: bytes | None) -> bytes:
    """Return bytes with their length; what is absent has a length of its own."""
    return number(2**64 - 1) if data is None else number(len(data)) + data


def read_record(value: Any, *more: str) -> Record:
    """Return the record that a JSON object holds."""
    names = ("partition", "offset", "key", "value", "headers")
    partition, offset, key, body, headers = fields(value, *names, *more)[:5]
    if not is_count(partition, offset) or not isinstance(headers, list):
        raise Wrong("partition、offset 或 headers 写法不对")
    return Record(partition, offset, maybe(key), maybe(body), [*map(header, headers)])


def header(pair: Any) -> tuple[str, bytes | None]:
    """Return the name and the bytes of a header."""
    if not isinstance(pair, list) or len(pair) != 2 or not isinstance(pair[0], str):
        raise Wrong("每个 header 应为 [名称, 值]")
    return pair[0], maybe(pair[1])


def maybe(text: object) -> bytes | None:
    """Return bytes, or None for null."""
    return None if text is None else unbase64(text)


def read_receipt(
    data: bytes, key: Key, *, witnesses: list[Key]
) -> tuple[Record, int, int, bytes]:
    """Return record, index, and the head (size, root) that proves it."""
    format_, said, proof = fields(unjson(data), "format", "record", "proof")
    record = read_record(said)
    head, _, note = str(proof).partition("\n\n")
    lines = head.split("\n")
    if format_ != "jiesuan-receipt/1" or lines[0] != "c2sp.org/tlog-proof@v1":
        raise Wrong("不是 jiesuan-receipt/1，或证明不是 tlog-proof@v1")
    if len(lines) < 2 or not lines[1].startswith("index "):
        raise Wrong("证明第二行应为 index 序号")
    index, path = decimal(lines[1][6:]), [unbase64(one, 32) for one in lines[2:]]
    size, root = open_checkpoint(note, key, witnesses=witnesses)
    if index >= size or root_of(record.leaf, index, size=size, path=path) != root:
        place = f"partition {record.partition} offset {record.offset}"
        raise Wrong(f"{place}: 记录不在检查点所封存的账本中")
    return record, index, size, root


def receipt(file: Path, key: Key, *, witnesses: list[Key]) -> list[str]:
    """Check a receipt; return what is wrong, having printed what it proves."""
    record, _, size, root = read_receipt(file.read_bytes(), key, witnesses=witnesses)
    place = f"partition {record.partition} offset {record.offset}"
    try:
        person, version, _, hash_ = record.entry()
    except Wrong as wrong:
        return [f"{file}: {place}: {wrong}：账本中有此记录，但它不是条目（分叉）"]
    value = (record.value or b"").decode()
    ids = "、".join(re.findall(r'"setl_id":"([^"]{1,30})"', value))
    said = {name: (data or b"").decode() for name, data in record.headers}
    print(f"{file}: {place} 已由 {key.name} 封存于大小 {size}、根 {root.hex()} 的账本")
    print(
        f"  {said['ce_type']} 结算ID {ids or '无'}；参保人 {person} 的第 {version} 条"
    )
    print(f"  记录于 {said['ce_time']}，哈希 {hash_}")
    return []


# Exports.


def lines(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file, unpacked where it is one gzip member."""
    unpack = zlib.decompressobj(31) if path.suffix == ".gz" else None
    rest = b""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            if unpack and unpack.eof:
                raise Wrong("gzip 内容之后还有内容")
            *whole, rest = (
                rest + (unpack.decompress(chunk) if unpack else chunk)
            ).split(b"\n")
            yield from whole
            if len(rest) > LONGEST_LINE:
                raise Wrong("行过长")
    if unpack and (not unpack.eof or unpack.unused_data):
        raise Wrong("gzip 内容不完整，或之后还有内容")
    if rest:
        raise Wrong("最后一行没有以换行结束")


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def murmur2(data: bytes) -> int:
    """Return the hash by which Kafka's Java client chooses the partition of a key."""
    mask, mix = 0xFFFFFFFF, 0x5BD1E995
    h, whole = 0x9747B28C ^ len(data), len(data) & ~3
    for at in range(0, whole, 4):
        k = int.from_bytes(data[at : at + 4], "little") * mix & mask
        h = (h * mix & mask) ^ ((k ^ k >> 24) * mix & mask)
    if data[whole:]:
        h = (h ^ int.from_bytes(data[whole:], "little")) * mix & mask
    h = (h ^ h >> 13) * mix & mask
    return (h ^ h >> 15) & 0x7FFFFFFF


@dataclass(frozen=True)
class Seal:
    """What a seal says, its signature checked."""

    ends: list[int]
    size: int
    root: bytes
    note: str


@dataclass(frozen=True)
class Kept:
    """What an auditor kept from before: a head, and a record that stood in it."""

    file: Path
    size: int
    root: bytes
    record: Record | None = None
    leaves: bytes = b""


def read_kept(file: Path, key: Key) -> Kept:
    """Return what a checkpoint, a receipt or an export of an earlier day says."""
    if file.is_dir():
        note = (file / "checkpoint").read_bytes().decode()
        size, root = open_checkpoint(note, key)
        return Kept(file, size, root, None, read_leaves(file, size, root=root))
    data = file.read_bytes()
    if not data.startswith(b"{"):
        return Kept(file, *open_checkpoint(data.decode(), key))
    record, _, size, root = read_receipt(data, key, witnesses=[])
    return Kept(file, size, root, record)


def read_leaves(folder: Path, size: int, *, root: bytes) -> bytes:
    """Return the leaves of an earlier export, from its tiles alone."""
    leaves, tree = b"", Tree()
    for index in range(-(-size // WIDTH)):
        width = min(WIDTH, size - index * WIDTH)
        path = tile_path(0, index) + (f".p/{width}" if width < WIDTH else "")
        leaves += (folder / path).read_bytes()
    for at in range(0, len(leaves), 32):
        for _ in tree.append(leaves[at : at + 32]):
            pass
    if (tree.size, tree.root()) != (size, root):
        raise Wrong(f"{folder}: 瓦片与其检查点不符")
    return leaves


class Chains:
    """The chain of every person: the last version and hash, and the forks."""

    def __init__(self, ledger_id: object, partitions: int) -> None:
        self.heads: list[dict[str, tuple[int, str]]] = [{} for _ in range(partitions)]
        self.genesis = (ledger_id, partitions)
        self.entries = self.forks = 0

    def take(self, record: Record) -> None:
        """Take a record over as its person's next entry, or count a fork."""
        if record.offset == 0:
            names = ("ledger_id", "partitions", "created_at")
            ledger_id, partitions, _ = fields(unjson(record.value or b""), *names)
            if record.key is not None or (ledger_id, partitions) != self.genesis:
                raise Wrong("分区的首条记录不是这个账本的")
            return
        heads = self.heads[record.partition]
        try:
            person, version, prev, hash_ = record.entry()
        except Wrong:
            self.forks += 1
            return
        follows = heads.get(person, (0, "0" * 64)) == (version - 1, prev)
        if follows and murmur2(person.encode()) % len(self.heads) == record.partition:
            heads[person] = (version, hash_)
            self.entries += 1
        else:
            self.forks += 1

    def roots(self) -> Iterator[str]:
        """Yield the state root of each partition."""
        for heads in self.heads:
            state = sha256()
            for person, (version, hash_) in sorted(heads.items()):
                state.update(f"{person}\t{version}\t{hash_}\n".encode())
            yield state.hexdigest()


class Export:
    """An export as it is checked: what it says of itself, and what was found."""

    def __init__(self, folder: Path, key: Key, kept: list[Kept]) -> None:
        self.folder, self.key, self.kept = folder, key, kept
        self.found: dict[str, None] = {}
        self.tree, self.chains = Tree(), Chains("", 0)
        self.counted: dict[str, int] = {}
        self.window: list[tuple[bytes, str]] = []
        self.suspects: list[tuple[str, str]] = []
        self.odd_tiles: list[str] = []
        self.whole = self.in_line = True
        self.doubtful = False

    @contextmanager
    def at(self, where: str) -> Iterator[None]:
        """Note what is wrong inside, and where."""
        try:
            yield
        except (Wrong, OSError, ValueError, zlib.error) as wrong:
            self.found[f"{where}: {wrong}"] = None

    def check(self, witnesses: list[Key]) -> None:
        """Check everything, from the signature down to the records."""
        self.manifest()
        self.files()
        seals = self.seals(witnesses)
        self.records(seals)
        self.others()
        if not self.found:
            for name in sorted(set(self.listed) - set(self.counted)):
                self.found[f"{name}: 不是导出应有的文件"] = None
            for name, count in self.counted.items():
                if self.listed[name].get("count", count) != count:
                    self.found[f"{name}: 应有 {self.listed[name]} 行"] = None

    def manifest(self) -> None:
        """Read the list of files, and hold its signature against it."""
        data = (self.folder / "manifest.json").read_bytes()
        try:
            self.read_manifest(unjson(data))
        except Wrong as wrong:
            raise Wrong(f"manifest.json: {wrong}") from wrong
        with self.at("manifest.note"):
            text = (self.folder / "manifest.note").read_bytes().decode()
            noted = f"jiesuan-export/1\n{self.id}\n{sha256(data).hexdigest()}\n"
            if open_note(text, self.key) != noted:
                raise Wrong("所签的不是这份 manifest.json")

    def read_manifest(self, said: Any) -> None:
        """Take over what the list says."""
        format_, self.id, partitions, ledger, files, *last = fields(said, *MANIFEST)
        self.seal_count, self.checkpoint = last
        if format_ != "jiesuan-export/1" or not is_count(partitions):
            raise Wrong("不是 jiesuan-export/1")
        if not isinstance(ledger, dict) or len(ledger) != partitions:
            raise Wrong("ledger 应逐一列出各分区")
        ends = fields(ledger, *map(str, range(partitions)))
        counts = [fields(one, "count", "last_offset") for one in ends]
        self.ends = [last for _, last in counts]
        if not all(is_count(*one) and one[0] == one[1] + 1 for one in counts):
            raise Wrong("count 与 last_offset 不符")
        if not isinstance(files, dict):
            raise Wrong("files 应为 JSON 对象")
        self.listed, self.chains = files, Chains(self.id, partitions)

    def files(self) -> None:
        """Hold every file's digest against the list; no other file may be there."""
        there = {
            path.relative_to(self.folder).as_posix()
            for path in self.folder.rglob("*")
            if path.is_file() or not path.is_dir()
        }
        for name in sorted(
            there - set(self.listed) - {"manifest.json", "manifest.note"}
        ):
            self.found[f"{name}: manifest.json 没有列出这个文件"] = None
        for name, said in self.listed.items():
            with self.at(name):
                counted = ("count",) if name.endswith((".jsonl", ".jsonl.gz")) else ()
                digest, *count = fields(said, "sha256", *counted)
                if name not in there or not is_count(*count):
                    raise Wrong("文件缺失，或 count 不是行数")
                if digest != digest_of(self.folder / name):
                    raise Wrong("内容的 SHA-256 与 manifest.json 不符")

    def seals(self, witnesses: list[Key]) -> list[Seal]:
        """Return the seals, each signed and longer than the one before."""
        seals: list[Seal] = []
        with self.at("seals.jsonl"):
            for line in lines(self.folder / "seals.jsonl"):
                self.counted["seals.jsonl"] = len(seals) + 1
                said, size, note = fields(unjson(line), "ends", "size", "checkpoint")
                ends = fields(said, *map(str, range(len(self.ends))))
                signed = open_checkpoint(note, self.key)
                before = seals[-1] if seals else Seal([-1] * len(ends), 0, b"", "")
                if not is_count(size, *ends) or size != sum(ends) + len(ends):
                    raise Wrong(f"第 {len(seals) + 1} 行的 size 与 ends 不符")
                grown = all(map(int.__ge__, ends, before.ends)) and size > before.size
                if size != signed[0] or not grown:
                    raise Wrong(f"第 {len(seals) + 1} 行不是上一次封存的延续")
                seals.append(Seal(ends, *signed, note))
        with self.at("checkpoint"):
            self.counted["checkpoint"] = 1
            note = (self.folder / "checkpoint").read_bytes().decode()
            open_checkpoint(note, self.key, witnesses=witnesses)
            last = seals[-1] if seals else Seal([], 0, b"", "")
            if (note, self.ends, len(seals)) != (last.note, last.ends, self.seal_count):
                raise Wrong("检查点不是 seals.jsonl 的最后一次封存，或与清单不符")
            if note != self.checkpoint:
                raise Wrong("检查点与 manifest.json 中的不同")
        # The seals order the tree: where they do not hold, no record is blamed.
        self.doubtful = any(w.startswith(("seals", "checkpoint")) for w in self.found)
        return seals

    def part(
        self, kind: str, partition: int, *, stop: int
    ) -> Iterator[tuple[str, Record | None]]:
        """Yield a partition's records by file; None for ever after what is broken."""
        offset, name = 0, f"{kind}-{partition}-0.jsonl.gz"
        try:
            for name, line in self.lines_of(kind, partition):
                record = read_line(line)
                if (record.partition, record.offset) != (partition, offset):
                    raise Wrong(f"此处放着分区 {record[0]} 第 {record[1]} 条")
                if offset > stop:
                    raise Wrong("超出检查点所封存的范围")
                yield name, record
                offset += 1
            if offset <= stop < MAX_NUMBER:
                raise Wrong("记录缺失")
        except (Wrong, OSError, ValueError, zlib.error) as wrong:
            place = f"partition {partition} offset {offset}"
            self.found[f"{name}: {place}: {wrong}"] = None
            while True:
                yield name, None

    def lines_of(self, kind: str, partition: int) -> Iterator[tuple[str, bytes]]:
        """Yield the lines of a partition, file by file."""
        count = 0
        for first, name in self.parts(kind, partition):
            self.counted[name] = 0
            if first != count:
                raise Wrong(f"{name} 与前一文件的 offset 不相接")
            for line in lines(self.folder / name):
                yield name, line
                self.counted[name] += 1
            count += self.counted[name]

    def parts(self, kind: str, partition: int) -> list[tuple[int, str]]:
        """Return the files of a partition by their first offset."""
        named = [(PART.fullmatch(name), name) for name in self.listed]
        ours = (kind, str(partition))
        return sorted((int(m[3]), n) for m, n in named if m and m.group(1, 2) == ours)

    def records(self, seals: list[Seal]) -> None:
        """Grow the tree record by record, and hold each seal against it."""
        streams = [self.part("ledger", p, stop=end) for p, end in enumerate(self.ends)]
        before = [-1] * len(streams)
        for count, seal in enumerate(seals, start=1):
            for partition, stream in enumerate(streams):
                for offset in range(before[partition] + 1, seal.ends[partition] + 1):
                    name, record = next(stream)
                    place = f"partition {partition} offset {offset}"
                    self.grow(record, f"{name}: {place}")
            if count == len(seals):
                for path, hashes in self.tree.partial():
                    self.compare(path, hashes)
            self.sealed(f"seals.jsonl: 第 {count} 行", seal, before=before)
            before = seal.ends
        for stream in streams:
            next(stream, None)
        for one in self.kept:
            if one.size > self.tree.size:
                self.found[
                    f"{one.file}: 曾封存 {one.size} 条，现只有 {self.tree.size} 条"
                ] = None

    def grow(self, record: Record | None, where: str) -> None:
        """Take a record into the tree and the chains."""
        leaf = record.leaf if record else b""
        self.whole = self.whole and record is not None
        if record is not None:
            with self.at(where):
                self.chains.take(record)
        self.window.append((leaf, where))
        for path, hashes in self.tree.append(leaf):
            self.compare(path, hashes)
        for one in self.kept:
            self.hold(one, record, where=where)

    def hold(self, one: Kept, record: Record | None, *, where: str) -> None:
        """Hold a record, and the tree up to it, against what was kept from before."""
        at = 32 * (self.tree.size - 1)
        if record and one.record and one.record[:2] == record[:2]:
            if one.record.leaf != record.leaf:
                self.found[f"{where}: 与 {one.file} 所证明的记录不同"] = None
        elif record and one.leaves[at : at + 32] not in (b"", record.leaf):
            self.found[f"{where}: 与 {one.file} 中的记录不同"] = None
        if one.size == self.tree.size and self.whole and self.tree.root() != one.root:
            self.found[f"{one.file}: 大小 {one.size} 处的历史已被改写"] = None

    def compare(self, path: str, hashes: list[bytes]) -> None:
        """Hold a tile of the tree against its file."""
        self.counted[path] = 1
        with self.at(path):
            if (self.folder / path).read_bytes() != b"".join(hashes):
                self.odd_tiles.append(path)
        if path.startswith("tile/0/"):
            self.suspects += self.differing()
            self.window = []

    def differing(self) -> list[tuple[str, str]]:
        """Return which of the last records differ from the tile that they lie in."""
        index = (self.tree.size - 1) // WIDTH
        width = min(WIDTH, sum(self.ends) + len(self.ends) - index * WIDTH)
        path = tile_path(0, index) + (f".p/{width}" if width < WIDTH else "")
        file = self.folder / path
        data = file.read_bytes() if file.is_file() else b""
        said = [data[at : at + 32] for at in range(0, len(data), 32)]
        pairs = zip(self.window, said, strict=False)
        return [(path, where) for (leaf, where), one in pairs if leaf not in (b"", one)]

    def sealed(self, where: str, seal: Seal, *, before: list[int]) -> None:
        """Hold a seal's root against the tree, and find who is to blame."""
        if self.whole and self.tree.root() == seal.root:
            for path in [*self.odd_tiles, *(path for path, _ in self.suspects)]:
                self.found[f"{path}: 与记录算出的树不同"] = None
        elif not self.doubtful:
            self.suspects += self.differing()
            for _, place in self.suspects:
                self.found[f"{place}: 记录与封存时不同"] = None
            if self.whole and self.in_line and not self.suspects:
                ends = enumerate(zip(before, seal.ends, strict=True))
                runs = [
                    f"partition {p} offset {a + 1} 至 {b}"
                    for p, (a, b) in ends
                    if a < b
                ]
                self.found[f"{where}: 封存的根不是这些记录的根: {'; '.join(runs)}"] = (
                    None
                )
            self.in_line = False
        self.suspects, self.odd_tiles = [], []

    def others(self) -> None:
        """Read what else is exported: the clearing and the reference."""
        matches = (PART.fullmatch(name) for name in self.listed)
        for partition in {int(m[2]) for m in matches if m and m[1] == "clearing"}:
            for _, record in self.part("clearing", partition, stop=MAX_NUMBER):
                if record is None:
                    break
        name, last = "reference.jsonl.gz", (-1, -1)
        with self.at(name):
            self.counted[name] = 0
            for line in lines(self.folder / name):
                record = read_line(line)
                self.counted[name] += 1
                if record[:2] <= last:
                    raise Wrong(f"第 {self.counted[name]} 行不在其位")
                last = record[:2]


MANIFEST = (
    *("format", "ledger_id", "partitions"),
    *("ledger", "files", "seals", "checkpoint"),
)


def read_line(line: bytes) -> Record:
    """Return the record of a line; Kafka's timestamp is informative."""
    value = unjson(line)
    record = read_record(value, "timestamp")
    if value["timestamp"] != -1 and not is_count(value["timestamp"]):
        raise Wrong("timestamp 写法不对")
    return record


def ledger(
    folder: Path, key: Key, *, witnesses: list[Key], kept: list[Kept]
) -> list[str]:
    """Check an export; return what is wrong, having printed what holds."""
    export = Export(folder, key, kept)
    export.check(witnesses)
    chains = export.chains
    if not export.found:
        print(f"{folder}: 账本 {export.id} 完好，共 {export.tree.size} 条记录")
        print(f"  entries: {chains.entries}, persons: {sum(map(len, chains.heads))}")
        print(f"  forks: {chains.forks}（分叉照原样导出，不算损坏）")
        for partition, root in enumerate(chains.roots()):
            print(f"  state root {partition}: {root}")
    return sorted(export.found, key=lambda line: " offset " not in line)


def main(arguments: list[str] | None = None) -> int:
    """Read the command line, check, and say what was found."""
    parser = argparse.ArgumentParser(description="核验结算账本的回执或导出")
    parser.add_argument("what", choices=("receipt", "ledger"))
    parser.add_argument("path", type=Path, metavar="FILE|DIR")
    parser.add_argument("--key", required=True, metavar="VKEY", help="账本的公钥")
    parser.add_argument("--witness", action="append", default=[], metavar="VKEY")
    parser.add_argument("--earlier", action="append", default=[], type=Path)
    said = parser.parse_args(arguments)
    try:
        key, witnesses = read_key(said.key), [read_key(one) for one in said.witness]
        if said.what == "receipt":
            found = receipt(said.path, key, witnesses=witnesses)
        else:
            kept = [read_kept(file, key) for file in said.earlier]
            found = ledger(said.path, key, witnesses=witnesses, kept=kept)
    except (Wrong, OSError, ValueError) as wrong:
        found = [f"{said.path}: {wrong}"]
    for line in found[:MOST_NAMED]:
        print(line)
    if len(found) > MOST_NAMED:
        print(f"另有 {len(found) - MOST_NAMED} 处")
    return 1 if found else 0


def quietly() -> int:
    """Run; who reads no further (`| head`) is not bothered, and no verdict is given."""
    try:
        code = main()
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


if __name__ == "__main__":
    sys.exit(quietly())
