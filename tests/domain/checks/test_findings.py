"""Each rule finds what it is for, at its edges, and nothing else."""

from pathlib import Path
from typing import Any

import pytest
from tests.domain import asking
from tests.domain.asking import Message, line, message, settle
from tests.domain.checks.looking import facts_of, found_in, look, packs_with

ENROLLED = asking.enrol("E1")
PILLS = {"prd_days": 30, "cnt": "60", "pric": "1"}


def admit(begin: str, *, visit: str = "Z1") -> Message:
    """Admit the test person to the hospital of the second level."""
    return _stay("admit", visit, begntime=begin)


def discharge(end: str, *, visit: str = "Z1") -> Message:
    """Let the test person leave it."""
    return _stay("discharge", visit, endtime=end)


def _stay(kind: str, visit: str, **time: str) -> Message:
    data = {"psn_no": asking.PERSON, "mdtrt_id": visit}
    at = {"fixmedins_code": asking.SECONDARY}
    when = "".join(time.values()).replace("+", "_")
    return message(kind, f"{kind}-{visit}-{when}", data | at | time)


def bill(id_: str, *, time: str = "2022-03-01T08:50:00+08:00", **more: Any) -> Message:
    """Settle one line of a yuan at a time; a visit of its own."""
    fields = more.pop("line", {})
    one = line("1", more.pop("amount", 100), **fields) | {"fee_ocur_time": time}
    data = asking.bill([one], mdtrt_id=f"V{id_}", **more)
    return message(more.get("kind", "settle"), id_, data)


def pills(id_: str, day: str, **fields: Any) -> Message:
    """Settle an item that is to last for a month."""
    time = f"{day}T08:50:00+08:00"
    return bill(id_, time=time, amount=6000, line={**PILLS, **fields})


def purchase(id_: str, day: str, *, number: str = "RX1") -> Message:
    """Buy at the pharmacy what the hospital of the first level prescribed."""
    asked = settle(id_, 100, day=day, at=asking.PHARMACY, care="41")
    asked["data"] |= {"mdtrt_id": f"V{id_}", "rxno": number}
    return asked


def test_a_stay_registered_later_is_found_over_a_settlement() -> None:
    """From admission until, but not at, discharge; a bill outside is left alone."""
    bills = [
        bill(id_, time=f"2022-03-{time}:00+08:00")
        for id_, time in (
            ("before", "01T08:49"),
            ("first", "01T08:50"),
            ("last", "09T23:59"),
            ("after", "10T08:50"),
        )
    ]
    stay = [admit("2022-03-01T08:50:00+08:00"), discharge("2022-03-10T08:50:00+08:00")]
    rule = "stay-over-settlement"
    assert look(ENROLLED, *bills, *stay) == [
        (rule, "first", None),
        (rule, "last", None),
    ]


def test_a_stay_that_is_corrected_is_found_no_more() -> None:
    """What an admission sent again leaves outside, and a refund, end a finding."""
    start = (ENROLLED, bill("S1"), admit("2022-02-01T00:00:00+08:00"))
    assert look(*start) == [("stay-over-settlement", "S1", None)]
    assert look(*start, admit("2022-04-01T00:00:00+08:00")) == []
    assert look(*start, asking.undo("refund", "R1", "S1")) == []


def test_a_bill_of_before_times_were_kept_is_found_by_its_day() -> None:
    """Where only the service day is known, a whole day within the stay is needed."""
    packs = packs_with(None)
    stay = [admit("2022-03-01T08:50:00+08:00"), discharge("2022-03-03T08:50:00+08:00")]
    days = {"edge": "2022-03-01", "within": "2022-03-02", "end": "2022-03-03"}
    bills = [bill(id_, time=f"{day}T08:51:00+08:00") for id_, day in days.items()]
    facts = facts_of((ENROLLED, *bills, *stay), packs)
    old = [_without_times(fact) for fact in facts]
    found = [one.settlement_id for one in found_in(old, packs)]
    ids = {fact.sender_settlement_id: fact.settlement_id for fact in old[1:4]}
    assert found == [ids["within"]]


def _without_times(fact: Any) -> Any:
    from msgspec.structs import replace

    return replace(fact, incurred_at=None) if hasattr(fact, "incurred_at") else fact


