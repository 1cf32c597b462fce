"""More messages at once than the counter has connections: each gets its answer."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tests.connected.counter.conftest import PHARMACY, Site
from tests.connected.counter.visits import bought

from jiesuan_services.demo.counter.his import Till
from jiesuan_services.gateway.store.database import MOST_CONNECTIONS

pytestmark = pytest.mark.connected
AT_ONCE = 2 * MOST_CONNECTIONS


def purchases(till: Till, persons: list[str], turn: int) -> list[dict[str, Any]]:
    """Write purchases from the accounts, each of an item that nobody looked up yet."""
    made = []
    for number, psn_no in enumerate(persons):
        sent = bought(psn_no, acct_used_flag="1")
        sent["drugdetail"][0]["med_list_codg"] = f"X{turn}{number:03}"
        made.append(till.envelope("2102", sent))
    return made


async def test_more_at_once_than_there_are_connections_are_all_answered(
    site: Site,
) -> None:
    """Who holds a connection of the counter waits for no other one."""
    persons = [f"P72{number:02}" for number in range(AT_ONCE)]
    await site.admit(persons)
    till = site.till(code=PHARMACY)
    till.log_in()
    for turn in range(4):
        sent = purchases(till, persons, turn)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            said = list(pool.map(till.send, sent))
        assert [one["err_msg"] for one in said if one["infcode"] != "0"] == []
