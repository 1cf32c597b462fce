"""Numbers and names of a sender's own: whatever their form, they decide nothing."""

import asyncio
from typing import Any

import pytest
from tests.connected.counter.commands import connection
from tests.connected.counter.conftest import PHARMACY, Site
from tests.connected.counter.visits import Visit, bought

from jiesuan_events.words.topics import LEDGER, LOOKS, REQUESTS
from jiesuan_ledger.log.kafka import KafkaLog, count_partitions
from jiesuan_services.demo.counter.his import SaidNo
from jiesuan_services.gateway.ledger.naming import carried
from jiesuan_services.gateway.store.database import open_pool

pytestmark = pytest.mark.connected
ODD = ("处方1", "RX#1", "2026/11-27 1", "r" * 51, "{1}|", "/a")
SOMEBODY_S = "990000198001010776"
PHONE = "13900000000"
"""Numbers that no other test writes."""
SENT_AS = """
SELECT msgid FROM gateway.message WHERE fixmedins_code = $1 AND request_id = $2
"""
SENDER_ID = "SELECT medins_setl_id FROM jiesuan.settlement WHERE setl_id = $1"


@pytest.fixture(scope="module")
async def namers(site: Site) -> list[str]:
    """Persons whose bills carry odd numbers."""
    names = [f"P73{n:02}" for n in range(30)]
    await site.admit(names)
    return names


@pytest.mark.parametrize("number", ODD)
def test_a_hospital_s_own_numbers_settle_whatever_their_form(
    site: Site, namers: list[str], number: str
) -> None:
    """Numbers of prescription, invoice, batch and line: settled, and told as sent."""
    till = site.till()
    visit = Visit(till, namers[ODD.index(number)]).open()
    own = {"chrg_bchno": number}
    [row] = visit.upload(visit.line(rxno=number, feedetl_sn=number, **own))
    assert row["feedetl_sn"] == number
    till.call("2206", visit.charge(invono=number, **own))
    info = visit.settle(invono=number, **own)
    key = {"psn_no": visit.psn_no, "setl_id": info["setl_id"]}
    [line] = till.call("5204", {"data": key})["feedetail"]
    told = {name: line[name] for name in ("feedetl_sn", "chrg_bchno", "rxno")}
    assert set(told.values()) == {number}
    visit.refund(info["setl_id"])
    visit.upload(visit.line(**own))
    data = {"psn_no": visit.psn_no, "mdtrt_id": visit.mdtrt_id, **own}
    assert till.call("2205", {"data": data}) == {}


def test_a_number_of_no_form_is_refused_where_it_is_sent(
    site: Site, namers: list[str]
) -> None:
    """2204 names the field of the wire and what is allowed."""
    visit = Visit(site.till(), namers[10]).open()
    for name in ("feedetl_sn", "chrg_bchno"):
        for wrong in ("a" * 65, "a\nb"):
            with pytest.raises(SaidNo, match=rf"feedetail\.1\.{name}.*1至64个字符"):
                visit.upload(visit.line(**{name: wrong}))


def test_a_pharmacy_s_prescription_may_have_any_number(
    site: Site, namers: list[str]
) -> None:
    """A prescription's number of any form settles a purchase, at head or line."""
    till = site.till(code=PHARMACY)
    for number in ("处方1", "r" * 60):
        sent = bought(namers[11], invono="(2026)鄂0012345")
        sent["drugdetail"][0] |= {"rxno": number, "feedetl_sn": "第1行"}
        till.call("2101", sent)
        said = till.call("2102", sent)
        assert said["detlcutinfo"][0]["feedetl_sn"] == "第1行"
        del sent["drugdetail"][0]["rxno"]
        sent["druginfo"]["rxno"] = number
        till.call("2102", sent)


async def sent_as(site: Site, setl_id: str) -> tuple[str, str]:
    """Return the name that the ledger knows a settlement's message by, and its own."""
    pool = await open_pool(site.machine.servers.pg)
    try:
        name = await pool.fetchval(SENDER_ID, setl_id)
        return name, await pool.fetchval(SENT_AS, site.till().fixmedins_code, name)
    finally:
        await pool.close()


