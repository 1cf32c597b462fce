"""Lines that their person pays alone, and lines of a region that does not insure."""

from typing import Any

import pytest
from tests.connected.counter.conftest import Site, message
from tests.connected.counter.visits import Visit

from jiesuan_services.demo.counter.his import SaidNo

pytestmark = pytest.mark.connected
PERSON = "P6801"
LISTED = "SELECT count(*) FROM item WHERE med_list_codg = ANY($1::text[])"


@pytest.fixture(scope="module")
async def visit(site: Site) -> Visit:
    """A visit of a person, and an item of restricted use."""
    data: dict[str, Any] = {"admdvs": "420000", "med_list_codg": "XR"}
    data |= {"chrgitm_lv": "01", "med_chrgitm_type": "09", "begndate": "2022-01-01"}
    data["lmt_used_flag"] = "1"
    await site.submit([message("catalogue", "C-XR", data, subject="XR")])
    await site.admit([PERSON])
    await site.known(LISTED, ["XR"])
    return Visit(site.till(), PERSON).open()


def test_a_line_that_is_self_paid_says_why(visit: Visit) -> None:
    """`memo` tells that the code is in no catalogue, or that the use is restricted."""
    rows = visit.upload(
        visit.line(1),
        visit.line(2, code="xa"),
        visit.line(3, code="XR"),
        visit.line(4, code="XR", hosp_appr_flag="1"),
        visit.line(5, hosp_appr_flag="2"),
    )
    memos = [row["memo"] for row in rows]
    assert (memos[0], memos[3]) == ("", "")
    assert "没有医疗目录编码xa（区分大小写）" in memos[1]
    assert memos[2].startswith("限制使用")
    assert "hosp_appr_flag为2" in memos[4]
    paid = [row["fulamt_ownpay_amt"] for row in rows]
    assert paid == [0, 3000, 3000, 0, 3000]


def test_a_region_that_does_not_insure_is_named_with_its_field(visit: Visit) -> None:
    """Asked with another region the settlement is refused, and says what to look at."""
    visit.upload()
    with pytest.raises(SaidNo, match=r"420000.*insuplc_admdvs"):
        visit.till.call("2206", visit.charge(), insuplc_admdvs="420000")
