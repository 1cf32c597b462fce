"""The strangers of several runs together are every combination."""

import pytest
from tests.connected.torture.strangers import ALL, share_of


@pytest.mark.parametrize(("records", "seeds"), [(20_000, 7), (2_000, 70)])
def test_the_shares_of_seeds_in_a_row_are_every_combination(
    records: int, seeds: int
) -> None:
    """Each combination is in one share; `make torture` has ten seeds of 20,000."""
    shares = [share_of(seed, records) for seed in range(1, seeds + 1)]
    assert sorted(place for share in shares for place in share) == list(range(ALL))
    assert share_of(seeds + 1, records) == shares[0]
