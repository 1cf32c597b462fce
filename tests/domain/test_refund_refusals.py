"""What is told of refunds that cannot be, to the letter (contracts §4)."""

from pathlib import Path

import pytest
from tests.domain import asking
from tests.domain.asking import Message, message, settle, undo
from tests.domain.refusal_cases import (
    ENROLLED,
    ONE_HOSPITAL,
    Case,
    ExpectedRefusal,
    last,
    refusal,
    start,
)

from jiesuan_domain.requests import gap_refund
from jiesuan_services.clerk.trial import Trial

WHERE = "测试机构01（H42010090001）"
UNKNOWN = "没有找到要退费的结算，请核对结算编号和人员编号。"


REFUNDS: dict[str, Case] = {
    "an unknown sender's id": (
        {},
        (ENROLLED, undo("refund", "R1", "S1")),
        ExpectedRefusal(
            "unknown-settlement", UNKNOWN, {"setl_id": None, "medins_setl_id": "S1"}
        ),
    ),
    "an unknown settlement": (
        {},
        (ENROLLED, message("refund", "R1", ONE_HOSPITAL | {"setl_id": "X"})),
        ExpectedRefusal(
            "unknown-settlement", UNKNOWN, {"setl_id": "X", "medins_setl_id": None}
        ),
    ),
    "a gap refund where it is not allowed": (
        {"gap_refund_allowed": False},
        (ENROLLED, settle("S1", 1), undo("gap-refund", "G1", "S1")),
        ExpectedRefusal(
            "gap-refund-not-allowed",
            "参保地未开通隔笔退费，请按时间倒序依次退费。",
            {},
        ),
    ),
}


@pytest.mark.parametrize("case", REFUNDS)
def test_a_refusal_says_what_is_wrong_to_the_letter(case: str, tmp_path: Path) -> None:
    """The first reason is the code, the sentence and the particulars of the table."""
    found, expected = refusal(tmp_path, REFUNDS[case])
    assert found == expected


def settled(made: Trial, count: int) -> list[str]:
    """Settle that many bills of one fen, S0 first, and give their ids."""
    made.answer(asking.text(ENROLLED), 1)
    return [last(made, settle(f"S{n}", 1))["setl_id"] for n in range(count)]


def test_a_settlement_of_another_is_named(tmp_path: Path) -> None:
    """Who refunds what another has settled is told which settlement that was."""
    made = start(tmp_path, {})
    (id_,) = settled(made, 1)
    expected = last(made, undo("refund", "R1", "S0", at=asking.SECONDARY))["refusals"]
    assert [one["code"] for one in expected] == ["not-your-settlement"]
    assert expected[0]["message"] == (
        "该笔结算不是本机构办理的，请到原结算机构测试机构01（H42010090001）退费。"
    )
    assert expected[0]["details"] == {"setl_id": id_}


def test_a_settlement_refunded_before_is_named(tmp_path: Path) -> None:
    """A second refund is told which settlement is gone, replaced by none."""
    made = start(tmp_path, {})
    (id_,) = settled(made, 1)
    again = (undo("refund", "R1", "S0"), undo("refund", "R2", "S0"))
    expected = last(made, *again)["refusals"][0]
    assert expected["message"] == "该笔结算已经退费，不能重复退费，请核对结算编号。"
    assert expected["details"] == {"setl_id": id_, "replaced_by": None}


@pytest.mark.parametrize(("later", "more"), [(1, ""), (5, ""), (6, "等6笔")])
def test_the_first_five_to_refund_are_written_out(
    later: int, more: str, tmp_path: Path
) -> None:
    """The sentence lists five settlements, newest first; the particulars list all."""
    made = start(tmp_path, {})
    newest_first = settled(made, later + 1)[:0:-1]
    expected = last(made, undo("refund", "R1", "S0"))["refusals"][0]
    listed = "、".join(f"{id_}（{WHERE}）" for id_ in newest_first[:5]) + more
    assert expected["message"] == (
        f"该笔结算之后还有未退费的结算，请按时间倒序先依次退费：{listed}。"
    )
    assert expected["details"] == {
        "blocking": [
            {
                "setl_id": id_,
                "medins_setl_id": f"S{later - at}",
                "fixmedins_code": asking.PRIMARY,
            }
            for at, id_ in enumerate(newest_first)
        ]
    }


