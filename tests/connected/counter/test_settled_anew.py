"""A batch is settled while what settled it stands, or what came in its place."""

from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from tests.connected.conftest import until
from tests.connected.counter.conftest import HOSPITAL, OTHER, Site, message
from tests.connected.counter.visits import Visit

from jiesuan_services.demo.counter.his import SaidNo
from jiesuan_services.gateway.store.database import open_pool

pytestmark = pytest.mark.connected
PERSONS = [f"P76{n:02}" for n in range(5)]
REPLACED = "SELECT setl_id FROM settlement WHERE replaces_setl_id = $1"
TAKEN_BACK = "SELECT setl_id FROM settlement WHERE init_setl_id = $1"


@pytest.fixture(scope="module")
async def admitted(site: Site) -> list[str]:
    """Persons whom nobody else treats."""
    await site.admit(PERSONS)
    return PERSONS


@dataclass
class SettledAnew:
    """A visit whose one batch was settled, and settled anew by a gap refund."""

    visit: Visit
    msgid: str
    first: str
    """The settlement that its reply named."""
    now: str
    """The one that came in its place."""


async def taken_back(site: Site, psn_no: str, setl_id: str, *, kind: str) -> None:
    """Take a settlement back past the counter, as an institution may."""
    place = OTHER if kind == "gap-refund" else HOSPITAL
    data = {"psn_no": psn_no, "fixmedins_code": place, "setl_id": setl_id}
    asked = message(kind, f"{kind}-{setl_id}", data, subject=psn_no)
    (answer,) = await site.submit([{**asked, "source": f"/medins/{place}"}])
    assert orjson.loads(answer.value)["outcome"] == "decided", answer.value
    await read(site, TAKEN_BACK, setl_id)


async def read(site: Site, statement: str, setl_id: str) -> str:
    """Return what the read models know of a settlement, as soon as they do."""
    pool = await open_pool(site.machine.servers.pg)
    found: list[str] = []

    async def is_there() -> bool:
        found.extend(row["setl_id"] for row in await pool.fetch(statement, setl_id))
        return bool(found)

    await until(is_there, seconds=60)
    await pool.close()
    return found[0]


async def settled_anew(site: Site, psn_no: str) -> SettledAnew:
    """Settle at two hospitals, and take the earlier one back as a gap refund."""
    earlier = Visit(site.till(code=OTHER), psn_no).open()
    earlier.upload()
    below = earlier.settle()["setl_id"]
    visit = Visit(site.till(), psn_no).open()
    visit.upload()
    msgid = visit.till.name()
    said = visit.till.call("2207", visit.charge(), msgid=msgid)
    first = said["setlinfo"]["setl_id"]
    await taken_back(site, psn_no, below, kind="gap-refund")
    return SettledAnew(visit, msgid, first, await read(site, REPLACED, first))


def withdraw(visit: Visit, chrg_bchno: str = "B1") -> Any:
    """Send 2205."""
    data = {"psn_no": visit.psn_no, "mdtrt_id": visit.mdtrt_id}
    return visit.till.call("2205", {"data": {**data, "chrg_bchno": chrg_bchno}})


def cancel(visit: Visit) -> Any:
    """Send 2202."""
    data = {"psn_no": visit.psn_no, "mdtrt_id": visit.mdtrt_id, "ipt_otp_no": "MZ1"}
    return visit.till.call("2202", {"data": data})


async def test_what_stands_of_a_batch_is_named_and_can_be_taken_back(
    site: Site, admitted: list[str]
) -> None:
    """Settled anew by a gap refund, a batch is refused by what stands now; that taken
    back, it is uploaded and settled again."""
    anew = await settled_anew(site, admitted[0])
    visit = anew.visit
    named = rf"结算.*{anew.now}.*2208"
    for attempt in (
        visit.upload,
        visit.settle,
        lambda: visit.till.call("2206", visit.charge()),
        lambda: withdraw(visit),
        lambda: cancel(visit),
    ):
        with pytest.raises(SaidNo, match=named):
            attempt()
    with pytest.raises(SaidNo, match=anew.now):
        visit.refund(anew.first)
    visit.refund(anew.now)
    assert visit.till.call("2206", visit.charge())["setlinfo"]
    visit.upload(visit.line(det_item_fee_sumamt=7, pric=7))
    assert visit.settle(medfee_sumamt=7)["setl_id"] not in (anew.first, anew.now)


async def test_compensation_frees_a_batch_that_was_settled_anew(
    site: Site, admitted: list[str]
) -> None:
    """2601 of the message takes back what stands for it: its batch is settled again,
    without being uploaded again."""
    anew = await settled_anew(site, admitted[1])
    undo = {"psn_no": admitted[1], "omsgid": anew.msgid, "oinfno": "2207"}
    assert anew.visit.till.call("2601", {"data": undo}) == {}
    again = anew.visit.settle()["setl_id"]
    assert again not in (anew.first, anew.now)
    with pytest.raises(SaidNo, match=again):
        anew.visit.upload()


@pytest.mark.parametrize(("person", "chrg_bchno"), [(2, "B1"), (3, "0000")])
async def test_a_batch_taken_back_elsewhere_is_withdrawn(
    site: Site, admitted: list[str], person: int, chrg_bchno: str
) -> None:
    """What an institution's own producer has taken back holds no batch: it goes, by its
    number or with all that are not settled."""
    visit = Visit(site.till(), admitted[person]).open()
    visit.upload()
    setl_id = visit.settle()["setl_id"]
    await taken_back(site, admitted[person], setl_id, kind="refund")
    assert withdraw(visit, chrg_bchno) == {}
    with pytest.raises(SaidNo, match="没有已上传的费用明细"):
        visit.settle()


async def test_a_visit_taken_back_elsewhere_is_described_anew_and_cancelled(
    site: Site, admitted: list[str]
) -> None:
    """Nothing of it stands: it may be of another kind of care, and it may end."""
    visit = Visit(site.till(), admitted[4]).open()
    visit.upload()
    setl_id = visit.settle()["setl_id"]
    with pytest.raises(SaidNo, match="只能有一个医疗类别"):
        visit.till.call("2203", visit.description(med_type="13"))
    await taken_back(site, admitted[4], setl_id, kind="refund")
    visit.till.call("2203", visit.description(med_type="13"))
    cancel(visit)
    with pytest.raises(SaidNo, match="已撤销"):
        visit.upload()
