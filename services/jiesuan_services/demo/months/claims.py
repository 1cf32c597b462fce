"""What must hold once three months are closed, each one sentence that may be false."""

from dataclasses import dataclass
from typing import Any, Final

from jiesuan_events.words.money import yuan
from jiesuan_services.demo.claims import TownClaim
from jiesuan_services.demo.months.story import DEDUCTED, PAID, ThreeMonths

Json = dict[str, Any]
KINDS: Final = ("institution", "region")


@dataclass(frozen=True, slots=True)
class Tables:
    """What the tables say of the months.

    ``owed`` is what each region owes each other and has paid, ``balance`` what each is
    owed and owes in all; ``unbalanced`` counts postings that do not come to nothing.
    """

    statements: list[Json]
    owed: list[Json]
    balance: list[Json]
    unbalanced: int


def claims_of(story: ThreeMonths, tables: Tables, *, unlike: int) -> list[TownClaim]:
    """Return every claim about the months."""
    rows = {one["statement_id"]: one for one in tables.statements}
    return [
        _same(story, unlike),
        _all_paid(tables),
        _nothing_left(tables),
        _objected(rows[story.special["objected"]]),
        _late(rows, story.special["late"]),
        _deducted(rows, story),
        _booked(tables),
    ]


def _same(story: ThreeMonths, unlike: int) -> TownClaim:
    return TownClaim(
        "三个月：在Kafka上办理的每个清算应答与内存中重算的逐分一致",
        unlike == 0,
        f"{len(story.answers)} 个应答，不同 {unlike} 个",
    )


def _all_paid(tables: Tables) -> TownClaim:
    rows = tables.statements
    open_ = [one["statement_id"] for one in rows if one["clr_stas"] != PAID]
    kinds = {one["kind"] for one in rows}
    return TownClaim(
        "三个月：全部清算单都已全额拨付",
        not open_ and kinds == set(KINDS),
        "、".join(open_[:3]) or f"{len(rows)} 张，机构月结和异地清算",
    )


def _nothing_left(tables: Tables) -> TownClaim:
    receivable = sum(one["receivable_fen"] for one in tables.balance)
    payable = sum(one["payable_fen"] for one in tables.balance)
    unpaid = sum(one["payable_fen"] - one["paid_fen"] for one in tables.owed)
    return TownClaim(
        "三个月：各地应收之和等于应付之和，拨付后互不相欠",
        receivable == payable != 0 and unpaid == 0,
        f"应收 {yuan(receivable)}，应付 {yuan(payable)}，未拨付 {yuan(unpaid)}（元）",
    )


def _objected(row: Json) -> TownClaim:
    return TownClaim(
        "三个月：被驳回的一张重新申报，审核后拨付，不算逾期",
        row["clr_stas"] == PAID and not row["late"] and row["reason"] is None,
        f"{row['statement_id']}：{yuan(row['paid_fen'] or 0)} 元",
    )


def _late(rows: dict[str, Json], id_: str) -> TownClaim:
    late = [one["statement_id"] for one in rows.values() if one["late"]]
    return TownClaim(
        "三个月：逾期申报的一张有特殊情况报备，标记永久保留，且只有这一张",
        late == [id_] and bool(rows[id_]["exception"]),
        f"{id_}：{rows[id_]['exception']}",
    )


def _deducted(rows: dict[str, Json], story: ThreeMonths) -> TownClaim:
    both = [rows[story.special[name]] for name in ("deducted", "mirrored")]
    others = sum(one["deducted_fen"] for one in rows.values()) - 2 * DEDUCTED
    return TownClaim(
        "三个月：审核扣款按原渠道返回参保地：机构少收，参保地同样少付",
        all(one["deducted_fen"] == DEDUCTED for one in both) and others == 0,
        f"两张清算单各扣 {yuan(DEDUCTED)} 元",
    )


def _booked(tables: Tables) -> TownClaim:
    return TownClaim(
        "三个月：每笔分录借贷相等",
        tables.unbalanced == 0,
        f"不平的分录 {tables.unbalanced} 笔",
    )
