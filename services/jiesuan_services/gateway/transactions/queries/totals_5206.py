"""5206 人员累计信息查询: a person's accumulators in one region, year by year."""

from collections.abc import Sequence
from typing import Final

from pydantic import Field

from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.store import register
from jiesuan_services.gateway.store.freshness import until_projected
from jiesuan_services.gateway.transactions.kinds import Reading, Transaction
from jiesuan_services.gateway.wire.payload import Node, Output
from jiesuan_services.gateway.wire.values import Id, Text, Yuan

CODES: Final = (
    ("S0000_BIZ11", "ordinary_inscp_fen"),
    ("S0000", "inscp_fen"),
    ("Q0000", "dedc_fen"),
    ("D{pool}", "hifp_fen"),
    ("D330101", "hifob_fen"),
    ("Z0000", "psn_part_fen"),
)
"""The platform's own codes: S costs, Q deductible, D funds, Z the person's part."""
POOL: Final = {"310": "310101", "390": "390101"}
YEAR_DIGITS: Final = 4


class TotalsQuery(Node):
    """Whose accumulators; `cum_ym` names a year, or a month of it."""

    psn_no: Id = Field(title="人员编号")
    cum_ym: Text | None = Field(default=None, title="累计年月")


class Input5206(Node):
    """The node of the transaction."""

    data: TotalsQuery


class CumRow(Output):
    """One accumulator."""

    insutype: str = Field(title="险种类型")
    year: str = Field(title="年度")
    cum_ym: str = Field(title="累计年月")
    cum_type_code: str = Field(title="累计类别代码")
    cum: Yuan = Field(title="累计值")


class CumTotals(Output):
    """What 5206 gives back."""

    cuminfo: list[CumRow]


async def totals(call: Call[Input5206]) -> CumTotals:
    """List the accumulators of the year asked for, of every year if none is named."""
    sent = call.input.data
    await until_projected(call.db, sent.psn_no)
    year = (sent.cum_ym or "").replace("-", "")[:YEAR_DIGITS]
    rows = await register.years(call.db, sent.psn_no)
    regions = await _regions(call, rows)
    return CumTotals(
        cuminfo=[
            CumRow(
                insutype=row["insutype"],
                year=row["year"],
                cum_ym=row["year"],
                cum_type_code=code.format(pool=POOL.get(row["insutype"], "999997")),
                cum=row[column],
            )
            for row in rows
            for code, column in CODES
            if year in ("", row["year"])
            and row["insuplc_admdvs"] == regions[row["insutype"], row["year"]]
        ]
    )


async def _regions(
    call: Call[Input5206], rows: Sequence[register.Row]
) -> dict[tuple[str, str], str]:
    """Return of each scheme and year the region whose accumulators are told.

    A person who moved has some in each, and a row of the reply has no region: that of
    the envelope, else today's if it has any of the year, else that of the year's last
    entry.
    """
    by_entry = sorted(rows, key=lambda row: row["last_offset"])
    found = {(row["insutype"], row["year"]): row["insuplc_admdvs"] for row in by_entry}
    if call.envelope.insuplc_admdvs is not None:
        return dict.fromkeys(found, call.envelope.insuplc_admdvs)
    psn_no = call.input.data.psn_no
    today = {
        (row["insutype"], row["insuplc_admdvs"])
        for row in await register.enrolments_on(call.db, psn_no, day=call.today)
        if row["stas"] != register.ENDED
    }
    for row in rows:
        if (row["insutype"], row["insuplc_admdvs"]) in today:
            found[row["insutype"], row["year"]] = row["insuplc_admdvs"]
    return found


TRANSACTION = Transaction(
    "5206", "人员累计信息查询", Input5206, CumTotals, Reading(totals)
)
