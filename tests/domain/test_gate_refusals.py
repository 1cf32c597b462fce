"""What the gates tell whom they refuse, to the letter (contracts §4)."""

from pathlib import Path

import pytest
from tests.domain import asking
from tests.domain.asking import Message, line, message, settle
from tests.domain.refusal_cases import (
    CHRONIC,
    DAY,
    ELSEWHERE,
    ENROLLED,
    ONE_HOSPITAL,
    OUTPATIENT,
    QUALIFIED,
    Case,
    ExpectedRefusal,
    bill,
    refusal,
)

NOT_OPENED = (
    "该机构未开通此项跨省直接结算，不能改按其他类别结算，请自费后回参保地手工报销。"
)
NOT_QUALIFIED = (
    "参保人没有门诊慢特病恶性肿瘤门诊治疗（M00500）的有效待遇资格，"
    "请先到参保地办理资格认定备案。"
)
NO_PRESCRIPTION = "药店结算须有定点医疗机构的处方，请补充{}后重新发送。"
NUMBER, PRESCRIBER = "处方号（rxno）", "处方机构编号（rxfixmedins_code）"


def pharmacy(*without: str) -> Message:
    """Buy at a pharmacy and leave fields of the prescription out."""
    asked = bill(line("1", 1), at=asking.PHARMACY, care="41")
    for name in without:
        del asked["data"][name]
    return asked


def self_prescribed(*without: str) -> Message:
    """Buy at a pharmacy that prescribed for itself, and leave fields out."""
    asked = pharmacy(*without)
    asked["data"]["rxfixmedins_code"] = asking.PHARMACY
    return asked


