"""What the read models of clearing show, from what is known of the regions."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from jiesuan_domain.clearing.showing.answer import whole
from jiesuan_domain.clearing.showing.results import lines_of, prepayment_row, recovery
from jiesuan_domain.clearing.state.region import Region
from jiesuan_domain.clearing.state.row import REGION
from jiesuan_domain.clearing.state.statement import statement_row
from jiesuan_domain.policy.model import Packs

ViewRow = dict[str, Any]
View = Callable[[Iterable[Region], Packs], Iterator[ViewRow]]


def clearing_statements(regions: Iterable[Region], packs: Packs) -> Iterator[ViewRow]:
    """Return every statement, by its id."""
    made = {
        one.id: statement_row(one)
        for region in regions
        for one in region.statements.values()
    }
    for id_ in sorted(made):
        yield whole(made[id_])


def clearing_rows(regions: Iterable[Region], packs: Packs) -> Iterator[ViewRow]:
    """Return every row that was ever drawn, once a statement, by statement and row."""
    lines = [
        line
        for region in regions
        for row_id, months in region.placed.items()
        for month in months
        for line in lines_of(region.draft(), region.rows[row_id], month=month)
    ]
    lines.sort(key=lambda one: (one.statement_id, one.settlement_id))
    yield from map(whole, lines)


def clearing_waiting(regions: Iterable[Region], packs: Packs) -> Iterator[ViewRow]:
    """Return every row that stands in no statement, since which month and why."""
    waiting = [
        {
            "setl_id": row.settlement_id,
            "mdtrtarea_admvs": row.care_region,
            "since_clr_ym": row.month,
            "why": _why(region, row.settlement_id, month=row.month),
        }
        for region in regions
        for row in region.waiting.values()
    ]
    yield from sorted(waiting, key=lambda one: one["setl_id"])


def _why(region: Region, row_id: str, *, month: str) -> str:
    if row_id in region.placed:
        return "carried"
    return "late" if month <= region.head.drawn else "undrawn"


def clearing_recoveries(regions: Iterable[Region], packs: Packs) -> Iterator[ViewRow]:
    """Return what the next statement of each key recovers, by the key."""
    found = sorted(
        ((key[0], region.care_region, *key[1:]), key, pending)
        for region in regions
        for key, pending in region.pending.items()
    )
    for (_, care_region, *_), key, pending in found:
        yield whole(recovery(key, pending, care_region=care_region))


def clearing_balances(regions: Iterable[Region], packs: Packs) -> Iterator[ViewRow]:
    """Return what each region is owed and owes, by month and state; none if nothing."""
    sums: defaultdict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for region in regions:
        for one in region.statements.values():
            if one.kind != REGION:
                continue
            sums[one.care_region, one.month, one.state][0] += one.payable
            sums[one.party, one.month, one.state][1] += one.payable
    for (admdvs, month, state), (receivable, payable) in sorted(sums.items()):
        if receivable or payable:
            yield {
                "admdvs": admdvs,
                "clr_ym": month,
                "clr_stas": state,
                "receivable_fen": receivable,
                "payable_fen": payable,
            }


def prepayments(regions: Iterable[Region], packs: Packs) -> Iterator[ViewRow]:
    """Return every prepayment account, by care region, insured region, scheme, year."""
    for region in sorted(regions, key=lambda one: one.care_region):
        for key, account in sorted(region.accounts.items()):
            row = prepayment_row(
                key, account, care_region=region.care_region, packs=packs
            )
            yield whole(row)


VIEWS: Final[dict[str, View]] = {
    "clearing_statement": clearing_statements,
    "clearing_row": clearing_rows,
    "clearing_waiting": clearing_waiting,
    "clearing_recovery": clearing_recoveries,
    "clearing_balance": clearing_balances,
    "prepayment": prepayments,
}
