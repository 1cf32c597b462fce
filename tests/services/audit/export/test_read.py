"""An export is read back strictly: what does not verify is refused by file and line."""

import gzip
import json
import shutil
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from jiesuan_services.audit.export.check import check_export
from jiesuan_services.audit.export.read import ImportRefused, open_export
from jiesuan_services.audit.tree.notes.keys import (
    NOTE,
    SignerKey,
    VerifierKey,
    read_verifier_key,
)

PART = "ledger-1-0.jsonl.gz"
AT = 9


@pytest.fixture
def folder(tmp_path: Path, sealed_thrice: Any) -> Path:
    """A copy of an export with three seals."""
    return Path(shutil.copytree(sealed_thrice.out, tmp_path / "export"))


@pytest.fixture
def key(sealed_thrice: Any) -> VerifierKey:
    """The key that the export verifies by."""
    return read_verifier_key(sealed_thrice.vkey)


def refused(folder: Path, key: VerifierKey) -> str:
    """Return why an export is refused."""
    with pytest.raises(ImportRefused) as wrong:
        check_export(open_export(folder, key))
    return str(wrong.value)


def rewrite(folder: Path, name: str, change: Callable[[list[bytes]], Any]) -> None:
    """Change the lines of a file."""
    path = folder / name
    data = path.read_bytes()
    packed = path.suffix == ".gz"
    lines: Sequence[bytes] = change(
        (gzip.decompress(data) if packed else data).splitlines()
    )
    data = b"".join(line + b"\n" for line in lines)
    path.write_bytes(gzip.compress(data, mtime=0) if packed else data)


def forge(folder: Path, resign: Callable[[Path], None]) -> None:
    """List and sign the files as they are now, as one who has the key can."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_bytes())
    manifest["files"] = {}
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder).as_posix()
        if file.is_file() and not name.startswith("manifest."):
            data = file.read_bytes()
            said: dict[str, Any] = {"sha256": sha256(data).hexdigest()}
            if ".jsonl" in name:
                text = gzip.decompress(data) if file.suffix == ".gz" else data
                said["count"] = text.count(b"\n")
            manifest["files"][name] = said
    path.write_bytes(json.dumps(manifest).encode())
    resign(folder)


def changed(lines: list[bytes]) -> list[bytes]:
    """Change one byte of a record's value."""
    said = json.loads(lines[AT])
    said["value"] = ("A" if said["value"][0] != "A" else "B") + said["value"][1:]
    return [*lines[:AT], json.dumps(said).encode(), *lines[AT + 1 :]]


def repeated(lines: list[bytes]) -> list[bytes]:
    """Return the lines, a field of one written twice."""
    line = lines[AT].replace(b"{", b'{"offset":9,', 1)
    return [*lines[:AT], line, *lines[AT + 1 :]]


def test_a_whole_export_is_read(folder: Path, key: VerifierKey) -> None:
    """An export as it was written verifies to the last record."""
    export = open_export(folder, key)
    check_export(export)
    assert [len(list(export.records("ledger", one))) for one in range(3)] == [
        count for count, _ in export.manifest.ledger.values()
    ]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (changed, "记录与封存时不同"),
        (lambda lines: lines[:AT] + lines[AT + 1 :], "应为 partition 1 offset 9"),
        (lambda lines: [*lines[:AT], b"{}", *lines[AT + 1 :]], "缺少字段"),
        (repeated, "字段重复"),
    ],
)
@pytest.mark.parametrize("signed", [False, True])
def test_damage_is_named_by_file_and_line(
    folder: Path,
    key: VerifierKey,
    resign: Any,
    *,
    change: Any,
    what: str,
    signed: bool,
) -> None:
    """A record that was changed, dropped or misspelt is named by file and line."""
    rewrite(folder, PART, change)
    if signed:
        forge(folder, resign)
    said = refused(folder, key)
    assert said.startswith(f"{PART} 第 {AT + 1} 行: ")
    assert what in said


