"""The mutated messages of the edge's test, over HTTP to a running counter."""

import http.client
import json
import os
import random
import time
from collections import Counter
from typing import Any

import pytest
from tests.connected.counter.conftest import FAULTS, THIRD, Site
from tests.services.gateway.test_fuzz import bytes_of, mutated, template

from jiesuan_services.demo.counter.his import PATH
from jiesuan_services.gateway.transactions.table import TRANSACTIONS

pytestmark = pytest.mark.connected
BODIES = int(os.environ.get("JIESUAN_HTTP_BODIES", "400"))
"""`make bodies` sends 30,000."""


def body(chance: random.Random, number: int) -> tuple[str, bytes]:
    """Make one message under a name of its own, mutated up to three times."""
    infno = chance.choice(list(TRANSACTIONS))
    input_ = template(TRANSACTIONS[infno].input)
    message: Any = {"infno": infno, "msgid": f"B{number}", "input": input_}
    for _ in range(chance.randrange(4)):
        message = mutated(message, chance)
    try:
        return infno, bytes_of(message, chance)
    except UnicodeEncodeError:
        return infno, b"\xff"


async def test_every_body_gets_a_reply(site: Site, figures: list[str]) -> None:
    """HTTP 200 and an envelope each time, a sentence with each no, no fault of ours."""
    seed = int(os.environ.get("JIESUAN_SEED") or time.time_ns() % 1_000_000)
    chance = random.Random(seed)
    token = site.till(code=THIRD).log_in()
    link = http.client.HTTPConnection("127.0.0.1", site.ports["gateway-a"], timeout=30)
    counts: Counter[str] = Counter()
    for number in range(BODIES):
        infno, sent = body(chance, number)
        headers = {"Authorization": f"Bearer {token}"}
        link.request("POST", f"{PATH}/{infno}", sent, headers)
        reply = link.getresponse()
        said = json.loads(reply.read())
        counts[said["infcode"]] += 1
        assert (reply.status, said["infcode"] in ("0", "-1")) == (200, True), seed
        assert (said["err_msg"] == "") == (said["infcode"] == "0"), seed
        assert len(said["err_msg"]) <= 200, seed
        assert "平台处理出错" not in said["err_msg"], (seed, infno, sent)
    link.close()
    log = (site.folder / "gateway-a.log").read_text("utf-8")
    assert [one for one in FAULTS if one in log] == [], seed
    figures.append(f"counter bodies over HTTP: {dict(counts)}, seed {seed}")
