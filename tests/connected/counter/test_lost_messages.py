"""2601 after the counter lost what it knew of a message: the ledger alone has it."""

import signal
from datetime import date
from typing import Any

import orjson
import pytest
from tests.connected.counter.conftest import HOSPITAL, PHARMACY, REGION, Site
from tests.connected.counter.past import bill
from tests.connected.counter.visits import Visit, bought

from jiesuan_services.demo.counter.his import SaidNo, Till
from jiesuan_services.gateway.store.database import open_pool

pytestmark = pytest.mark.connected
Json = dict[str, Any]


@pytest.fixture(scope="module")
async def forgotten(site: Site) -> list[str]:
    """Persons whose messages are lost here."""
    names = [f"P84{n:02}" for n in range(9)]
    await site.admit(names)
    return names


async def lose(site: Site, psn_no: str) -> None:
    """Lose what the counter keeps of a person, as when an older backup is restored."""
    pool = await open_pool(site.machine.servers.pg)
    of_visits = "mdtrt_id IN (SELECT mdtrt_id FROM visit WHERE psn_no = $1)"
    await pool.execute(f"DELETE FROM batch WHERE {of_visits}", psn_no)
    for table in ("visit", "message", "barred"):
        await pool.execute(f"DELETE FROM {table} WHERE psn_no = $1", psn_no)
    await pool.close()


def settled(till: Till, psn_no: str, msgid: str, *, pharmacy: bool = False) -> str:
    """Settle a visit by a 2207 of that msgid; return the settlement's id."""
    kind = "41" if pharmacy else "11"
    visit = Visit(till, psn_no).open(med_type=kind)
    described = visit.description(med_type=kind)
    described["mdtrtinfo"]["rxfixmedins_code"] = "H42010000001"
    till.call("2203", described)
    visit.upload(visit.line(rxno="RX1"))
    said = till.call("2207", visit.charge(med_type=kind), msgid=msgid)
    return str(said["setlinfo"]["setl_id"])


def sold(till: Till, psn_no: str, msgid: str) -> str:
    """Sell by a 2102 of that msgid; return the settlement's id."""
    said = till.call("2102", bought(psn_no), msgid=msgid)
    return str(said["setlinfo"]["setl_id"])


def undo(till: Till, psn_no: str, msgid: str, *, oinfno: str) -> None:
    """Send 2601."""
    data = {"psn_no": psn_no, "omsgid": msgid, "oinfno": oinfno}
    assert till.call("2601", {"data": data}) == {}


def stands(till: Till, psn_no: str, setl_id: str) -> bool:
    """Whether a settlement stands, as 5203 tells it."""
    said = till.call("5203", {"data": {"psn_no": psn_no, "setl_id": setl_id}})
    return bool(said["setlinfo"]["refd_setl_flag"] == "0")


async def test_a_hospital_s_2102_undoes_no_settlement_of_a_lost_message(
    site: Site, forgotten: list[str]
) -> None:
    """A hospital settles by 2207 alone: one that names 2102 undoes nothing, and one
    that names 2207 undoes what the lost message settled."""
    till, psn_no = site.till(), forgotten[0]
    msgid = till.name()
    setl_id = settled(till, psn_no, msgid)
    await lose(site, psn_no)
    undo(till, psn_no, msgid, oinfno="2102")
    assert stands(till, psn_no, setl_id)
    undo(till, psn_no, msgid, oinfno="2207")
    assert not stands(till, psn_no, setl_id)


async def test_a_lost_sale_is_undone_as_2102_alone(
    site: Site, forgotten: list[str]
) -> None:
    """A purchase says in the ledger that it is one: 2207 leaves it, 2102 undoes it."""
    till, psn_no = site.till(code=PHARMACY), forgotten[1]
    msgid = till.name()
    setl_id = sold(till, psn_no, msgid)
    await lose(site, psn_no)
    undo(till, psn_no, msgid, oinfno="2207")
    assert stands(till, psn_no, setl_id)
    undo(till, psn_no, msgid, oinfno="2102")
    assert not stands(till, psn_no, setl_id)


async def test_a_pharmacy_s_lost_2207_is_not_undone_as_2102(
    site: Site, forgotten: list[str]
) -> None:
    """What is not known to be a purchase is named with its id, and stands."""
    till, psn_no = site.till(code=PHARMACY), forgotten[2]
    msgid = till.name()
    setl_id = settled(till, psn_no, msgid, pharmacy=True)
    await lose(site, psn_no)
    with pytest.raises(SaidNo, match=f"{setl_id}.*2208"):
        undo(till, psn_no, msgid, oinfno="2102")
    assert stands(till, psn_no, setl_id)
    undo(till, psn_no, msgid, oinfno="2207")
    assert not stands(till, psn_no, setl_id)


