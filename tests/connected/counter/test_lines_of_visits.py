"""5204 by the visit alone and 5201, where the counter does not know the visit."""

from datetime import datetime
from typing import Any

import orjson
import pytest
from tests.connected.counter.conftest import (
    CLEARED,
    OTHER,
    REGION,
    TREATED,
    Site,
)
from tests.connected.counter.past import bill
from tests.connected.counter.visits import DAY, Visit

from jiesuan_events.words.instants import BEIJING
from jiesuan_services.demo.counter.his import SaidNo, Till
from jiesuan_services.gateway.store.database import open_pool

pytestmark = pytest.mark.connected
PERSONS = ["P8301", "P8302", "P8303"]
SETTLED = "SELECT count(*) FROM settlement WHERE psn_no = ANY($1::text[])"
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
    span = {"psn_no": psn_no, "begntime": now.isoformat(), "endtime": now.isoformat()}
    assert till.call("5201", {"data": span})["mdtrtinfo"] == []


async def test_a_visit_that_was_settled_is_listed_though_its_state_is_lost(
    site: Site, admitted: list[str]
) -> None:
    """5201 lists it by the day of its costs, with what the ledger knows of it; a visit
    that is known is listed once, to nobody else, and not beside what was asked for."""
    visits = [Visit(site.till(), admitted[2]).open() for _ in range(2)]
    for visit in visits:
        visit.upload()
        visit.settle()
    till, [gone, kept] = site.till(), visits
    whole = {"psn_no": admitted[2], "begntime": DAY[:10], "endtime": DAY[:10]}
    (told, _) = till.call("5201", {"data": whole})["mdtrtinfo"]
    await lost(site, gone.mdtrt_id)
    rows = till.call("5201", {"data": whole})["mdtrtinfo"]
    assert [row["mdtrt_id"] for row in rows] == [gone.mdtrt_id, kept.mdtrt_id]
    for name in ("psn_no", "insutype", "med_type", "fixmedins_code", "fixmedins_name"):
        assert rows[0][name] == told[name]
    assert rows[0]["begntime"] == f"{DAY[:10]} 00:00:00"
    (one,) = till.call("5201", {"data": {**whole, "mdtrt_id": gone.mdtrt_id}})[
        "mdtrtinfo"
    ]
    assert one == rows[0]
    for other in (
        {"begntime": "2022-03-02", "endtime": "2022-03-03"},
        {"med_type": "14"},
        {"psn_no": admitted[0], "mdtrt_id": gone.mdtrt_id},
    ):
        assert till.call("5201", {"data": {**whole, **other}})["mdtrtinfo"] == []
    elsewhere = site.till(code=OTHER).call("5201", {"data": whole})["mdtrtinfo"]
    assert elsewhere == []


async def test_a_visit_that_was_imported_is_listed(site: Site) -> None:
    """What the ledger was told past the counter is a visit of its institution's."""
    await site.known(SETTLED, [TREATED[0]])
    today = datetime.now(BEIJING)
    span = {"psn_no": TREATED[0], "endtime": today.isoformat()}
    for more, count in (({}, 1), ({"begntime": today.isoformat()}, 0)):
        asked = {"data": {**span, **more}}
        rows = site.till(code=CLEARED).call("5201", asked)["mdtrtinfo"]
        assert [row["mdtrt_id"] for row in rows] == [f"V-{TREATED[0]}"] * count
