"""Random single-bit flips of an export: none goes unseen.

1,000 here; ``make flips`` runs 100,000, each on every file in turn.
"""

import asyncio
import os
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

FLIPS = int(os.environ.get("JIESUAN_FLIPS", "1000"))
SEED = 13


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, make_small: Any) -> Path:
    """An export of about fifty records: quick to verify as often as it takes."""
    return asyncio.run(make_small(tmp_path_factory.mktemp("small")))


def test_every_flipped_bit_is_found(
    small: Path, tmp_path: Path, tool: Any, sealed_thrice: Any, figures: list[str]
) -> None:
    """Whichever bit of whichever file is flipped, the tool finds the export broken."""
    chance = random.Random(SEED)
    key = tool.read_key(sealed_thrice.vkey)
    folder = Path(shutil.copytree(small, tmp_path / "export"))
    assert tool.ledger(folder, key, witnesses=[], kept=[]) == []
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    missed, unlocated = [], 0
    for number in range(FLIPS):
        file = files[number % len(files)]
        whole = file.read_bytes()
        bit = chance.randrange(len(whole) * 8)
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        file.write_bytes(flipped)
        said = named(tool, folder, key)
        if not said:
            missed.append((file.name, bit))
        unlocated += not any(file.name in line for line in said)
        file.write_bytes(whole)
    assert missed == []
    figures.append(
        f"{FLIPS} flipped bits of an export, all found, {unlocated} elsewhere"
    )


def named(tool: Any, folder: Path, key: Any) -> list[str]:
    """Return what the tool names."""
    try:
        return list(tool.ledger(folder, key, witnesses=[], kept=[]))
    except (tool.Wrong, OSError, ValueError) as wrong:
        return [str(wrong)]
