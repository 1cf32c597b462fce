"""A verification that goes on from an earlier one, and what it leaves unread."""

from pathlib import Path
from typing import Any

import pytest
from msgspec import to_builtins

from jiesuan_ledger.log.record import Record
from jiesuan_services.audit.verifying.report import Report
from jiesuan_services.audit.verifying.verify import Going, verify_log

EVERY = 5
NOT_COMPARED = ("seconds", "read_from")


@pytest.fixture
async def sealed(lived: Any, tmp_path: Path) -> Any:
    """A ledger that was sealed, and met one more record since."""
    await lived.seal(tmp_path / "tree")
    lived.fork(2)
    return lived


@pytest.fixture
def verified(sealed: Any, tmp_path: Path) -> Any:
    """Verify the ledger from the beginning, or from what was kept up to a point."""

    async def done(point: dict[int, int] | None = None) -> Report:
        going = Going(
            tmp_path / "verified", tmp_path / "states", point=point, every=EVERY
        )
        return await verify_log(sealed.log, partitions=3, going=going)

    return done


def plain(report: Report) -> dict[str, Any]:
    """Return what a report says of the ledger, not of how it was read."""
    said: dict[str, Any] = to_builtins(report)
    return {name: one for name, one in said.items() if name not in NOT_COMPARED}


def changed(record: Record) -> Record:
    """Return a record with a header that no chain covers changed."""
    return Record(record.key, record.value, record.headers[:-1])


async def test_it_comes_to_the_same(verified: Any) -> None:
    """From what was kept the report is that of the whole log, and less is read."""
    whole = await verified()
    assert set(whole.read_from.values()) == {0}
    again = await verified({})
    assert plain(again) == plain(whole)
    assert max(again.read_from.values()) > EVERY
    assert again.seals == 1


async def test_a_point_bounds_what_is_left_unread(verified: Any) -> None:
    """Nothing after the point stands for the log."""
    whole = await verified()
    again = await verified({0: EVERY, 1: 0})
    assert (again.read_from[0], again.read_from[1]) == (EVERY + 1, 0)
    assert plain(again) == plain(whole)


async def test_what_is_not_kept_is_read(verified: Any, tmp_path: Path) -> None:
    """Leaves that a crash cut off are made again; without any, all of it is read."""
    whole = await verified()
    for path in (tmp_path / "verified").rglob("*.leaves"):
        path.write_bytes(path.read_bytes()[: 32 * (EVERY + 3)])
    cut = await verified({})
    assert max(cut.read_from.values()) == EVERY + 1
    assert plain(cut) == plain(whole)
    for path in (tmp_path / "verified").rglob("*.leaves"):
        path.unlink()
    assert plain(await verified({})) == plain(whole)


async def test_a_change_since_is_found(verified: Any, sealed: Any) -> None:
    """A sealed record after the place where reading begins is found changed."""
    await verified()
    again = await verified({0: EVERY})
    at = again.read_from[0]
    sealed.records(0)[at] = changed(sealed.records(0)[at])
    assert (await verified({0: EVERY})).wrong


async def test_kept_leaves_must_fit_the_seals(verified: Any, tmp_path: Path) -> None:
    """A kept leaf that is not what was sealed breaks the seal."""
    await verified()
    (path,) = (tmp_path / "verified").rglob("0.leaves")
    data = path.read_bytes()
    path.write_bytes(bytes([data[0] ^ 1]) + data[1:])
    assert not (await verified({})).is_sound
    assert plain(await verified())["wrong"] == []
