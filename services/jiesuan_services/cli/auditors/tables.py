"""Hold the read models against what the log says, as far as they have come."""

from typing import Any, Final

import asyncpg

from jiesuan_projections import connect, disagreements
from jiesuan_services.audit.verify import Report

YEARS: Final = """
SELECT year, count(*) FILTER (WHERE refd_setl_flag = '0')
         - count(*) FILTER (WHERE refd_setl_flag = '1') AS count,
       sum(medfee_sumamt_fen)::bigint AS total_charge,
       sum(fund_pay_sumamt_fen)::bigint AS fund_pay
  FROM settlement GROUP BY year
"""


async def compare(dsn: str, report: Report) -> dict[str, Any]:
    """Compare sums per year, forks, and every row with what it adds up to."""
    try:
        connection = await connect(dsn)
    except (OSError, asyncpg.PostgresError) as away:
        return {"rows": 0, "differences": [f"PostgreSQL does not answer: {away}"]}
    try:
        found = {row["year"]: row for row in await connection.fetch(YEARS)}
        rows = await connection.fetchval("SELECT count(*) FROM settlement")
        forks = await connection.fetchval("SELECT count(*) FROM fork")
        unequal = await disagreements(connection)
    finally:
        await connection.close()
    differences = [f"{one.name} does not add up: {one.row}" for one in unequal]
    for name, year in sorted(report.years.items()):
        row = found.get(name)
        table = (0, 0, 0)
        if row is not None:
            table = (row["count"], row["total_charge"], row["fund_pay"])
        log = (year.count, year.total_charge, year.fund_pay)
        if log != table:
            differences.append(f"{name}: log {log}, table {table}")
    if forks != len(report.forks):
        differences.append(f"forks: log {len(report.forks)}, table {forks}")
    return {"rows": rows, "differences": differences}
