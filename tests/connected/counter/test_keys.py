"""Master keys of the vault: exchanged while gateways serve, and never mixed up."""

import http.client
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.connected.conftest import until
from tests.connected.counter.commands import begun, connection, done, text_of
from tests.connected.counter.conftest import (
    HEAD,
    KEY,
    OTHER,
    SIGN_IN,
    Site,
    by_token,
    certno,
    secret_name,
)
from tests.connected.counter.visits import Visit

from jiesuan_services.demo.counter.his import PATH, SaidNo, Till
from jiesuan_services.gateway.access.registry import Client
from jiesuan_services.gateway.vault.identities import Vault
from jiesuan_services.gateway.vault.keys import MasterKey
from jiesuan_services.gateway.vault.loading import load
from jiesuan_services.gateway.wire.signature import SIGNATURE, signature_of

pytestmark = pytest.mark.connected
PERSON = "P9811"
FIRST = "A0000"
"""Whom a rotation takes first: it goes by the names of persons, 500 at once."""
MANY = [f"A{number:04}" for number in range(600)]
NEW = bytes(reversed(KEY))
STARTED = ("gateway-both", "gateway-old", "gateway-new")
SHUT = "身份库的密钥未就绪"
MASTERS = "SELECT DISTINCT master_id FROM vault.person"


def signed(site: Site, name: str) -> dict[str, Any]:
    """Sign in at a gateway by a signature; HTTP 200 whatever is said."""
    headers = {
        "_api_name": "any",
        "_api_version": "1.0.0",
        "_api_timestamp": str(int(datetime.now(UTC).timestamp() * 1000)),
        "_api_access_key": "AK3",
    }
    headers[SIGNATURE] = signature_of(b"SK3", headers)
    message = {"infno": "9001", "msgid": headers["_api_timestamp"], "input": SIGN_IN}
    link = http.client.HTTPConnection("127.0.0.1", site.ports[name], timeout=30)
    try:
        link.request("POST", PATH, json.dumps(message).encode(), headers)
        reply = link.getresponse()
        said: dict[str, Any] = json.loads(reply.read())
        assert reply.status == 200
        return said
    finally:
        link.close()


def found(till: Till, number: str) -> str:
    """Return whom 1101 finds."""
    data = {"data": {"mdtrt_cert_no": number}}
    return str(till.call("1101", data)["baseinfo"]["psn_no"])


@pytest.fixture
async def vault_of_many(site: Site) -> AsyncIterator[None]:
    """A vault of several steps of a rotation, and an institution that signs."""
    await site.admit([PERSON])
    lines = [HEAD.replace(",card_no", "").replace(",balc,emp_name", "")]
    lines += [
        f"{one},01,{certno(one)},{secret_name(one)},1,01,1980-01-01" for one in MANY
    ]
    async with connection(site) as on:
        await load(on, Vault(MasterKey(KEY)), lines=lines)
    signs = {"fixmedins_code": OTHER, "transport": "hmac", "client_id": "AK3"}
    sealed = MasterKey(KEY).seal(b"SK3", OTHER)
    await site.register(Client(**signs, secret_sealed=sealed))
    try:
        yield
    finally:
        for name in {*STARTED} & site.processes.keys():
            await site.kill(name)
        await done(site, "identity", "rotate", "--old-key", text_of(NEW))
        async with connection(site) as on:
            await on.execute("DELETE FROM vault.person WHERE psn_no LIKE 'A%'")
            await on.execute("DELETE FROM vault.lookup WHERE psn_no LIKE 'A%'")
        await site.register(by_token(OTHER))


async def interrupted_rotation(site: Site) -> None:
    """Kill the command when it has done a part of the persons, and is at the next."""
    async with connection(site) as on:
        held = on.transaction()
        await held.start()
        await on.execute(
            "SELECT FROM vault.person WHERE psn_no = $1 FOR UPDATE", PERSON
        )
        words = ("identity", "rotate", "--old-key", text_of(KEY))
        process = await begun(site, *words, key=NEW)

        async def half_way() -> bool:
            return len(await on.fetch(MASTERS)) == 2

        await until(half_way, seconds=60)
        process.kill()
        await process.wait()
        await held.rollback()


