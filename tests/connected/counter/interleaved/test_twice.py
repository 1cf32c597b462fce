"""A bill that two messages ask for at once: each order of the two, brought about."""

from typing import Any

import pytest
from tests.connected.counter.conftest import PHARMACY
from tests.connected.counter.interleaved.conftest import (
    BUYER,
    BY,
    TOGETHER,
    Message,
    TwoGateways,
)
from tests.connected.counter.visits import Visit, bought

from jiesuan_services.gateway.transactions.visits.description_2203 import ONE_KIND
from jiesuan_services.gateway.transactions.visits.visit import SETTLED

pytestmark = pytest.mark.connected

MESSAGES = ("store", "messages")
LAST_ALONE = {"0": (TOGETHER, "intend"), "1": (("store", "visits"), "lock_visit")}
"""Up to which statement two settlements may both come, by whether the account pays: if
it does, the visit is held from the first look on."""
BOUGHT_ALONE = {"0": (TOGETHER, "intend"), "1": (("vault", "vault"), "lock_account")}
"""The same of purchases, which have no visit that stood before."""
EITHER_FIRST = pytest.mark.parametrize("step", [1, -1], ids=["left", "right"])
KINDS = pytest.mark.parametrize(
    "kind", ["same", "other-name", "other-content", "other-infno"]
)
AFTERWARDS = pytest.mark.parametrize("infno", ["2207", "2204", "2203"])
Said = list[tuple[Message, Message]]
"""Messages, each with its reply."""


def second_of(first: Message, *, kind: str) -> Message:
    """Return the same message, or another one that asks for the same batch."""
    if kind == "same":
        return first
    if kind == "other-name":
        return {**first, "msgid": f"{first['msgid'][:-2]}-2"}
    if kind == "other-infno":
        return {**first, "infno": "2207A"}
    data = {**first["input"]["data"], "invono": "F2"}
    return {**first, "input": {"data": data}}


def settled_as(reply: Message) -> str:
    """Return the settlement that a reply tells of."""
    assert reply["infcode"] == "0", reply["err_msg"]
    return str(reply["output"]["setlinfo"]["setl_id"])


def told(reply: Message) -> Message:
    """Return what a reply tells, without its times."""
    names = ("infcode", "err_msg", "output", "inf_refmsgid")
    return {name: reply[name] for name in names}


async def check_once(gateways: TwoGateways, visit: Visit, *, said: Said) -> None:
    """Check that the ledger holds the first reply's settlement alone.

    It does when all is asked again, at both gateways, and each reply is what it was.
    """
    setl_id = settled_as(said[0][1])
    assert await gateways.settlements(visit) == [setl_id]
    for message, reply in said:
        for gateway in gateways.both:
            assert told(await gateway.send(message)) == told(reply)
    assert await gateways.settlements(visit) == [setl_id]


def afterwards(infno: str, visit: Visit, *, flag: str) -> dict[str, Any]:
    """Make the input of a message that a settled visit refuses."""
    match infno:
        case "2203":
            return visit.description(med_type="13")
        case "2204":
            return {"feedetail": [visit.line(pric=10, cnt=300)]}
    return visit.charge(acct_used_flag=flag)


def refusal(infno: str, visit: Visit, *, setl_id: str) -> str:
    """Return why a settled visit refuses a message."""
    if infno == "2203":
        return ONE_KIND.format(visit.mdtrt_id, "11")
    return SETTLED.format("B1", setl_id)


def check_second(first: Message, second: Message, *, kind: str) -> None:
    """Check that the second reply is the first, or a no that names its settlement."""
    if kind == "same":
        assert told(second) == told(first)
        return
    assert second["err_msg"] == SETTLED.format("B1", settled_as(first))
    assert second["infcode"] == "-1"


@EITHER_FIRST
@BY
@KINDS
async def test_of_two_that_saw_nothing_the_second_finds_the_first_answered(
    two_gateways: TwoGateways, step: int, flag: str, kind: str
) -> None:
    """Who comes last to where both stood alone is told the other's settlement."""
    first, second = two_gateways.both[::step]
    visit = await two_gateways.uploaded()
    one = first.till.envelope("2207", visit.charge(acct_used_flag=flag))
    other = second_of(one, kind=kind)
    stops = [each.wire.stop_before(*LAST_ALONE[flag]) for each in (first, second)]
    posts = [first.post(one), second.post(other)]
    for stop in stops:
        await stop.reached()
    stops[0].let_go()
    reply = await posts[0]
    stops[1].let_go()
    late = await posts[1]
    await check_once(two_gateways, visit, said=[(one, reply), (other, late)])
    check_second(reply, late, kind=kind)


