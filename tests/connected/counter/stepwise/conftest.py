"""A hospital and a pharmacy at two gateways, of which the first can be stopped."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from tests.connected.counter.books import keep_running
from tests.connected.counter.conftest import HOSPITAL, PHARMACY, Site
from tests.connected.counter.interleaved.conftest import gateways_behind_wires
from tests.connected.counter.stepwise.desk import HospitalDesk
from tests.connected.counter.stepwise.kafka_wire import KafkaWire
from tests.connected.counter.stepwise.on_its_way import ReplyWire

from jiesuan_services.demo.counter.his import Till

# A minute or more of kills that stand for themselves: `make kills` has them all, and
# JIESUAN_STEPS=0 each step once.
collect_ignore = [] if "JIESUAN_STEPS" in os.environ else ["test_stepwise.py"]


def tills_over(wire_port: int, tills: dict[str, list[Till]]) -> dict[str, Till]:
    """Return a till of each institution that sends over a wire."""
    address = f"127.0.0.1:{wire_port}"
    return {code: replace(own[0], address=address) for code, own in tills.items()}


@pytest.fixture
async def desk(site: Site) -> AsyncIterator[HospitalDesk]:
    """A desk from which messages are sent; what falls with the servers is kept up."""
    kafka = KafkaWire(site.machine.servers.kafka)
    bootstrap = await kafka.open()
    await site.kill("decider")
    await site.start("decider", JIESUAN_KAFKA=bootstrap)
    kept = asyncio.create_task(keep_running(site, "projector"))
    async with gateways_behind_wires(site, JIESUAN_KAFKA=bootstrap) as gateways:
        left, right = (one.name for one in gateways.both)
        replies = ReplyWire(site.ports[left])
        port = await replies.listen()
        tills = {
            code: [site.till(name, code=code) for name in (left, right)]
            for code in (HOSPITAL, PHARMACY)
        }
        for first, second in tills.values():
            second.token = await asyncio.to_thread(first.log_in)
        over = tills_over(port, tills)
        yield HospitalDesk(gateways, replies, kafka, bootstrap, tills, over)
        await replies.close()
    kept.cancel()
    await site.kill("decider")
    await site.start("decider")
    await kafka.close()
