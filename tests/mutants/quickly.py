"""What pytest does otherwise while mutants run: quick tests first, fewer lives.

A mutant needs one failing test, and every test runs only for those that survive.
"""

import pytest
from hypothesis import Phase, settings

LIVES = 200
SLOW = ("test_properties", "test_naive")
# A failing example is enough: nobody reads the smallest one.
settings.register_profile("mutants", phases=(Phase.explicit, Phase.generate))
settings.load_profile("mutants")


def slowness(item: pytest.Item) -> int:
    """Rank a test: cases first, then properties, then the second law's lives."""
    name = item.path.stem
    return SLOW.index(name) + 1 if name in SLOW else 0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the quick tests first and let the naive law live fewer lives."""
    items.sort(key=slowness)
    for item in items:
        if item.path.stem == "test_naive":
            assert isinstance(item, pytest.Function)
            item.module.LIVES = LIVES
