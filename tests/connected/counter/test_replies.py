"""What every client can read: an envelope on each address, in its own form."""

import gzip
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from gmssl_pyx import sm2_key_generate
from tests.connected.counter.conftest import (
    CLIENT,
    HOSPITAL,
    SIGN_IN,
    THIRD,
    Site,
    post,
)

from jiesuan_services.demo.counter.his import PATH
from jiesuan_services.gateway.access.registry import (
    KNOWN_SECONDS,
    Client,
    hash_secret,
)
from jiesuan_services.gateway.wire import sm

pytestmark = pytest.mark.connected


def message(name: str, **fields: Any) -> bytes:
    """Make the least that a message may be."""
    return json.dumps(
        {"infno": "9001", "msgid": name, "input": SIGN_IN, **fields}
    ).encode()


@pytest.mark.parametrize(
    "path",
    [
        f"{PATH}/",
        f"{PATH}/9001/",
        f"{PATH}/APP1/9001",
        "/fsi/api/rsfComIfsService/callService/",
        "/hss-call-service-interface/",
        "/mbs/fsi/api/group/service/",
        f"/{PATH}",
        "//hss-call-service-interface",
        "/fsi/api//rsfComIfsService/callService",
    ],
)
def test_a_slash_too_many_in_an_address_decides_nothing(
    site: Site, bearer: str, path: str
) -> None:
    """Clients join addresses from parts; one may hold an application's code as well."""
    said = post(site, message(f"S{len(path)}"), path=path, Authorization=bearer)
    assert (said[0], said[1]["infcode"]) == (200, "0"), said


@pytest.mark.parametrize("path", ["/auth/oauth/token/", "//auth/oauth/token"])
def test_a_token_s_address_may_have_a_slash_too_many(site: Site, path: str) -> None:
    """The token is given there as without it."""
    form = b"client_id=0123456789abcdef&client_secret=s3cret&username=u1&password=pw"
    status, said = post(site, form, path=path)
    assert (status, "access_token" in said) == (200, True)


def test_a_wrong_address_among_ours_is_told_so(site: Site, bearer: str) -> None:
    """Below the interface's root an unknown address is an envelope and a sentence."""
    for path in ("/fsi/api/callService", "/fsi/api/group/service/more/9001"):
        status, said = post(site, message("W"), path=path, Authorization=bearer)
        assert (status, said["infcode"], "地址" in said["err_msg"]) == (200, "-1", True)


def test_who_gets_no_token_reads_why_under_http_200(site: Site) -> None:
    """A refused token is HTTP 200 with OAuth's word and the cashier's sentence."""
    form = b"client_id=0123456789abcdef&client_secret=wrong&username=u1&password=pw"
    status, said = post(site, form, path="/auth/oauth/token")
    assert (status, said["error"], said["infcode"]) == (200, "invalid_client", "-1")
    assert said["err_msg"].startswith("客户端编号、密钥")
    status, said = post(site, b"x" * 70_000, path="/auth/oauth/token")
    assert (status, said["error"]) == (200, "invalid_request")
    assert "64KB" in said["err_msg"]


def test_a_plain_text_that_is_no_json_is_told_so(site: Site, bearer: str) -> None:
    """Who registered no key reads nothing of keys, and reads it in plain."""
    _, said = post(site, message("N1", input="hello"), Authorization=bearer)
    assert said["err_msg"].startswith("input不是合法的JSON（第1个字符处）")
    assert said["output"] == {}


def test_a_packed_message_is_a_message(site: Site, bearer: str) -> None:
    """It serves, whatever its header says of it, or nothing."""
    packed = gzip.compress(message("G1"))
    for said in ({"Content-Encoding": "gzip"}, {"Content-Encoding": "UTF-8"}, {}):
        headers = {"Authorization": bearer, **said}
        assert post(site, packed, **headers)[1]["infcode"] == "0"
    bomb = gzip.compress(b" " * 50_000_000)
    assert post(site, bomb, **headers)[0] == 413


