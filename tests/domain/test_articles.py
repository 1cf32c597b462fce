"""Every fen rests on an article, in every region that ships."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.domain import asking
from tests.domain.asking import AWAY, bill, line, message, undo
from tests.domain.overlays import trial

from jiesuan_domain.answer.explanation import cited
from jiesuan_services.clerk.trial import Trial
from jiesuan_services.runtime.packs import load_packs

DAY = "2023-03-01"
BENEFITS: dict[str, Any] = {
    "outpatient_deductible": 1000,
    "outpatient_cap": 5000,
    "outpatient_ratio": "0.5000",
    "large_sum_threshold": 4000,
    "large_sum_ratio": "0.9000",
    "filing_required": False,
    "gap_refund_allowed": True,
}
PACKS = [
    f"{area}-{kind}" for area in ("420100", "440700", "511700") for kind in (310, 390)
]


def region(folder: Path, pack: str) -> Trial:
    """Make a trial in which the test person is enrolled under a pack."""
    made = trial(folder, pack=pack, **BENEFITS)
    home, scheme = pack.split("-")
    enrolled = asking.enrol("E1", insuplc_admdvs=home, insutype=scheme)
    for one in (*asking.institutions(), enrolled):
        made.answer(asking.text(one), 1)
    return made


def every_part(pack: str) -> asking.Message:
    """Write a bill abroad in which every part of a split occurs, both ways."""
    home, scheme = pack.split("-")
    given = {
        "fulamt_ownpay_amt_fen": 100,
        "overlmt_amt_fen": 200,
        "preselfpay_amt_fen": 300,
        "inscp_scp_amt_fen": 400,
    }
    ours = {"chrgitm_lv": "02", "pric_uplmt_amt": "50", "selfpay_prop": "0.2000"}
    lines = [
        line("1", 1000, day=DAY, **given),
        line("2", 10000, day=DAY, **ours),
        line("3", 700, day=DAY, chrgitm_lv="03"),
    ]
    return bill(lines, at=AWAY, insuplc_admdvs=home, insutype=scheme)


@pytest.mark.parametrize("pack", PACKS)
def test_no_step_is_without_an_article(tmp_path: Path, pack: str) -> None:
    """The split, the benefits and the person's share each name where they stand."""
    made = region(tmp_path, pack)
    asked = message("settle", "S1", every_part(pack))
    answer = json.loads(made.answer(asking.text(asked), 1))["data"]
    steps = {step["rule"]: step["article"] for step in answer["setl_proc_info"]}
    assert set(steps) == {
        "care-place-excluded",
        "care-place-over-limit",
        "care-place-upfront",
        "catalogue-excluded",
        "price-limit",
        "class-b-upfront",
        "outpatient-deductible",
        "outpatient-pool",
        "outpatient-person",
    } | ({"large-sum", "large-sum-person"} if answer["hifob_pay_fen"] else set())
    assert "-" not in steps.values()
    assert steps["outpatient-pool"] == "统筹区配置"


SPLIT = {
    "care-place-excluded": "参保地",
    "care-place-over-limit": "参保地",
    "care-place-upfront": "参保地",
    "catalogue-excluded": "",
    "price-limit": "",
    "class-b-upfront": "",
}
"""The steps of a split, and whose catalogue the sentence of a claim names."""
CLAIMS = {
    "420100-310": ("鄂医保发〔2022〕50号 三（一）", "按参保地规定"),
    "511700-390": ("达市医保办发〔2022〕118号 三（一）2", "执行达州市医保支付范围"),
    "440700-310": ("统筹区配置", "-"),
}
"""Where a region says by whose scope it claims; 27号 and 130号 say nothing of it."""


