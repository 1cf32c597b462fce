"""Why a visit cannot be settled again, or a settlement not be taken back."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from jiesuan_domain.person.state import Effective
from jiesuan_domain.refusals.refusal import Refusal
from jiesuan_events.words import regions
from jiesuan_events.words.codes import RefusalCode

_NAMED: Final = 5
"""So many settlements a sentence names; the particulars list them all."""


def agency_called(source: str) -> str:
    """Return the agency that a claim was made at, called by its region.

    >>> agency_called("/agency/310000")
    '上海市（310000）医保经办机构'
    """
    return f"{regions.called(source.rpartition('/')[2])}医保经办机构"


def already_settled(settlement_id: str, *, claimed_by: str | None) -> Refusal:
    """Say that the visit was settled, or claimed, and under which id."""
    message = (
        f"该次就诊已经结算（{settlement_id}），不能再手工报销；"
        "结算有误的，请先由原机构退费。"
    )
    if claimed_by is not None:
        message = (
            f"该次就诊已经手工报销（{settlement_id}），不能再结算或报销；"
            f"报销有误的，请先由办理报销的{agency_called(claimed_by)}退费。"
        )
    return Refusal(RefusalCode.ALREADY_SETTLED, message, {"setl_id": settlement_id})


def unknown_settlement(
    settlement_id: str | None, sender_settlement_id: str | None
) -> Refusal:
    """Say that no settlement of this person has that id."""
    return Refusal(
        RefusalCode.UNKNOWN_SETTLEMENT,
        "没有找到要退费的结算，请核对结算编号和人员编号。",
        {"setl_id": settlement_id, "medins_setl_id": sender_settlement_id},
    )


def not_your_settlement(
    settlement_id: str, *, where: str, claimed_by: str | None
) -> Refusal:
    """Say that it is another's, and whose: a claim is its agency's to take back."""
    message = f"该笔结算不是本机构办理的，请到原结算机构{where}退费。"
    if claimed_by is not None:
        agency = agency_called(claimed_by)
        message = f"该笔结算是{where}费用的手工报销，请由办理报销的{agency}退费。"
    return Refusal(RefusalCode.NOT_YOUR_SETTLEMENT, message, {"setl_id": settlement_id})


def already_refunded(
    settlement_id: str, *, replaced_by: str | None, now: str | None
) -> Refusal:
    """Say that it was refunded; ``now`` replaces it after gap refunds."""
    message = "该笔结算已经退费，不能重复退费，请核对结算编号。"
    if now is not None:
        message = f"该笔结算已因隔笔退费重新结算，请改退重新结算后的{now}。"
    return Refusal(
        RefusalCode.ALREADY_REFUNDED,
        message,
        {"setl_id": settlement_id, "replaced_by": replaced_by},
    )


class Blocking(NamedTuple):
    """A later settlement, the institution in words, and the agency of a claim."""

    settlement: Effective
    where: str
    claimed_by: str | None

    def render(self) -> str:
        """Return its id and who takes it back: a claim is its agency's."""
        whose = self.where
        if self.claimed_by is not None:
            whose = f"手工报销，由{agency_called(self.claimed_by)}退费"
        return f"{self.settlement.settlement_id}（{whose}）"

    def wire(self) -> dict[str, str]:
        """Render for an answer."""
        blocking = {
            "setl_id": self.settlement.settlement_id,
            "medins_setl_id": self.settlement.sender_id,
            "fixmedins_code": self.settlement.institution_id,
        }
        if self.claimed_by is not None:
            blocking["claimed_by"] = self.claimed_by
        return blocking


def later_settlements_first(blocking: Sequence[Blocking]) -> Refusal:
    """Say which settlements to refund first, in the order in which to do it."""
    listed = "、".join(one.render() for one in blocking[:_NAMED])
    more = f"等{len(blocking)}笔" if len(blocking) > _NAMED else ""
    return Refusal(
        RefusalCode.LATER_SETTLEMENTS_FIRST,
        f"该笔结算之后还有未退费的结算，请按时间倒序先依次退费：{listed}{more}。",
        {"blocking": [one.wire() for one in blocking]},
    )


def gap_refund_not_allowed() -> Refusal:
    """Say that the region has not opened gap refunds (50号三(二): 积极探索)."""
    return Refusal(
        RefusalCode.GAP_REFUND_NOT_ALLOWED,
        "参保地未开通隔笔退费，请按时间倒序依次退费。",
        {},
    )


def not_compensable(message: str, interface: str) -> Refusal:
    """Say that only settlements of institutions can be compensated."""
    return Refusal(
        RefusalCode.NOT_COMPENSABLE,
        "该报文不能冲正：只有门诊结算（2207）和药店结算（2102）可以冲正，"
        "其他业务请用退费或联系经办机构。",
        {"omsgid": message, "oinfno": interface},
    )
