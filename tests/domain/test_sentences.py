"""Refusal sentences: plain Chinese, what to do next, no word of ours (50号三(四))."""

import json
import re
from pathlib import Path
from typing import Any

from tests.domain import asking
from tests.domain.asking import bill, line, message, settle, undo
from tests.domain.overlays import trial

from jiesuan_domain.policy.parameters import PARAMETERS
from jiesuan_services.trying import Trial

OURS = re.compile(r"[a-z]+(_[a-z]+)+")


def answered(made: Trial, asked: asking.Message) -> dict[str, Any]:
    """Ask, and give the answer's data."""
    told: dict[str, Any] = json.loads(made.answer(asking.text(asked), 1))["data"]
    return told


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
    told = refusal(made, settle("S1", 100, insuplc_admdvs="999900"))
    assert told["details"] == {"parameter": "outpatient_cap", "on": "2022-03-01"}
    assert told["message"] == (
        "参保地没有2022-03-01的普通门诊最高限额，请联系参保地经办机构配置后重试。"
    )


def test_a_missing_class_b_ratio_is_named_in_chinese(tmp_path: Path) -> None:
    """乙类 without a ratio anywhere says which ratio the region lacks."""
    made = region(tmp_path)
    asked = bill([line("1", 100, chrgitm_lv="02")], insuplc_admdvs="999900")
    told = refusal(made, message("settle", "S1", asked))
    assert told["details"]["parameter"] == "class_b_selfpay_prop"
    assert "乙类先行自付比例" in told["message"]
    assert OURS.search(told["message"]) is None


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
    told = refusal(made, message("refund", "R1", named | {"setl_id": old}))
    assert told["code"] == "already-refunded"
    assert told["message"] == (
        f"该笔结算已因隔笔退费重新结算，请改退重新结算后的{new}。"
    )
    again = answered(made, message("refund", "R2", named | {"setl_id": new}))
    assert again["medfee_sumamt_fen"] == -200
