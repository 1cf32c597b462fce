"""The institution's rows held against the ledger's, one by one; pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from jiesuan_events.words.money import yuan
from jiesuan_services.gateway.transactions.reconciliation.statement_file import (
    TheirRow,
)
from jiesuan_services.reconciling.totals import EVEN, UNEVEN

REFUND: Final = "1"
AMOUNTS: Final = (
    ("medfee_sumamt", "医疗费总额"),
    ("fund_pay_sumamt", "基金支付总额"),
    ("acct_pay", "个人账户支出"),
)
NOT_HERE: Final = "本机构有、平台无"
NOT_THERE: Final = "平台有、本机构无，可按发送方报文ID冲正（2601）或补记"
TWICE: Final = "本机构同一记录出现多次"
Ours = Mapping[str, Any]
ResultRow = tuple[Any, ...]


def compared(theirs: Sequence[TheirRow], ours: Sequence[Ours]) -> list[ResultRow]:
    """Return a line for every row of either side, in the order of the result file.

    A refund is found by its own id, or by the id of what it takes back: clients keep
    one or the other.
    """
    known = {(row["setl_id"], _flag(row)): row for row in ours}
    by_original = {
        (row["init_setl_id"], True): row for row in ours if row["init_setl_id"]
    }
    seen: set[str] = set()
    lines: list[ResultRow] = []
    for row in theirs:
        key = (row.setl_id, row.is_refund)
        found = known.get(key) or by_original.get(key)
        memo = NOT_HERE if found is None else _differs(row, found, seen=seen)
        if found is not None:
            seen.add(found["setl_id"])
        lines.append(_their_line(row, found, memo=memo))
    lines += [_our_line(row) for row in ours if row["setl_id"] not in seen]
    return lines


def uneven(lines: Sequence[ResultRow]) -> int:
    """Count the lines that differ."""
    return sum(line[4] != EVEN for line in lines)


def _flag(row: Ours) -> bool:
    return bool(row["refd_setl_flag"] == REFUND)


def _differs(row: TheirRow, found: Ours, *, seen: set[str]) -> str:
    return TWICE if found["setl_id"] in seen else "；".join(_differences(row, found))


def _differences(row: TheirRow, found: Ours) -> Iterator[str]:
    for name, zh in (("psn_no", "人员编号"), ("mdtrt_id", "就诊ID")):
        if getattr(row, name) != found[name]:
            yield f"{zh}不一致"
    for name, zh in AMOUNTS:
        theirs, have = getattr(row, name), found[f"{name}_fen"]
        if theirs != have:
            yield f"{zh}本机构{yuan(theirs)}元、平台{yuan(have)}元"


def _their_line(row: TheirRow, found: Ours | None, *, memo: str) -> ResultRow:
    return (
        row.psn_no,
        row.mdtrt_id,
        row.setl_id,
        None if found is None else found["medins_setl_id"],
        UNEVEN if memo else EVEN,
        REFUND if row.is_refund else "0",
        memo or None,
        row.medfee_sumamt,
        row.fund_pay_sumamt,
        row.acct_pay,
    )


def _our_line(row: Ours) -> ResultRow:
    """Return the line of a row that the institution lacks: only its message's name."""
    return (
        row["psn_no"],
        None,
        None,
        row["medins_setl_id"],
        UNEVEN,
        row["refd_setl_flag"],
        NOT_THERE,
        *(row[f"{name}_fen"] for name, _ in AMOUNTS),
    )
