"""Whose list a disease is not on is told to the letter, beside what else is wrong."""

from pathlib import Path

import pytest
from tests.domain import asking
from tests.domain.asking import Message, settle
from tests.domain.refusal_cases import ELSEWHERE, ENROLLED, last, start

CANCER, ANAEMIA = "恶性肿瘤门诊治疗（M00500）", "M02101"
CASES: dict[str, tuple[tuple[Message, ...], str, str]] = {
    "not the region's": (
        (settle("S1", 1, care="14", dise_codg="M99999"),),
        "M99999",
        "费用发生当日参保地没有门诊慢特病病种M99999，不能按门诊慢特病结算，"
        "请核对病种编码，或向参保地医保经办机构咨询。",
    ),
    "neither of the two": (
        (settle("S1", 1, care="15", dise_codg="M00500"),),
        "M00500",
        f"病种{CANCER}不是高血压或糖尿病，不能按“两病”门诊用药结算，"
        "请核对病种编码或医疗类别。",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_disease_on_no_list_is_told_whose_list_it_is(
    case: str, tmp_path: Path
) -> None:
    """The sentence and the code of the disease, wherever it stands among others."""
    asked, disease, sentence = CASES[case]
    refusals = last(start(tmp_path, {}), ENROLLED, *asked)["refusals"]
    (found,) = (one for one in refusals if one["code"] == "disease-not-in-list")
    assert (found["message"], found["details"]) == (sentence, {"dise_codg": disease})


def test_the_nations_list_is_told_across_provinces(tmp_path: Path) -> None:
    """A disease that the region has and the ten national codes have not."""
    asked = (
        asking.qualify("Q1", ANAEMIA, "2022-01-01"),
        asking.file_away("F1"),
        settle("S1", 1, at=asking.AWAY, care="14", dise_codg=ANAEMIA),
    )
    refusals = last(start(tmp_path, {}), ENROLLED, *asked)["refusals"]
    (found,) = (one for one in refusals if one["code"] == "disease-not-in-list")
    assert found["message"].endswith(
        f"（{ANAEMIA}）不在跨省直接结算范围内，不能按普通门诊结算，"
        "请自费后回参保地手工报销。"
    )


LOCAL = {"M99901": "M03900", "M99902": "M02101", "M99903": "M00500"}


@pytest.mark.parametrize(
    ("care", "disease", "at", "called"),
    [
        ("14", "M99901", asking.PRIMARY, "高血压（M99901）"),
        ("14", "M99902", asking.AWAY, "重性精神病人药物维持治疗（M99902）"),
        ("15", "M99903", asking.PRIMARY, "恶性肿瘤门诊治疗（M99903）"),
    ],
)
def test_a_local_code_on_no_list_is_called_as_its_national_one(
    tmp_path: Path, care: str, *, disease: str, at: str, called: str
) -> None:
    """The refusal has the name that the region's pack knows by its national code."""
    asked = settle("S1", 1, at=at, care=care, dise_codg=disease)
    made = start(tmp_path, {"local_disease_codes": LOCAL})
    refusals = last(made, ENROLLED, asked)["refusals"]
    (found,) = (one for one in refusals if one["code"] == "disease-not-in-list")
    assert called in found["message"]


def test_a_local_code_that_is_not_qualified_is_called_as_its_national_one(
    tmp_path: Path,
) -> None:
    """Without a qualification, too, the sentence has the disease's name."""
    asked = settle("S1", 1, care="14", dise_codg="M00503")
    (refused,) = last(start(tmp_path, {}), ENROLLED, asked)["refusals"]
    assert refused["message"] == (
        "参保人没有门诊慢特病恶性肿瘤门诊治疗（M00503）的有效待遇资格，"
        "请先到参保地办理资格认定备案。"
    )


def test_the_two_where_there_is_no_policy_are_told_that(tmp_path: Path) -> None:
    """A region without a pack has no local codes to look a disease up in."""
    enrolled = asking.enrol("E1", **ELSEWHERE)
    asked = settle("S1", 1, care="15", dise_codg="M00500", **ELSEWHERE)
    refusals = last(start(tmp_path, {}), enrolled, asked)["refusals"]
    assert [one["code"] for one in refusals] == ["policy-not-in-force"]
