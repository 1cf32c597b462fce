"""Refusal sentences: plain Chinese, what to do next, no word of ours (50号三(四))."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.domain import asking
from tests.domain.asking import bill, line, message, settle, undo
from tests.domain.overlays import trial

from jiesuan_domain.policy.parameters import PARAMETERS
from jiesuan_services.clerk.trial import Trial

LINE = "data.feedetail.0."
OURS = re.compile(r"[a-z]+(_[a-z]+)+")


def answered(made: Trial, asked: asking.Message) -> dict[str, Any]:
    """Ask, and give the answer's data."""
    data: dict[str, Any] = json.loads(made.answer(asking.text(asked), 1))["data"]
    return data


def refusal(made: Trial, asked: asking.Message) -> dict[str, Any]:
    """Ask, and give the refusal that counts."""
    first: dict[str, Any] = answered(made, asked)["refusals"][0]
    return first


def region(folder: Path, **parameters: Any) -> Trial:
    """Make a region of its own in which the test person is enrolled."""
    made = trial(folder, pack="999900-310", local_area="42", **parameters)
    for one in (*asking.institutions(), asking.enrol("E1", insuplc_admdvs="999900")):
        made.answer(asking.text(one), 1)
    return made


def test_a_missing_parameter_is_named_in_chinese(tmp_path: Path) -> None:
    """The sentence names a parameter as a clerk does; the details as we do."""
    made = region(tmp_path, outpatient_deductible=0, outpatient_ratio="0.5000")
    refused = refusal(made, settle("S1", 100, insuplc_admdvs="999900"))
    assert refused["details"] == {"parameter": "outpatient_cap", "on": "2022-03-01"}
    assert refused["message"] == (
        "参保地2022-03-01没有配置“普通门诊最高限额”，请联系参保地经办机构配置后重试。"
    )


def test_a_missing_class_b_ratio_is_named_in_chinese(tmp_path: Path) -> None:
    """乙类 without a ratio anywhere says which ratio the region lacks."""
    made = region(tmp_path)
    asked = bill([line("1", 100, chrgitm_lv="02")], insuplc_admdvs="999900")
    refused = refusal(made, message("settle", "S1", asked))
    assert refused["details"]["parameter"] == "class_b_selfpay_prop"
    assert "乙类先行自付比例" in refused["message"]
    assert OURS.search(refused["message"]) is None


def test_every_parameter_has_a_name_that_a_clerk_reads() -> None:
    """No parameter is called by a word of ours in Chinese."""
    for parameter in PARAMETERS.values():
        assert parameter.zh
        assert re.search("[A-Za-z_]", parameter.zh) is None


def test_a_replaced_settlement_names_the_one_to_refund() -> None:
    """Who refunds what a gap refund has re-settled is told the new settlement's id."""
    made = trial()
    asked = [*asking.institutions(), asking.enrol("E1"), settle("S1", 100)]
    for one in asked:
        made.answer(asking.text(one), 1)
    old = answered(made, settle("S2", 200))["setl_id"]
    new = answered(made, undo("gap-refund", "G1", "S1"))["resettled"][0]["setl_id"]
    named = {"psn_no": asking.PERSON, "fixmedins_code": asking.PRIMARY}
    refused = refusal(made, message("refund", "R1", named | {"setl_id": old}))
    assert refused["code"] == "already-refunded"
    assert refused["message"] == (
        f"该笔结算已因隔笔退费重新结算，请改退重新结算后的{new}。"
    )
    again = answered(made, message("refund", "R2", named | {"setl_id": new}))
    assert again["medfee_sumamt_fen"] == -200


@pytest.mark.parametrize(
    ("changed", "path", "said"),
    [
        ({"med_type": "14"}, "data", "门诊慢特病结算应填病种编码"),
        ({"acct_used_flag": "1"}, "data", "使用个人账户应填账户余额"),
        ({"balc_fen": -1}, "data.balc_fen", "小于允许的最小值"),
        ({"mdtrt_id": ""}, "data.mdtrt_id", "格式不符"),
        ({"feedetail": []}, "data.feedetail", "至少要有一条"),
        ({"feedetail": "1"}, "data.feedetail", "应为列表"),
        (
            {"feedetail": [line("1", 100, det_item_fee_sumamt_fen=2**60)]},
            LINE + "det_item_fee_sumamt_fen",
            "大于允许的最大值",
        ),
        (
            {"feedetail": [line("1", 100, fulamt_ownpay_amt_fen=1)]},
            "data.feedetail.0",
            "分割后的四项金额要么都填，要么都不填",
        ),
        (
            {"feedetail": [line("1", 100, chrgitm_lv=None)]},
            "data.feedetail.0",
            "应填分割后的四项金额，或填收费项目等级",
        ),
        (
            {"feedetail": [line("1", 100, fee_ocur_time="2022-03-01T08:50:00")]},
            LINE + "fee_ocur_time",
            "应为带时区的时间，如2022-03-01T08:50:00+08:00",
        ),
        (
            {"feedetail": [line("1", 100, day="2022-02-30")]},
            LINE + "fee_ocur_time",
            "没有这一天或这一时刻",
        ),
    ],
)
def test_a_malformed_bill_says_what_to_mend(
    changed: dict[str, Any], path: str, said: str
) -> None:
    """The sentence names the field and says what belongs into it."""
    data = bill([line("1", 100)]) | changed
    refused = refusal(trial(), message("settle", "S1", data))
    assert (refused["code"], refused["details"]["path"]) == ("malformed", path)
    assert refused["message"] == f"报文字段{path}有误：{said}，请更正后重新发送。"


