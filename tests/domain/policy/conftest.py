"""What the tests of the packs share: shipped packs, and overlays as a region writes."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest

from jiesuan_domain.policy.loader import load
from jiesuan_domain.policy.model import Pack, Packs
from jiesuan_services.runtime.packs import load_packs, shipped_texts, stored_notices

OVERLAY = """\
pack: 429900-310
parameters:
  large_sum_ratio:
    unit: rate
    values:
      - from: 2022-01-01
        value: "0.9000"
        because: {instrument: 统筹区配置, article: "-", quote: "-"}
"""


@pytest.fixture(scope="session")
def packs() -> Packs:
    """The shipped packs."""
    return load_packs()


@pytest.fixture(scope="session")
def notices() -> dict[str, str]:
    """The stored notices by their names."""
    return stored_notices()


@pytest.fixture
def overlay() -> str:
    """One parameter of one pack, configured."""
    return OVERLAY


@pytest.fixture(scope="session")
def laid_over() -> Callable[..., Pack]:
    """Return a shipped pack with overlays merged over it."""

    def merge(*overlays: str, pack: str = "429900-310") -> Pack:
        texts = {f"{n}.yaml": text for n, text in enumerate(overlays)}
        region, scheme = pack.split("-")
        found = load(shipped_texts("packs", ".yaml"), texts).find(region, scheme)
        assert found is not None
        return found

    return merge


@pytest.fixture(scope="session")
def days() -> Callable[[date, date], Iterator[date]]:
    """Return every day from one to another, both included."""

    def each(first: date, last: date) -> Iterator[date]:
        for n in range((last - first).days + 1):
            yield first + timedelta(days=n)

    return each
