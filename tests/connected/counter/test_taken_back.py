"""What is filed and taken back: the counter's list and the law agree, day by day."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from tests.connected.counter.conftest import CHRONIC, PHARMACY, Site
from tests.connected.counter.visits import Visit

from jiesuan_events.words.instants import BEIJING, plus_years
from jiesuan_services.demo.counter.his import SaidNo, Till

pytestmark = pytest.mark.connected
LOCAL = "M01609"
"""What the region calls its own of the national disease."""
PERSONS = ["P6701", "P6702", "P6703", "P6704", "P6705", "P6706"]


@pytest.fixture(scope="module")
async def admitted(site: Site) -> list[str]:
    """Persons whom nobody else treats."""
    await site.admit(PERSONS)
    return PERSONS


def filed(
    till: Till, psn_no: str, *, begin: date, disease: str = CHRONIC["dise_codg"]
) -> str:
    """File a chronic disease from a day on; return the number of the declaration."""
    data = {"psn_no": psn_no, "insutype": "310", "begndate": begin.isoformat()}
    data["opsp_dise_code"] = disease
    said = till.call("2503", {"data": data})
    return said["result"]["trt_dcla_detl_sn"]  # type: ignore[no-any-return]


def shown(till: Till, psn_no: str) -> list[dict[str, Any]]:
    """Return what 5301 lists."""
    return till.call("5301", {"data": {"psn_no": psn_no}})["feedetail"]  # type: ignore[no-any-return]


def is_paid(till: Till, psn_no: str) -> bool:
    """Whether the law pays chronic care today."""
    now = datetime.now(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
    asked = {"psn_no": psn_no, "insutype": "310", "begntime": now, **CHRONIC}
    (row,) = till.call("2001", {"data": asked})["trtinfo"]
    return bool(row["trt_enjymnt_flag"] == "1")


@pytest.mark.parametrize(("person", "ago"), [(0, 0), (1, 1)])
def test_what_is_taken_back_ends_the_day_before_but_not_before_it_began(
    site: Site, admitted: list[str], person: int, ago: int
) -> None:
    """Taken back on its first day it holds that day, and is listed as ending with it;
    taken back later it is neither paid nor listed from that day on."""
    till, psn_no = site.till(), admitted[person]
    today = datetime.now(BEIJING).date()
    number = filed(till, psn_no, begin=today - timedelta(days=ago))
    assert (len(shown(till, psn_no)), is_paid(till, psn_no)) == (1, True)
    till.call("2504", {"data": {"psn_no": psn_no, "trt_dcla_detl_sn": number}})
    listed = shown(till, psn_no)
    assert [row["enddate"] for row in listed] == [str(today)] * (ago == 0)
    assert is_paid(till, psn_no) == bool(listed)


def test_what_is_filed_anew_from_a_later_day_leaves_today_as_it_is(
    site: Site, admitted: list[str]
) -> None:
    """A re-verification that begins tomorrow hides nothing of what holds today."""
    till, psn_no = site.till(), admitted[2]
    today = datetime.now(BEIJING).date()
    filed(till, psn_no, begin=today - timedelta(days=9))
    filed(till, psn_no, begin=today + timedelta(days=1))
    (row,) = shown(till, psn_no)
    assert (row["begndate"], is_paid(till, psn_no)) == (
        str(today - timedelta(days=9)),
        True,
    )


def test_an_end_under_the_national_code_reaches_the_local_one(
    site: Site, admitted: list[str]
) -> None:
    """The disease is one, whichever code it was filed under: neither is listed then."""
    till, psn_no = site.till(), admitted[3]
    begin = datetime.now(BEIJING).date() - timedelta(days=9)
    filed(till, psn_no, begin=begin, disease=LOCAL)
    number = filed(till, psn_no, begin=begin)
    assert [row["opsp_dise_code"] for row in shown(till, psn_no)] == [
        CHRONIC["dise_codg"],
        LOCAL,
    ]
    till.call("2504", {"data": {"psn_no": psn_no, "trt_dcla_detl_sn": number}})
    assert (shown(till, psn_no), is_paid(till, psn_no)) == ([], False)


def test_what_is_due_again_is_neither_paid_nor_listed(
    site: Site, admitted: list[str]
) -> None:
    """Five years after it began it holds no more, also where it began before the pack;
    verified again from today it does, until five years from today."""
    till, psn_no = site.till(), admitted[4]
    today = datetime.now(BEIJING).date()
    filed(till, psn_no, begin=date(2020, 1, 1))
    assert (shown(till, psn_no), is_paid(till, psn_no)) == ([], False)
    filed(till, psn_no, begin=today)
    (row,) = shown(till, psn_no)
    last = plus_years(today, 5) - timedelta(days=1)
    assert (row["begndate"], row["enddate"]) == (str(today), str(last))
    assert is_paid(till, psn_no)


def test_a_year_without_treatment_ends_what_is_listed(
    site: Site, admitted: list[str]
) -> None:
    """A year after the last treatment, under either code of the disease, nothing is
    paid or listed; when that treatment is taken back, no such clock runs."""
    till, psn_no = site.till(), admitted[5]
    today = datetime.now(BEIJING).date()
    begin, treated = today - timedelta(days=420), today - timedelta(days=400)
    filed(till, psn_no, begin=begin, disease=LOCAL)
    assert (len(shown(till, psn_no)), is_paid(till, psn_no)) == (1, True)
    visit = Visit(till, psn_no).open(**CHRONIC)
    visit.upload(visit.line(fee_ocur_time=f"{treated} 08:50:00"))
    setl_id = visit.settle(med_type="14")["setl_id"]
    assert (shown(till, psn_no), is_paid(till, psn_no)) == ([], False)
    visit.refund(setl_id)
    (row,) = shown(till, psn_no)
    assert row["enddate"] == str(plus_years(begin, 5) - timedelta(days=1))
    assert is_paid(till, psn_no)


def test_a_pharmacy_files_no_diagnosis(site: Site) -> None:
    """2503 is of whoever may diagnose: at a pharmacy it is refused, with who may."""
    data = {"psn_no": "P1", "insutype": "310", "opsp_dise_code": "M01600"}
    data |= {"begndate": "2022-01-01"}
    with pytest.raises(SaidNo, match=r"2503.*仅限定点医疗机构使用"):
        site.till(code=PHARMACY).call("2503", {"data": data})
