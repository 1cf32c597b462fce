"""Codes of regions: one covers all that begin with it, trailing pairs 00 dropped."""

from functools import lru_cache
from typing import Final

_REMEMBERED: Final = 4096


@lru_cache(_REMEMBERED)
def prefix_of(region: str) -> str:
    """Return what the codes of a region's parts begin with.

    >>> prefix_of("420000"), prefix_of("429900"), prefix_of("000000")
    ('42', '4299', '')
    """
    while region.endswith("00"):
        region = region[:-2]
    return region


def covers(region: str, place: str) -> bool:
    """Whether a place lies in a region.

    >>> covers("420000", "420100"), covers("420100", "429900")
    (True, False)
    """
    return place.startswith(prefix_of(region))
