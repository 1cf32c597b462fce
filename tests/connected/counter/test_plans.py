"""The statements that many messages share are planned once, by their indexes."""

import re
from typing import Any

import pytest
from tests.connected.counter.conftest import Site

from jiesuan_services.gateway.store.database import TOGETHER, connect
from jiesuan_services.gateway.store.sql import query, script

pytestmark = pytest.mark.connected
TOGETHER_ALL = ("visits", "charges", "keep", "intend", "reply")
SHARED = [
    *(("store/together", "together", name) for name in TOGETHER_ALL),
    ("store", "reference", "items"),
]
"""What many messages share, and what every line of a charge asks of the catalogue."""
REGISTER = re.findall(r"^-- (\w+) --$", script("store", "register"), re.MULTILINE)
"""What is asked of the read models."""
PARAMETER = re.compile(r"\$(\d+)")
READS = re.compile(r"(Seq Scan|Index (Only )?Scan( Backward)?|Bitmap Index Scan) ")


async def plan_of(on: Any, name: str, *, statement: str) -> list[str]:
    """Return the lines of the plan that a statement has whatever it is asked."""
    await on.execute(f"PREPARE {name} AS {statement}")
    count = max(int(one) for one in PARAMETER.findall(statement))
    given = ", ".join(["NULL"] * count)
    rows = await on.fetch(f"EXPLAIN (COSTS OFF) EXECUTE {name}({given})")
    return [row[0] for row in rows]


async def whole_reads(on: Any, name: str, *, statement: str) -> list[str]:
    """Return where a plan reads a table by no condition on an index."""
    plan = await plan_of(on, name, statement=statement)
    read = [n for n, line in enumerate(plan) if READS.search(line)]
    assert read, name
    return [plan[n] for n in read if "Index Cond" not in plan[n + 1]]


async def test_no_shared_statement_reads_a_whole_table(site: Site) -> None:
    """Every table is read by a condition on one of its indexes, however large it is."""
    on = await connect(site.machine.servers.pg, settings=TOGETHER)
    try:
        for folder, file, name in SHARED:
            statement = query(folder, file, name=name)
            assert await whole_reads(on, name, statement=statement) == [], name
    finally:
        await on.close()


async def test_the_register_is_read_by_its_indexes(site: Site) -> None:
    """No question about settlements or a person needs a whole table: one about days
    goes by the months in which the rows lie."""
    on = await connect(site.machine.servers.pg, settings=TOGETHER)
    try:
        for name in REGISTER:
            statement = query("store", "register", name=name)
            assert await whole_reads(on, name, statement=statement) == [], name
        for name in ("totals", "rows_of_days"):
            statement = query("store", "register", name=name)
            plan = await plan_of(on, f"{name}_again", statement=statement)
            assert any("Bitmap Index Scan on settlement_month" in one for one in plan)
    finally:
        await on.close()