def all_is_well(site: Site, name: str) -> None:
    """Whoever was found is found, nobody is nobody, and a signature is checked."""
    till = site.till(name)
    assert found(till, certno(FIRST)) == FIRST
    assert found(till, certno(PERSON)) == PERSON
    with pytest.raises(SaidNo, match="未查到"):
        found(till, "990000199901010000")
    assert signed(site, name)["err_msg"] == ""


async def signs_again(site: Site, name: str) -> None:
    """Wait until a gateway reads secrets anew: it keeps them for two seconds."""

    async def is_well() -> bool:
        return signed(site, name)["err_msg"] == ""

    await until(is_well, seconds=60)


@pytest.mark.usefixtures("vault_of_many")
async def test_a_key_is_exchanged_while_gateways_serve(site: Site) -> None:
    """With both keys a gateway serves before, half-way through and after a rotation.

    One with the old key alone says nothing final of what it cannot open, and why it
    cannot; when it can again, the same messages are answered.
    """
    both = {"JIESUAN_VAULT_KEY": text_of(NEW), "JIESUAN_VAULT_OLD_KEY": text_of(KEY)}
    await site.start("gateway-both", JIESUAN_DATA=str(site.folder / "both"), **both)
    await site.start("gateway-old", JIESUAN_DATA=str(site.folder / "old"))
    old = site.till("gateway-old")
    visit = Visit(old, PERSON).open()
    visit.upload()
    all_is_well(site, "gateway-both")
    await interrupted_rotation(site)
    all_is_well(site, "gateway-both")
    known = old.envelope("1101", {"data": {"mdtrt_cert_no": certno(FIRST)}})
    nobody = old.envelope("1101", {"data": {"mdtrt_cert_no": "990000199901010001"}})
    for message in (known, nobody):
        assert SHUT in old.send(message)["err_msg"]
    rotated = await done(site, "identity", "rotate", "--old-key", text_of(KEY), key=NEW)
    assert rotated[0] == 0, rotated
    all_is_well(site, "gateway-both")
    await site.start("gateway-new", JIESUAN_VAULT_KEY=text_of(NEW))
    all_is_well(site, "gateway-new")
    charge = old.envelope("2207", visit.charge())
    assert f"{SHUT}，本笔业务已办理" in old.send(charge)["err_msg"]
    assert SHUT in signed(site, "gateway-old")["err_msg"]

    async def told() -> bool:
        _, said = await done(site, "status", data=site.folder / "old")
        return "gateway vault" in said and "JIESUAN_VAULT_KEY" in said

    await until(told, seconds=60)
    back = await done(site, "identity", "rotate", "--old-key", text_of(NEW))
    assert back[0] == 0, back
    assert old.send(known)["output"]["baseinfo"]["psn_no"] == FIRST
    assert "未查到" in old.send(nobody)["err_msg"]
    info = old.send(charge)["output"]["setlinfo"]
    assert info["psn_name"] == secret_name(PERSON)
    await signs_again(site, "gateway-old")


@pytest.mark.parametrize("key", [NEW, None], ids=["another", "none"])
async def test_nobody_writes_with_a_key_that_no_gateway_has(
    site: Site, tmp_path: Path, key: bytes | None
) -> None:
    """A key of another vault is refused in words; none is made where there is one."""
    await site.admit([PERSON])
    (tmp_path / "secret").write_text("SK4")
    persons = tmp_path / "persons.csv"
    head = HEAD.replace(",card_no", "").replace(",balc,emp_name", "")
    persons.write_text(f"{head}\nP9819,01,{certno('P9819')},某人,1,01,1980-01-01\n")
    signs = ("gateway", "client", OTHER, "--transport", "hmac", "--id", "AK4")
    for words in (
        ("identity", "load", str(persons)),
        (*signs, "--secret-file", str(tmp_path / "secret")),
    ):
        code, said = await done(site, *words, key=key, data=tmp_path / "data")
        assert (code, "JIESUAN_VAULT_KEY" in said) == (1, True), said
        assert "Traceback" not in said
    assert not (tmp_path / "data" / "vault.key").exists()
    async with connection(site) as on:
        assert await Vault(MasterKey(KEY)).identity(on, "P9819") is None
        kept = "SELECT transport FROM client WHERE fixmedins_code = $1"
        assert await on.fetchval(kept, OTHER) == "token"
