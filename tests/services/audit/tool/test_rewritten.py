"""A ledger that somebody with keys has rewritten: what still gives it away."""

import json
import re
import shutil
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from jiesuan_services.audit.tree.files.manifest import signed_manifest
from jiesuan_services.audit.tree.notes.cosignature import cosigned
from jiesuan_services.audit.tree.notes.keys import COSIGNATURE, NOTE, SignerKey

WITNESS = SignerKey("witness.invalid/w1", COSIGNATURE, bytes(range(32, 64)))
Make = Callable[..., Awaitable[Any]]


@pytest.fixture
def fraud(
    rewrite: Callable[..., None], settlement: tuple[int, int]
) -> Callable[[Any], None]:
    """What the fraudster does to the log."""
    partition, offset = settlement
    return lambda ledger: rewrite(ledger, partition, offset=offset)


async def test_without_the_key_the_seal_gives_it_away(
    export: Any, make_export: Make, fraud: Any, tmp_path: Path
) -> None:
    """Entries, chains and tiles that fit each other do not fit what was signed."""
    forged = await make_export(tmp_path / "forged", change=fraud)
    honest = shutil.copytree(export.folder, tmp_path / "honest")
    shutil.copytree(forged.out, export.folder, dirs_exist_ok=True)
    for name in ("seals.jsonl", "checkpoint", "manifest.json", "manifest.note"):
        shutil.copy(honest / name, export.folder / name)
    export.forge()
    said = export.found()
    runs = (
        "partition 0 offset 0 至 {}; partition 1 offset 0 至 {}; partition 2 offset 0"
    )
    ends = json.loads(export.lines("seals.jsonl")[0])["ends"]
    where = runs.format(ends["0"], ends["1"])
    assert said[0].startswith(
        f"seals.jsonl: 第 1 行: 封存的根不是这些记录的根: {where}"
    )
    assert [line.split(":")[0] for line in said[1:]] == ["manifest.note"]


async def test_the_seal_tells_when(
    export: Any, make_export: Make, rewrite: Callable[..., None], tmp_path: Path
) -> None:
    """A record of the second seal's time is looked for among the second seal's."""
    ends = json.loads(export.lines("seals.jsonl")[0])["ends"]
    late = partial(rewrite, partition=2, offset=ends["2"] + 5)
    forged = await make_export(tmp_path / "forged", change=late, before=1)
    honest = shutil.copytree(export.folder, tmp_path / "honest")
    shutil.copytree(forged.out, export.folder, dirs_exist_ok=True)
    for name in ("seals.jsonl", "checkpoint", "manifest.json", "manifest.note"):
        shutil.copy(honest / name, export.folder / name)
    export.forge()
    first = export.found()[0]
    assert first.startswith("seals.jsonl: 第 2 行: ")
    assert f"partition 2 offset {ends['2'] + 1} 至 " in first


async def test_a_replaced_key_is_not_the_auditor_s(
    export: Any, make_export: Make, tmp_path: Path
) -> None:
    """Everything signed anew by another key of the same name holds for nobody else."""
    manifest = (export.folder / "manifest.json").read_bytes()
    ledger_id = json.loads(manifest)["ledger_id"]
    other = SignerKey(f"jiesuan.invalid/{ledger_id}", NOTE, bytes(32))
    note = signed_manifest(manifest, ledger_id, key=other)
    (export.folder / "manifest.note").write_text(note, "utf-8")
    assert re.fullmatch(
        "manifest.note: 应恰有一行 .* 的签名，实有 0 行", export.found()[0]
    )


