"""What is registered for places of care: edges of a day, and what is told and kept."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.domain import asking
from tests.domain.asking import Message, line, message, settle
from tests.domain.overlays import trial, write_overlay
from tests.domain.refusal_cases import (
    ENROLLED,
    Case,
    ExpectedRefusal,
    bill,
    last,
    refusal,
    start,
)

from jiesuan_services.clerk.trial import Trial
from jiesuan_services.runtime.packs import load_packs

PERSON: dict[str, Any] = {"psn_no": asking.PERSON, "insutype": "310"}
SHANGHAI = {"rloc_admdvs": "310000"}
HOSPITALS = (asking.PRIMARY, asking.SECONDARY, asking.TERTIARY)


def choose(
    code: str, begin: str, *, end: str | None = None, disease: str | None = None
) -> Message:
    """Choose an institution from a day on."""
    data = PERSON | {"fixmedins_code": code, "begndate": begin}
    data |= {} if end is None else {"enddate": end}
    data |= {} if disease is None else {"opsp_dise_code": disease}
    return message("designate", f"D-{code}-{begin}-{disease}", data)


def leave(code: str, end: str, *, disease: str | None = None) -> Message:
    """End a choice of institution, and say why."""
    data = PERSON | {"fixmedins_code": code, "enddate": end, "memo": "迁居"}
    data |= {} if disease is None else {"opsp_dise_code": disease}
    return message("undesignate", f"U-{code}-{end}", data)


def filed(id_: str, **more: Any) -> Message:
    """File care in Shanghai."""
    begin = {"filing_type": "other-temporary", "begndate": "2022-01-01"}
    return message("file", id_, PERSON | SHANGHAI | begin | more)


def away(day: str) -> Message:
    """Settle a bill in Shanghai on a day."""
    return bill(line("1", 1, day=day), at=asking.AWAY)


PLACES: dict[str, Case] = {
    "a referral by nobody listed": (
        {"referral_institutions": [asking.PRIMARY]},
        (ENROLLED, filed("F1", filing_type="referred")),
        ExpectedRefusal(
            "malformed",
            "报文字段data.refl_fixmedins_code有误："
            "异地转诊备案应填参保地公布的转诊机构编号，请更正后重新发送。",
            {
                "path": "data.refl_fixmedins_code",
                "reason": "not one of the institutions that may refer",
            },
        ),
    ),
    "an agency of another region": (
        {},
        (ENROLLED, {**filed("F1"), "source": "/agency/420100"}),
        ExpectedRefusal(
            "malformed",
            "报文字段source有误：该经办机构不办理参保地湖北省省直（429900）的业务，"
            "请更正后重新发送。",
            {
                "path": "source",
                "reason": "the agency does not act for the region of enrolment",
            },
        ),
    ),
    "nothing to unfile": (
        {},
        (
            ENROLLED,
            message("unfile", "U1", PERSON | SHANGHAI | {"enddate": "2022-02-01"}),
        ),
        ExpectedRefusal(
            "no-filing",
            "参保人没有就医地为上海市（310000）的异地就医备案，"
            "无可取消，请核对就医地和险种。",
            {"rloc_admdvs": "310000"},
        ),
    ),
    "no choice to end": (
        {},
        (
            ENROLLED,
            choose(asking.SECONDARY, "2022-01-01"),
            choose(asking.TERTIARY, "2022-01-01", disease="M00500"),
            leave(asking.PRIMARY, "2022-02-01"),
        ),
        ExpectedRefusal(
            "institution-not-designated",
            "参保人没有选定该机构，无可取消，请核对机构编号、病种和险种。",
            {"designated": [asking.SECONDARY]},
        ),
    ),
}


@pytest.mark.parametrize("case", PLACES)
def test_a_refusal_says_what_is_wrong_to_the_letter(case: str, tmp_path: Path) -> None:
    """The first reason is the code, the sentence and the particulars of the table."""
    found, expected = refusal(tmp_path, PLACES[case])
    assert found == expected


@pytest.mark.parametrize(
    ("parameter", "value", "asked"),
    [
        (
            "referral_institutions",
            [asking.PRIMARY],
            filed("F1", filing_type="referred"),
        ),
        ("designation_limit", 1, choose(asking.PRIMARY, "2022-01-01")),
    ],
)
def test_a_day_that_its_parameter_left_open_is_named(
    parameter: str, value: Any, asked: Message, tmp_path: Path
) -> None:
    """What a region says from a later day on is asked for before, not passed over."""
    write_overlay(tmp_path, {parameter: value})
    (path,) = tmp_path.glob("*.yaml")
    path.write_text(path.read_text().replace("2022-01-01", "2022-06-01"))
    made = Trial(load_packs(tmp_path))
    expected = last(made, *asking.institutions(), ENROLLED, asked)["refusals"]
    assert [one["details"] for one in expected] == [
        {"parameter": parameter, "on": "2022-01-01"}
    ]


@pytest.mark.parametrize(
    ("end", "begins", "outcome"),
    [
        ("2022-05-31", "2022-06-01", "decided"),
        ("2022-06-01", "2022-06-01", "refused"),
        (None, "2022-06-01", "refused"),
    ],
)
def test_choices_meet_on_the_last_day_of_the_earlier(
    end: str | None, begins: str, outcome: str, tmp_path: Path
) -> None:
    """A choice in force on the first day of a later one counts beside it."""
    made = start(tmp_path, {"designation_limit": 1})
    later = choose(asking.PRIMARY, begins)
    earlier = choose(asking.SECONDARY, "2022-01-01", end=end)
    assert last(made, ENROLLED, later, earlier)["outcome"] == outcome
    if outcome == "refused":
        expected = last(made, earlier)["refusals"][0]["details"]
        assert expected == {"limit": 1, "designated": [asking.PRIMARY]}


def test_the_day_on_which_a_choice_meets_most_is_told(tmp_path: Path) -> None:
    """Of several days the one with most others counts, not the one named last."""
    made = start(tmp_path, {"designation_limit": 2})
    first, second, third = HOSPITALS
    chosen = (
        choose(first, "2022-02-01", end="2022-02-28"),
        choose(second, "2022-02-01", end="2022-02-28"),
        choose(third, "2022-03-01", end="2022-03-31"),
        choose(asking.MINISTRY, "2022-01-01"),
    )
    expected = last(made, ENROLLED, *chosen)["refusals"][0]["details"]
    assert expected == {"limit": 2, "designated": sorted((first, second))}


def test_a_choice_ends_on_the_day_of_a_move(tmp_path: Path) -> None:
    """On the first day in another region the choice of before counts no more."""
    made = start(tmp_path, {"designation_required": True})
    moved = asking.enrol("E2", begndate="2022-06-01", insuplc_admdvs="420100")
    back = asking.enrol("E3", begndate="2022-07-01")
    last(made, ENROLLED, choose(asking.PRIMARY, "2022-01-01"), moved, back)
    again = last(made, settle("S1", 1, day="2022-07-01"))["refusals"][0]
    assert again["code"] == "institution-not-designated"
    assert last(made, settle("S2", 1, day="2022-05-31"))["outcome"] == "decided"


def test_a_choice_does_not_count_on_the_day_of_a_move(tmp_path: Path) -> None:
    """The first day in another region that wants a choice finds none."""
    made = trial(tmp_path, pack="420100-310", designation_required=True)
    moved = asking.enrol("E2", begndate="2022-06-01", insuplc_admdvs="420100")
    asked = settle("S1", 1, day="2022-06-01", insuplc_admdvs="420100")
    so_far = (*asking.institutions(), ENROLLED, choose(asking.PRIMARY, "2022-01-01"))
    expected = last(made, *so_far, moved, asked)["refusals"]
    assert "institution-not-designated" in [one["code"] for one in expected]


def stay(visit: str, end: str) -> tuple[Message, Message]:
    """Stay in hospital in Shanghai from 1 March to a day."""
    data = {"psn_no": asking.PERSON, "fixmedins_code": asking.AWAY, "mdtrt_id": visit}
    began = {"begntime": "2022-03-01T08:00:00+08:00"}
    ended = {"endtime": f"{end}T08:00:00+08:00"}
    return (
        message("admit", f"A-{visit}", data | began),
        message("discharge", f"B-{visit}", data | ended),
    )


@pytest.mark.parametrize(
    "stays",
    [(*stay("V1", "2022-03-05"), *stay("V2", "2022-03-09")), stay("V3", "2022-03-05")],
)
def test_the_day_of_discharge_is_that_of_the_visit_or_of_the_stay_around_it(
    stays: tuple[Message, ...], tmp_path: Path
) -> None:
    """A visit's own stay goes first; else one that began on the service day does."""
    settings = {"inpatient_deductible": 0, "inpatient_ratio": "0.8000"}
    made = start(tmp_path, settings)
    short = filed("F1", begndate="2022-03-05", enddate="2022-03-06")
    asked = bill(line("1", 100), at=asking.AWAY, care="21", mdtrt_id="V1")
    assert last(made, ENROLLED, short, *stays, asked)["outcome"] == "decided"


