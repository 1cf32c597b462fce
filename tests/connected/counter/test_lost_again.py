"""The same message again after the counter lost it: the ledger's entry is its reply."""

import signal
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from tests.connected.counter.conftest import PHARMACY, Site
from tests.connected.counter.past import bill
from tests.connected.counter.visits import Visit, bought

from jiesuan_events.entries.partition import partition_of
from jiesuan_events.words.instants import BEIJING
from jiesuan_events.words.topics import LEDGER
from jiesuan_ledger.facts import Settled
from jiesuan_ledger.log.kafka import KafkaLog, count_partitions
from jiesuan_ledger.reader import accepted
from jiesuan_services.demo.counter.his import Till
from jiesuan_services.gateway.ledger.asking import UNKNOWN
from jiesuan_services.gateway.store.database import open_pool
from jiesuan_services.gateway.store.freshness import BEHIND
from jiesuan_services.gateway.transactions.asking.outcomes import BARRED

pytestmark = pytest.mark.connected
Json = dict[str, Any]
GATEWAYS = ("gateway-a", "gateway-b")
OF_VISITS = "mdtrt_id IN (SELECT mdtrt_id FROM visit WHERE psn_no = $1)"
ROW = ("DELETE FROM message WHERE psn_no = $1 AND infno IN ('2207', '2102')",)
LOSSES = {
    "its row": ROW,
    "its commits": (*ROW, f"UPDATE batch SET setl_id = NULL WHERE {OF_VISITS}"),
    "all": (
        f"DELETE FROM batch WHERE {OF_VISITS}",
        *(
            f"DELETE FROM {table} WHERE psn_no = $1"
            for table in ("visit", "message", "barred")
        ),
    ),
}
"""What the counter loses of a person, from a failover to an older backup."""
LOST = pytest.mark.parametrize("loss", list(LOSSES))


@pytest.fixture(scope="module")
async def treated(site: Site) -> Iterator[str]:
    """Persons whose messages are lost here, one after the other."""
    names = [f"P85{n:02}" for n in range(40)]
    await site.admit(names)
    return iter(names)


async def lose(site: Site, psn_no: str, *, loss: str) -> None:
    """Lose what the counter keeps of a person."""
    pool = await open_pool(site.machine.servers.pg)
    for statement in LOSSES[loss]:
        await pool.execute(statement, psn_no)
    await pool.close()


async def entered(site: Site, psn_no: str) -> list[str]:
    """Read from the ledger what was ever settled of a person."""
    kafka = site.machine.servers.kafka
    log = KafkaLog(kafka, producer=None)
    await log.start()
    try:
        place = partition_of(psn_no, await count_partitions(kafka))
        end = await log.end_offset(LEDGER, place)
        read = log.read(LEDGER, place, start=1, stop=end)
        found = [accepted(one.record).fact async for batch in read for one in batch]
    finally:
        await log.stop()
    made = [fact for fact in found if isinstance(fact, Settled)]
    return [fact.settlement_id for fact in made if fact.person_id == psn_no]


def asking(site: Site, psn_no: str, *, kind: str, **fields: Any) -> tuple[Till, Json]:
    """Make a message that settles, and the till that sends it."""
    flag = "1" if kind == "account" else "0"
    if kind == "sale":
        till = site.till(code=PHARMACY)
        return till, till.envelope("2102", bought(psn_no, acct_used_flag="1"), **fields)
    till = site.till()
    visit = Visit(till, psn_no).open()
    visit.upload()
    return till, till.envelope("2207", visit.charge(acct_used_flag=flag), **fields)


def told(reply: Json) -> Json:
    """Return what a reply tells of the matter."""
    return {name: reply[name] for name in ("infcode", "err_msg", "output")}


def again(site: Site, message: Json) -> Iterator[Json]:
    """Send a message as it was at both gateways."""
    for gateway in GATEWAYS:
        yield told(site.till(gateway, code=message["fixmedins_code"]).send(message))


def stands(till: Till, psn_no: str, setl_id: str) -> bool:
    """Whether a settlement stands, as 5203 tells it."""
    said = till.call("5203", {"data": {"psn_no": psn_no, "setl_id": setl_id}})
    return bool(said["setlinfo"]["refd_setl_flag"] == "0")


def take_back(till: Till, message: Json, *, setl_id: str, by: str) -> None:
    """Take back what a message settled."""
    psn_no = next(node["psn_no"] for node in message["input"].values())
    data = {"psn_no": psn_no, "setl_id": setl_id}
    if by == "2601":
        data = {"psn_no": psn_no, "omsgid": message["msgid"]}
        data["oinfno"] = message["infno"]
    elif message["infno"] == "2102":
        by = "2103"
    till.call(by, {"data": data})
    assert not stands(till, psn_no, setl_id)


