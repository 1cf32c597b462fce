"""What an erasure takes along at the counter, and what was never there."""

import asyncio
import hashlib
import os
from pathlib import Path
from typing import Any

import pytest
from tests.connected.conftest import until
from tests.connected.counter.commands import begun, connection, done
from tests.connected.counter.conftest import HEAD, KEY, Site, certno, secret_name

from jiesuan_services.gateway.vault.identities import Vault
from jiesuan_services.gateway.vault.keys import MasterKey
from jiesuan_services.gateway.vault.loading import load
from jiesuan_services.gateway.wire.payload import canonical

pytestmark = pytest.mark.connected
PERSONS = ["P9821", "P9822"]
LOADED = ["P9823", "P9824"]
WAITS = """
SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
"""
LOADS = """
SELECT count(*) FROM pg_locks
WHERE locktype = 'advisory' AND mode = 'ShareLock' AND granted
"""
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


def file_of(psn_no: str) -> list[str]:
    """Make a file of one person."""
    number, name = certno(psn_no), secret_name(psn_no)
    return [HEAD, f"{psn_no},01,{number},,{name},1,01,1980-01-01,,"]


async def test_who_is_erased_during_a_load_is_erased(site: Site) -> None:
    """An erasure while a file stands in its transaction reaches whom that brings."""
    psn_no, vault = LOADED[0], Vault(MasterKey(KEY))
    async with (
        connection(site) as on,
        connection(site) as eraser,
        connection(site) as other,
    ):

        async def erase() -> bool:
            async with eraser.transaction():
                return await vault.erase(eraser, psn_no, reason="本人申请")

        change = on.transaction()
        await change.start()
        assert await load(on, vault, lines=file_of(psn_no)) == (1, 0)
        erasing = asyncio.create_task(erase())

        async def has_come_to_it() -> bool:
            return erasing.done() or bool(await other.fetchval(WAITS))

        await until(has_come_to_it, seconds=60)
        await change.commit()
        was = await erasing
        assert await vault.identity(on, psn_no) is None
        assert await vault.find(on, certno(psn_no)) == []
        assert was
        assert await load(on, vault, lines=file_of(psn_no)) == (0, 1)


async def test_an_erasure_that_a_load_holds_up_says_so_and_does_nothing(
    site: Site, tmp_path: Path
) -> None:
    """Behind a load that goes on it ends in words; nobody is erased, nor noted."""
    psn_no, vault, file = LOADED[1], Vault(MasterKey(KEY)), tmp_path / "persons.csv"
    os.mkfifo(file)
    async with connection(site) as on:
        # Its end is not there before this is closed.
        with file.open("r+b", buffering=0) as pipe:
            pipe.write("\n".join([*file_of(psn_no), ""]).encode())
            loading = await begun(site, "identity", "load", str(file))

            async def stands() -> bool:
                return bool(await on.fetchval(LOADS))

            await until(stands, seconds=60)
            code, said = await done(site, "identity", "erase", psn_no, "--reason", "x")
            assert code == 1
            assert "正在载入人员文件，本次未注销；请待载入完成后重新执行" in said
        loaded, _ = await loading.communicate()
        assert loaded.decode() == "载入1人，略过已注销的0人\n"
        assert await vault.identity(on, psn_no) is not None
        assert await load(on, vault, lines=file_of(psn_no)) == (1, 0)
