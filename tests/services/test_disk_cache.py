"""What lies on disk beside the logs: read and written through whatever fails."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import lmdb
import pytest

from jiesuan_services.runtime.disk.cache import DiskCache, FolderInUse

ROOM = 1 << 20


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[DiskCache]:
    """A cache with little room that knows one thing."""
    cache = DiskCache(tmp_path, name="x", map_bytes=ROOM, layout=1)
    cache.write([(b"a", b"1")])
    yield cache
    cache.close()


def test_what_was_written_is_read_after_a_write_that_failed(cache: DiskCache) -> None:
    """A write that finds no room writes nothing, and keeps nobody from the rest."""
    with pytest.raises(lmdb.MapFullError):
        cache.write([(b"a", b"2"), (b"b", bytes(2 * ROOM))])
    assert cache.get(b"a") == b"1"
    assert list(cache.under(b"")) == [(b"a", b"1")]
    cache.write([(b"b", b"3")])
    assert cache.get(b"b") == b"3"


OPENED = """
import sys
from pathlib import Path
from jiesuan_services.runtime.disk.cache import DiskCache
cache = DiskCache(Path(sys.argv[1]), name="x", map_bytes=1 << 20, layout=1)
cache.write([(b"a", b"1")])
if "clear" in sys.argv:
    cache.clear()
print("opened", flush=True)
sys.stdin.read()
"""


@contextmanager
def opened_elsewhere(folder: Path, *how: str) -> Iterator[subprocess.Popen[bytes]]:
    """Open a cache in another process, which works in it until it is killed."""
    with subprocess.Popen(
        [sys.executable, "-c", OPENED, str(folder), *how],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"opened\n"
        yield process
        process.kill()


@pytest.mark.parametrize("layout", [1, 2])
@pytest.mark.parametrize("how", [(), ("clear",)])
def test_a_folder_is_one_process_s_at_a_time(
    tmp_path: Path, how: tuple[str, ...], layout: int
) -> None:
    """The second is told the folder and the process in it, and has changed nothing."""
    with opened_elsewhere(tmp_path, *how) as first:
        before = sorted(tmp_path.rglob("*"))
        with pytest.raises(FolderInUse) as refused:
            DiskCache(tmp_path, name="x", map_bytes=ROOM, layout=layout)
        assert str(refused.value) == (
            f"{tmp_path} 正由另一进程（{first.pid}）使用：请先停止它，或另设数据目录"
        )
        assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_is_free_as_soon_as_its_process_is_killed(tmp_path: Path) -> None:
    """After kill -9 the next opens at once, and reads what was written."""
    with opened_elsewhere(tmp_path) as first:
        first.kill()
        cache = DiskCache(tmp_path, name="x", map_bytes=ROOM, layout=1)
    assert cache.get(b"a") == b"1"
    cache.close()


def test_a_folder_is_free_after_a_start_that_failed(tmp_path: Path) -> None:
    """What could not be opened is not held: the same process may try again."""
    (tmp_path / "boot").mkdir()
    with pytest.raises(OSError, match="boot"):
        DiskCache(tmp_path, name="x", map_bytes=ROOM, layout=1)
    (tmp_path / "boot").rmdir()
    DiskCache(tmp_path, name="x", map_bytes=ROOM, layout=1).close()
    DiskCache(tmp_path, name="x", map_bytes=ROOM, layout=1).close()