@pytest.mark.parametrize(
    "later",
    [
        pytest.param({"begndate": "2020-01-01", "enddate": "2022-02-28"}, id="ended"),
        pytest.param({"begndate": "2022-03-01", "psn_insu_stas": "4"}, id="over"),
        pytest.param({"begndate": "2022-03-01", "psn_insu_stas": "2"}, id="suspended"),
        pytest.param(
            {"begndate": "2022-03-01", "insuplc_admdvs": "420100"}, id="moved"
        ),
    ],
)
def test_an_enrolment_that_turns_out_over_is_found(later: dict[str, str]) -> None:
    """A bill of a day on which, as is known now, the person was not insured there."""
    before = bill("before", time="2022-02-28T08:50:00+08:00")
    found = look(ENROLLED, before, bill("S1"), asking.enrol("E2", **later))
    assert found == [("enrolment-over-settlement", "S1", None)]


def test_a_qualification_ended_for_the_past_is_found() -> None:
    """Chronic care after its last day is found, under a local code as well."""
    more = {"care": "14", "dise_codg": "M07801"}
    bills = [
        bill(f"S{day}", time=f"2022-03-{day}T08:50:00+08:00", **more)
        for day in ("01", "02")
    ]
    data = {"psn_no": asking.PERSON, "insutype": "310", "opsp_dise_code": "M07801"}
    ended = message("disqualify", "D1", data | {"enddate": "2022-03-01"})
    qualified = asking.qualify("Q1", "M07803", "2022-01-01")
    found = look(ENROLLED, qualified, *bills, ended)
    assert found == [("qualification-over-settlement", "S02", None)]


@pytest.mark.parametrize(("minutes", "is_found"), [(14, True), (15, False)])
def test_two_places_within_a_quarter_of_an_hour(minutes: int, is_found: bool) -> None:
    """Fourteen minutes apart in two institutions are found, fifteen are not."""
    other = bill(
        "S2", time=f"2022-03-01T09:{minutes - 10:02}:00+08:00", at=asking.SECONDARY
    )
    found = look(ENROLLED, bill("S1"), other)
    assert found == ([("same-time-elsewhere", "S2", "S1")] if is_found else [])


def test_a_pharmacy_that_sells_what_was_prescribed_is_no_second_place() -> None:
    """A purchase minutes after the visit that prescribed it is as it should be."""
    at_once = purchase("S2", "2022-03-01")
    assert look(ENROLLED, bill("S1"), at_once) == []
    other = look(ENROLLED, bill("S1", at=asking.SECONDARY), at_once)
    assert other == [("same-time-elsewhere", "S2", "S1")]


def test_one_prescription_is_sold_once() -> None:
    """The same number of the same institution in a second visit, within 92 days."""
    rule = "prescription-settled-twice"
    first, second = purchase("S1", "2022-03-01"), purchase("S2", "2022-06-01")
    assert look(ENROLLED, first, second) == [(rule, "S2", "S1")]
    assert look(ENROLLED, first, purchase("S2", "2022-06-02")) == []
    assert look(ENROLLED, first, purchase("S2", "2022-03-09", number="RX2")) == []


def test_the_same_bill_twice() -> None:
    """The same items, amounts, place and time; else it is another bill."""
    rule = "same-bill-twice"
    assert look(ENROLLED, bill("S1"), bill("S2")) == [(rule, "S2", "S1")]
    assert look(ENROLLED, bill("S1"), bill("S2", amount=101)) == []
    in_other_words = bill("S2", time="2022-03-01T00:50:00.000Z")
    assert look(ENROLLED, bill("S1"), in_other_words) == [(rule, "S2", "S1")]
    later = bill("S2", time="2022-03-01T08:51:00+08:00")
    assert look(ENROLLED, bill("S1"), later) == []


def test_of_many_equal_bills_each_names_the_one_before() -> None:
    """Five equal bills are four findings, not ten; one taken back closes the row."""
    rule, bills = "same-bill-twice", [bill(f"S{n}") for n in range(5)]
    assert look(ENROLLED, *bills) == [(rule, f"S{n}", f"S{n - 1}") for n in range(1, 5)]
    undone = asking.undo("gap-refund", "G1", "S2")
    pairs = [(rule, "S1", "S0"), (rule, "S3", "S1"), (rule, "S4", "S3")]
    assert look(ENROLLED, *bills, undone) == pairs