async def test_an_earlier_checkpoint_gives_the_key_s_owner_away(
    export: Any, make_export: Make, fraud: Any, tmp_path: Path, sealed_thrice: Any
) -> None:
    """Rewritten by one who has every key, the ledger verifies, until it is held
    against a checkpoint that somebody kept.
    """
    forged = await make_export(tmp_path / "forged", change=fraud)
    shutil.copytree(forged.out, export.folder, dirs_exist_ok=True)
    assert "完好" in export.found()[0]
    kept = tmp_path / "kept"
    kept.write_text(sealed_thrice.checkpoints[1], "utf-8")
    size = sealed_thrice.checkpoints[1].split("\n")[1]
    said = export.found("--earlier", str(kept))
    assert said == [f"{kept}: 大小 {size} 处的历史已被改写"]


async def test_a_kept_receipt_names_the_record(
    export: Any,
    make_export: Make,
    fraud: Any,
    tmp_path: Path,
    receipt_of: Any,
    settlement: Any,
) -> None:
    """Held against a receipt of the rewritten settlement, the record is named."""
    partition, offset = settlement
    kept = tmp_path / "kept.json"
    kept.write_text((await receipt_of(partition, offset)).text, "utf-8")
    assert "完好" in export.found("--earlier", str(kept))[0]
    forged = await make_export(tmp_path / "forged", change=fraud)
    shutil.copytree(forged.out, export.folder, dirs_exist_ok=True)
    place = f"ledger-{partition}-0.jsonl.gz: partition {partition} offset {offset}: "
    said = export.found("--earlier", str(kept))
    assert said[0] == f"{place}与 {kept} 所证明的记录不同"
    assert said[1].startswith(f"{kept}: 大小 ")


async def test_kept_tiles_name_every_record(
    export: Any, make_export: Make, fraud: Any, tmp_path: Path, settlement: Any
) -> None:
    """Held against the tiles of an earlier export, each changed record is named."""
    tiles_alone = shutil.ignore_patterns("*.gz", "manifest*")
    honest = shutil.copytree(export.folder, tmp_path / "honest", ignore=tiles_alone)
    forged = await make_export(tmp_path / "forged", change=fraud)
    shutil.copytree(forged.out, export.folder, dirs_exist_ok=True)
    said = export.found("--earlier", str(honest))
    partition, offset = settlement
    place = f"ledger-{partition}-0.jsonl.gz: partition {partition} offset {offset}: "
    assert said[0] == f"{place}与 {honest} 中的记录不同"
    assert said[-1].startswith(f"{honest}: 大小 ")
    changed = [line for line in said if " offset " in line]
    assert len(changed) == len(said) - 1 < 10


def test_kept_tiles_must_fit_their_checkpoint(export: Any, tmp_path: Path) -> None:
    """Tiles that somebody changed since are refused by the folder they lie in."""
    honest = Path(shutil.copytree(export.folder, tmp_path / "honest"))
    tile = honest / "tile/0/000"
    tile.write_bytes(bytes(32) + tile.read_bytes()[32:])
    assert "瓦片与其检查点不符" in export.found("--earlier", str(honest))[0]


def test_a_witness_is_wanted_where_one_is_named(
    export: Any, resign: Callable[[Path], None]
) -> None:
    """With a witness's key, only a checkpoint that it has cosigned will do."""
    vkey = WITNESS.verifier.text
    said = export.found("--witness", vkey)
    assert said[0].startswith("checkpoint: 应恰有一行 witness.invalid/w1")
    cosign(export, at=1_700_000_000)
    resign(export.folder)
    assert "完好" in export.found("--witness", vkey)[0]
    assert "完好" in export.found()[0]


def cosign(export: Any, *, at: int) -> None:
    """Let the witness cosign the last checkpoint wherever it stands."""
    note = (export.folder / "checkpoint").read_text("utf-8")
    both = cosigned(note, WITNESS, at=at)
    (export.folder / "checkpoint").write_text(both, "utf-8")
    export.change("seals.jsonl", -1, lambda seal: {**seal, "checkpoint": both})
    path = export.folder / "manifest.json"
    manifest = json.loads(path.read_bytes())
    path.write_text(json.dumps({**manifest, "checkpoint": both}), "utf-8")
    export.forge()