def test_a_malformed_registration_says_what_to_mend() -> None:
    """Days that do not read, or stand in the wrong order, are told as such."""
    made = trial()
    reversed_days = asking.enrol("E1", begndate="2022-02-01", enddate="2022-01-31")
    assert "结束日期早于开始日期" in refusal(made, reversed_days)["message"]
    written = asking.enrol("E1", begndate="20220201")
    assert "应为日期，如2022-03-01" in refusal(made, written)["message"]
    both = undo("refund", "R1", "S1")
    both["data"]["setl_id"] = "S1"
    assert "只填一个" in refusal(made, both)["message"]


def test_a_hospital_is_told_who_takes_a_claim_back() -> None:
    """A claim is its agency's: another who refunds it is sent there."""
    made = trial()
    claimed = bill([line("1", 100)], manl_reim_rea="未能直接结算")
    made_so_far = (*asking.institutions(), asking.enrol("E1"))
    for one in (*made_so_far, message("claim", "C1", claimed)):
        made.answer(asking.text(one), 1)
    refused = refusal(made, undo("refund", "R1", "C1"))
    assert refused["code"] == "not-your-settlement"
    assert refused["message"] == (
        "该笔结算是测试机构01（H42010090001）费用的手工报销，"
        "请由办理报销的国家（000000）医保经办机构退费。"
    )


def test_a_registration_is_refused_in_its_own_words() -> None:
    """Who recognises or cancels a disease reads of that, not of a bill."""
    made = trial()
    asked = asking.qualify("Q1", "M00500", "2022-01-01")
    refused = refusal(made, asked)
    assert refused["code"] == "not-enrolled"
    assert refused["message"] == (
        "参保人在备案开始当日没有该险种的有效参保，请核对险种和日期，或先办理参保登记。"
    )
    gone = {**asked["data"], "enddate": "2022-06-30"}
    del gone["begndate"]
    refused = refusal(made, message("disqualify", "D1", gone))
    assert refused["code"] == "not-qualified"
    assert refused["message"] == (
        "参保人没有门诊慢特病恶性肿瘤门诊治疗（M00500）的备案，无可取消，请核对病种编码和险种。"
    )


@pytest.mark.parametrize(("status", "outcome"), [("2", "decided"), ("4", "refused")])
def test_a_disease_is_recognised_of_who_is_enrolled(status: str, outcome: str) -> None:
    """Suspended counts as enrolled when a disease is recognised; ended does not."""
    made = trial()
    made.answer(asking.text(asking.enrol("E1", psn_insu_stas=status)), 1)
    data = answered(made, asking.qualify("Q1", "M00500", "2022-01-01"))
    assert data["outcome"] == outcome


def test_of_many_replacements_the_one_that_stands_is_named() -> None:
    """After two gap refunds the first id leads to the last; once refunded, to none."""
    made = trial()
    so_far = [*asking.institutions(), asking.enrol("E1")]
    for one in (*so_far, settle("S1", 100), settle("S2", 200)):
        made.answer(asking.text(one), 1)
    old = answered(made, settle("S3", 300))["setl_id"]
    answered(made, undo("gap-refund", "G1", "S1"))
    new = answered(made, undo("gap-refund", "G2", "S2"))["resettled"][0]["setl_id"]
    named = {"psn_no": asking.PERSON, "fixmedins_code": asking.PRIMARY, "setl_id": old}
    refused = refusal(made, message("refund", "R1", named))
    assert refused["message"].endswith(f"请改退重新结算后的{new}。")
    answered(made, undo("refund", "R2", "S3"))
    refused = refusal(made, message("refund", "R1", named))
    assert refused["message"] == "该笔结算已经退费，不能重复退费，请核对结算编号。"