def test_a_stay_that_counts_twice_towards_the_large_sum() -> None:
    """The same amount of one visit reported twice; taken back once it counts once."""
    twice = [asking.inpatient(f"I{n}", "2022", 500) for n in (1, 2)]
    rule = "visit-reported-twice"
    assert look(ENROLLED, *twice) == [(rule, None, None)]
    assert look(ENROLLED, *twice, asking.inpatient("I3", "2022", -500)) == []
    other = asking.inpatient("I3", "2022", 500, visit="Z2")
    assert look(ENROLLED, twice[0], other) == []


@pytest.mark.parametrize(
    ("rule", "settings", "asked", "is_found"),
    [
        ("item-of-other-sex", {"items_for_one_sex": {"2": ["X1"]}}, bill("S1"), True),
        ("item-of-other-sex", {"items_for_one_sex": {"1": ["X1"]}}, bill("S1"), False),
        ("item-of-younger-age", {"item_youngest_age": {"X1": 45}}, bill("S1"), True),
        ("item-of-younger-age", {"item_youngest_age": {"X1": 44}}, bill("S1"), False),
        ("item-of-older-age", {"item_oldest_age": {"X1": 43}}, bill("S1"), True),
        ("item-of-older-age", {"item_oldest_age": {"X1": 44}}, bill("S1"), False),
        (
            "quantity-beyond-days",
            {"item_most_a_day": {"X1": "1.9999"}},
            pills("S1", "2022-03-01"),
            True,
        ),
        (
            "quantity-beyond-days",
            {"item_most_a_day": {"X1": "2"}},
            pills("S1", "2022-03-01"),
            False,
        ),
        (
            "supply-too-long",
            {"supply_days_limit": {"ordinary": 29}},
            pills("S1", "2022-03-01"),
            True,
        ),
        (
            "supply-too-long",
            {"supply_days_limit": {"ordinary": 30}},
            pills("S1", "2022-03-01"),
            False,
        ),
    ],
)
def test_what_a_region_knows_of_its_items(
    tmp_path: Path, *, rule: str, settings: Any, asked: Message, is_found: bool
) -> None:
    """An item of the other sex, of another age, too much of it, or for too long."""
    enrolled = asking.enrol("E1", gend="1")
    found = look(enrolled, asked, folder=tmp_path, **settings)
    assert found == ([(rule, "S1", None)] if is_found else [])


@pytest.mark.parametrize(
    ("day", "is_found"), [("2022-03-23", True), ("2022-03-24", False)]
)
def test_an_item_dispensed_again_too_early(
    tmp_path: Path, day: str, is_found: bool
) -> None:
    """With more than a week left of a month it is too early, with a week it is not."""
    again = pills("S2", day)
    first = pills("S1", "2022-03-01")
    found = look(ENROLLED, first, again, folder=tmp_path, supply_overlap_days=7)
    assert found == ([("supply-overlaps", "S2", "S1")] if is_found else [])


def test_a_rule_rests_on_a_day_without_a_value() -> None:
    """After the last day that the pack knows nothing is found."""
    time = "2026-12-31T08:50:00+08:00"
    again = [bill(f"S{n}", time=time) for n in (1, 2)]
    assert look(ENROLLED, *again) == [("same-bill-twice", "S2", "S1")]


def test_a_gap_refund_moves_findings_to_what_replaces() -> None:
    """What stood above the target is found under its new id, the target no more."""
    first = bill("S0", time="2022-02-01T08:50:00+08:00")
    start = (ENROLLED, first, bill("S1"), bill("S2", at=asking.SECONDARY))
    assert look(*start) == [("same-time-elsewhere", "S2", "S1")]
    undone = asking.undo("gap-refund", "G1", "S0")
    assert look(*start, undone) == [("same-time-elsewhere", "S2", "S1")]
    assert look(*start, asking.undo("gap-refund", "G1", "S1")) == []
