"""Nothing personal anywhere but in the vault, and there only encrypted."""

from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from tests.connected.counter.conftest import (
    HOSPITAL,
    KEY,
    Site,
    certno,
    secret_name,
)
from tests.connected.counter.visits import Visit

from jiesuan_events.words.topics import LEDGER
from jiesuan_services.audit.opened import opened_ledger
from jiesuan_services.audit.verifying.verify import verify
from jiesuan_services.demo.counter.his import SaidNo
from jiesuan_services.gateway.store.database import open_pool
from jiesuan_services.gateway.vault.identities import Vault
from jiesuan_services.gateway.vault.keys import KeyRefused, MasterKey
from jiesuan_services.gateway.vault.loading import FileRefused, load, read_persons
from jiesuan_services.gateway.vault.rotation import reseal_clients

pytestmark = pytest.mark.connected
PERSON = "P9801"
GONE = "P9802"


def everything_written(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Read every file that servers and processes wrote."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield path, path.read_bytes()


async def every_entry(kafka: str) -> bytes:
    """Read the ledger, whose batches are compressed on the disk."""
    found: list[str] = []
    async with opened_ledger(kafka) as ledger:
        for partition in range(ledger.partitions):
            end = await ledger.log.end_offset(LEDGER, partition)
            async for batch in ledger.log.read(LEDGER, partition, start=0, stop=end):
                found += [f"{one.record.value!r} {one.record.headers}" for one in batch]
    return "\n".join(found).encode("utf-8", "surrogateescape")


async def test_no_byte_names_a_person(site: Site) -> None:
    """After a visit no file of Kafka, PostgreSQL or a process holds name or number."""
    await site.admit([PERSON])
    till = site.till()
    visit = Visit(till, PERSON).open()
    visit.upload()
    data = {"data": {"mdtrt_cert_no": certno(PERSON), "mdtrt_cert_type": "02"}}
    assert till.call("1101", data)["baseinfo"]["psn_name"] == secret_name(PERSON)
    registered = {
        "psn_no": PERSON,
        "insutype": "310",
        "ipt_otp_no": "MZ2",
        "psn_name": secret_name(PERSON),
        "certno": certno(PERSON),
        "mdtrt_cert_no": certno(PERSON),
    }
    till.call("2201", {"data": registered})
    info = visit.settle(mdtrt_cert_no=certno(PERSON), certno=certno(PERSON))
    assert info["psn_name"] == secret_name(PERSON)
    chosen = {"psn_no": PERSON, "fixmedins_code": HOSPITAL, "begndate": "2022-01-01"}
    number = till.call("2505", {"data": chosen})["result"]["trt_dcla_detl_sn"]
    memo = f"{secret_name(PERSON)}（{certno(PERSON)}）本人申请"
    gone = {"psn_no": PERSON, "trt_dcla_detl_sn": number, "memo": memo}
    till.call("2506", {"data": gone})
    with pytest.raises(SaidNo):
        till.call("2207", visit.charge(certno=certno(PERSON), chrg_bchno="B9"))
    server = await asyncpg.connect(site.machine.servers.pg, ssl=False)
    await server.execute("CHECKPOINT")
    await server.close()
    wanted = [certno(PERSON).encode()]
    wanted += [secret_name(PERSON).encode(code) for code in ("utf-8", "gb18030")]
    found = {
        str(path)
        for path, raw in everything_written(site.folder)
        if any(word in raw for word in wanted)
    }
    assert found == set()
    entries = await every_entry(site.machine.servers.kafka)
    assert PERSON.encode() in entries
    assert [word for word in wanted if repr(word)[2:-1].encode() in entries] == []


async def test_every_look_is_on_record(site: Site) -> None:
    """Whose identity was read, by whom, when and why stands on `jiesuan.looks`."""
    await site.admit([PERSON])
    till = site.till()
    data = {"data": {"mdtrt_cert_no": certno(PERSON)}}
    before = len(await site.looks())
    name = till.name()
    till.call("1101", data, msgid=name)
    (look,) = (await site.looks())[before:]
    for word in (PERSON, "/medins/H42010000001", "900001", f"1101 {name}"):
        assert word.encode() in look
    assert certno(PERSON).encode() not in look


async def test_an_erased_person_is_nobody_and_the_ledger_stays(site: Site) -> None:
    """Erased, a person is found by no number; entries and proofs are as they were."""
    await site.admit([GONE])
    till = site.till()
    visit = Visit(till, GONE).open()
    visit.upload()
    message = till.envelope("2207", visit.charge())
    info = till.send(message)["output"]["setlinfo"]
    assert info["psn_name"] == secret_name(GONE)
    report = await verify(site.machine.servers.kafka)
    pool = await open_pool(site.machine.servers.pg)
    vault = Vault(MasterKey(KEY))
    async with pool.acquire() as on, on.transaction():
        assert await vault.erase(on, GONE, reason="本人申请")
    with pytest.raises(SaidNo, match="未查到"):
        till.call("1101", {"data": {"mdtrt_cert_no": certno(GONE)}})
    again = till.send(message)["output"]["setlinfo"]
    assert again["setl_id"] == info["setl_id"]
    assert (again["psn_name"], again["certno"]) == ("", "")
    lines = ["psn_no,psn_cert_type,certno,psn_name,gend,naty,brdy"]
    lines.append(f"{GONE},01,{certno(GONE)},{secret_name(GONE)},1,01,1980-01-01")
    async with pool.acquire() as on:
        assert (await load(on, vault, lines=lines)) == (0, 1)
    await pool.close()
    after = await verify(site.machine.servers.kafka)
    assert after.is_sound
    assert after.entries >= report.entries


async def test_another_master_key_opens_what_it_took_over(site: Site) -> None:
    """Rotated, the vault opens with the new key alone, and finds whom it found."""
    await site.admit([PERSON])
    old, new = MasterKey(KEY), MasterKey(bytes(reversed(KEY)))
    pool = await open_pool(site.machine.servers.pg)
    async with pool.acquire() as on:
        change = on.transaction()
        await change.start()
        await reseal_clients(on, new, old=old)
        while await Vault(new).rotate(on, old, at_once=10):
            pass
        assert await Vault(new).find(on, certno(PERSON)) == [PERSON]
        identity = await Vault(new).identity(on, PERSON)
        assert identity is not None
        assert identity.psn_name == secret_name(PERSON)
        with pytest.raises(KeyRefused):
            await Vault(old).identity(on, PERSON)
        await change.rollback()
    await pool.close()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("P1,01,99,某人,3,01,1980-01-01", "第2行：gend"),
        ("P1,01,99,某人,1,01,昨天", "第2行：brdy"),
        ("P1,01,,某人,1,01,1980-01-01", "第2行：缺少certno"),
        ("P1,01,99,某人,1,01", "第2行"),
    ],
)
def test_a_file_that_is_wrong_names_the_line_and_nobody(line: str, words: str) -> None:
    """What is wrong is said by its line, without saying who stood there."""
    head = "psn_no,psn_cert_type,certno,psn_name,gend,naty,brdy"
    with pytest.raises(RuntimeError, match=words) as wrong:
        list(read_persons([head, line]))
    assert "某人" not in str(wrong.value)


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (
            "P1,01,990000198001010004,zhang,1,01,1980-01-01",
            "表头不符：缺少psn_no、psn_cert_type、certno、psn_name、gend、naty、brdy；"
            "不认识的列6个。首行应为列名，请补上或更正后重新载入",
        ),
        (
            "psn_no,psn_cert_type,certno,psn_name,gend,naty,brdy,phone,Li Si,zhang",
            "表头不符：缺少无；不认识的列3个（phone、zhang）。"
            "首行应为列名，请补上或更正后重新载入",
        ),
    ],
)
def test_a_file_without_its_head_names_nobody(head: str, words: str) -> None:
    """Of what stands where the head should be only names of columns are repeated."""
    with pytest.raises(FileRefused) as wrong:
        list(read_persons([head, head]))
    assert str(wrong.value) == words