async def test_the_second_message_of_a_lost_name_is_found_by_its_infno(
    site: Site, forgotten: list[str]
) -> None:
    """Of a 2102 and a 2207 under one msgid the one that was named is undone."""
    till, psn_no = site.till(code=PHARMACY), forgotten[3]
    msgid = till.name()
    first = sold(till, psn_no, msgid)
    second = settled(till, psn_no, msgid, pharmacy=True)
    await lose(site, psn_no)
    undo(till, psn_no, msgid, oinfno="2207")
    assert stands(till, psn_no, first)
    assert not stands(till, psn_no, second)
    undo(till, psn_no, msgid, oinfno="2102")
    assert not stands(till, psn_no, first)


async def test_our_name_of_a_lost_message_undoes_nothing_and_says_so(
    site: Site, forgotten: list[str]
) -> None:
    """The ledger knows the sender's name alone: by ours 2601 never says that it did."""
    till, psn_no = site.till(), forgotten[6]
    visit = Visit(till, psn_no).open()
    till.call("2203", visit.description())
    visit.upload(visit.line())
    message = till.envelope("2207", visit.charge())
    reply = till.send(message)
    setl_id = reply["output"]["setlinfo"]["setl_id"]
    await lose(site, psn_no)
    with pytest.raises(SaidNo, match="msgid"):
        undo(till, psn_no, reply["inf_refmsgid"], oinfno="2207")
    assert stands(till, psn_no, setl_id)
    undo(till, psn_no, message["msgid"], oinfno="2207")
    assert not stands(till, psn_no, setl_id)


async def test_what_never_came_to_a_counter_that_lost_its_state_is_barred(
    site: Site, forgotten: list[str]
) -> None:
    """A message that the ledger does not know either is barred when it comes."""
    till, psn_no = site.till(), forgotten[4]
    msgid = till.name()
    await lose(site, psn_no)
    undo(till, psn_no, msgid, oinfno="2207")
    with pytest.raises(SaidNo, match="冲正"):
        settled(till, psn_no, msgid)


async def test_what_never_came_is_barred_also_while_the_tables_are_behind(
    site: Site, forgotten: list[str]
) -> None:
    """Who waits for 2601 to close his bill does not wait for the projector."""
    till, psn_no = site.till(), forgotten[5]
    msgid = till.name()
    projector = site.processes["projector"]
    projector.send_signal(signal.SIGSTOP)
    try:
        settled(till, psn_no, till.name())
        undo(till, psn_no, msgid, oinfno="2207")
    finally:
        projector.send_signal(signal.SIGCONT)
    with pytest.raises(SaidNo, match="冲正"):
        settled(till, psn_no, msgid)


def named_before(psn_no: str, msgid: str) -> Json:
    """Make what a 2207 became while any number was told as it was sent."""
    place = {"fixmedins_code": HOSPITAL, "admdvs": REGION}
    asked = bill(psn_no, place=place, fen=10_000, on=date(2022, 3, 1))
    return {**asked, "id": msgid}


async def test_a_lost_message_is_undone_by_the_name_it_had_before(
    site: Site, forgotten: list[str]
) -> None:
    """Somebody's number is told as a digest: 2601 finds what the ledger still has under
    the number itself."""
    till, psn_no, msgid = site.till(), forgotten[7], "99000019800101008X"
    [answer] = await site.submit([named_before(psn_no, msgid)])
    setl_id = orjson.loads(answer.value)["setl_id"]
    undo(till, psn_no, msgid, oinfno="2207")
    assert not stands(till, psn_no, setl_id)


async def test_a_name_of_before_is_not_barred_while_the_tables_are_behind(
    site: Site, forgotten: list[str]
) -> None:
    """Where the name alone does not tell, 2601 is asked to come again."""
    till, psn_no, msgid = site.till(), forgotten[8], "990000198001010004.8"
    projector = site.processes["projector"]
    projector.send_signal(signal.SIGSTOP)
    try:
        await site.submit([named_before(psn_no, msgid)])
        with pytest.raises(SaidNo, match="数据正在更新"):
            undo(till, psn_no, msgid, oinfno="2207")
    finally:
        projector.send_signal(signal.SIGCONT)
    undo(till, psn_no, msgid, oinfno="2207")