@pytest.mark.parametrize("pack", CLAIMS)
def test_a_claim_goes_by_the_rules_of_home(tmp_path: Path, pack: str) -> None:
    """No step of a claim's split rests on the scope of the care place."""
    made = region(tmp_path, pack)
    data = every_part(pack) | {"manl_reim_rea": "未开通"}
    asked = asking.text(message("claim", "C1", data))
    answer = json.loads(made.answer(asked, 1))["data"]
    steps = {step["rule"]: step for step in answer["setl_proc_info"]}
    article, _ = CLAIMS[pack]
    assert {rule: steps[rule]["article"] for rule in SPLIT} == dict.fromkeys(
        SPLIT, article
    )
    for rule, whose in SPLIT.items():
        assert steps[rule]["zh"].startswith(whose)


def test_what_home_says_itself_of_its_scope_holds_for_a_claim(tmp_path: Path) -> None:
    """省直 claims by the scope of its own notice, not by 50号's on the care place."""
    made = region(tmp_path, "429900-310")
    data = every_part("429900-310") | {"manl_reim_rea": "未开通"}
    asked = asking.text(message("claim", "C1", data))
    answer = json.loads(made.answer(asked, 1))["data"]
    steps = {step["rule"]: step["article"] for step in answer["setl_proc_info"]}
    assert steps["catalogue-excluded"] == "鄂医保发〔2021〕67号 第三条"
    assert steps["price-limit"] == "鄂医保发〔2021〕67号 第三条"
    assert steps["care-place-excluded"] == "鄂医保发〔2021〕67号 第二十四条"


@pytest.mark.parametrize("pack", CLAIMS)
def test_the_text_behind_a_claim_is_that_of_home(tmp_path: Path, pack: str) -> None:
    """What `jiesuan explain` quotes beside a claim's split names home's rules."""
    made = region(tmp_path, pack)
    data = every_part(pack) | {"manl_reim_rea": "未开通"}
    asked = asking.text(message("claim", "C1", data))
    answer = json.loads(made.answer(asked, 1))["data"]
    block = made.persons.get(asking.PERSON).settlements[answer["setl_id"]].block
    found = load_packs().find(*pack.split("-"))
    assert found is not None
    rules = found.on(block.service_day)
    sources = {rules.because(cited(rule, block, rules=rules)[0]) for rule in SPLIT}
    _, says = CLAIMS[pack]
    assert {one is not None and says in one.quote for one in sources} == {True}


def test_a_mirror_tells_the_amounts_of_its_original() -> None:
    """A refund's sentences say what is taken back, without negative amounts."""
    made = trial()
    for one in (*asking.institutions(), asking.enrol("E1")):
        made.answer(asking.text(one), 1)
    settled = message("settle", "S1", bill([line("1", 300000)]))
    first = json.loads(made.answer(asking.text(settled), 1))["data"]
    asked = undo("refund", "R1", "S1")
    answer = json.loads(made.answer(asking.text(asked), 1))["data"]
    was = [step["zh"] for step in first["setl_proc_info"]]
    assert [step["zh"] for step in answer["setl_proc_info"]] == [
        f"冲回：{zh}" for zh in was
    ]
    assert was[0] == "年度起付线2400.00元以内的2400.00元，由个人负担"
    assert answer["setl_proc_info"][0]["out_fen"] == -240000


def test_the_payers_after_the_pool_tell_their_ratios(tmp_path: Path) -> None:
    """大额 and the employer's supplement say what they pay a ratio of."""
    ratios = {"large_sum_ratio": "0.9000", "employer_supplement_ratio": "0.5000"}
    made = trial(tmp_path, large_sum_threshold=290000, **ratios)
    for one in (*asking.institutions(), asking.enrol("E1")):
        made.answer(asking.text(one), 1)
    asked = message("settle", "S1", bill([line("1", 300000)]))
    answer = json.loads(made.answer(asking.text(asked), 1))["data"]
    said = {step["rule"]: step["zh"] for step in answer["setl_proc_info"]}
    assert said["large-sum"] == (
        "年度累计超过2900.00元部分中可报销的100.00元，大额医疗保险支付90%，即90.00元"
    )
    assert said["employer-supplement"] == (
        "政策范围内由个人负担的2510.00元，企业补充医疗保险支付50%，即1255.00元"
    )
