"""5204 by the visit alone, where the counter itself does not know the visit."""

from datetime import datetime
from typing import Any

import orjson
import pytest
from tests.connected.counter.conftest import OTHER, REGION, Site
from tests.connected.counter.past import bill
from tests.connected.counter.visits import Visit

from jiesuan_events.words.instants import BEIJING
from jiesuan_services.demo.counter.his import SaidNo, Till
from jiesuan_services.gateway.store.database import open_pool

pytestmark = pytest.mark.connected
PERSONS = ["P8301", "P8302"]
SPLIT = ("feedetl_sn", "med_list_codg", "det_item_fee_sumamt", "inscp_scp_amt")


@pytest.fixture(scope="module")
async def admitted(site: Site) -> list[str]:
    """Persons whom nobody else treats."""
    await site.admit(PERSONS)
    return PERSONS


def listed(till: Till, psn_no: str, *, mdtrt_id: str) -> list[dict[str, Any]]:
    """Return what 5204 lists of a visit."""
    said = till.call("5204", {"data": {"psn_no": psn_no, "mdtrt_id": mdtrt_id}})
    return said["feedetail"]  # type: ignore[no-any-return]


async def lost(site: Site, mdtrt_id: str) -> None:
    """Lose what the counter keeps of a visit, as when an older backup is restored."""
    pool = await open_pool(site.machine.servers.pg)
    for table in ("batch", "visit"):
        await pool.execute(f"DELETE FROM {table} WHERE mdtrt_id = $1", mdtrt_id)
    await pool.close()


async def test_the_lines_of_a_lost_visit_are_the_ledger_s(
    site: Site, admitted: list[str]
) -> None:
    """A visit whose state was lost lists what stands of it, under each settlement's id;
    no other person, no other institution is told; of what is taken back nothing is."""
    visit = Visit(site.till(), admitted[0]).open()
    visit.upload()
    first = visit.settle()["setl_id"]
    other = visit.line(2, code="XB", pric=10, det_item_fee_sumamt=10, chrg_bchno="B2")
    visit.upload(other)
    second = visit.settle(chrg_bchno="B2", medfee_sumamt=10)["setl_id"]
    key = {"mdtrt_id": visit.mdtrt_id}
    told = listed(visit.till, admitted[0], **key)
    await lost(site, visit.mdtrt_id)
    found = listed(visit.till, admitted[0], **key)
    assert [row["setl_id"] for row in found] == [first, second]
    for row, one in zip(found, told, strict=True):
        assert [row[name] for name in SPLIT] == [one[name] for name in SPLIT]
    with pytest.raises(SaidNo, match="未查到本机构的就诊登记"):
        listed(visit.till, admitted[1], **key)
    with pytest.raises(SaidNo, match="未查到本机构的就诊登记"):
        listed(site.till(code=OTHER), admitted[0], **key)
    for setl_id in (second, first):
        data = {"psn_no": admitted[0], "setl_id": setl_id}
        visit.till.call("2208", {"data": data})
        left = [first] * (setl_id == second)
        assert [row["setl_id"] for row in listed(visit.till, admitted[0], **key)] == (
            left
        )


async def test_a_claim_of_the_agency_s_is_no_settlement_of_the_hospital_s(
    site: Site, admitted: list[str]
) -> None:
    """A visit that only a claim names is listed to nobody at the counter."""
    till, psn_no = site.till(), admitted[1]
    place = {"fixmedins_code": till.fixmedins_code, "admdvs": REGION}
    now = datetime.now(BEIJING).date()
    paid = bill(psn_no, place=place, fen=10_000, on=now)
    data = {**paid["data"], "manl_reim_rea": "01"}
    claim = {**paid, "type": "jiesuan.claim.v1", "source": "/agency/429900"}
    (answer,) = await site.submit([{**claim, "data": data}])
    assert orjson.loads(answer.value)["outcome"] == "decided", answer.value
    with pytest.raises(SaidNo, match="未查到本机构的就诊登记"):
        listed(till, psn_no, mdtrt_id=f"V-{psn_no}")