def test_a_claim_in_the_way_is_told_with_its_agency(tmp_path: Path) -> None:
    """Whom a claim blocks is told that it is one, and which agency takes it back."""
    made = start(tmp_path, {})
    settled(made, 1)
    data = asking.bill(
        [asking.line("1", 1)], mdtrt_id="V9", manl_reim_rea="未能直接结算"
    )
    id_ = last(made, message("claim", "C1", data))["setl_id"]
    for undone in (
        undo("refund", "R1", "S0"),
        message("compensate", "K1", ONE_HOSPITAL | {"omsgid": "S0", "oinfno": "2207"}),
    ):
        expected = last(made, undone)["refusals"][0]
        assert expected["message"] == (
            "该笔结算之后还有未退费的结算，请按时间倒序先依次退费："
            f"{id_}（手工报销，由国家（000000）医保经办机构退费）。"
        )
        (blocking,) = expected["details"]["blocking"]
        assert blocking["claimed_by"] == "/agency/000000"
    again = last(made, settle("S2", 1, mdtrt_id="V9"))["refusals"][0]["message"]
    assert "请先由办理报销的国家（000000）医保经办机构退费" in again


def test_a_settlement_is_found_by_its_own_id(tmp_path: Path) -> None:
    """A refund by ``setl_id`` takes back that settlement and no other."""
    made = start(tmp_path, {})
    settled(made, 1)
    id_ = last(made, settle("S1", 2))["setl_id"]
    expected = last(made, message("refund", "R1", ONE_HOSPITAL | {"setl_id": id_}))
    assert expected["medfee_sumamt_fen"] == -2


def claim(id_: str) -> Message:
    """Claim the visit of the first bills."""
    data = asking.bill([asking.line("1", 1)], manl_reim_rea="未能直接结算")
    return message("claim", id_, data)


def test_a_claim_of_a_settled_visit_is_told_which_settlement(tmp_path: Path) -> None:
    """The settlement of the visit is named, whatever was settled elsewhere since."""
    made = start(tmp_path, {})
    (id_,) = settled(made, 1)
    last(made, settle("T1", 1, at=asking.SECONDARY))
    (refusal_,) = last(made, claim("K1"))["refusals"]
    assert (refusal_["code"], refusal_["details"]) == (
        "already-settled",
        {"setl_id": id_},
    )
    assert id_ in refusal_["message"]


def test_a_settlement_of_a_claimed_visit_is_told_which_claim(tmp_path: Path) -> None:
    """The claim of the visit is named."""
    made = start(tmp_path, {})
    id_ = last(made, ENROLLED, claim("K1"))["setl_id"]
    (refusal_,) = last(made, settle("S1", 1))["refusals"]
    assert (refusal_["code"], refusal_["details"]) == (
        "already-settled",
        {"setl_id": id_},
    )
    assert id_ in refusal_["message"]


def test_what_a_gap_refund_settled_anew_is_named_in_place_of_the_old(
    tmp_path: Path,
) -> None:
    """Who refunds a settlement that was replaced is told by which."""
    made = start(tmp_path, {})
    _, old = settled(made, 2)
    (new,) = last(made, undo("gap-refund", "G1", "S0"))["resettled"]
    again = message("refund", "R1", ONE_HOSPITAL | {"setl_id": old})
    (refusal_,) = last(made, again)["refusals"]
    assert (refusal_["code"], refusal_["details"]) == (
        "already-refunded",
        {"setl_id": old, "replaced_by": new["setl_id"]},
    )
    assert new["setl_id"] in refusal_["message"]


@pytest.mark.parametrize("room", [-1, 0])
def test_a_gap_refund_is_too_large_before_anything_of_it_is_made(
    room: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two later bills of one line come to two blocks and two lines each, at least."""
    least = 2 * 2 * (gap_refund.BLOCK_BYTES + gap_refund.LINE_BYTES)
    monkeypatch.setattr(gap_refund, "MAX_VALUE_BYTES", least + room)
    made = start(tmp_path, {})
    settled(made, 3)
    told = last(made, undo("gap-refund", "G1", "S0"))
    if room == 0:
        assert told["outcome"] == "decided"
        return
    assert [one["code"] for one in told["refusals"]] == ["too-large"]
    assert told["refusals"][0]["details"] == {"bytes": least, "limit": least - 1}
