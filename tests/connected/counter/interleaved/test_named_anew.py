"""A name that is another's in the ledger: who compensates it, and who gets another."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from tests.connected.counter.conftest import HOSPITAL, REGION
from tests.connected.counter.interleaved.conftest import (
    BY,
    PERSON,
    TOGETHER,
    Message,
    TwoGateways,
)
from tests.connected.counter.interleaved.test_compensated import (
    MESSAGES,
    check_undone,
    compensation,
    waits_or_ends,
)
from tests.connected.counter.interleaved.wire import Place
from tests.connected.counter.past import bill
from tests.connected.counter.visits import Visit

from jiesuan_events.words.instants import BEIJING
from jiesuan_services.gateway.store.database import open_pool
from jiesuan_services.gateway.transactions.asking.outcomes import BARRED

pytestmark = pytest.mark.connected
RENAMING: list[tuple[str, Place]] = [
    ("hold_name", "statement"),
    ("hold_name", "answer"),
    ("rename", "statement"),
    ("rename", "commit"),
    ("rename", "committed"),
]
"""Where a gateway stands between the ledger's no and its second question."""
AT = pytest.mark.parametrize(("name", "place"), RENAMING, ids=map("-".join, RENAMING))
DIES = pytest.mark.parametrize("dies", [False, True], ids=["lives", "dies"])


@dataclass(frozen=True)
class NamedElsewhere:
    """A message, and what the hospital's own producer settled under its name."""

    gateways: TwoGateways
    visit: Visit
    message: Message
    other: Visit

    async def check_apart(self) -> None:
        """Check that the message is undone, and that what has its name stands."""
        await check_undone(self.gateways, self.visit, message=self.message)
        assert len(await self.gateways.settlements(self.other)) == 1


async def named_elsewhere(
    gateways: TwoGateways, *, flag: str, visit: str = "V{}"
) -> NamedElsewhere:
    """Make a message whose name the ledger has by another visit, past the counter."""
    own, till = await gateways.uploaded(), gateways.both[0].till
    message = till.envelope("2207", own.charge(acct_used_flag=flag))
    place = {"fixmedins_code": HOSPITAL, "admdvs": REGION}
    asked = bill(PERSON, place=place, fen=5_000, on=datetime.now(BEIJING).date())
    other = Visit(till, PERSON, visit.format(message["msgid"][-9:]))
    data = {**asked["data"], "mdtrt_id": other.mdtrt_id}
    await gateways.site.submit([{**asked, "id": message["msgid"], "data": data}])
    assert len(await gateways.settlements(other)) == 1
    return NamedElsewhere(gateways, own, message, other)


@pytest.fixture
async def gateways(two_gateways: TwoGateways) -> AsyncIterator[TwoGateways]:
    """Two gateways, of which a test may kill the first."""
    yield two_gateways
    first = two_gateways.both[0]
    if two_gateways.site.processes[first.name].returncode is not None:
        first.wire.free()
        await first.start()


@BY
@AT
@DIES
async def test_a_compensation_undoes_the_message_and_not_what_has_its_name(
    gateways: TwoGateways, flag: str, name: str, place: Place, dies: bool
) -> None:
    """Whether it comes before the second name or after, and whoever hears for whom."""
    first, second = gateways.both
    made = await named_elsewhere(gateways, flag=flag)
    stop = first.wire.stop_at(place, MESSAGES, name=name)
    settling = first.post(made.message)
    await stop.reached()
    undone = second.till.envelope("2601", compensation(made.visit, made.message))
    undoing = second.post(undone)
    await waits_or_ends(gateways, undoing)
    if dies:
        await gateways.site.kill(first.name)
        stop.lose()
    else:
        stop.let_go()
    assert (await undoing)["infcode"] == "0"
    await asyncio.gather(settling, return_exceptions=True)
    if dies:
        await first.start()
    await made.check_apart()


LOST = (
    "DELETE FROM batch WHERE mdtrt_id = $1",
    "DELETE FROM visit WHERE mdtrt_id = $1",
    "DELETE FROM message WHERE mdtrt_id = $1",
)
"""A visit and what was settled of it, as a failover to an older backup loses them."""


@BY
async def test_what_is_undone_while_it_is_looked_up_is_told_so(
    gateways: TwoGateways, flag: str
) -> None:
    """A message that the counter lost stands, is compensated, and is told of last."""
    first, second = gateways.both
    visit = await gateways.uploaded()
    message = first.till.envelope("2207", visit.charge(acct_used_flag=flag))
    assert (await first.post(message))["infcode"] == "0"
    pool = await open_pool(gateways.site.machine.servers.pg)
    for statement in LOST:
        await pool.execute(statement, visit.mdtrt_id)
    await pool.close()
    stop = first.wire.stop_at("answer", ("store", "register"), name="entered_under")
    telling = first.post(message)
    await stop.reached()
    undone = second.till.envelope("2601", compensation(visit, message))
    assert (await second.post(undone))["infcode"] == "0"
    stop.let_go()
    assert (await telling)["err_msg"] == BARRED
    assert (await second.post(message))["err_msg"] == BARRED


@BY
@pytest.mark.parametrize("place", ["statement", "answer", "commit", "committed"])
async def test_what_has_no_row_when_it_is_compensated_gets_no_second_name(
    gateways: TwoGateways, flag: str, place: Place
) -> None:
    """A 2601 that names nothing in the ledger bars what is heard after it."""
    first, second = gateways.both
    made = await named_elsewhere(gateways, flag=flag, visit="42010020220301090000Y{}")
    undone = second.till.envelope("2601", compensation(made.visit, made.message))
    stop = second.wire.stop_at(place, TOGETHER, name="intend")
    undoing = second.post(undone)
    # It has found no row, and in the ledger a purchase, which is no 2207.
    await stop.reached()
    settling = first.post(made.message)
    await waits_or_ends(gateways, settling)
    stop.let_go()
    assert (await undoing)["infcode"] == "0"
    assert (await settling)["err_msg"] == BARRED
    await made.check_apart()


@BY
async def test_a_reply_of_meanwhile_stands_before_a_second_name(
    gateways: TwoGateways, flag: str
) -> None:
    """What another gateway has heard and told under the second name is the reply."""
    first, second = gateways.both
    made = await named_elsewhere(gateways, flag=flag)
    stop = first.wire.stop_before(MESSAGES, "hold_name")
    settling = first.post(made.message)
    await stop.reached()
    early: dict[str, Any] = await second.send(made.message)
    assert early["infcode"] == "0", early["err_msg"]
    stop.let_go()
    late = await settling
    assert late["output"] == early["output"]
    [setl_id] = await gateways.settlements(made.visit)
    assert setl_id == late["output"]["setlinfo"]["setl_id"]
    assert len(await gateways.settlements(made.other)) == 1
