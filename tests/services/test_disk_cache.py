"""What lies on disk beside the logs: read and written through whatever fails."""

from collections.abc import Iterator
from pathlib import Path

import lmdb
import pytest

from jiesuan_services.runtime.disk.cache import DiskCache

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
