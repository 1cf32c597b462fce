"""Who comes in, in which form, and what nobody gets past the door with."""

import asyncio
import base64
import json
import socket
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from gmssl_pyx import sm2_key_generate, sm2_sign
from tests.connected.counter.conftest import (
    CLIENT,
    HOSPITAL,
    KEY,
    OTHER,
    SIGN_IN,
    Site,
    by_token,
    certno,
    post,
)
from tests.connected.counter.interleaved.wire import PostgresWire

from jiesuan_services.demo.counter.his import PATH, SaidNo
from jiesuan_services.gateway.access.registry import (
    KNOWN_SECONDS,
    Client,
    hash_secret,
)
from jiesuan_services.gateway.counter import PAUSE_SECONDS
from jiesuan_services.gateway.store.database import open_pool
from jiesuan_services.gateway.store.sql import query
from jiesuan_services.gateway.vault.keys import MasterKey
from jiesuan_services.gateway.wire import sm
from jiesuan_services.gateway.wire.signature import (
    SIGNATURE,
    signature_of,
    tif_signature,
)

pytestmark = pytest.mark.connected
ONE_SERVICE = "/ebus/nmg/fsi/api/fsiPsnInfoService/queryPsnInfo"


def message(infno: str = "9001", **fields: Any) -> dict[str, Any]:
    """Make the least that a message may be."""
    return {"infno": infno, "msgid": "M1", "input": SIGN_IN, **fields}


def test_tokens_are_given_to_whom_they_belong(site: Site) -> None:
    """Id, secret, user and password must all be right, and say so in words if not."""
    till = site.till()
    till.log_in()
    for wrong in ("client_id", "secret", "user", "password"):
        other = site.till()
        setattr(other, wrong, "x")
        with pytest.raises(SaidNo, match="密钥"):
            other.log_in()


def test_nobody_comes_in_without_a_credential(site: Site, bearer: str) -> None:
    """No token, a forged one, another's name: HTTP 200 and a sentence."""
    body = json.dumps(message()).encode()
    forged = bearer[:-2] + ("AA" if bearer[-2:] != "AA" else "BB")
    for headers in ({}, {"Authorization": forged}, {"Authorization": "Bearer null"}):
        status, reply = post(site, body, **headers)
        assert (status, reply["infcode"]) == (200, "-1")
        assert "令牌" in reply["err_msg"] or "凭证" in reply["err_msg"]
    named = json.dumps(message(fixmedins_code=OTHER)).encode()
    _, reply = post(site, named, Authorization=bearer)
    assert OTHER in reply["err_msg"]


@pytest.mark.parametrize(
    "path",
    [
        "/mbs/fmi/fsi/api/callFsiService/callService",
        "/fsi/api/rsfComIfsService/callService",
        "/hss-call-service-interface",
        "/fsi/api/rsfComIfsService/callService/9001",
        "/any/web/api/fsi/callService",
        "/any-other/web/api/fsi/callService/9001",
        "/ebus/any/prd/hsa/hgs/9001",
    ],
)
def test_every_path_leads_in(site: Site, bearer: str, path: str) -> None:
    """Each path that a real client uses serves, whatever the content type."""
    body = json.dumps(message(msgid=f"M{len(path)}")).encode()
    for kind in ("application/json", "text/plain", "application/xml"):
        _, reply = post(
            site, body, path=path, Authorization=bearer, **{"Content-Type": kind}
        )
        assert reply["infcode"] == "0", reply["err_msg"]
        assert reply["err_msg"] == ""
        assert len(reply["output"]["signinoutb"]["sign_no"]) == 30
        assert len(reply["inf_refmsgid"]) == 30


def test_the_body_s_infno_counts(site: Site, bearer: str) -> None:
    """The infno of the path serves where the body has none."""
    path = f"{PATH}/9002"
    said = message()
    _, reply = post(site, json.dumps(said).encode(), path=path, Authorization=bearer)
    assert "signinoutb" in reply["output"]
    del said["infno"]
    _, reply = post(site, json.dumps(said).encode(), path=path, Authorization=bearer)
    assert "signoutoutb" in reply["output"]