@EITHER_FIRST
@BY
@KINDS
async def test_of_two_that_saw_nothing_the_second_hears_for_the_first(
    two_gateways: TwoGateways, step: int, flag: str, kind: str
) -> None:
    """Who finds the other's outcome open asks for it and tells it before the other."""
    first, second = two_gateways.both[::step]
    visit = await two_gateways.uploaded()
    one = first.till.envelope("2207", visit.charge(acct_used_flag=flag))
    other = second_of(one, kind=kind)
    stops = [each.wire.stop_before(*LAST_ALONE[flag]) for each in (first, second)]
    heard = first.wire.stop_before(TOGETHER, "reply")
    posts = [first.post(one), second.post(other)]
    for stop in stops:
        await stop.reached()
    stops[0].let_go()
    await heard.reached()
    stops[1].let_go()
    early = await posts[1]
    heard.let_go()
    reply = await posts[0]
    await check_once(two_gateways, visit, said=[(one, reply), (other, early)])
    check_second(reply, early, kind=kind)


@EITHER_FIRST
@BY
@AFTERWARDS
async def test_who_sees_an_outcome_open_and_finds_it_answered_looks_again(
    two_gateways: TwoGateways, step: int, flag: str, infno: str
) -> None:
    """What is settled between two questions of another message stands for that one."""
    first, second = two_gateways.both[::step]
    visit = await two_gateways.uploaded()
    one = first.till.envelope("2207", visit.charge(acct_used_flag=flag))
    other = second.till.envelope(infno, afterwards(infno, visit, flag=flag))
    settling, heard = await first.settled_unheard(one)
    looking = second.wire.stop_before(MESSAGES, "open_of_person")
    waiting = second.post(other)
    # It has seen nothing settled and the outcome open; now that is answered.
    await looking.reached()
    heard.let_go()
    reply = await settling
    looking.let_go()
    late = await waiting
    await check_once(two_gateways, visit, said=[(one, reply), (other, late)])
    assert late["err_msg"] == refusal(infno, visit, setl_id=settled_as(reply))


@EITHER_FIRST
@BY
@AFTERWARDS
async def test_what_the_ledger_has_settled_stands_before_the_counter_hears_of_it(
    two_gateways: TwoGateways, step: int, flag: str, infno: str
) -> None:
    """Who finds an outcome open asks the ledger for it before anything is done."""
    first, second = two_gateways.both[::step]
    visit = await two_gateways.uploaded()
    one = first.till.envelope("2207", visit.charge(acct_used_flag=flag))
    other = second.till.envelope(infno, afterwards(infno, visit, flag=flag))
    settling, heard = await first.settled_unheard(one)
    early = await second.send(other)
    heard.let_go()
    reply = await settling
    await check_once(two_gateways, visit, said=[(one, reply), (other, early)])
    assert early["err_msg"] == refusal(infno, visit, setl_id=settled_as(reply))


@EITHER_FIRST
@BY
async def test_one_name_about_two_visits_at_once_settles_each_once(
    two_gateways: TwoGateways, step: int, flag: str
) -> None:
    """Two messages that take one msgid at once are both performed, each on its own."""
    first, second = two_gateways.both[::step]
    visits = [await two_gateways.uploaded() for _ in range(2)]
    msgid = first.till.name()
    one, other = (
        first.till.envelope("2207", each.charge(acct_used_flag=flag), msgid=msgid)
        for each in visits
    )
    stops = [each.wire.stop_before(*LAST_ALONE[flag]) for each in (first, second)]
    posts = [first.post(one), second.post(other)]
    for stop in stops:
        await stop.reached()
    stops[0].let_go()
    reply = await posts[0]
    stops[1].let_go()
    late = await posts[1]
    assert settled_as(reply) != settled_as(late)
    await check_once(two_gateways, visits[0], said=[(one, reply)])
    await check_once(two_gateways, visits[1], said=[(other, late)])


@EITHER_FIRST
@BY
async def test_a_purchase_sent_to_two_gateways_at_once_is_settled_once(
    two_gateways: TwoGateways, step: int, flag: str
) -> None:
    """One 2102 at two gateways is one purchase, in the ledger and in both replies."""
    first, second = (each.at(PHARMACY) for each in two_gateways.both[::step])
    before = await two_gateways.settlements_of(BUYER)
    one = first.till.envelope("2102", bought(BUYER, acct_used_flag=flag))
    stops = [each.wire.stop_before(*BOUGHT_ALONE[flag]) for each in (first, second)]
    posts = [first.post(one), second.post(one)]
    for stop in stops:
        await stop.reached()
    stops[0].let_go()
    reply = await posts[0]
    stops[1].let_go()
    late = await posts[1]
    assert told(late) == told(reply)
    assert told(await second.send(one)) == told(reply)
    after = await two_gateways.settlements_of(BUYER)
    assert [made for made in after if made not in before] == [settled_as(reply)]
