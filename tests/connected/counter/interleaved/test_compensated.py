"""A settlement and its compensation at once: what was undone is not done afterwards."""

import asyncio
from typing import Any

import pytest
from tests.connected.conftest import until
from tests.connected.counter.interleaved.conftest import (
    BY,
    TOGETHER,
    Message,
    TwoGateways,
)
from tests.connected.counter.visits import Visit

from jiesuan_projections import connect
from jiesuan_services.gateway.transactions.asking.outcomes import BARRED

pytestmark = pytest.mark.connected

WAITS = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
SECONDS = 10.0
MESSAGES = ("store", "messages")


def compensation(visit: Visit, message: Message) -> dict[str, Any]:
    """Make the node of 2601."""
    data = {"psn_no": visit.psn_no, "omsgid": message["msgid"], "oinfno": "2207"}
    return {"data": data}


async def waits_or_ends(gateways: TwoGateways, post: asyncio.Task[Any]) -> None:
    """Wait until a message has its reply, or waits for a name that another holds."""
    on = await connect(gateways.site.machine.servers.pg)

    async def either() -> bool:
        return post.done() or await on.fetchval(WAITS) > 0

    try:
        await until(either, seconds=SECONDS)
    finally:
        await on.close()


async def check_undone(
    gateways: TwoGateways, visit: Visit, *, message: Message
) -> None:
    """Check that nothing stands of a message, and that each gateway says so."""
    assert await gateways.settlements(visit) == []
    for gateway in gateways.both:
        assert (await gateway.send(message))["err_msg"] == BARRED
    assert await gateways.settlements(visit) == []


async def taken_by_a_refund(gateways: TwoGateways, visit: Visit, *, msgid: str) -> None:
    """Settle another visit of the person and take it back under a msgid."""
    till = gateways.both[0].till
    other = await gateways.uploaded(visit.psn_no)
    settled = await asyncio.to_thread(other.settle)
    key = {"psn_no": visit.psn_no, "setl_id": settled["setl_id"]}
    refund = till.envelope("2208", {"data": key}, msgid=msgid)
    assert (await gateways.both[0].send(refund))["infcode"] == "0"


@BY
async def test_a_message_compensated_before_it_is_written_down_is_not_performed(
    two_gateways: TwoGateways, flag: str
) -> None:
    """The ledger refuses a message that was compensated under the name it has there."""
    first, second = two_gateways.both
    visit = await two_gateways.uploaded()
    one = first.till.envelope("2207", visit.charge(acct_used_flag=flag))
    stop = first.wire.stop_before(TOGETHER, "intend")
    settling = first.post(one)
    await stop.reached()
    undone = second.till.envelope("2601", compensation(visit, one))
    assert (await second.send(undone))["infcode"] == "0"
    stop.let_go()
    reply = await settling
    assert reply["infcode"] == "-1"
    assert await two_gateways.settlements(visit) == []
    assert (await second.send(one))["err_msg"] == reply["err_msg"]


@BY
async def test_a_settlement_compensated_before_it_is_heard_of_is_told_as_undone(
    two_gateways: TwoGateways, flag: str
) -> None:
    """The reply that comes after the compensation does not settle the batch again."""
    first, second = two_gateways.both
    visit = await two_gateways.uploaded()
    charge = visit.charge(acct_used_flag=flag)
    one = first.till.envelope("2207", charge)
    settling, stop = await first.settled_unheard(one)
    undone = second.till.envelope("2601", compensation(visit, one))
    assert (await second.send(undone))["infcode"] == "0"
    stop.let_go()
    assert (await settling)["err_msg"] == BARRED
    await check_undone(two_gateways, visit, message=one)
    new = await second.send(second.till.envelope("2207", charge))
    settled = new["output"]["setlinfo"]["setl_id"]
    assert await two_gateways.settlements(visit) == [settled]


@BY
@pytest.mark.parametrize("stopped", ["2207", "2601"])
async def test_a_compensated_message_is_not_performed_under_another_name(
    two_gateways: TwoGateways, flag: str, stopped: str
) -> None:
    """Of a message whose msgid is another's, and its 2601, one waits for the other."""
    first, second = two_gateways.both
    visit = await two_gateways.uploaded()
    one = first.till.envelope("2207", visit.charge(acct_used_flag=flag))
    await taken_by_a_refund(two_gateways, visit, msgid=one["msgid"])
    undone = second.till.envelope("2601", compensation(visit, one))
    posts = [(first, one), (second, undone)]
    if stopped == "2601":
        posts.reverse()
    stop = posts[0][0].wire.stop_before(TOGETHER, "intend")
    # It has looked for the other and found nothing.
    early = posts[0][0].post(posts[0][1])
    await stop.reached()
    late = posts[1][0].post(posts[1][1])
    await waits_or_ends(two_gateways, late)
    stop.let_go()
    await asyncio.gather(early, late)
    await check_undone(two_gateways, visit, message=one)


@BY
async def test_a_message_that_comes_while_it_is_compensated_is_undone(
    two_gateways: TwoGateways, flag: str
) -> None:
    """A 2601 that had found nothing means what is there when it looks for the name."""
    first, second = two_gateways.both
    visit = await two_gateways.uploaded()
    one = first.till.envelope("2207", visit.charge(acct_used_flag=flag))
    undone = second.till.envelope("2601", compensation(visit, one))
    stop = second.wire.stop_before(MESSAGES, "is_taken")
    undoing = second.post(undone)
    # It has looked for the message and found nothing.
    await stop.reached()
    assert (await first.send(one))["infcode"] == "0"
    stop.let_go()
    assert (await undoing)["infcode"] == "0"
    await check_undone(two_gateways, visit, message=one)


@BY
async def test_a_message_sent_again_while_its_reply_is_unheard_is_told_as_undone(
    two_gateways: TwoGateways, flag: str
) -> None:
    """Who joins a delivery in work is told what is kept, not what that one heard."""
    first, second = two_gateways.both
    visit = await two_gateways.uploaded()
    one = first.till.envelope("2207", visit.charge(acct_used_flag=flag))
    stop = first.wire.stop_at("answer", TOGETHER, name="reply")
    settling = first.post(one)
    await stop.reached()
    undone = second.till.envelope("2601", compensation(visit, one))
    assert (await second.send(undone))["infcode"] == "0"
    again = first.post(one)
    # When these have their replies, the one that was sent before them is in work.
    await asyncio.to_thread(Visit(first.till, visit.psn_no).open)
    stop.let_go()
    assert (await again)["err_msg"] == BARRED
    await settling
    await check_undone(two_gateways, visit, message=one)
