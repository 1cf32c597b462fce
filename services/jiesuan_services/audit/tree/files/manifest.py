"""The manifest of an export: every file and its digest, under one signature."""

import re
from hashlib import sha256
from typing import Any, Final

from msgspec import Struct

from jiesuan_services.audit.tree.files.seal import read_partitions
from jiesuan_services.audit.tree.notes.keys import SignerKey, VerifierKey, is_key_name
from jiesuan_services.audit.tree.notes.note import opened, signed_note
from jiesuan_services.audit.tree.text import (
    FormatError,
    json_text,
    read_fields,
    read_hex,
    read_json,
    read_number,
    read_string,
)

FORMAT: Final = "jiesuan-export/1"
COUNTED: Final = (".jsonl", ".jsonl.gz")
_NAME: Final = re.compile(
    r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*"
)
_FIELDS: Final = (
    "format",
    "ledger_id",
    "partitions",
    "ledger",
    "files",
    "seals",
    "checkpoint",
)


class Listed(Struct, frozen=True):
    """A file of an export: its digest, and its lines where it has lines."""

    sha256: str
    count: int | None = None

    @property
    def said(self) -> dict[str, Any]:
        """The file as the manifest says it."""
        if self.count is None:
            return {"sha256": self.sha256}
        return {"sha256": self.sha256, "count": self.count}


class Manifest(Struct, frozen=True):
    """What an export holds; ``ledger`` has (count, last offset) by partition."""

    ledger_id: str
    ledger: dict[int, tuple[int, int]]
    files: dict[str, Listed]
    seals: int
    checkpoint: str

    @property
    def partitions(self) -> int:
        """How many partitions the ledger has."""
        return len(self.ledger)

    @property
    def text(self) -> str:
        """The file, ending in a line feed."""
        ledger = {
            str(partition): {"count": count, "last_offset": last}
            for partition, (count, last) in sorted(self.ledger.items())
        }
        said = {
            "format": FORMAT,
            "ledger_id": self.ledger_id,
            "partitions": self.partitions,
            "ledger": ledger,
            "files": {name: self.files[name].said for name in sorted(self.files)},
            "seals": self.seals,
            "checkpoint": self.checkpoint,
        }
        return json_text(said) + "\n"


def signed_manifest(manifest: bytes, ledger_id: str, *, key: SignerKey) -> str:
    """Return `manifest.note` for the bytes of `manifest.json`."""
    return signed_note(_noted(manifest, ledger_id), key)


def check_manifest(manifest: bytes, note: str, *, key: VerifierKey) -> Manifest:
    """Return what a manifest says whose note a key has signed."""
    text = opened(note, key)
    read = read_manifest(manifest)
    if text != _noted(manifest, read.ledger_id):
        raise FormatError("manifest.note 所签的不是这份 manifest.json")
    return read


def read_manifest(data: bytes) -> Manifest:
    """Return what a manifest says, its signature unchecked."""
    fields = read_fields(read_json(data), _FIELDS)
    if fields["format"] != FORMAT:
        raise FormatError(f"格式应为 {FORMAT}")
    ledger_id = read_string(fields["ledger_id"])
    if not is_key_name(ledger_id):
        raise FormatError("ledger_id 不能为空，也不能含空格")
    ledger = {
        partition: _ended(one)
        for partition, one in read_partitions(fields["ledger"]).items()
    }
    if read_number(fields["partitions"]) != len(ledger):
        raise FormatError("partitions 与 ledger 所列的分区数不符")
    if not isinstance(fields["files"], dict):
        raise FormatError("files 应为 JSON 对象")
    return Manifest(
        ledger_id,
        ledger,
        {_name(name): _listed(name, one) for name, one in fields["files"].items()},
        read_number(fields["seals"]),
        read_string(fields["checkpoint"]),
    )


def _noted(manifest: bytes, ledger_id: str) -> str:
    return f"{FORMAT}\n{ledger_id}\n{sha256(manifest).hexdigest()}\n"


def _ended(value: object) -> tuple[int, int]:
    fields = read_fields(value, ("count", "last_offset"))
    count, last = read_number(fields["count"]), read_number(fields["last_offset"])
    if count != last + 1:
        raise FormatError("分区的 count 应等于 last_offset 加一")
    return count, last


def _name(name: str) -> str:
    """Return a file's name, which cannot lead out of the folder."""
    if not _NAME.fullmatch(name):
        raise FormatError(f"文件名 {name[:60]!a} 不是导出文件的写法")
    return name


def _listed(name: str, value: object) -> Listed:
    if name.endswith(COUNTED):
        fields = read_fields(value, ("sha256", "count"))
        return Listed(read_hex(fields["sha256"]), read_number(fields["count"]))
    return Listed(read_hex(read_fields(value, ("sha256",))["sha256"]))
