"""2601: what it reaches, and whom it leaves alone."""

from typing import Any

import pytest
from tests.connected.counter.conftest import PHARMACY, Site
from tests.connected.counter.visits import Visit, bought

from jiesuan_services.demo.counter.his import SaidNo, Till
from jiesuan_services.gateway.transactions.asking.outcomes import BARRED

pytestmark = pytest.mark.connected


@pytest.fixture(scope="module")
async def undone(site: Site) -> list[str]:
    """Persons whose messages are compensated here."""
    names = [f"P72{n:02}" for n in range(12)]
    await site.admit(names)
    return names


def uploaded(till: Till, psn_no: str) -> Visit:
    """Make a visit whose lines are there."""
    visit = Visit(till, psn_no).open()
    visit.upload()
    return visit


def compensate(till: Till, psn_no: str, *, omsgid: str, oinfno: str = "2207") -> None:
    """Send 2601."""
    data = {"psn_no": psn_no, "omsgid": omsgid, "oinfno": oinfno}
    assert till.call("2601", {"data": data}) == {}


def stands(visit: Visit, reply: dict[str, Any]) -> bool:
    """Whether a settlement stands, as 5203 tells it."""
    key = {"psn_no": visit.psn_no, "setl_id": reply["output"]["setlinfo"]["setl_id"]}
    said = visit.till.call("5203", {"data": key})
    return bool(said["setlinfo"]["refd_setl_flag"] == "0")


def test_a_compensation_leaves_messages_of_other_infnos_alone(
    site: Site, undone: list[str]
) -> None:
    """A 2601 that names 2102 undoes no 2207 of that msgid; one that names it does."""
    till, psn_no = site.till(), undone[0]
    visit = uploaded(till, psn_no)
    message = till.envelope("2207", visit.charge())
    reply = till.send(message)
    assert reply["infcode"] == "0", reply["err_msg"]
    compensate(till, psn_no, omsgid=message["msgid"], oinfno="2102")
    assert stands(visit, reply)
    assert till.send(message)["output"] == reply["output"]
    compensate(till, psn_no, omsgid=message["msgid"])
    assert not stands(visit, reply)
    assert till.send(message)["err_msg"] == BARRED


def test_what_never_came_is_barred_for_the_infno_that_was_named(
    site: Site, undone: list[str]
) -> None:
    """A 2102 that was compensated unseen is refused; a 2207 of that msgid settles."""
    till, psn_no = site.till(code=PHARMACY), undone[1]
    lost = till.name()
    compensate(till, psn_no, omsgid=lost, oinfno="2102")
    with pytest.raises(SaidNo, match="冲正"):
        till.call("2102", bought(psn_no), msgid=lost)
    visit = Visit(till, psn_no).open(med_type="14", dise_codg="M01600")
    visit.upload(visit.line(rxno="RX1"))
    charge = visit.charge(med_type="14")
    with pytest.raises(SaidNo, match="慢特病"):
        till.call("2207", charge, msgid=lost)


def test_a_compensation_under_another_person_is_refused(
    site: Site, undone: list[str]
) -> None:
    """A message that another person's is known by undoes nothing and says so."""
    till, psn_no, other = site.till(), undone[2], undone[3]
    visit = uploaded(till, psn_no)
    message = till.envelope("2207", visit.charge())
    reply = till.send(message)
    for name in (message["msgid"], reply["inf_refmsgid"]):
        with pytest.raises(SaidNo, match=r"另一参保人.*psn_no") as wrong:
            compensate(till, other, omsgid=name)
        assert psn_no not in str(wrong.value)
    assert stands(visit, reply)
    compensate(till, psn_no, omsgid=message["msgid"])
    assert not stands(visit, reply)
