"""Which names of a sender's own the ledger is told as they are."""

import pytest

from jiesuan_services.gateway.ledger.naming import carried, known_as

SOMEBODY_S = (
    "990000198001010004",
    "99000019800101008X",
    "RX-990000198001010004-2",
    "MZ990000198001010004X",
    "13900000000",
    "H42010000001_13900000000.1",
)
NOBODY_S = (
    "H42010000001202203010850001234",
    "420100000001202203010850001234",
    "20220301085000",
    "1646095800000",
    "13900000000123456789",
    "990000198001010005",
    "12345678901",
    "MZ1",
    "H13010000001",
    "P15010500777-3",
)


@pytest.mark.parametrize("name", SOMEBODY_S)
def test_a_number_that_is_somebody_s_is_told_as_its_digest(name: str) -> None:
    """The digest is the same each time, and a name that is one already stays."""
    told = carried(name)
    assert told.startswith("H.")
    assert len(told) == len("H.") + 32
    assert carried(name) == carried(told) == told
    assert known_as(name) == [told, name]


@pytest.mark.parametrize("name", NOBODY_S)
def test_a_number_that_is_nobody_s_is_told_as_it_is(name: str) -> None:
    """Serials, times, receipts and msgids of digits alone stay what they are."""
    assert carried(name) == name
    assert known_as(name) == [name]


def test_a_digest_with_the_digits_of_a_telephone_stays() -> None:
    """What the ledger knows as a digest is asked for by it, whatever its digits are."""
    digest = f"H.a13900000000b{'c' * 19}"
    assert carried(digest) == digest
    assert known_as("处方1") == [carried("处方1")]
