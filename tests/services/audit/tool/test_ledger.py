"""`jiesuan_verify.py ledger`: every kind of tampering is named and located."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

PART = "ledger-1-0.jsonl.gz"
AT = 9
HERE = f"{PART}: partition 1 offset {AT}: "


def flip(text: str) -> str:
    """Return base64 of the same bytes but for one bit."""
    data = bytearray(base64.b64decode(text))
    data[len(data) // 2] ^= 1
    return base64.b64encode(data).decode()


def changed(name: str) -> Callable[[Any], Any]:
    """Return the change of one bit of a field of a record."""
    if name == "headers":

        def first(said: Any) -> Any:
            (header, value), *rest = said["headers"]
            return {**said, "headers": [[header, flip(value)], *rest]}

        return first
    return lambda said: {**said, name: flip(said[name])}


def test_a_whole_export_holds(export: Any) -> None:
    """An export as it was written verifies, and its forks are counted, not damage."""
    said = export.found()
    assert "完好" in said[0]
    assert "entries: " in said[1]
    assert "forks: 3" in said[2]
    assert [line.split(":")[0] for line in said[3:]] == [
        f"  state root {partition}" for partition in range(3)
    ]


@pytest.mark.parametrize("name", ["key", "value", "headers"])
@pytest.mark.parametrize("forged", [False, True])
def test_a_changed_byte_is_located(export: Any, name: str, forged: bool) -> None:
    """One bit of a key, a value or a header names its record, whatever was forged."""
    export.change(PART, AT, changed(name))
    if forged:
        export.forge()
    said = export.found()
    assert said[0] == HERE + "记录与封存时不同"
    blamed = "manifest.note: " if forged else f"{PART}: 内容的 SHA-256"
    assert [line.startswith(blamed) for line in said[1:]] == [True]


def dropped(lines: list[bytes]) -> list[bytes]:
    """Leave a record out."""
    return lines[:AT] + lines[AT + 1 :]


def swapped(lines: list[bytes]) -> list[bytes]:
    """Let two records change places."""
    return [*lines[:AT], lines[AT + 1], lines[AT], *lines[AT + 2 :]]


def inserted(lines: list[bytes]) -> list[bytes]:
    """Put a record in that is none of the ledger's."""
    return [*lines[:AT], renumbered(lines[3], AT), *moved(lines[AT:], 1)]


def removed(lines: list[bytes]) -> list[bytes]:
    """Leave a record out and number the rest anew."""
    return lines[:AT] + moved(lines[AT + 1 :], -1)


def moved(lines: list[bytes], by: int) -> list[bytes]:
    """Number records anew."""
    return [renumbered(line, json.loads(line)["offset"] + by) for line in lines]


def renumbered(line: bytes, offset: int) -> bytes:
    """Put a record at another offset."""
    return json.dumps({**json.loads(line), "offset": offset}).encode()


@pytest.mark.parametrize("change", [dropped, swapped, inserted, removed])
@pytest.mark.parametrize("forged", [False, True])
def test_what_is_not_in_its_place_is_located(
    export: Any, change: Callable[[list[bytes]], list[bytes]], forged: bool
) -> None:
    """A record dropped, swapped or inserted is named, numbered anew or not."""
    export.rewrite(PART, change(export.lines(PART)))
    if forged:
        export.forge()
    assert export.found()[0].startswith(HERE)


@pytest.mark.parametrize("forged", [False, True])
def test_a_truncated_tail_is_located(export: Any, forged: bool) -> None:
    """What is missing at the end is named by its first record."""
    lines = export.lines(PART)
    export.rewrite(PART, lines[:-2])
    if forged:
        export.forge()
    missing = f"{PART}: partition 1 offset {len(lines) - 2}: 记录缺失"
    assert missing in export.found()


def test_a_truncated_ledger_is_located(export: Any, sealed_thrice: Any) -> None:
    """With seals, tiles and counts cut back to an earlier seal, the note is missed,
    and a checkpoint kept from before names what is gone.
    """
    kept = export.folder.parent / "kept"
    kept.write_text(sealed_thrice.checkpoints[2], "utf-8")
    export.rewrite("seals.jsonl", export.lines("seals.jsonl")[:2])
    cut_back(export)
    said = export.found("--earlier", str(kept))
    size = sealed_thrice.checkpoints[2].split("\n")[1]
    assert any(line.startswith(f"{kept}: 曾封存 {size} 条") for line in said)
    assert any(line.startswith("manifest.note: ") for line in said)


def cut_back(export: Any) -> None:
    """Cut an export back to its last seal, without the key."""
    seal = json.loads(export.lines("seals.jsonl")[-1])
    for partition, last in seal["ends"].items():
        name = f"ledger-{partition}-0.jsonl.gz"
        export.rewrite(name, export.lines(name)[: last + 1])
    (export.folder / "checkpoint").write_text(seal["checkpoint"], "utf-8")
    path = export.folder / "manifest.json"
    manifest = json.loads(path.read_bytes())
    manifest["seals"] -= 1
    manifest["checkpoint"] = seal["checkpoint"]
    manifest["ledger"] = {
        partition: {"count": last + 1, "last_offset": last}
        for partition, last in seal["ends"].items()
    }
    path.write_text(json.dumps(manifest), "utf-8")
    export.forge()


