"""What the tests of the services share."""

import pytest
from tests.services.every_fact import every_fact


@pytest.fixture(scope="session")
def facts() -> list[tuple[str, dict]]:
    """Facts of every kind, one of each shape."""
    return every_fact()
