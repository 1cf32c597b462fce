"""Which row of the dated catalogues counts for an item, in a place and on a day."""

from collections.abc import AsyncIterator
from datetime import date

import pytest
from tests.connected.counter.conftest import Site

from jiesuan_services.gateway.store.database import Connection, open_pool
from jiesuan_services.gateway.store.sql import query
from jiesuan_services.gateway.store.together.catalogue import Catalogue

pytestmark = pytest.mark.connected
DISTRICT, CITY, PROVINCE, COUNTRY = "990106", "990100", "990000", "000000"
LISTED = "ZN-%"
"""The codes of these items: no other test has one."""
Row = tuple[str, str, str | None]
"""A region, from which day on, and until which."""


@pytest.fixture
async def db(site: Site) -> AsyncIterator[Connection]:
    """A database whose catalogue is, afterwards, as it was."""
    pool = await open_pool(site.machine.servers.pg)
    try:
        yield pool
    finally:
        await pool.execute("DELETE FROM item WHERE med_list_codg LIKE $1", LISTED)
        await pool.close()


async def listed(db: Connection, code: str, rows: list[Row]) -> None:
    """List an item; its type of charge names the row: 01 is the first."""
    for nth, (region, begun, ended) in enumerate(rows, 1):
        end = None if ended is None else date.fromisoformat(ended)
        days = (date.fromisoformat(begun), end)
        facts = ("01", f"{nth:02}", None, None, None, None)
        statement = query("store", "reference", name="put_item")
        await db.execute(statement, region, code, *days, *facts)


@pytest.mark.parametrize(
    ("rows", "day", "found"),
    [
        # An ended row of a nearer region does not hide what the province lists.
        ([(CITY, "2020-01-01", "2021-12-31"), (PROVINCE, "2019-01-01", None)], 2, "02"),
        ([(CITY, "2020-01-01", "2022-01-02"), (PROVINCE, "2019-01-01", None)], 2, "01"),
        # Begun later than the province's or not: the nearest counts.
        ([(PROVINCE, "2021-01-01", None), (DISTRICT, "2020-01-01", None)], 2, "02"),
        # A later row of a region replaces its earlier one, which has no end.
        ([(CITY, "2020-01-01", None), (CITY, "2021-01-01", None)], 2, "02"),
        # So does one that ended: the region no longer lists the item.
        ([(CITY, "2019-01-01", None), (CITY, "2020-01-01", "2020-12-31")], 2, None),
        (
            [
                (CITY, "2019-01-01", None),
                (CITY, "2020-01-01", "2020-12-31"),
                (COUNTRY, "2018-01-01", None),
            ],
            2,
            "03",
        ),
        # What has not begun replaces nothing yet.
        ([(CITY, "2020-01-01", None), (CITY, "2022-01-03", "2022-01-03")], 2, "01"),
        ([(CITY, "2020-01-01", None), (CITY, "2022-01-03", "2022-01-03")], 4, None),
        ([("980000", "2019-01-01", None)], 2, None),
    ],
)
async def test_the_nearest_region_that_lists_an_item_counts(
    db: Connection, rows: list[Row], day: int, found: str | None
) -> None:
    """Of each region the latest begun row is asked, of those in force the nearest."""
    await listed(db, "ZN-1", rows)
    asked = [("ZN-1", date(2022, 1, day)), ("ZN-2", date(2022, 1, day))]
    item, unknown = await Catalogue(db).items(DISTRICT, asked)
    assert (item["med_chrgitm_type"], item["chrgitm_lv"]) == (
        ("14", "03") if found is None else (found, "01")
    )
    assert unknown["chrgitm_lv"] == "03"