def test_a_body_in_gb18030_is_read(site: Site, bearer: str) -> None:
    """Bytes of a Chinese Windows are a message like any other."""
    said = json.dumps(message(opter_name="经办"), ensure_ascii=False)
    _, reply = post(site, said.encode("gb18030"), Authorization=bearer)
    assert reply["infcode"] == "0"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"\xff\xfe", b"<xml/>", b'{"infno":"9001"}', b'{"msgid":"1"}'],
)
def test_what_is_no_message_is_told_so(site: Site, bearer: str, body: bytes) -> None:
    """Nothing that is sent ends in anything but an envelope and a sentence."""
    status, reply = post(site, body, Authorization=bearer)
    assert (status, reply["infcode"], reply["output"]) == (200, "-1", {})
    assert reply["err_msg"].endswith("。")


def test_a_body_beyond_the_bound_is_not_read(site: Site, bearer: str) -> None:
    """More than 10 MB is refused by status, said before or not."""
    status, reply = post(site, b" " * (10 * 1024 * 1024 + 1), Authorization=bearer)
    assert (status, reply["infcode"]) == (413, "-1")
    assert "10MB" in reply["err_msg"]


def test_two_lengths_are_no_message(site: Site) -> None:
    """A request whose end two readers could see in two places is refused."""
    with socket.create_connection(("127.0.0.1", site.ports["gateway-a"])) as raw:
        raw.sendall(
            f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
            "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /health HTTP/1.1\r\n\r\n"
            "".encode()
        )
        raw.settimeout(10)
        assert raw.recv(100).startswith(b"HTTP/1.1 400")


def tif_headers(secret: bytes) -> dict[str, str]:
    """Sign as another kind of client does, in capitals."""
    at = str(int(datetime.now(UTC).timestamp()))
    return {
        "x-tif-paasid": "AK2",
        "x-tif-timestamp": at,
        "x-tif-nonce": "n",
        "x-tif-signature": tif_signature(secret, at=at, nonce="n").upper(),
    }


async def test_a_signing_institution_comes_in_without_a_token(site: Site) -> None:
    """Headers of either kind with a good signature are enough; a bad one is not."""
    await site.register(
        Client(
            fixmedins_code=OTHER,
            transport="hmac",
            client_id="AK2",
            secret_sealed=MasterKey(KEY).seal(b"SK2", OTHER),
        )
    )
    stamp = str(int(datetime.now(UTC).timestamp() * 1000))
    headers = {
        "_api_name": "any",
        "_api_version": "1.0.0",
        "_api_timestamp": stamp,
        "_api_access_key": "AK2",
    }
    body = json.dumps(message(fixmedins_code=OTHER)).encode()
    good = {**headers, SIGNATURE: signature_of(b"SK2", headers)}
    bad = {**headers, SIGNATURE: signature_of(b"SK1", headers)}
    try:
        _, reply = post(site, body, **good)
        assert reply["infcode"] == "0", reply["err_msg"]
        _, reply = post(site, body, **bad)
        assert "签名不一致" in reply["err_msg"]
        for secret, infcode in ((b"SK2", "0"), (b"SK1", "-1")):
            signed = tif_headers(secret)
            _, reply = post(site, body, path=ONE_SERVICE, **signed)
            assert reply["infcode"] == infcode, reply["err_msg"]
    finally:
        await site.register(by_token(OTHER))


def raw_signature(public: bytes, private: bytes, text: bytes) -> str:
    """Sign as the client does: r‖s in Base64."""
    r, s = decode_dss_signature(sm2_sign(private, public, text))
    return base64.b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).decode()


