"""A settlement and its refund at once: what was taken back does not stand again."""

import pytest
from tests.connected.counter.interleaved.conftest import (
    BY,
    TwoGateways,
)

pytestmark = pytest.mark.connected

NAMED = pytest.mark.parametrize("names", [("mdtrt_id",), ()], ids=["visit", "alone"])
"""What a refund says besides the settlement."""


@BY
@NAMED
async def test_a_settlement_refunded_before_it_is_heard_of_leaves_its_batch_free(
    two_gateways: TwoGateways, flag: str, names: tuple[str, ...]
) -> None:
    """Who refunds hears out what is open first: no later reply settles the batch."""
    first, second = two_gateways.both
    visit = await two_gateways.uploaded()
    charge = visit.charge(acct_used_flag=flag)
    one = first.till.envelope("2207", charge)
    settling, stop = await first.settled_unheard(one)
    [setl_id] = await two_gateways.settlements(visit)
    data = {"psn_no": visit.psn_no, "setl_id": setl_id}
    data |= dict.fromkeys(names, visit.mdtrt_id)
    taken_back = await second.send(second.till.envelope("2208", {"data": data}))
    assert taken_back["infcode"] == "0", taken_back["err_msg"]
    stop.let_go()
    assert (await settling)["output"]["setlinfo"]["setl_id"] == setl_id
    assert await two_gateways.settlements(visit) == []
    new = await second.send(second.till.envelope("2207", charge))
    assert new["infcode"] == "0", new["err_msg"]
    settled = new["output"]["setlinfo"]["setl_id"]
    assert await two_gateways.settlements(visit) == [settled]
