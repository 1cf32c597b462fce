"""The tree on disk: what a crash or a hand leaves behind is found or made again."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from jiesuan_services.audit.sealing.folder import TreeFolder
from jiesuan_services.audit.tree.files.seal import Seal, read_seal


@pytest.fixture
def folder(tmp_path: Path, sealed_thrice: Any) -> TreeFolder:
    """A copy of a folder with three seals."""
    shutil.copytree(sealed_thrice.folder / "tree", tmp_path / "tree")
    made = TreeFolder(tmp_path / "tree")
    made.open()
    return made


def seals_of(folder: TreeFolder) -> list[Seal]:
    """Return every seal of a folder."""
    lines = (folder.path / "seals.jsonl").read_bytes().splitlines()
    return [read_seal(line) for line in lines]


def test_a_folder_opens_at_its_last_seal(folder: TreeFolder) -> None:
    """The tree of a folder is that of the last seal, and grows on."""
    tree, last = folder.open()
    assert last == seals_of(folder)[-1]
    assert last is not None
    assert tree.size == last.size


@pytest.mark.parametrize("name", ["state.json", "seals.jsonl", "tile"])
@pytest.mark.parametrize("how", ["gone", "broken"])
def test_a_broken_folder_is_begun_anew(folder: TreeFolder, name: str, how: str) -> None:
    """What does not fit together is not believed: the log has it all."""
    path = folder.path / name
    for file in [path] if path.is_file() else list(path.rglob("*.p/*")):
        whole = file.read_bytes()
        file.unlink()
        if how == "broken":
            file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    tree, last = folder.open()
    assert (tree.size, last, folder.state.next_seal) == (0, None, 0)


def test_half_a_seal_is_written_over(folder: TreeFolder) -> None:
    """A line that was begun before a crash is not in the way of the next."""
    with (folder.path / "seals.jsonl").open("ab") as file:
        file.write(b'{"ends":')
    last = seals_before_half(folder)[-1]
    longer = Seal({**last.ends, 0: last.ends[0] + 1}, last.size + 1, last.checkpoint)
    folder.add(longer, next_seal=4)
    assert seals_of(folder)[-1] == folder.last_seal() == longer
    assert len(seals_of(folder)) == folder.state.seals == 4


def seals_before_half(folder: TreeFolder) -> list[Seal]:
    """Return every seal but the line that was begun."""
    lines = (folder.path / "seals.jsonl").read_bytes().splitlines()
    return [read_seal(line) for line in lines[:-1]]


def test_the_covering_seal_is_the_first_that_covers(folder: TreeFolder) -> None:
    """Searching by halves finds for each record what looking through all finds."""
    seals = seals_of(folder)
    for partition, last in seals[-1].ends.items():
        for offset in range(last + 1):
            number = next(
                at for at, seal in enumerate(seals) if seal.ends[partition] >= offset
            )
            before = seals[number - 1] if number else None
            assert folder.covering(partition, offset) == (before, seals[number])
        assert folder.covering(partition, last + 1) is None
    assert folder.covering(9, 0) is None


def test_many_seals_are_searched_by_halves(tmp_path: Path) -> None:
    """A thousand seals later each record still has its one covering seal."""
    folder = TreeFolder(tmp_path / "tree")
    for number in range(1, 1001):
        folder.add(Seal({0: number * 3 - 1}, number * 3, "x\n"), next_seal=number)
    for offset in range(0, 3000, 7):
        found = folder.covering(0, offset)
        assert found is not None
        before, seal = found
        assert seal.ends[0] == offset // 3 * 3 + 2
        assert (before.ends[0] if before else -1) == offset // 3 * 3 - 1
