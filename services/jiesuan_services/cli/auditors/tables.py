"""Compare the read models with the log, as far as they have come."""

from typing import Any

import asyncpg

from jiesuan_projections import connect, disagreements
from jiesuan_projections.read_models.fork import queries as fork_rows
from jiesuan_projections.read_models.settlement import queries as settlements
from jiesuan_services.audit.verifying.report import Report
from jiesuan_services.cli.console import yuan


async def compare(dsn: str, report: Report) -> dict[str, Any]:
    """Compare sums per year, forks, and every row with what it adds up to."""
    try:
        connection = await connect(dsn)
    except (OSError, asyncpg.PostgresError) as away:
        unknown = f"PostgreSQL没有应答（{away}），没有核对：请用jiesuan up启动"
        return {"rows": 0, "differences": [unknown]}
    try:
        found = {row["year"]: row for row in await settlements.years(connection)}
        forks = await fork_rows.count(connection)
        unequal = await disagreements(connection)
    finally:
        await connection.close()
    rows = sum(row["rows"] for row in found.values())
    differences = [f"{one.name}与明细合计不符：{one.row}" for one in unequal]
    for name, year in sorted(report.years.items()):
        row = found.get(name)
        table = (0, 0, 0)
        if row is not None:
            table = (row["count"], row["total_charge"], row["fund_pay"])
        log = (year.count, year.total_charge, year.fund_pay)
        if log != table:
            differences.append(f"{name}年：账本{_sums(log)}，表{_sums(table)}")
    if forks != len(report.forks):
        differences.append(f"分叉：账本{len(report.forks)}处，表{forks}处")
    return {"rows": rows, "differences": differences}


def _sums(year: tuple[int, int, int]) -> str:
    """Write a year's count and sums for a person, in yuan."""
    count, charge, fund = year
    return f"{count}笔、总额{yuan(charge)}元、基金支付{yuan(fund)}元"
