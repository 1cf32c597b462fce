"""5206 of a person who moved: the accumulators of one region, and which one."""

from decimal import Decimal
from typing import Any

import orjson
import pytest
from tests.connected.counter.conftest import Site, message
from tests.connected.counter.visits import Visit

pytestmark = pytest.mark.connected
OLD, NEW = "429900", "420100"
AGENCY = "/agency/420100"
MOVED, ENDED, BACK, LATELY = "P7801", "P7802", "P7803", "P7804"
PERSONS = [MOVED, ENDED, BACK]
ACCUMULATED = """
SELECT count(*) FROM person_year
WHERE psn_no = ANY($1::text[]) AND insuplc_admdvs = '420100'
"""


def enrolled(psn_no: str, *, begin: str, **fields: str) -> dict[str, Any]:
    """Enrol a person in the new region."""
    data = {"psn_no": psn_no, "insutype": "310", "psn_type": "11"}
    data |= {"insuplc_admdvs": NEW, "brdy": "1980-01-01", "begndate": begin}
    id_ = f"E-{psn_no}-{begin}"
    asked = message("enrol", id_, {**data, **fields}, subject=psn_no)
    return {**asked, "source": AGENCY}


def stayed(psn_no: str) -> dict[str, Any]:
    """Report a stay in a hospital, of 500 yuan in scope, to the new region."""
    data = {"psn_no": psn_no, "insutype": "310", "year": "2022", "mdtrt_id": "Z1"}
    data |= {"insuplc_admdvs": NEW, "inscp_scp_amt_fen": 50_000}
    asked = message("inpatient", f"Z-{psn_no}", data, subject=psn_no)
    return {**asked, "source": AGENCY}


@pytest.fixture(scope="module")
async def moved(site: Site) -> None:
    """Three persons with accumulators of one year in two regions, a fourth in one.

    The first is insured in the new one; the second was, and no more in any; the third
    was, and his last entry is of the old one; the fourth is, and has nothing in it.
    """
    await site.admit([*PERSONS, LATELY])
    asked = [enrolled(one, begin="2022-06-01") for one in (*PERSONS, LATELY)]
    asked += [stayed(one) for one in PERSONS]
    asked += [
        enrolled(one, begin="2022-07-01", enddate="2022-12-31") for one in (ENDED, BACK)
    ]
    for psn_no in (MOVED, ENDED, LATELY):
        settled(site, psn_no)
    answers = await site.submit(asked)
    assert {orjson.loads(one.value)["outcome"] for one in answers} == {"decided"}
    await site.known(ACCUMULATED, PERSONS)
    settled(site, BACK)


def settled(site: Site, psn_no: str) -> None:
    """Settle 3,000 yuan of March, when the person was insured in the old region."""
    visit = Visit(site.till(), psn_no).open()
    visit.upload()
    visit.settle()


def in_scope(site: Site, psn_no: str, **envelope: str) -> list[Decimal]:
    """Return every total of what was in scope that 5206 tells."""
    asked = {"data": {"psn_no": psn_no, "cum_ym": "2022"}}
    rows = site.till().call("5206", asked, **envelope)["cuminfo"]
    return [row["cum"] for row in rows if row["cum_type_code"] == "S0000"]


@pytest.mark.parametrize(
    ("psn_no", "total"), [(MOVED, 500), (ENDED, 500), (BACK, 3000), (LATELY, 3000)]
)
def test_accumulators_are_of_the_region_of_today(
    site: Site, moved: None, psn_no: str, total: int
) -> None:
    """Told are those of today's region of enrolment; of who is insured nowhere today
    or has none of the year there, those of the region of the year's last entry."""
    assert in_scope(site, psn_no) == [total]


@pytest.mark.parametrize(("region", "totals"), [(OLD, [3000]), (NEW, [500])])
def test_accumulators_of_a_region_that_is_named(
    site: Site, moved: None, region: str, totals: list[int]
) -> None:
    """The region of the envelope counts before that of the enrolment."""
    assert in_scope(site, MOVED, insuplc_admdvs=region) == totals


def test_there_are_none_of_a_region_without_any(site: Site, moved: None) -> None:
    """A region in which nothing was settled has no accumulators: none are told."""
    assert in_scope(site, MOVED, insuplc_admdvs="511700") == []
