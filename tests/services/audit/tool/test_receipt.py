"""`jiesuan_verify.py receipt`: a receipt holds by the public key alone, or not."""

import ast
import contextlib
import io
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jiesuan_services.audit.tree.notes.cosignature import cosigned
from jiesuan_services.audit.tree.notes.keys import COSIGNATURE, NOTE, SignerKey

TOOL = Path(__file__).parents[4] / "tools" / "jiesuan_verify.py"
ALONE = (sys.executable, "-I", str(TOOL))
WITNESS = SignerKey("witness.invalid/w1", COSIGNATURE, bytes(range(32, 64)))


@pytest.fixture
async def file(tmp_path: Path, receipt_of: Any, settlement: Any) -> Path:
    """The receipt of a settlement."""
    path = tmp_path / "receipt.json"
    path.write_text((await receipt_of(*settlement)).text, "utf-8")
    return path


def found(tool: Any, file: Path, key: str, *more: str) -> tuple[int, str]:
    """Run the tool; return its exit code and what it says."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        code = tool.main(["receipt", str(file), "--key", key, *more])
    return code, said.getvalue()


def test_a_receipt_holds_for_a_stranger(
    file: Path, sealed_thrice: Any, settlement: Any
) -> None:
    """In a process of its own, isolated, the tool proves the entry and says which."""
    partition, offset = settlement
    run = subprocess.run(
        [*ALONE, "receipt", str(file), "--key", sealed_thrice.vkey],
        capture_output=True,
        check=False,
        text=True,
        cwd="/",
        encoding="utf-8",
    )
    assert run.returncode == 0, run.stderr
    assert f"partition {partition} offset {offset} 已由 jiesuan.invalid/" in run.stdout
    value = sealed_thrice.ledger.records(partition)[offset].value
    assert json.loads(value)["setl_id"] in run.stdout
    assert (run.stderr, run.stdout.count("\n")) == ("", 3)


def test_the_tool_knows_nothing_of_us() -> None:
    """The tool imports the standard library and `cryptography`, nothing else."""
    tree = ast.parse(TOOL.read_text("utf-8"))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported - set(sys.stdlib_module_names) == {"cryptography"}


def test_every_flipped_bit_is_found(tool: Any, file: Path, sealed_thrice: Any) -> None:
    """No bit of a receipt can be another; a thousand are tried."""
    data = file.read_bytes()
    key = tool.read_key(sealed_thrice.vkey)
    missed = []
    for bit in random.Random(13).sample(range(len(data.rstrip()) * 8), 1000):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        try:
            tool.read_receipt(bytes(flipped), key, witnesses=[])
            missed.append(bit)
        except tool.Wrong:
            pass
    assert missed == []


def test_another_key_is_said(tool: Any, file: Path, sealed_thrice: Any) -> None:
    """Another key of the same name proves nothing; a mistyped one is refused."""
    name = sealed_thrice.vkey.split("+")[0]
    other = SignerKey(name, NOTE, bytes(32)).verifier.text
    code, said = found(tool, file, other)
    assert (code, said.startswith(f"{file}: 应恰有一行 {name}")) == (1, True)
    code, said = found(tool, file, sealed_thrice.vkey[:-1] + "A")
    assert (code, said.startswith(str(file))) == (1, True)


def test_another_record_is_located(
    tool: Any, file: Path, sealed_thrice: Any, settlement: Any
) -> None:
    """A receipt whose record was exchanged names the record that is not proven."""
    said = json.loads(file.read_text("utf-8"))
    said["record"]["offset"] += 1
    file.write_text(json.dumps(said), "utf-8")
    partition, offset = settlement
    assert found(tool, file, sealed_thrice.vkey) == (
        1,
        f"{file}: partition {partition} offset {offset + 1}: "
        "记录不在检查点所封存的账本中\n",
    )


@pytest.fixture
async def of_no_entry(tmp_path: Path, receipt_of: Any) -> Path:
    """The receipt of a partition's first record."""
    path = tmp_path / "receipt.json"
    path.write_text((await receipt_of(0, 0)).text, "utf-8")
    return path


def test_what_is_no_entry_proves_nothing(
    tool: Any, of_no_entry: Path, sealed_thrice: Any
) -> None:
    """A record that stands in the ledger but is no entry proves no settlement."""
    file = of_no_entry
    code, said = found(tool, file, sealed_thrice.vkey)
    assert (code, said.startswith(f"{file}: partition 0 offset 0: ")) == (1, True)


def test_a_witness_is_wanted_where_one_is_named(
    tool: Any, file: Path, sealed_thrice: Any
) -> None:
    """With a witness's key, a checkpoint without its cosignature will not do."""
    vkey = WITNESS.verifier.text
    assert found(tool, file, sealed_thrice.vkey, "--witness", vkey)[0] == 1
    said = json.loads(file.read_text("utf-8"))
    head, _, note = said["proof"].partition("\n\n")
    said["proof"] = f"{head}\n\n{cosigned(note, WITNESS, at=1_700_000_000)}"
    file.write_text(json.dumps(said), "utf-8")
    assert found(tool, file, sealed_thrice.vkey, "--witness", vkey)[0] == 0
    assert found(tool, file, sealed_thrice.vkey)[0] == 0


@pytest.mark.parametrize("data", [b"", b"[]", b"\xff", b"{}", b'{"format":1}'])
def test_what_is_no_receipt_is_refused(
    tool: Any, file: Path, sealed_thrice: Any, data: bytes
) -> None:
    """Another file, or none at all, is refused by its name."""
    file.write_bytes(data)
    code, said = found(tool, file, sealed_thrice.vkey)
    assert (code, said.startswith(f"{file}: ")) == (1, True)
    file.unlink()
    code, said = found(tool, file, sealed_thrice.vkey)
    assert (code, said.startswith(f"{file}: ")) == (1, True)


def test_a_reader_that_leaves_is_not_bothered(file: Path, sealed_thrice: Any) -> None:
    """Whoever reads no further gets no traceback, and no verdict that it holds."""
    reading, writing = os.pipe()
    os.close(reading)
    run = subprocess.run(
        (*ALONE, "receipt", str(file), "--key", sealed_thrice.vkey),
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert (run.stderr, run.returncode) == ("", 1)
