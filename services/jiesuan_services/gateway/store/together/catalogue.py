"""The care place's dated catalogue: what is in none is 丙."""

import time
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from jiesuan_services.gateway.store.database import Connection
from jiesuan_services.gateway.store.sql import query

Item = Mapping[str, Any]
Asked = tuple[str, date]
"""An item, and the day on which it was given."""
KNOWN_SECONDS: Final = 2.0
"""So long a change of the catalogue may go unnoticed by a running gateway."""
MOST_KNOWN: Final = 50_000
NO_ITEM: Final[Item] = {
    "chrgitm_lv": "03",
    "med_chrgitm_type": "14",
    "pric_uplmt_amt": None,
    "selfpay_prop": None,
    "hi_nego_drug_flag": None,
    "lmt_used_flag": None,
}
_NEVER: Final[tuple[float, Item]] = (-KNOWN_SECONDS, NO_ITEM)


def regions_around(admdvs: str) -> list[str]:
    """List the regions whose catalogue holds in a region, the nearest first.

    >>> regions_around("420106")
    ['420106', '420100', '420000', '000000']
    """
    found = [admdvs, f"{admdvs[:4]}00", f"{admdvs[:2]}0000", "000000"]
    return list(dict.fromkeys(found))


class Catalogue:
    """Looks items up; what was just looked up is not asked for again."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._known: dict[tuple[str, Asked], tuple[float, Item]] = {}

    async def items(self, admdvs: str, asked: Sequence[Asked]) -> list[Item]:
        """Return what the catalogue of a region says of items on days."""
        now = time.monotonic()
        known = {one: self._known.get((admdvs, one), _NEVER) for one in asked}
        stale = sorted(
            one for one, (at, _) in known.items() if now - at > KNOWN_SECONDS
        )
        if stale:
            for one, item in (await self._look(admdvs, stale)).items():
                known[one] = self._known[admdvs, one] = (now, item)
        return [known[one][1] for one in asked]

    async def _look(self, admdvs: str, asked: Sequence[Asked]) -> dict[Asked, Item]:
        rows = await self._db.fetch(
            query("store", "reference", name="items"),
            [code for code, _ in asked],
            [day for _, day in asked],
            regions_around(admdvs),
        )
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        found = {(row["code"], row["day"]): row for row in rows}
        return {one: found.get(one, NO_ITEM) for one in asked}