@LOST
@pytest.mark.parametrize("kind", ["cash", "account", "sale"])
@pytest.mark.parametrize("by", ["2601", "2208"])
async def test_what_the_counter_lost_is_told_from_the_ledger(
    site: Site, treated: Iterator[str], kind: str, loss: str, by: str
) -> None:
    """The reply is the first one, nothing is settled twice, and it can be undone."""
    psn_no = next(treated)
    till, message = asking(site, psn_no, kind=kind)
    first = told(till.send(message))
    assert first["infcode"] == "0", first
    setl_id = first["output"]["setlinfo"]["setl_id"]
    await lose(site, psn_no, loss=loss)
    for said in again(site, message):
        assert said == first
    assert await entered(site, psn_no) == [setl_id]
    take_back(till, message, setl_id=setl_id, by=by)
    for said in again(site, message):
        assert said["err_msg"] == (BARRED if by == "2601" else "")
    assert await entered(site, psn_no) == [setl_id]


@LOST
async def test_a_second_name_that_the_counter_lost_is_told_from_the_ledger(
    site: Site, treated: Iterator[str], loss: str
) -> None:
    """What settled under its second name is found under that, and not settled again."""
    psn_no = next(treated)
    till, one = asking(site, psn_no, kind="account")
    assert till.send(one)["infcode"] == "0"
    _, two = asking(site, psn_no, kind="account", msgid=one["msgid"])
    first = told(till.send(two))
    made = await entered(site, psn_no)
    assert made[1:] == [first["output"]["setlinfo"]["setl_id"]]
    await lose(site, psn_no, loss=loss)
    for said in again(site, two):
        assert said == first
    assert await entered(site, psn_no) == made


@pytest.mark.parametrize(
    ("kind", "loss", "words"),
    [("sale", "its commits", UNKNOWN), ("cash", "all", BEHIND)],
)
async def test_what_was_lost_is_not_settled_while_the_tables_are_behind(
    site: Site, treated: Iterator[str], kind: str, loss: str, words: str
) -> None:
    """Who cannot see yet what has the name asks for the message again."""
    psn_no = next(treated)
    till, message = asking(site, psn_no, kind=kind)
    projector = site.processes["projector"]
    projector.send_signal(signal.SIGSTOP)
    try:
        first = told(till.send(message))
        await lose(site, psn_no, loss=loss)
        assert till.send(message)["err_msg"].startswith(words)
    finally:
        projector.send_signal(signal.SIGCONT)
    for said in again(site, message):
        assert said == first
    assert len(await entered(site, psn_no)) == 1


async def test_a_lost_message_that_was_refunded_leaves_its_batch_free(
    site: Site, treated: Iterator[str]
) -> None:
    """It is told as it was, and the batch can be settled by another message."""
    psn_no = next(treated)
    till, message = asking(site, psn_no, kind="account")
    first = told(till.send(message))
    setl_id = first["output"]["setlinfo"]["setl_id"]
    take_back(till, message, setl_id=setl_id, by="2208")
    await lose(site, psn_no, loss="its commits")
    for said in again(site, message):
        assert said == first
    assert await entered(site, psn_no) == [setl_id]
    new = till.call("2207", message["input"])["setlinfo"]["setl_id"]
    assert await entered(site, psn_no) == [setl_id, new]


async def test_a_lost_message_that_was_compensated_is_told_so(
    site: Site, treated: Iterator[str]
) -> None:
    """The ledger knows what was compensated, and nothing is settled."""
    psn_no = next(treated)
    till, message = asking(site, psn_no, kind="account")
    setl_id = till.send(message)["output"]["setlinfo"]["setl_id"]
    take_back(till, message, setl_id=setl_id, by="2601")
    await lose(site, psn_no, loss="its commits")
    pool = await open_pool(site.machine.servers.pg)
    await pool.execute("DELETE FROM barred WHERE psn_no = $1", psn_no)
    await pool.close()
    for said in again(site, message):
        assert said["err_msg"] == BARRED
    assert await entered(site, psn_no) == [setl_id]


@pytest.mark.parametrize("differs", ["visit", "lines", "total", "invoice"])
async def test_what_another_message_settled_under_the_name_stays_another_s(
    site: Site, treated: Iterator[str], differs: str
) -> None:
    """Where anything differs that the ledger keeps of both, it is settled beside."""
    psn_no = next(treated)
    till, message = asking(site, psn_no, kind="cash")
    sent = message["input"]["data"]
    place = {"fixmedins_code": till.fixmedins_code, "admdvs": till.region}
    fen = 200_000 if differs == "total" else 300_000
    other = bill(psn_no, place=place, fen=fen, on=datetime.now(BEIJING).date())
    other["id"] = message["msgid"]
    if differs != "visit":
        other["data"]["mdtrt_id"] = sent["mdtrt_id"]
    if differs == "lines":
        other["data"]["feedetail"][0]["feedetl_sn"] = "7"
    if differs == "invoice":
        other["data"]["invono"] = "F9"
    [answer] = await site.submit([other])
    reply = till.send(message)
    assert reply["infcode"] == "0", (reply, answer)
    setl_id = reply["output"]["setlinfo"]["setl_id"]
    assert len(await entered(site, psn_no)) == 2
    take_back(till, message, setl_id=setl_id, by="2601")
