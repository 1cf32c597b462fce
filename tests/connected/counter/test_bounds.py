"""A counter behind TLS with narrow bounds: certificates, slow bodies, rate, busy."""

import asyncio
import json
import signal
import socket
import ssl
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from tests.connected.counter.certificates import Authority, Issued
from tests.connected.counter.conftest import OTHER, SECURED, Site
from tests.connected.counter.visits import Visit

from jiesuan_services.demo.counter.his import PATH
from jiesuan_services.gateway.access.registry import Client

pytestmark = pytest.mark.connected
STRICT = "gateway-strict"
BOUNDS = {
    "JIESUAN_GATEWAY_BODY_SECONDS": "0.5",
    "JIESUAN_GATEWAY_RATE": "2",
    "JIESUAN_GATEWAY_BURST": "10",
    "JIESUAN_GATEWAY_AT_ONCE": "1",
}
SIGN_IN = {"signIn": {"opter_no": "1"}}


@dataclass
class Strict:
    """A gateway behind TLS, and how to come to it."""

    site: Site
    authority: Authority

    @property
    def port(self) -> int:
        """Return its port."""
        return self.site.ports[STRICT]

    def context(self, shown: Issued | None = None) -> ssl.SSLContext:
        """Trust the authority; show a certificate if one is given."""
        made = ssl.create_default_context(cafile=self.authority.file)
        if shown is not None:
            made.load_cert_chain(shown.certfile, shown.keyfile)
        return made

    def send(
        self, message: dict[str, Any], *, shown: Issued | None = None, token: str = ""
    ) -> dict[str, Any]:
        """Send a message over a connection of its own."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        with httpx.Client(verify=self.context(shown), timeout=20) as client:
            url = f"https://127.0.0.1:{self.port}{PATH}"
            reply = client.post(
                url, content=json.dumps(message, default=str), headers=headers
            )
            assert reply.status_code == 200
            return reply.json()  # type: ignore[no-any-return]


def sign_in(msgid: str, **fields: Any) -> dict[str, Any]:
    """Make the least message."""
    return {"infno": "9001", "msgid": msgid, "input": SIGN_IN, **fields}


@pytest.fixture(scope="module")
async def strict(site: Site) -> AsyncIterator[Strict]:
    """A third gateway, with a certificate of its own."""
    authority = Authority("authority", site.folder)
    own = authority.issue("server")
    files = {
        "JIESUAN_GATEWAY_CERT": own.certfile,
        "JIESUAN_GATEWAY_KEY": own.keyfile,
        "JIESUAN_GATEWAY_CA": authority.file,
    }
    await site.start(STRICT, **files, **BOUNDS)
    yield Strict(site, authority)
    await site.kill(STRICT)


async def test_a_certificate_says_who_comes_in(strict: Strict) -> None:
    """The registered one comes in as its institution; any other does not."""
    shown, unknown = (strict.authority.issue(name) for name in ("client", "unknown"))
    client = Client(
        fixmedins_code=SECURED, transport="mtls", client_id=shown.fingerprint
    )
    await strict.site.register(client)
    said = strict.send(sign_in("T1"), shown=shown)
    assert (said["infcode"], said["err_msg"]) == ("0", "")
    said = strict.send(sign_in("T2", fixmedins_code=OTHER), shown=shown)
    assert "不是接入凭证所属的机构" in said["err_msg"]
    assert "未登记接入平台" in strict.send(sign_in("T3"), shown=unknown)["err_msg"]
    assert "没有接入凭证" in strict.send(sign_in("T4"))["err_msg"]
    foreign = Authority("foreign", strict.site.folder).issue("forged")
    with pytest.raises((httpx.TransportError, ssl.SSLError)):
        strict.send(sign_in("T5"), shown=foreign)


def test_nothing_is_said_without_tls(strict: Strict) -> None:
    """Plain HTTP gets no word out of it, a cipher without forward secrecy neither."""
    with pytest.raises(httpx.TransportError):
        httpx.get(f"http://127.0.0.1:{strict.port}/health", timeout=5)
    old = strict.context()
    old.set_ciphers("AES128-SHA")
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with (
        socket.create_connection(("127.0.0.1", strict.port), timeout=5) as plain,
        pytest.raises(ssl.SSLError),
    ):
        old.wrap_socket(plain, server_hostname="127.0.0.1")


def test_a_body_that_does_not_come_is_not_waited_for(strict: Strict) -> None:
    """After the bound the sender is told, and the place is free."""
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{{"
    with (
        socket.create_connection(("127.0.0.1", strict.port), timeout=5) as plain,
        strict.context().wrap_socket(plain, server_hostname="127.0.0.1") as link,
    ):
        began = time.monotonic()
        link.sendall(head.encode())
        said = link.recv(65_536).decode()
        while "err_msg" not in said:
            said += link.recv(65_536).decode()
        waited = time.monotonic() - began
    assert said.startswith("HTTP/1.1 408")
    assert "0.5秒内没有收完" in said
    assert 0.4 < waited < 3


def test_who_sends_too_often_is_told_to_wait(strict: Strict) -> None:
    """Beyond its burst an institution is refused in words that are so of a message that
    was answered, too; others are not; then it is served again, by the same message."""
    token = strict.site.till(code=OTHER).log_in()
    said = [strict.send(sign_in(f"R{n}"), token=token) for n in range(40)]
    refused = [one["err_msg"] for one in said if one["infcode"] != "0"]
    assert refused
    assert all("过于频繁" in one for one in refused)
    again = next(n for n, one in enumerate(said) if one["infcode"] == "0")
    later = [strict.send(sign_in(f"R{again}"), token=token) for _ in range(9)]
    denied = [one["err_msg"] for one in later if one["infcode"] != "0"]
    assert denied
    for sentence in (*refused, *denied):
        assert "此前同一报文如已受理不受影响" in sentence
        assert sentence.endswith("用同一报文重新发送，即可得到结果。")
    hospital = strict.site.till().log_in()
    assert strict.send(sign_in("R0"), token=hospital)["infcode"] == "0"
    time.sleep(1)
    assert strict.send(sign_in("R39"), token=token)["infcode"] == "0"


async def test_a_counter_that_is_full_says_busy(strict: Strict) -> None:
    """While the one place is taken by a message that waits for the ledger, the next is
    refused in words, nothing done; both succeed when they are sent again."""
    site, till = strict.site, strict.site.till()
    await site.admit(["P6101"])
    visit = Visit(till, "P6101").open()
    visit.upload()
    token = till.log_in()
    quote = till.envelope("2206", visit.charge())
    late = sign_in(till.name())
    decider = site.processes["decider"]
    with ThreadPoolExecutor() as pool:
        decider.send_signal(signal.SIGSTOP)
        try:
            first = pool.submit(strict.send, quote, token=token)
            await asyncio.sleep(0.5)
            busy = await asyncio.to_thread(strict.send, late, token=token)
        finally:
            decider.send_signal(signal.SIGCONT)
        said = await asyncio.to_thread(first.result)
    assert "业务繁忙" in busy["err_msg"]
    assert "此前同一报文如已受理不受影响" in busy["err_msg"]
    assert (said["infcode"], said["err_msg"]) == ("0", "")
    assert strict.send(late, token=token)["infcode"] == "0"
