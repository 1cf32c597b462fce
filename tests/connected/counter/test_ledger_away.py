"""What is said while the ledger is away is so, also of what came before."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from tests.connected.conftest import until
from tests.connected.counter.conftest import Site
from tests.connected.counter.visits import Visit

from jiesuan_services.demo.counter.his import SaidNo, Till

pytestmark = pytest.mark.connected
Json = dict[str, Any]
NOT_TAKEN = ("未作任何处理", "未受理")
"""What is said of a message of which nothing comes."""
AGAIN = "用同一报文"


@pytest.fixture(scope="module")
async def waiting(site: Site) -> list[str]:
    """Persons whom nobody else treats."""
    names = [f"P86{n:02}" for n in range(8)]
    await site.admit(names)
    return names


@asynccontextmanager
async def without_ledger(site: Site) -> AsyncIterator[None]:
    """Kill Kafka, and begin gateway-a without it; then bring Kafka back."""
    machine = site.machine
    await asyncio.to_thread(machine.kill_kafka)
    try:
        await site.kill("gateway-a")
        await site.start("gateway-a")
        yield
    finally:
        await asyncio.to_thread(machine.start_kafka)
        await until(lambda: reached(site.ports["gateway-a"]), seconds=60)


async def reached(port: int) -> bool:
    """Whether a gateway reaches database and ledger."""
    async with httpx.AsyncClient() as link:
        return (await link.get(f"http://127.0.0.1:{port}/health")).is_success


@asynccontextmanager
async def unanswered(site: Site) -> AsyncIterator[None]:
    """Stop the decider where it stands; then let it go on."""
    decider = site.processes["decider"]
    decider.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        decider.send_signal(signal.SIGCONT)


async def insisted(till: Till, message: Json) -> Json:
    """Send a message until it is answered."""
    said: Json = {}

    async def is_answered() -> bool:
        said.update(await asyncio.to_thread(till.send, message))
        return AGAIN not in said["err_msg"]

    await until(is_answered, seconds=60)
    return said


def uploaded(till: Till, psn_no: str) -> Visit:
    """Make a visit whose lines are there."""
    visit = Visit(till, psn_no).open()
    visit.upload()
    return visit


def stands(visit: Visit, setl_id: str) -> bool:
    """Whether a settlement stands, as 5203 tells it."""
    key = {"psn_no": visit.psn_no, "setl_id": setl_id}
    said = visit.till.call("5203", {"data": key})
    return bool(said["setlinfo"]["refd_setl_flag"] == "0")


def is_refused(said: Json, *words: str) -> None:
    """Hold a refusal to its words, and to the length of the field."""
    assert said["infcode"] == "-1"
    assert all(word in said["err_msg"] for word in (*words, AGAIN)), said["err_msg"]
    assert len(said["err_msg"]) <= 200


def is_no_denial(said: Json, *words: str) -> None:
    """Hold a refusal to words that do not say that nothing came of the message."""
    is_refused(said, *words)
    assert not any(word in said["err_msg"] for word in NOT_TAKEN), said["err_msg"]


async def test_what_was_not_taken_in_is_performed_by_nobody(
    site: Site, waiting: list[str]
) -> None:
    """A 2207 that was said not to be taken in is not settled by the 2205 after it, a
    2208 takes nothing back; sent again, each is done."""
    till = site.till()
    visit, other = uploaded(till, waiting[0]), uploaded(till, waiting[1])
    setl_id = other.settle()["setl_id"]
    settle = till.envelope("2207", visit.charge())
    named = {"psn_no": other.psn_no, "mdtrt_id": other.mdtrt_id}
    refund = till.envelope("2208", {"data": {**named, "setl_id": setl_id}})
    async with without_ledger(site):
        for message in (settle, refund):
            said = till.send(message)
            is_refused(said, "账本暂时无法连接")
            assert any(word in said["err_msg"] for word in NOT_TAKEN)
    lines = {"psn_no": visit.psn_no, "mdtrt_id": visit.mdtrt_id, "chrg_bchno": "0000"}
    said = await insisted(till, till.envelope("2205", {"data": lines}))
    assert (said["infcode"], said["err_msg"]) == ("0", "")
    assert "没有已上传的费用明细" in (await insisted(till, settle))["err_msg"]
    lines = {**named, "chrg_bchno": "0000"}
    await insisted(till, till.envelope("2205", {"data": lines}))
    assert stands(other, setl_id)
    assert (await insisted(till, refund))["infcode"] == "0"
    assert not stands(other, setl_id)


async def test_what_is_open_is_not_denied(site: Site, waiting: list[str]) -> None:
    """A 2207 whose outcome nobody heard is said to be unknown, also while the ledger is
    away; sent again it is settled once."""
    till = site.till()
    visit = uploaded(till, waiting[2])
    message = till.envelope("2207", visit.charge())
    async with unanswered(site):
        is_no_denial(till.send(message), "结果暂时未知", "2601")
        async with without_ledger(site):
            is_no_denial(till.send(message), "结果暂时未知", "2601")
    said = await insisted(till, message)
    assert said["infcode"] == "0", said["err_msg"]
    assert stands(visit, said["output"]["setlinfo"]["setl_id"])


async def test_what_is_done_is_not_denied(site: Site, waiting: list[str]) -> None:
    """A settlement whose look cannot be noted is said to be done, at a gateway that has
    never reached the ledger and at one that has lost it; then its reply comes."""
    till = site.till()
    visit = uploaded(till, waiting[3])
    message = till.envelope("2207", visit.charge())
    first = till.send(message)
    async with without_ledger(site):
        for name in ("gateway-a", "gateway-b"):
            again = await asyncio.to_thread(site.till(name).send, message)
            is_no_denial(again, "账本暂时无法连接", "已办理")
        looked = till.envelope("5203", {"data": {"psn_no": visit.psn_no}})
        looked["input"]["data"]["setl_id"] = first["output"]["setlinfo"]["setl_id"]
        is_no_denial(till.send(looked), "账本暂时无法连接")
    assert (await insisted(till, message))["output"] == first["output"]


async def test_who_waits_for_another_message_is_told_of_that_one(
    site: Site, waiting: list[str]
) -> None:
    """A 2205 behind an open 2207 is said to wait for it, and is offered no 2601; what
    was answered before waits for nothing."""
    till, psn_no = site.till(), waiting[4]
    done, visit = uploaded(till, psn_no), uploaded(till, psn_no)
    key = {"psn_no": psn_no, "setl_id": done.settle()["setl_id"]}
    refund = till.envelope("2208", {"data": key})
    refunded = till.send(refund)
    assert refunded["infcode"] == "0", refunded["err_msg"]
    message = till.envelope("2207", visit.charge())
    async with unanswered(site):
        is_no_denial(till.send(message), "结果暂时未知")
        lines = {"psn_no": psn_no, "mdtrt_id": visit.mdtrt_id, "chrg_bchno": "B1"}
        behind = till.send(till.envelope("2205", {"data": lines}))
        is_refused(behind, "上一笔业务")
        assert "2601" not in behind["err_msg"]
        assert till.send(refund)["output"] == refunded["output"]
    assert (await insisted(till, message))["infcode"] == "0"
    with pytest.raises(SaidNo, match="已结算"):
        till.call("2205", {"data": lines})