async def test_sm_mode_encrypts_every_reply(site: Site) -> None:
    """Input signed and encrypted, output encrypted: on success, failure and refusal."""
    await site.admit(["P9900"])
    public, private = sm2_key_generate()
    hospital = Client(
        fixmedins_code=HOSPITAL,
        transport="token",
        client_id=CLIENT,
        secret_hash=hash_secret("s3cret"),
        username="u1",
        password_hash=hash_secret("pw"),
    )
    keyed = {name: getattr(hospital, name) for name in hospital.__struct_fields__}
    await site.register(Client(**{**keyed, "sm2_public_key": public}))
    till = site.till()
    till.log_in()
    asked = {"data": {"mdtrt_cert_no": certno("P9900"), "mdtrt_cert_type": "02"}}
    try:
        for input_, infcode in ((asked, "0"), ({"data": {"mdtrt_cert_no": "1"}}, "-1")):
            text = json.dumps(input_).encode()
            fields = {"cainfo": raw_signature(public, private, text), "enc_type": "SM4"}
            reply = till.send(till.envelope("1101", sm.encrypt(text, CLIENT), **fields))
            assert reply["infcode"] == infcode, reply["err_msg"]
            output = json.loads(sm.decrypt(reply["output"], CLIENT))
            assert output == {} or output["baseinfo"]["psn_no"] == "P9900"
        forged = till.send(
            till.envelope(
                "1101", sm.encrypt(text, CLIENT), cainfo=fields["cainfo"][:-4]
            )
        )
        assert "SM2签名" in forged["err_msg"]
        plain = till.send(till.envelope("1101", asked))
        assert "按国密方式登记，收到的input未加密" in plain["err_msg"]
        till.token = "none"
        refused = till.send(till.envelope("1101", sm.encrypt(text, CLIENT)))
        assert json.loads(sm.decrypt(refused["output"], CLIENT)) == {}
    finally:
        await site.register(hospital)


async def test_downtime_is_told_to_everybody(site: Site, bearer: str) -> None:
    """While it is announced every transaction is answered with it, then no more."""
    pool = await open_pool(site.machine.servers.pg)
    until = datetime.now(UTC) + timedelta(minutes=5)
    try:
        statement = query("store", "clients", name="pause")
        await pool.execute(statement, until, "系统升级维护，请稍后办理")
        await asyncio.sleep(PAUSE_SECONDS + 0.1)
        _, reply = post(site, json.dumps(message()).encode(), Authorization=bearer)
        assert "系统升级维护" in reply["err_msg"]
        # So of a message that was answered before, too.
        assert "此前同一报文如已受理不受影响" in reply["err_msg"]
        assert reply["err_msg"].endswith("用同一报文重新发送，即可得到结果。")
    finally:
        await pool.execute(query("store", "clients", name="resume"))
        await pool.close()
    await asyncio.sleep(PAUSE_SECONDS + 0.1)
    _, reply = post(site, json.dumps(message()).encode(), Authorization=bearer)
    assert reply["infcode"] == "0"


async def test_downtime_is_told_while_the_database_is_down_for_it(site: Site) -> None:
    """What was announced is said without the database until its time is over; another
    gateway's word for a database that is away is said where nothing was announced."""
    pool = await open_pool(site.machine.servers.pg)
    wire = PostgresWire(site.machine.servers.pg)
    await site.start("gateway-wired", JIESUAN_PG=await wire.open())
    till, seconds = site.till("gateway-wired"), 8
    sign_in = till.envelope("9001", SIGN_IN)
    assert (await asyncio.to_thread(till.send, sign_in))["infcode"] == "0"
    until = datetime.now(UTC) + timedelta(seconds=seconds)
    try:
        statement = query("store", "clients", name="pause")
        await pool.execute(statement, until, "数据库升级")
        await asyncio.sleep(PAUSE_SECONDS + 0.1)
        told = await asyncio.to_thread(till.send, sign_in)
        assert "数据库升级" in told["err_msg"]
        await wire.close()
        # Longer than anything is remembered that is asked of the database.
        await asyncio.sleep(KNOWN_SECONDS + 0.1)
        assert datetime.now(UTC) < until
        again = await asyncio.to_thread(till.send, sign_in)
        assert again["err_msg"] == told["err_msg"]
        await asyncio.sleep(seconds)
        after = await asyncio.to_thread(till.send, sign_in)
        assert "数据库暂时无法连接" in after["err_msg"]
    finally:
        await pool.execute(query("store", "clients", name="resume"))
        await pool.close()
        await site.kill("gateway-wired")


def test_an_unknown_transaction_is_named(site: Site, bearer: str) -> None:
    """A number that nobody serves is a normal failure."""
    for infno, words in (("9999", "没有交易9999"), ("3209", "没有交易3209")):
        body = json.dumps(message(infno, msgid=f"U{infno}")).encode()
        status, reply = post(site, body, Authorization=bearer)
        assert (status, reply["infcode"]) == (200, "-1")
        assert words in reply["err_msg"]
