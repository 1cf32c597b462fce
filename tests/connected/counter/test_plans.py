"""The statements that many messages share are planned once, by their indexes."""

import re

import pytest
from tests.connected.counter.conftest import Site

from jiesuan_services.gateway.store.database import TOGETHER, connect
from jiesuan_services.gateway.store.sql import query

pytestmark = pytest.mark.connected
SHARED = {"visits": 1, "charges": 8, "keep": 28, "intend": 14, "reply": 10}
"""Each with the number of its columns."""
STATEMENTS = [
    *(("store/together", "together", *shared) for shared in SHARED.items()),
    ("store", "reference", "items", 3),
]
"""The shared ones, and what every line of a charge asks of the catalogue."""
READS = re.compile(r"(Seq Scan|Index (Only )?Scan( Backward)?|Bitmap Index Scan) ")


async def test_no_shared_statement_reads_a_whole_table(site: Site) -> None:
    """Every table is read by a condition on one of its indexes, however large it is."""
    on = await connect(site.machine.servers.pg, settings=TOGETHER)
    try:
        for home, stem, name, columns in STATEMENTS:
            statement = query(home, stem, name=name)
            await on.execute(f"PREPARE {name} AS {statement}")
            given = ", ".join(["NULL"] * columns)
            rows = await on.fetch(f"EXPLAIN (COSTS OFF) EXECUTE {name}({given})")
            plan = [row[0] for row in rows]
            read = [n for n, line in enumerate(plan) if READS.search(line)]
            assert read, name
            whole = [plan[n] for n in read if "Index Cond" not in plan[n + 1]]
            assert whole == [], name
    finally:
        await on.close()