def test_a_record_too_many_is_located(export: Any) -> None:
    """What was appended beyond the checkpoint is named."""
    lines = export.lines(PART)
    export.rewrite(PART, [*lines, renumbered(lines[-1], len(lines))])
    export.forge()
    beyond = f"{PART}: partition 1 offset {len(lines)}: 超出检查点所封存的范围"
    assert export.found()[0] == beyond


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b"not json",
        b'{"partition":1,"offset":9,"timestamp":-1,"key":null,"value":null,'
        b'"headers":[],"headers":[]}',
        b'{"partition":1,"offset":9.0,"timestamp":-1,"key":null,"value":null,'
        b'"headers":[]}',
        b'{"partition":1,"offset":9,"timestamp":-1,"key":"YR==","value":null,'
        b'"headers":[]}',
        b'{"partition":1,"offset":9,"timestamp":"x","key":null,"value":null,'
        b'"headers":[]}',
        b'{"partition":1,"offset":9,"timestamp":-1,"key":null,"value":null,'
        b'"headers":[["\\ud800",null]]}',
    ],
)
def test_a_line_that_is_no_record_is_located(export: Any, line: bytes) -> None:
    """A line that does not read strictly is named by the record it should be."""
    lines = export.lines(PART)
    export.rewrite(PART, [*lines[:AT], line, *lines[AT + 1 :]])
    export.forge()
    assert export.found()[0].startswith(HERE)


def test_a_changed_tile_is_named(export: Any) -> None:
    """A tile that is not the records' is blamed, not the records."""
    for name in ("tile/0/000", "tile/1/000.p/1"):
        path = export.folder / name
        whole = path.read_bytes()
        path.write_bytes(bytes(32) + whole[32:])
        export.forge()
        assert f"{name}: 与记录算出的树不同" in export.found()
        assert not any("offset" in line for line in export.found())
        path.write_bytes(whole)


def test_missing_and_strange_files_are_named(export: Any) -> None:
    """Every listed file must be there, and no other one."""
    (export.folder / "tile/0/000").unlink()
    (export.folder / "notes.txt").write_text("hello", "utf-8")
    said = export.found()
    assert any(line.startswith("tile/0/000: ") for line in said)
    assert "notes.txt: manifest.json 没有列出这个文件" in said
    export.forge()
    assert any(line.startswith("tile/0/000: ") for line in export.found())


def test_a_listed_file_that_belongs_to_no_export_is_named(
    export: Any, resign: Callable[[Any], None]
) -> None:
    """A file that has no meaning is not let in by the list, even under the key."""
    (export.folder / "notes.txt").write_text("hello", "utf-8")
    export.forge()
    resign(export.folder)
    assert export.found() == ["notes.txt: 不是导出应有的文件"]


def test_packing_has_one_form(export: Any) -> None:
    """Bytes after the member, a second member, a missing line feed are found."""
    path = export.folder / PART
    whole = path.read_bytes()
    for data in (whole + b"x", whole + whole, whole[:-9]):
        path.write_bytes(data)
        export.list_again(PART)
        assert any(line.startswith(PART) for line in export.found())


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_missing_seal_is_found(export: Any, which: int) -> None:
    """The seals are all there, in their order, the last one being the checkpoint."""
    lines = export.lines("seals.jsonl")
    export.rewrite("seals.jsonl", lines[:which] + lines[which + 1 :])
    export.forge()
    said = export.found()
    assert any(line.startswith("checkpoint: ") for line in said)
    assert not any("offset" in line for line in said)


def test_another_checkpoint_is_found(export: Any, sealed_thrice: Any) -> None:
    """An earlier checkpoint of the same key is not the last one."""
    path = export.folder / "checkpoint"
    path.write_text(sealed_thrice.checkpoints[0], "utf-8")
    export.forge()
    assert any(line.startswith("checkpoint: ") for line in export.found())


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("clearing-0-0.jsonl.gz", "clearing-0-0.jsonl.gz: partition 0 offset 1: "),
        ("reference.jsonl.gz", "reference.jsonl.gz: "),
    ],
)
def test_what_is_not_in_the_tree_is_signed_for(
    export: Any, name: str, place: str
) -> None:
    """Clearing and reference are covered by the manifest, line by line."""
    lines = export.lines(name)
    export.rewrite(name, [lines[0], *lines[2:]])
    assert any(line.startswith(place) for line in export.found())
    export.rewrite(name, [lines[1], lines[0], *lines[2:]])
    export.forge()
    said = export.found()
    assert any(line.startswith(name) for line in said)
    assert any(line.startswith("manifest.note: ") for line in said)