@pytest.mark.parametrize(
    "msgid", ["M" * 80, "a" * 51, "H1|2", "中文编号1", "a b", "{u}", "名" * 200, "a/b"]
)
async def test_any_text_names_a_message(
    site: Site, namers: list[str], msgid: str
) -> None:
    """A msgid of any form settles once, is told back, found, undone and barred."""
    till, psn_no = site.till(), namers[12]
    visit = Visit(till, psn_no).open()
    visit.upload()
    message = till.envelope("2207", visit.charge(), msgid=msgid)
    till.call("2206", visit.charge(), msgid=msgid)
    reply = till.send(message)
    assert reply["infcode"] == "0", reply["err_msg"]
    info = reply["output"]["setlinfo"]
    assert info["medins_setl_id"] == msgid
    assert till.send(message)["output"] == reply["output"]
    key: dict[str, Any] = {"psn_no": psn_no, "setl_id": info["setl_id"]}
    stands = till.call("5203", {"data": key})["setlinfo"]
    assert (stands["refd_setl_flag"], stands["medins_setl_id"]) == ("0", msgid)
    assert await sent_as(site, info["setl_id"]) == (carried(msgid), msgid)
    data = {"psn_no": psn_no, "omsgid": msgid, "oinfno": "2207"}
    assert till.call("2601", {"data": data}) == {}
    assert till.call("5203", {"data": key})["setlinfo"]["refd_setl_flag"] == "1"
    assert "冲正" in till.send(message)["err_msg"]


def test_the_second_message_of_a_long_name_is_its_own(
    site: Site, namers: list[str]
) -> None:
    """Two bills under one msgid of no ledger form are two settlements of that msgid."""
    till, psn_no, msgid = site.till(), namers[13], "编号" * 40
    visit = Visit(till, psn_no).open()
    for batch in ("B1", "B2"):
        visit.upload(visit.line(chrg_bchno=batch))
    made = [
        till.call("2207", visit.charge(chrg_bchno=batch), msgid=msgid)["setlinfo"]
        for batch in ("B1", "B2")
    ]
    assert {info["medins_setl_id"] for info in made} == {msgid}
    assert len({info["setl_id"] for info in made}) == 2
    for info in made:
        key = {"psn_no": psn_no, "setl_id": info["setl_id"]}
        told = till.call("5203", {"data": key})["setlinfo"]
        assert told["medins_setl_id"] == msgid
    key = {"psn_no": psn_no, "setl_id": made[1]["setl_id"]}
    undone = till.call("2208", {"data": key}, msgid=msgid)["setlinfo"]
    assert undone["medins_setl_id"] == msgid


def test_a_msgid_without_end_is_refused_in_words(site: Site) -> None:
    """201 characters and a line break are no name; the sentence says what is."""
    till = site.till()
    for wrong in ("a" * 201, "a\nb"):
        reply = till.send(till.envelope("9001", {"signIn": {}}, msgid=wrong))
        assert "msgid（发送方报文ID）应为1至200个字符" in reply["err_msg"]


def test_a_question_has_no_name_that_another_message_could_have(
    site: Site, namers: list[str]
) -> None:
    """2206 and 2001 are answered under a msgid that settled, or was compensated."""
    till, psn_no = site.till(), namers[29]
    visits = [Visit(till, psn_no).open() for _ in range(2)]
    for visit in visits:
        visit.upload()
    msgid = till.name()
    till.call("2207", visits[0].charge(), msgid=msgid)
    care = {"psn_no": psn_no, "insutype": "310", "med_type": "11"}
    undo = {"psn_no": psn_no, "omsgid": msgid, "oinfno": "2207"}
    for number in range(2):
        charge = visits[1].charge(invono=f"I{number}")
        told = till.call("2206", charge, msgid=msgid)["setlinfo"]
        assert told["medfee_sumamt"] == 3000
        begun = {"begntime": f"2026-01-0{number + 1} 08:00:00"}
        (row,) = till.call("2001", {"data": {**care, **begun}}, msgid=msgid)["trtinfo"]
        assert row["trt_enjymnt_flag"] == "1", row
        till.call("2601", {"data": undo})