STANDING: dict[str, Case] = {
    "an unknown institution": (
        {},
        (ENROLLED, settle("S1", 1, at="H42010099999")),
        ExpectedRefusal(
            "unknown-institution",
            "该定点医药机构尚未登记，请联系医保经办机构登记后重试。",
            {},
        ),
    ),
    "a region that is not the institution's": (
        {},
        (ENROLLED, settle("S1", 1, mdtrtarea_admvs="420500")),
        ExpectedRefusal(
            "malformed",
            "报文字段data.mdtrtarea_admvs有误：与机构所在区划不一致，请更正后重新发送。",
            {
                "path": "data.mdtrtarea_admvs",
                "reason": "region is not the institution's",
            },
        ),
    ),
    "41 in a hospital": (
        {},
        (ENROLLED, settle("S1", 1, care="41")),
        ExpectedRefusal(
            "malformed",
            "报文字段data.med_type有误：药店购药仅限定点零售药店使用，请更正后重新发送。",
            {"path": "data.med_type", "reason": "41 is for pharmacies only"},
        ),
    ),
    "an emergency at a pharmacy": (
        {},
        (ENROLLED, settle("S1", 1, at=asking.PHARMACY, care="13")),
        ExpectedRefusal(
            "malformed",
            "报文字段data.med_type有误：定点零售药店只能结算药店购药和门诊慢特病，"
            "请更正后重新发送。",
            {"path": "data.med_type", "reason": "pharmacies settle 14 and 41 only"},
        ),
    ),
    "an injury that somebody else pays": (
        {},
        (ENROLLED, settle("S1", 1, trum_flag="1", rel_ttp_flag="1")),
        ExpectedRefusal(
            "third-party-liable",
            "外伤费用应由第三方负担，不纳入医保基金支付，"
            "请向责任方索赔；没有第三方责任的，请更正标志后重新发送。",
            {},
        ),
    ),
    "an institution that was not chosen": (
        {"designation_required": True},
        (ENROLLED, settle("S1", 1)),
        ExpectedRefusal(
            "institution-not-designated",
            "参保人没有选定该机构，请先到参保地办理定点备案，再到选定的机构就医。",
            {"designated": []},
        ),
    ),
    "nobody enrolled": (
        {},
        (settle("S1", 1),),
        ExpectedRefusal(
            "not-enrolled",
            "参保人费用发生当日在参保地湖北省省直（429900）没有该险种的有效参保，请核对参保地和险种。",
            {"insuplc_admdvs": "429900"},
        ),
    ),
    "an enrolment suspended": (
        {},
        (asking.enrol("E1", psn_insu_stas="2"), settle("S1", 1)),
        ExpectedRefusal(
            "enrolment-suspended",
            "参保人费用发生当日在参保地湖北省省直（429900）处于暂停参保状态，"
            "请到参保地经办机构恢复参保后再结算。",
            {"insuplc_admdvs": "429900"},
        ),
    ),
    "a day before the policy": (
        {},
        (ENROLLED, settle("S1", 1, day="2021-12-31")),
        ExpectedRefusal(
            "policy-not-in-force",
            "参保地2021-12-31没有生效的待遇政策，请联系参保地经办机构配置后重试。",
            {"parameter": None, "on": "2021-12-31"},
        ),
    ),
    "a region without a local area": (
        {"pack": "999900-310", "outpatient_ratio": "0.5000"},
        (asking.enrol("E1", **ELSEWHERE), settle("S1", 1, **ELSEWHERE)),
        ExpectedRefusal(
            "policy-not-in-force",
            "参保地2022-03-01没有配置“本地区划”，请联系参保地经办机构配置后重试。",
            {"parameter": "local_area", "on": DAY},
        ),
    ),
    "a region that does not say whether it wants a filing": (
        OUTPATIENT,
        (
            asking.enrol("E1", **ELSEWHERE),
            settle("S1", 1, at=asking.AWAY, **ELSEWHERE),
        ),
        ExpectedRefusal(
            "policy-not-in-force",
            "参保地2022-03-01没有配置“是否要求异地就医备案”，"
            "请联系参保地经办机构配置后重试。",
            {"parameter": "filing_required", "on": DAY},
        ),
    ),
}
GATES: dict[str, Case] = {
    "a stay in hospital": (
        {},
        (
            ENROLLED,
            message(
                "admit",
                "A1",
                ONE_HOSPITAL
                | {"mdtrt_id": "Z1", "begntime": "2022-03-01T08:00:00+08:00"},
            ),
            settle("S1", 1),
        ),
        ExpectedRefusal(
            "inpatient-stay",
            "费用发生在测试机构01（H42010090001）的住院期间（2022-03-01入院），"
            "不能享受门诊待遇，请并入住院费用结算。",
            {"mdtrt_id": "Z1"},
        ),
    ),
    "a disease never recognised": (
        {},
        (ENROLLED, settle("S1", 1, **CHRONIC)),
        ExpectedRefusal(
            "not-qualified", NOT_QUALIFIED, {"opsp_dise_code": "M00500", "since": None}
        ),
    ),
    "a disease no longer recognised": (
        {},
        (
            ENROLLED,
            QUALIFIED,
            message(
                "disqualify",
                "D1",
                {
                    "psn_no": asking.PERSON,
                    "insutype": "310",
                    "opsp_dise_code": "M00500",
                    "enddate": "2022-02-01",
                },
            ),
            settle("S1", 1, **CHRONIC),
        ),
        ExpectedRefusal(
            "not-qualified",
            "参保人门诊慢特病恶性肿瘤门诊治疗（M00500）的待遇资格已取消，"
            "只到2022-02-01有效，请先到参保地办理资格认定备案。",
            {"opsp_dise_code": "M00500", "since": "2022-02-01"},
        ),
    ),
    "a verification due": (
        {},
        (
            ENROLLED,
            asking.qualify("Q1", "M00500", "2020-01-01", enddate="2022-02-28"),
            settle("S1", 1, **CHRONIC),
        ),
        ExpectedRefusal(
            "reverification-required",
            "门诊慢特病恶性肿瘤门诊治疗（M00500）的备案已到期，自2022-03-01起需重新核验，"
            "请到二级及以上定点医疗机构核验后再结算。",
            {"opsp_dise_code": "M00500", "since": DAY, "reason": "expired"},
        ),
    ),
    "five years enjoyed": (
        {},
        (
            ENROLLED,
            asking.qualify("Q1", "M00500", "2017-03-01"),
            settle("S1", 1, **CHRONIC),
        ),
        ExpectedRefusal(
            "reverification-required",
            "门诊慢特病恶性肿瘤门诊治疗（M00500）享受待遇已满5年，"
            "自2022-03-01起需重新核验，请到二级及以上定点医疗机构核验后再结算。",
            {"opsp_dise_code": "M00500", "since": DAY, "reason": "enjoyed"},
        ),
    ),
    "a year without treatment": (
        {},
        (
            ENROLLED,
            QUALIFIED,
            settle("S1", 1, day="2022-02-01", **CHRONIC),
            settle("S2", 1, day="2023-02-01", **CHRONIC),
        ),
        ExpectedRefusal(
            "reverification-required",
            "门诊慢特病恶性肿瘤门诊治疗（M00500）中断治疗已满1年，"
            "自2023-02-01起需重新核验，请到二级及以上定点医疗机构核验后再结算。",
            {
                "opsp_dise_code": "M00500",
                "since": "2023-02-01",
                "reason": "interrupted",
            },
        ),
    ),
    "no filing": (
        {},
        (ENROLLED, settle("S1", 1, at=asking.AWAY)),
        ExpectedRefusal(
            "no-filing",
            "参保人没有覆盖就医地上海市310100的异地就医备案，"
            "请先在参保地办理异地就医备案，或自费后回参保地手工报销。",
            {"mdtrtarea_admvs": "310100"},
        ),
    ),
    "a disease not settled across provinces": (
        {},
        (
            ENROLLED,
            asking.file_away("F1"),
            asking.qualify("Q1", "M02101", "2022-01-01"),
            settle("S1", 1, at=asking.AWAY, care="14", dise_codg="M02101"),
        ),
        ExpectedRefusal(
            "disease-not-in-list",
            "病种重性精神病人药物维持治疗（M02101）不在跨省直接结算范围内，不能按普通门诊结算，"
            "请自费后回参保地手工报销。",
            {"dise_codg": "M02101"},
        ),
    ),
    "an institution that has not opened ordinary care": (
        {},
        (ENROLLED, asking.file_away("F1"), settle("S1", 1, at=asking.CLOSED_AWAY)),
        ExpectedRefusal(
            "institution-not-opened",
            NOT_OPENED,
            {"fixmedins_code": asking.CLOSED_AWAY, "dise_codg": None},
        ),
    ),
    "an institution that has not opened the disease": (
        {},
        (
            ENROLLED,
            asking.file_away("F1"),
            QUALIFIED,
            settle("S1", 1, at=asking.CLOSED_AWAY, **CHRONIC),
        ),
        ExpectedRefusal(
            "institution-not-opened",
            NOT_OPENED,
            {"fixmedins_code": asking.CLOSED_AWAY, "dise_codg": "M00500"},
        ),
    ),
    "a prescription without a number": (
        {},
        (ENROLLED, pharmacy("rxno")),
        ExpectedRefusal(
            "prescription-required",
            NO_PRESCRIPTION.format(NUMBER),
            {"missing": ["rxno"]},
        ),
    ),
    "a prescription of nobody": (
        {},
        (ENROLLED, pharmacy("rxfixmedins_code")),
        ExpectedRefusal(
            "prescription-required",
            NO_PRESCRIPTION.format(PRESCRIBER),
            {"missing": ["rxfixmedins_code"]},
        ),
    ),
    "no prescription": (
        {},
        (ENROLLED, pharmacy("rxno", "rxfixmedins_code")),
        ExpectedRefusal(
            "prescription-required",
            NO_PRESCRIPTION.format(f"{NUMBER}和{PRESCRIBER}"),
            {"missing": ["rxno", "rxfixmedins_code"]},
        ),
    ),
    "a prescription of a pharmacy, without a number": (
        {},
        (ENROLLED, self_prescribed("rxno")),
        ExpectedRefusal(
            "prescription-required",
            "药店结算须有定点医疗机构的处方，零售药店不能作为处方机构，"
            "请填写开具处方的医疗机构编号（rxfixmedins_code）"
            "和处方号（rxno）后重新发送。",
            {"missing": ["rxno"]},
        ),
    ),
    "a prescription of a pharmacy": (
        {},
        (ENROLLED, self_prescribed()),
        ExpectedRefusal(
            "prescription-required",
            "药店结算须有定点医疗机构的处方，零售药店不能作为处方机构，"
            "请填写开具处方的医疗机构编号（rxfixmedins_code）后重新发送。",
            {"missing": []},
        ),
    ),
    "a large-sum ratio that is not configured": (
        {},
        (
            ENROLLED,
            QUALIFIED,
            asking.inpatient("I1", "2022", 24_000_000),
            settle("S1", 100, **CHRONIC),
        ),
        ExpectedRefusal(
            "large-sum-ratio-not-configured",
            "年度累计超过大额起付额部分中可报销的1.00元应由大额医疗保险按比例支付，"
            "但参保地尚未配置支付比例，请联系参保地经办机构配置后重试。",
            {"crossing_fen": 100},
        ),
    ),
}
CASES = STANDING | GATES


@pytest.mark.parametrize("case", CASES)
def test_a_refusal_says_what_is_wrong_to_the_letter(case: str, tmp_path: Path) -> None:
    """The first reason is the code, the sentence and the particulars of the table."""
    found, expected = refusal(tmp_path, CASES[case])
    assert found == expected
