"""What ends a filing where two things do, how stays prolong it, and what is kept."""

from pathlib import Path
from typing import Any

import pytest
from tests.domain import asking
from tests.domain.asking import Message, message, settle
from tests.domain.refusal_cases import ELSEWHERE, ENROLLED, last, start

PERSON: dict[str, Any] = {"psn_no": asking.PERSON, "insutype": "310"}
PROLONGED = {"temporary_filing_months": 6, "stay_extends_filing": True}


def filed(id_: str, place: str = "310000", **more: Any) -> Message:
    """File temporary care in a place."""
    data = {
        "filing_type": "other-temporary",
        "begndate": "2022-01-01",
        "rloc_admdvs": place,
    }
    return message("file", id_, PERSON | data | more)


def unfiled(place: str, end: str) -> Message:
    """End the filings of a place."""
    return message(
        "unfile", f"U{place}", PERSON | {"rloc_admdvs": place, "enddate": end}
    )


def stay(id_: str, begin: str, end: str) -> list[Message]:
    """Stay in a hospital of Shanghai from a day to another, half past eight."""
    data = {
        "psn_no": asking.PERSON,
        "mdtrt_id": id_,
        "fixmedins_code": asking.AWAY,
    }
    return [
        message("admit", f"A{id_}", data | {"begntime": f"{begin}T08:30:00+08:00"}),
        message("discharge", f"D{id_}", data | {"endtime": f"{end}T08:30:00+08:00"}),
    ]


def why_not(tmp_path: Path, *asked: Message) -> dict[str, Any]:
    """Return the particulars with which care in Shanghai is refused."""
    bill = settle("S1", 100, at=asking.AWAY)
    refusals = last(start(tmp_path, {}), ENROLLED, *asked, bill)["refusals"]
    assert [one["code"] for one in refusals] == ["no-filing"]
    details: dict[str, Any] = refusals[0]["details"]
    return details


def test_what_somebody_did_ended_a_filing_before_its_last_day_did(
    tmp_path: Path,
) -> None:
    """Where an unfiling and the last day fall together, the unfiling is told."""
    day = "2022-01-31"
    details = why_not(tmp_path, filed("F1", enddate=day), unfiled("310000", day))
    assert (details["ended"], details["reason"]) == (day, "unfiled")


def test_of_two_filings_that_ended_on_one_day_the_first_is_told(
    tmp_path: Path,
) -> None:
    """The order is the ledger's, whatever ended them."""
    day = "2022-01-31"
    both = (filed("F1", enddate=day), filed("F2", "310100"), unfiled("310100", day))
    assert why_not(tmp_path, *both)["reason"] == "expired"


@pytest.mark.parametrize(
    "stays",
    [
        stay("Z1", "2022-01-01", "2022-07-20"),
        stay("Z1", "2022-06-30", "2022-07-20"),
        [
            *stay("Z0", "2021-12-01", "2021-12-05"),
            *stay("Z1", "2022-06-01", "2022-07-20"),
        ],
    ],
    ids=["from its first day", "from its last day", "after one before it"],
)
def test_a_stay_that_began_within_a_filing_prolongs_it(
    stays: list[Message], tmp_path: Path
) -> None:
    """A temporary filing lasts to the day of discharge, and no day longer."""
    made = start(tmp_path, PROLONGED)
    last(made, ENROLLED, filed("F1"), *stays)
    covered = settle("S1", 100, at=asking.AWAY, day="2022-07-20")
    assert last(made, covered)["outcome"] == "decided"
    refused = last(made, settle("S2", 100, at=asking.AWAY, day="2022-07-21"))
    assert refused["refusals"][0]["details"]["ended"] == "2022-07-20"


def test_where_no_law_is_known_a_place_is_filed_and_chosen_all_the_same(
    tmp_path: Path,
) -> None:
    """A region without a pack limits neither referrals nor choices."""
    made = start(tmp_path, {})
    last(made, asking.enrol("E1", **ELSEWHERE))
    chosen = PERSON | {"fixmedins_code": asking.PRIMARY, "begndate": "2022-01-01"}
    for asked in (
        filed("F1", filing_type="referred"),
        message("designate", "C1", chosen),
    ):
        assert last(made, asked)["outcome"] == "decided"
