"""Messages about one visit at once, at two gateways: nothing is held between them."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.connected.counter.conftest import Site
from tests.connected.counter.visits import Visit

from jiesuan_services.demo.counter.his import SaidNo, Till

pytestmark = pytest.mark.connected
PERSON = "P7001"


async def test_messages_at_once_about_one_batch_settle_it_once(site: Site) -> None:
    """Of settlements and an upload at two gateways one settles what stood then."""
    await site.admit([PERSON])
    tills = [site.till("gateway-a"), site.till("gateway-b")]
    for till in tills:
        till.log_in()
    for flag in "01" * 6:
        visit = Visit(tills[0], PERSON).open()
        cheap = visit.line(det_item_fee_sumamt=10, pric=10)
        visit.upload(cheap)
        lines = {"feedetail": [visit.line()]}
        sent = [
            tills[n % 2].envelope(
                "2207", visit.charge(medfee_sumamt=amount, acct_used_flag=flag)
            )
            for n, amount in enumerate((10, 10, 3000, 10, 3000, 3000))
        ]
        sent.insert(3, tills[1].envelope("2204", lines))
        with ThreadPoolExecutor(len(sent)) as pool:
            said = list(pool.map(Till.send, tills * len(sent), sent))
        settled = [
            one["output"]["setlinfo"] for one in said if "setlinfo" in one["output"]
        ]
        uploaded = said[3]["infcode"] == "0"
        assert len(settled) <= 1
        if not settled:
            # All came before the upload, or after it, and named the other sum.
            assert uploaded
            settled.append(visit.settle(acct_used_flag=flag))
        amount = settled[0]["medfee_sumamt"]
        assert uploaded or amount == 10
        key = {"psn_no": visit.psn_no, "setl_id": settled[0]["setl_id"]}
        kept = tills[1].call("5204", {"data": {**key, "mdtrt_id": visit.mdtrt_id}})
        assert [row["det_item_fee_sumamt"] for row in kept["feedetail"]] == [amount]
        with pytest.raises(SaidNo, match=settled[0]["setl_id"]):
            visit.settle(medfee_sumamt=amount)
