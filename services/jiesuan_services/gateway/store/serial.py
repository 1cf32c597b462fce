"""Ids that the counter gives: region, Beijing's time, ten digits; thirty characters."""

import asyncio
import secrets
from collections import deque
from datetime import datetime
from typing import Final

from jiesuan_services.gateway.store.database import Connection
from jiesuan_services.gateway.store.sql import query
from jiesuan_services.gateway.wire.values import write_digits

NO_REGION: Final = "000000"
AT_ONCE: Final = 100
"""Numbers fetched together; what a gateway leaves behind unused is missed by nobody."""
_DIGITS: Final = 10
_PURCHASE: Final = "Y"
"""Stands for the first digit in a visit's id where 2102 made it: the ledger says no
infno, and what is known here besides may be lost."""
_TO_SECONDS: Final = 14
_FIRST_YEAR: Final = 2000


def numbered(region: str, at: datetime, *, number: int) -> str:
    """Write an id as the standard does.

    >>> numbered("420000", datetime.fromisoformat("2022-03-01T00:00+08:00"), number=7)
    '420000202203010000000000000007'
    """
    return f"{stem(region, at)}{number:0{_DIGITS}d}"


def stem(region: str, at: datetime) -> str:
    """Write what an id begins with: where, and when."""
    return region + write_digits(at)[:_TO_SECONDS]


def is_numbered(name: str, region: str) -> bool:
    """Whether a name is written as our ids of a region are.

    >>> is_numbered("420000202203010000000000000007", "420000")
    True
    >>> is_numbered("H42010000001202203010000001234", "420000")
    False

    Nor is one that begins with an institution's code, if that is its region's:

    >>> is_numbered("420000012345202203010000001234", "420000")
    False
    """
    digits = len(region) + _TO_SECONDS + _DIGITS
    is_plain = name.isascii() and name.isdecimal()
    if not (is_plain and len(name) == digits and name.startswith(region)):
        return False
    at = name[len(region) : -_DIGITS]
    try:
        # ISO 8601's basic form.
        return datetime.fromisoformat(f"{at[:8]}T{at[8:]}").year >= _FIRST_YEAR
    except ValueError:
        return False


class Serials:
    """Numbers of the one sequence that all gateways share, fetched by the hundred."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._left: deque[int] = deque()
        self._fetching = asyncio.Lock()

    async def name(self, region: str, at: datetime) -> str:
        """Return an id that no gateway has given before."""
        while not self._left:
            async with self._fetching:
                if not self._left:
                    await self._fetch()
        return numbered(region, at, number=self._left.popleft())

    async def _fetch(self) -> None:
        statement = query("store", "messages", name="serials")
        rows = await self._db.fetch(statement, AT_ONCE)
        self._left.extend(row[0] for row in rows)


async def new_id(db: Connection, region: str, *, at: datetime) -> str:
    """Return an id that no gateway has given before."""
    statement = query("store", "messages", name="serial")
    return numbered(region, at, number=await db.fetchval(statement))


async def new_purchase_id(db: Connection, region: str, *, at: datetime) -> str:
    """Return the id of a visit that is a purchase, which can be seen of it."""
    id_ = await new_id(db, region, at=at)
    return f"{id_[:-_DIGITS]}{_PURCHASE}{id_[1 - _DIGITS :]}"


def is_of_purchase(mdtrt_id: str) -> bool:
    """Whether a visit's id was given to a purchase.

    >>> is_of_purchase("42010020220301090000Y000000007")
    True
    >>> is_of_purchase("420100202203010900000000000007")
    False
    """
    return mdtrt_id[-_DIGITS:][:1] == _PURCHASE and len(mdtrt_id) > _DIGITS


def unkept_id(at: datetime) -> str:
    """Return an id for a reply that nobody keeps."""
    return numbered(NO_REGION, at, number=secrets.randbelow(10**_DIGITS))