async def told(site: Site, topic: str) -> str:
    """Read all that stands in a topic."""
    kafka = site.machine.servers.kafka
    log = KafkaLog(kafka, producer=None)
    await log.start()
    found = []
    try:
        for number in range(1 if topic == LOOKS else await count_partitions(kafka)):
            end = await log.end_offset(topic, number)
            async for batch in log.read(topic, number, start=0, stop=end):
                found += [f"{one.record.value!r} {one.record.headers}" for one in batch]
    finally:
        await log.stop()
    return "\n".join(found)


@pytest.mark.parametrize(("number", "at"), [(SOMEBODY_S, 14), (PHONE, 15)])
async def test_somebody_s_number_is_in_no_topic_and_comes_back_as_sent(
    site: Site, namers: list[str], number: str, at: int
) -> None:
    """An identity or telephone number as msgid, prescription, invoice, batch, line and
    operator: settled, told back and undone by it, and nowhere in Kafka or the log."""
    till, psn_no = site.till(), namers[at]
    own = {"chrg_bchno": number}
    visit = Visit(till, psn_no).open()
    [row] = visit.upload(visit.line(rxno=number, feedetl_sn=number, **own))
    assert row["feedetl_sn"] == number
    charge = visit.charge(invono=number, **own)
    till.call("2206", charge, msgid=number)
    message = till.envelope("2207", charge, msgid=number) | {"opter": number}
    info = till.send(message)["output"]["setlinfo"]
    assert info["medins_setl_id"] == number
    assert till.send(message)["output"]["setlinfo"] == info
    key = {"psn_no": psn_no, "setl_id": info["setl_id"]}
    assert till.call("5203", {"data": key})["setlinfo"]["medins_setl_id"] == number
    [line] = till.call("5204", {"data": key})["feedetail"]
    told_back = (line["feedetl_sn"], line["chrg_bchno"], line["rxno"])
    assert told_back == (number,) * 3
    undo = {"psn_no": psn_no, "omsgid": number, "oinfno": "2207"}
    assert till.call("2601", {"data": undo}) == {}
    assert till.call("5203", {"data": key})["setlinfo"]["refd_setl_flag"] == "1"
    for topic in (REQUESTS, LEDGER, LOOKS):
        said = await told(site, topic)
        assert psn_no in said
        assert number not in said
    logs = [one.read_text() for one in site.folder.glob("*.log")]
    assert [one for one in logs if number in one] == []


async def test_a_message_under_the_name_of_before_is_found_and_undone(
    site: Site, namers: list[str]
) -> None:
    """A row whose request has another name than its msgid would get now is what the
    message meets when it is sent again, and what 2601 undoes."""
    till, psn_no, msgid = site.till(), namers[16], "990000198001010004.16"
    visit = Visit(till, psn_no).open()
    visit.upload()
    message = till.envelope("2207", visit.charge())
    reply = await asyncio.to_thread(till.send, message)
    async with connection(site) as on:
        renamed = "UPDATE message SET msgid = $1 WHERE msgid = $2"
        assert await on.execute(renamed, msgid, message["msgid"]) == "UPDATE 1"
    again = await asyncio.to_thread(till.send, message | {"msgid": msgid})
    assert again["output"] == reply["output"]
    undo = {"psn_no": psn_no, "omsgid": msgid, "oinfno": "2207"}
    assert till.call("2601", {"data": undo}) == {}
    key = {"psn_no": psn_no, "setl_id": reply["output"]["setlinfo"]["setl_id"]}
    assert till.call("5203", {"data": key})["setlinfo"]["refd_setl_flag"] == "1"


def test_somebody_s_number_is_no_code_of_a_disease(
    site: Site, namers: list[str]
) -> None:
    """Of a visit for a chronic disease that is a number of somebody's nothing comes."""
    visit = Visit(site.till(), namers[17])
    visit.open(med_type="14", dise_codg=SOMEBODY_S)
    visit.upload()
    with pytest.raises(SaidNo, match="dise_codg应填写编码"):
        visit.settle(med_type="14")