def test_what_ends_a_registration_keeps_what_was_said() -> None:
    """The facts of an ended filing and choice carry the memo and the disease."""
    kept: list[bytes] = []
    made = Trial(
        load_packs(), keep=lambda _log, record, *, time: kept.append(record.value)
    )
    chosen = choose(asking.PRIMARY, "2022-01-01", disease="M00500")
    ended = leave(asking.PRIMARY, "2022-02-01", disease="M00500")
    data = PERSON | SHANGHAI | {"enddate": "2022-02-01", "memo": "返回"}
    unfiled = message("unfile", "U1", data)
    asked = (ENROLLED, filed("F1"), chosen, ended, unfiled)
    for one in (*asking.institutions(), *asked):
        made.answer(asking.text(one), 1)
    facts = [orjson.loads(one) for one in kept]
    expected = {one["request_id"]: one for one in facts if "request_id" in one}
    assert expected["U1"]["memo"] == "返回"
    assert expected[ended["id"]]["memo"] == "迁居"
    assert expected[ended["id"]]["opsp_dise_code"] == "M00500"


@pytest.mark.parametrize(
    ("filings", "ended"),
    [
        ((filed("F1", enddate="2022-01-01"),), "2022-01-01"),
        (
            (
                filed("F1", enddate="2022-02-15"),
                filed("F2", enddate="2022-02-10", begndate="2022-02-01"),
            ),
            "2022-02-15",
        ),
    ],
)
def test_the_filing_that_ended_last_is_told(
    filings: tuple[Message, ...], ended: str
) -> None:
    """A filing of one day ended on it; of several the latest end is told."""
    expected = last(start(Path(), {}), ENROLLED, *filings, away("2022-03-01"))
    (no,) = [one for one in expected["refusals"] if one["code"] == "no-filing"]
    assert (no["details"]["ended"], no["details"]["reason"]) == (ended, "expired")


def test_a_day_without_a_policy_has_one_sentence() -> None:
    """An expired policy is told once, whatever else the day lacks (F21)."""
    made = trial()
    expired = line("1", 1000, day="2027-01-05", chrgitm_lv="02")
    expected = last(made, *asking.institutions(), ENROLLED, bill(expired))["refusals"]
    assert [one["message"] for one in expected] == [
        "参保地2027-01-05没有生效的待遇政策，请联系参保地经办机构配置后重试。"
    ]
