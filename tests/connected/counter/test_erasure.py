"""What an erasure takes along at the counter, and what was never there."""

import hashlib
from typing import Any

import pytest
from tests.connected.counter.commands import connection, done
from tests.connected.counter.conftest import Site, certno

from jiesuan_services.gateway.wire.payload import canonical

pytestmark = pytest.mark.connected
PERSONS = ["P9821", "P9822"]
COLUMNS = """
SELECT table_name, column_name FROM information_schema.columns
WHERE table_schema = 'gateway'
"""


def asked(psn_no: str) -> dict[str, Any]:
    """Make the input of 1101 that anybody can make who has the number."""
    return {"data": {"mdtrt_cert_type": "02", "mdtrt_cert_no": certno(psn_no)}}


async def columns_with(site: Site, texts: list[str]) -> set[str]:
    """Return the columns of the counter's tables that hold one of some texts."""
    found = set()
    async with connection(site) as on:
        for table, column in await on.fetch(COLUMNS):
            held = f"""
                SELECT count(*) FROM gateway."{table}", unnest($1::text[]) AS text
                WHERE position(text IN "{column}"::text) > 0"""
            if await on.fetchval(held, texts):
                found.add(f"{table}.{column}")
    return found


async def test_no_column_follows_from_a_number(site: Site) -> None:
    """Of a 1101 the counter keeps nothing that its number alone gives."""
    await site.admit(PERSONS[:1])
    till, number = site.till(), certno(PERSONS[0])
    unknown = {"data": {"certno": f"{number}X"}}
    till.call("1101", asked(PERSONS[0]))
    assert till.send(till.envelope("1101", unknown))["infcode"] == "-1"
    said = [number.encode(), canonical(asked(PERSONS[0])), canonical(unknown)]
    texts = [number, *(hashlib.sha256(one).hexdigest() for one in said)]
    assert await columns_with(site, texts) == set()


async def test_a_number_sent_again_after_an_erasure_finds_nobody(site: Site) -> None:
    """The same bytes find the person until he is erased, whoever kept the reply."""
    await site.admit(PERSONS)
    till = site.till()
    messages = [till.envelope("1101", asked(one)) for one in PERSONS]
    for message, psn_no in zip(messages, PERSONS, strict=True):
        for _ in range(2):
            assert till.send(message)["output"]["baseinfo"]["psn_no"] == psn_no
    async with connection(site) as on:
        # As they were kept before their rows said whose they are.
        nameless = (
            "UPDATE message SET psn_no = NULL WHERE infno = '1101' AND psn_no = $1"
        )
        assert await on.execute(nameless, PERSONS[1]) != "UPDATE 0"
    for psn_no in PERSONS:
        code, said = await done(
            site, "identity", "erase", psn_no, "--reason", "本人申请"
        )
        assert code == 0, said
    for message in messages:
        assert "未查到" in till.send(message)["err_msg"]
