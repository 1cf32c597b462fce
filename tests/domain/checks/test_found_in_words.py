"""What a finding says: names of law and region beside codes, institutions by code."""

from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.domain import asking
from tests.domain.asking import Message, message
from tests.domain.checks.looking import facts_of, found_in, packs_with
from tests.domain.checks.test_findings import (
    ENROLLED,
    admit,
    bill,
    discharge,
)
from tests.domain.overlays import write_overlay

from jiesuan_ledger.facts import Claimed, Fact
from jiesuan_services.runtime.packs import load_packs


def said(*messages: Message) -> list[str]:
    """Return the sentences of what is found."""
    packs = packs_with(None)
    return [one.zh for one in found_in(facts_of(messages, packs), packs)]


OTHER_TOWN = {"begndate": "2022-03-01", "insuplc_admdvs": "420100"}


@pytest.mark.parametrize(
    ("later", "zh"),
    [
        pytest.param(
            [
                admit("2022-02-28T10:00:00+08:00"),
                discharge("2022-03-02T10:00:00+08:00"),
            ],
            "费用发生于2022-03-01 08:50，参保人当时在机构H42010090002住院"
            "（就诊Z1，2022-02-28 10:00入院，2022-03-02 10:00出院）",
            id="a stay",
        ),
        pytest.param(
            [asking.enrol("E2", begndate="2022-03-01", psn_insu_stas="4")],
            "2022-03-01参保人已没有险种职工基本医疗保险（310）的有效参保",
            id="an enrolment that is over",
        ),
        pytest.param(
            [asking.enrol("E2", begndate="2020-01-01", enddate="2022-02-28")],
            "2022-03-01参保人已没有险种职工基本医疗保险（310）的有效参保",
            id="an enrolment that ended",
        ),
        pytest.param(
            [asking.enrol("E2", **OTHER_TOWN)],
            "2022-03-01参保人的参保地为湖北省武汉市（420100），"
            "不是结算所用的湖北省省直（429900）",
            id="a move",
        ),
        pytest.param(
            [asking.inpatient(f"I{n}", "2022", 500) for n in (1, 2)],
            "住院Z1的5.00元在2022年度报送了不止一次",
            id="a stay reported twice",
        ),
        pytest.param(
            [bill("S2", at=asking.SECONDARY)],
            "2022-03-01 08:50在机构H42010090001、2022-03-01 08:50在机构H42010090002"
            "都有费用，相隔不到15分钟",
            id="two institutions",
        ),
    ],
)
def test_a_finding_says_what_is_wrong(later: list[Message], zh: str) -> None:
    """Schemes and regions have their names; an institution has its code alone."""
    (sentence,) = said(ENROLLED, bill("S1"), *later)
    assert sentence.partition("，请")[0] == zh


@pytest.mark.parametrize(
    ("disease", "called"),
    [
        ("M07801", "慢性肾功能衰竭透析（M07801）"),
        ("M07803", "慢性肾功能衰竭透析（M07803）"),
    ],
)
def test_a_disease_is_called_by_its_name(disease: str, called: str) -> None:
    """A local code has the name of the national one, which the region's pack says."""
    care = bill("S1", care="14", dise_codg=disease)
    qualified = asking.qualify("Q1", disease, "2022-01-01")
    data = {"psn_no": asking.PERSON, "insutype": "310", "opsp_dise_code": disease}
    ended = message("disqualify", "D1", data | {"enddate": "2022-02-28"})
    assert said(ENROLLED, qualified, care, ended) == [
        f"2022-03-01参保人没有门诊慢特病{called}的待遇资格，已于2022-02-28终止，"
        "请追回或更正。"
    ]


def test_a_stay_settled_and_reported_is_found(tmp_path: Path) -> None:
    """It would count twice towards 24万; a report of another stay would not."""
    ratio = {"inpatient_deductible": 100, "inpatient_ratio": "0.8000"}
    write_overlay(tmp_path, ratio)
    packs = load_packs(tmp_path)
    stay = bill("S1", care="21", at=asking.SECONDARY, amount=90_000)
    reports = [
        asking.inpatient("I1", "2022", 500, visit="VS1"),
        asking.inpatient("I2", "2022", 500, visit="Z2"),
    ]
    found = found_in(facts_of((ENROLLED, stay, *reports), packs), packs)
    assert [(one.rule, one.zh) for one in found] == [
        (
            "visit-reported-twice",
            "住院VS1已在机构H42010090002结算，又另行报送，请核实。",
        ),
    ]


def test_a_visit_settled_and_claimed_is_found_in_an_older_ledger() -> None:
    """The gates refuse it today; a ledger from before they did has both."""
    packs = packs_with(None)
    claim = message("claim", "C1", bill("C1")["data"] | {"manl_reim_rea": "未开通"})
    *before, claimed = facts_of((ENROLLED, bill("S1"), claim), packs)
    found = found_in([*before, _of_visit(claimed, "VS1")], packs)
    assert [(one.rule, one.zh) for one in found] == [
        (
            "claimed-and-settled",
            "就诊VS1在机构H42010090001既已直接结算，又办理了手工报销，请核实。",
        ),
    ]


def _of_visit(fact: Fact, visit: str) -> Fact:
    assert isinstance(fact, Claimed)
    return replace(fact, visit_id=visit)
