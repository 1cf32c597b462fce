"""Regions are named beside their codes, and what has no name is said as it is."""

import pytest

from jiesuan_events.words.regions import called
from jiesuan_services.runtime.packs import load_packs

COUNTRY = "000000"


def test_every_region_of_a_shipped_pack_has_a_name() -> None:
    """Nobody whose law ships reads a bare code for a region."""
    regions = {id_.partition("-")[0] for id_ in load_packs().ids()}
    assert regions > {COUNTRY}
    assert [one for one in regions if called(one) == one] == []


@pytest.mark.parametrize(
    ("region", "name"),
    [
        ("420500", "湖北省宜昌市（420500）"),
        ("422800", "湖北省恩施土家族苗族自治州（422800）"),
        ("429004", "湖北省仙桃市（429004）"),
        ("429900", "湖北省省直（429900）"),
        ("440100", "广东省广州市（440100）"),
        ("659001", "新疆维吾尔自治区659001"),
        ("420000", "湖北省（420000）"),
        ("999900", "999900"),
    ],
)
def test_a_region_is_called_by_its_name(region: str, name: str) -> None:
    """Cities and provinces by name, what lies below a city by its province and code."""
    assert called(region) == name