def test_a_truncated_file_is_named(folder: Path, key: VerifierKey, resign: Any) -> None:
    """Missing and surplus records at the end are named by their place."""
    rewrite(folder, PART, lambda lines: lines[:-1])
    forge(folder, resign)
    assert "partition 1 offset" in refused(folder, key)
    assert "缺失" in refused(folder, key)


@pytest.mark.parametrize(
    "name",
    [
        "manifest.json",
        "manifest.note",
        "checkpoint",
        "seals.jsonl",
        "tile/0/000",
        "tile/1/000.p/1",
        "reference.jsonl.gz",
        "clearing-0-0.jsonl.gz",
        "ledger-0-0.jsonl.gz",
    ],
)
def test_a_flipped_bit_of_any_file_is_refused(
    folder: Path, key: VerifierKey, name: str
) -> None:
    """Whatever file is touched, its name, or that of the note, is in the refusal."""
    path = folder / name
    whole = path.read_bytes()
    for at in range(0, len(whole), max(1, len(whole) // 7)):
        flipped = bytearray(whole)
        flipped[at] ^= 1
        path.write_bytes(flipped)
        said = refused(folder, key)
        assert name in said or said.startswith("manifest.note")


def test_missing_and_strange_files_are_refused(
    folder: Path, key: VerifierKey, resign: Any
) -> None:
    """A file that is not listed, not there, or of no meaning is refused."""
    (folder / "x").write_text("x", "utf-8")
    assert refused(folder, key).startswith("x: manifest.json 没有列出")
    forge(folder, resign)
    assert refused(folder, key).startswith("x: 不是导出应有的文件")
    (folder / "x").unlink()
    (folder / PART).unlink()
    forge(folder, resign)
    assert "partition 1 offset 0" in refused(folder, key)


def test_another_key_is_refused(folder: Path, key: VerifierKey) -> None:
    """Another key of the same name reads nothing."""
    other = SignerKey(key.name, NOTE, bytes(32)).verifier
    assert refused(folder, other).startswith("manifest.note: 没有密钥")


@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_missing_seal_is_refused(
    folder: Path, key: VerifierKey, resign: Any, *, at: int
) -> None:
    """Seals left out do not make the tree that was signed."""
    rewrite(folder, "seals.jsonl", lambda lines: lines[:at] + lines[at + 1 :])
    forge(folder, resign)
    assert refused(folder, key).startswith("checkpoint: ")
    path = folder / "manifest.json"
    manifest = json.loads(path.read_bytes())
    path.write_text(json.dumps({**manifest, "seals": 2}), "utf-8")
    forge(folder, resign)
    assert refused(folder, key)


def test_a_rewritten_ledger_is_refused(
    folder: Path, key: VerifierKey, resign: Any, sealed_thrice: Any
) -> None:
    """Tiles that fit changed records do not fit what the seals signed."""
    rewrite(folder, PART, changed)
    forge(folder, resign)
    shutil.rmtree(folder / "tile")
    with pytest.raises(ImportRefused):
        check_export(open_export(folder, key))


def test_packing_has_one_form(folder: Path, key: VerifierKey) -> None:
    """Two members, or bytes after the member, are refused by the file."""
    path = folder / PART
    whole = path.read_bytes()
    for data in (whole + whole, whole + b"x", whole[:-4]):
        path.write_bytes(data)
        assert PART in refused(folder, key)


def test_the_tool_and_the_product_agree(
    folder: Path, key: VerifierKey, tool: Any, resign: Any
) -> None:
    """What the product refuses the tool that knows nothing of it names, too."""
    tools_key = tool.read_key(key.text)
    assert tool.ledger(folder, tools_key, witnesses=[], kept=[]) == []
    for change in (changed, repeated, lambda lines: lines[:-1]):
        copy = Path(shutil.copytree(folder, folder.parent / change.__name__))
        rewrite(copy, PART, change)
        assert refused(copy, key)
        assert tool.ledger(copy, tools_key, witnesses=[], kept=[])
        shutil.rmtree(copy)
