"""2601: what it reaches, and whom it leaves alone."""

import signal
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


def test_a_compensation_may_have_the_msgid_of_what_it_undoes(
    site: Site, undone: list[str]
) -> None:
    """They are two messages: what never came is barred, what came is undone."""
    till, psn_no = site.till(), undone[11]
    lost = till.name()
    data = {"psn_no": psn_no, "omsgid": lost, "oinfno": "2207"}
    for _ in range(2):
        assert till.call("2601", {"data": data}, msgid=lost) == {}
    visit = uploaded(till, psn_no)
    with pytest.raises(SaidNo, match="冲正"):
        till.call("2207", visit.charge(), msgid=lost)
    came = till.envelope("2207", visit.charge())
    reply = till.send(came)
    data["omsgid"] = came["msgid"]
    assert till.call("2601", {"data": data}, msgid=came["msgid"]) == {}
    assert not stands(visit, reply)


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


def named_alike(
    first: Visit, second: Visit, **fields: Any
) -> list[tuple[Visit, dict[str, Any], dict[str, Any]]]:
    """Settle two visits by messages of one msgid: each with its message and reply."""
    till = first.till
    one = till.envelope("2207", first.charge())
    charge = second.charge(**fields)
    other = till.envelope("2207", charge, msgid=one["msgid"])
    pairs = ((first, one), (second, other))
    return [(visit, message, till.send(message)) for visit, message in pairs]


def test_of_two_messages_of_one_name_the_later_is_undone(
    site: Site, undone: list[str]
) -> None:
    """The earlier one stands and keeps its reply; another 2601 of the name names it
    and undoes nothing, and is done once it was taken back."""
    till, psn_no = site.till(), undone[4]
    visits = [uploaded(till, psn_no) for _ in range(2)]
    (first, one, kept), (second, other, reply) = named_alike(*visits)
    compensate(till, psn_no, omsgid=one["msgid"])
    assert (stands(first, kept), stands(second, reply)) == (True, False)
    assert till.send(one)["output"] == kept["output"]
    assert till.send(other)["err_msg"] == BARRED
    setl_id = kept["output"]["setlinfo"]["setl_id"]
    with pytest.raises(SaidNo, match=rf"{setl_id}.*2208"):
        compensate(till, psn_no, omsgid=one["msgid"])
    assert stands(first, kept)
    assert till.send(one)["output"] == kept["output"]
    first.refund(setl_id)
    compensate(till, psn_no, omsgid=one["msgid"])


def test_a_message_of_two_is_undone_by_our_name_for_it(
    site: Site, undone: list[str]
) -> None:
    """Named by `inf_refmsgid` each is undone, as often as is asked, and no other."""
    till, psn_no = site.till(), undone[5]
    visits = [uploaded(till, psn_no) for _ in range(2)]
    (first, one, kept), (second, other, reply) = named_alike(*visits)
    for _ in range(2):
        compensate(till, psn_no, omsgid=reply["inf_refmsgid"])
        assert (stands(first, kept), stands(second, reply)) == (True, False)
    assert till.send(one)["output"] == kept["output"]
    compensate(till, psn_no, omsgid=kept["inf_refmsgid"])
    assert not stands(first, kept)
    assert till.send(one)["err_msg"] == till.send(other)["err_msg"] == BARRED


def test_a_refused_message_hides_none_of_its_name(
    site: Site, undone: list[str]
) -> None:
    """Where the later one was refused 2601 does not say done: it names what stands."""
    till, psn_no = site.till(), undone[6]
    visits = [uploaded(till, psn_no) for _ in range(2)]
    liable = {"exp_content": {"TRUM_FLAG": "1", "REL_TTP_FLAG": "1"}}
    (first, one, kept), (_, other, refused) = named_alike(*visits, **liable)
    assert refused["infcode"] == "-1"
    setl_id = kept["output"]["setlinfo"]["setl_id"]
    with pytest.raises(SaidNo, match=rf"{setl_id}.*2208"):
        compensate(till, psn_no, omsgid=one["msgid"])
    assert stands(first, kept)
    assert till.send(one)["output"] == kept["output"]
    assert till.send(other)["err_msg"] == refused["err_msg"]


def test_of_two_messages_of_one_name_the_unheard_is_undone(
    site: Site, undone: list[str]
) -> None:
    """Whose outcome its sender does not know is meant, though it came first."""
    till, psn_no = site.till(), undone[7]
    first, second = (Visit(till, psn_no).open() for _ in range(2))
    first.upload()
    # Of another year: a later one of the same would have to be undone first.
    second.upload(second.line(fee_ocur_time="2023-03-01 08:50:00"))
    one = till.envelope("2207", first.charge())
    decider = site.processes["decider"]
    decider.send_signal(signal.SIGSTOP)
    try:
        assert "结果暂时未知" in till.send(one)["err_msg"]
    finally:
        decider.send_signal(signal.SIGCONT)
    other = till.envelope("2207", second.charge(), msgid=one["msgid"])
    reply = till.send(other)
    assert reply["infcode"] == "0", reply["err_msg"]
    compensate(till, psn_no, omsgid=one["msgid"])
    assert till.send(one)["err_msg"] == BARRED
    assert stands(second, reply)
    assert till.send(other)["output"] == reply["output"]