def test_a_key_that_cannot_encrypt_is_not_registered(
    site: Site, tmp_path: Path
) -> None:
    """SM4's key is the id: one of another length is refused at the registration."""
    public = tmp_path / "public"
    public.write_text(sm2_key_generate()[0].hex())
    arguments = ("--transport", "token", "--id", "short")
    done = command(site, *arguments, "--sm2-public-key", str(public))
    assert (done.returncode, "16个字节" in done.stderr) == (2, True)


def command(site: Site, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Register another hospital as an operator does."""
    servers = site.machine.servers
    env = {"JIESUAN_KAFKA": servers.kafka, "JIESUAN_PG": servers.pg}
    own = {**os.environ, **env, "JIESUAN_DATA": str(site.folder / "data")}
    (site.folder / "secret").write_text("s3cret")
    secret = ("--secret-file", str(site.folder / "secret"))
    return subprocess.run(
        (
            *(sys.executable, "-m", "jiesuan_services", "gateway", "client", THIRD),
            *secret,
            *arguments,
        ),
        env=own,
        check=False,
        capture_output=True,
        text=True,
    )


def hospital(**fields: Any) -> Client:
    """Say how the hospital comes in."""
    common: dict[str, Any] = {
        "fixmedins_code": HOSPITAL,
        "transport": "token",
        "client_id": CLIENT,
        "secret_hash": hash_secret("s3cret"),
        "username": "u1",
        "password_hash": hash_secret("pw"),
    }
    return Client(**{**common, **fields})


@pytest.fixture
async def encrypting(site: Site) -> AsyncIterator[Site]:
    """The hospital is registered for SM mode."""
    await site.register(hospital(sm2_public_key=sm2_key_generate()[0]))
    yield site
    await site.register(hospital())


def test_what_cannot_be_read_is_refused_in_the_form_that_its_client_reads(
    encrypting: Site,
) -> None:
    """In SM mode the output of every reply is encrypted, broken messages' included."""
    bearer = f"Bearer {encrypting.till().log_in()}"
    cipher = sm.encrypt(b"{}", CLIENT)
    bodies = [b"{", b"", message("E1", infno="", input=cipher), message("E2", input="")]
    bodies.append(message("E3", infno="", input=""))
    bodies.append(b" " * (10 * 1024 * 1024 + 1))
    for body in bodies:
        _, said = post(encrypting, body, Authorization=bearer)
        assert said["infcode"] == "-1"
        assert json.loads(sm.decrypt(said["output"], CLIENT)) == {}
    named = message("E4", infno="", input=cipher, fixmedins_code=HOSPITAL)
    _, said = post(encrypting, named, Authorization="Bearer null")
    assert json.loads(sm.decrypt(said["output"], CLIENT)) == {}


async def test_a_ciphertext_that_begins_as_null_does_is_one(site: Site) -> None:
    """A client whose messages come out of SM4 with an n in front is served like all."""
    text = b'{"signIn":{"opter_no":"1"}}'
    ids = (f"jiesuan-clnt{number:04}" for number in range(1000))
    client_id = next(one for one in ids if sm.encrypt(text, one).startswith("n"))
    await site.register(hospital(client_id=client_id))
    try:
        till = site.till()
        till.client_id = client_id
        said = till.send(till.envelope("9001", sm.encrypt(text, client_id)))
        assert (said["infcode"], said["err_msg"]) == ("0", "")
        output = json.loads(sm.decrypt(said["output"], client_id))
        assert output["sign_no"]
    finally:
        await site.register(hospital())


def test_a_token_lives_until_a_secret_changes(site: Site, tmp_path: Path) -> None:
    """Registered again with the same secrets a client keeps its tokens; a new secret
    ends them."""
    secret, password = tmp_path / "secret", tmp_path / "password"
    secret.write_text("s3cret")
    password.write_text("pw")
    bearer = f"Bearer {site.till(code=THIRD).log_in()}"
    said = []
    for word in ("s3cret", "s3cret", "another", "s3cret"):
        secret.write_text(word)
        files = ("--secret-file", str(secret), "--password-file", str(password))
        who = ("--transport", "token", "--id", THIRD, "--user", "u1")
        assert command(site, *who, *files).returncode == 0
        time.sleep(KNOWN_SECONDS)
        _, reply = post(site, message("T"), Authorization=bearer)
        said.append(reply["infcode"])
    assert said == ["0", "0", "-1", "-1"]
