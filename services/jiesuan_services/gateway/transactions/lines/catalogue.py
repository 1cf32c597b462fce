"""The care place's dated catalogue: what is in none is 丙."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.store.sql import query

Item = Mapping[str, Any]
NO_ITEM: Final[Item] = {
    "chrgitm_lv": "03",
    "med_chrgitm_type": "14",
    "pric_uplmt_amt": None,
    "selfpay_prop": None,
    "hi_nego_drug_flag": None,
    "lmt_used_flag": None,
}


def regions_around(admdvs: str) -> list[str]:
    """List the regions whose catalogue holds in a region, the nearest first.

    >>> regions_around("420106")
    ['420106', '420100', '420000', '000000']
    """
    found = [admdvs, f"{admdvs[:4]}00", f"{admdvs[:2]}0000", "000000"]
    return list(dict.fromkeys(found))


async def items_of(call: Call[Any], lines: Sequence[Any]) -> list[Item]:
    """Return what the catalogue says of each line on its day."""
    asked = sorted({(line.med_list_codg, line.fee_ocur_time.date()) for line in lines})
    rows = await call.db.fetch(
        query("store", "reference", name="items"),
        [code for code, _ in asked],
        [day for _, day in asked],
        regions_around(call.place.admdvs),
    )
    known = {(row["code"], row["day"]): row for row in rows}
    return [
        known.get((line.med_list_codg, line.fee_ocur_time.date()), NO_ITEM)
        for line in lines
    ]
