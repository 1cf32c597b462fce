"""What a stranger may send to every address: an answer each time, never a fault."""

import base64
import gzip
import itertools
import socket
from collections import Counter

import pytest
from tests.connected.counter.conftest import CLIENT, FAULTS, Site, certno, post

from jiesuan_services.demo.counter.his import PATH
from jiesuan_services.gateway.serving.app import PATHS

pytestmark = pytest.mark.connected
KNOWN = "P9702"
"""Whose number a stranger knows, and not his birthday."""
ODD = (
    *("%00", "a%00b", "%ED%A0%80", "%ff", "%F0%9F%98%80", "%", "%zz", "%u0000", "%0d"),
    *("%5c", "%25", "a%2f..%2f", "'--", "\xff", "\x00", "\xe5", "x" * 60_000),
)
"""NUL, lone surrogates, bytes of no encoding, wildcards, what is very long."""
TOKENS = "/auth/oauth/token"
QUERIES = (
    *(f"/public/v1/institutions?{one}=" for one in ("admdvs", "name", "dise_code", "")),
    *("/public/v1/qualification?", "/public/v1/regions/420100/notice?x="),
    *(f"{path}?file_qury_no=" for path in (*PATHS, "/fsi/api/a/b")),
    *("/health?", "/?"),
)
PLACES = (
    *("/public/v1/regions/{}/notice", "/public/v1/regions/{}", "/public/v1/{}"),
    *("/{}", "/health/{}", "/fsi/api/{}/b", "/fsi/api/a/{}", "/x{}/fsi/api/a/b"),
    *("/x{}/api/fsi/a", "/x/api/fsi/{}", "/x/hsa/hgs/{}"),
    *(f"{path}/{{}}" for path in PATHS),
)
SAID = base64.b64encode
HEADERS = (
    *("Authorization", "X-Certno", "X-Brdy", "Content-Type", "Content-Encoding"),
    *("_api_access_key", "x-tif-paasid", "Host", "Cookie", "Transfer-Encoding"),
)
VALUES = (
    *(b"\xff", "张三".encode(), "张三".encode("gb18030"), b"\x00", b"a\x00"),
    b"x" * 60_000,
    *(b"Basic \xff", b"Basic %", b"Basic " + SAID(b"\xff:x"), b"Bearer \xff.\xff"),
    *(b"Basic " + SAID(b"a\0:b"), b"Bearer " + b"x." * 20_000, b"Bearer a|b|c.d"),
    *(b"multipart/form-data", b"multipart/form-data; boundary=\xff", b"gzip, br"),
    *(b"multipart/form-data; boundary=b; charset=a\xff",),
)
PART = b'--b\r\nContent-Disposition: form-data; name="jsonStr"\r\n\r\n%s\r\n--b--\r\n'
BODIES = (
    *(b"client_id=%00&client_secret=x", b"client_id=%ED%A0%80", b"client_id=\x00"),
    *(b"client_id=a&username=%00&password=%00", b"client_id=" + b"x" * 60_000),
    *(b"a=b&" * 51, b"%00=%00", b"\xff\xfe", b"{", b'{"infno":"\\u0000"}', b"\x00" * 9),
    *(b'{"infno":1e4000000000,"msgid":"x"}', PART % rb"\ud800", PART % b"{"),
)
addresses = itertools.count()


class Stranger:
    """Somebody who comes from another address each time: nobody waits for him."""

    def __init__(self, site: Site) -> None:
        self.port = site.ports["gateway-a"]
        self.log = site.folder / "gateway-a.log"
        self.before = len(self.log.read_bytes())
        self.counts: Counter[int] = Counter()

    def ask(
        self, method: str, path: str, *, headers: bytes = b"", body: bytes = b""
    ) -> str:
        """Send bytes, note the status, return the whole reply."""
        number = next(addresses)
        own = f"127.1.{number // 250}.{number % 250 + 1}"
        head = f"{method} {path} HTTP/1.1\r\nConnection: close\r\n".encode("latin-1")
        if b"\nTransfer-" not in headers:
            head += b"Content-Length: %d\r\n" % len(body)
        with socket.create_connection(
            ("127.0.0.1", self.port), timeout=30, source_address=(own, 0)
        ) as link:
            link.sendall(head + headers + b"\r\n" + body)
            said = b"".join(iter(lambda: link.recv(65_536), b"")).decode()
        status = said[9:12]
        assert status.isdigit(), (method, path[:80], headers[:80], body[:80], said)
        assert status < "500", (method, path[:80], headers[:80], body[:80], said)
        self.counts[int(status)] += 1
        return said


def no_fault(stranger: Stranger) -> None:
    """Hold that the gateway has noted no fault of its own since."""
    log = stranger.log.read_bytes()[stranger.before :].decode()
    assert [one for one in FAULTS if one in log] == []
    assert stranger.counts[200] > 0


def test_no_address_is_a_fault(site: Site) -> None:
    """Whatever a query or a path says, it is served or refused."""
    stranger = Stranger(site)
    for odd in ODD:
        for begun in QUERIES:
            stranger.ask("GET", begun + odd)
        for place in PLACES:
            stranger.ask("GET", place.format(odd))
            stranger.ask("POST", place.format(odd), body=b"{}")
    no_fault(stranger)


async def test_no_header_is_a_fault(site: Site) -> None:
    """Whatever a header says, at an address that reads it or not."""
    await site.admit([KNOWN])
    stranger = Stranger(site)
    his = b"X-Certno: %s\r\n" % certno(KNOWN).encode()
    addressed = (
        *(("POST", PATH), ("GET", f"{PATH}?file_qury_no=1"), ("POST", TOKENS)),
        *(("GET", "/public/v1/institutions"), ("GET", "/health")),
    )
    for name, value in itertools.product(HEADERS, VALUES):
        said = b"%s: %s\r\n" % (name.encode(), value)
        for method, path in addressed:
            stranger.ask(method, path, headers=said, body=PART % b"{}")
        # Not at the end: of one header's two values the first counts.
        stranger.ask("GET", "/public/v1/qualification", headers=said + his)
    no_fault(stranger)


def test_no_body_is_a_fault(site: Site) -> None:
    """Whatever a form or a message holds, as one or the other or with a file."""
    stranger = Stranger(site)
    kinds = (
        *(b"application/x-www-form-urlencoded", b"application/json", b""),
        *(b"multipart/form-data; boundary=b", b"multipart/form-data; charset=idna"),
        b"multipart/form-data; boundary=b; charset=raw_unicode_escape",
    )
    for body, kind in itertools.product(BODIES, kinds):
        for path in (PATH, TOKENS, "/fsi/api/a/b", "/fsi/api/a/b/c"):
            stranger.ask(
                "POST", path, headers=b"Content-Type: %s\r\n" % kind, body=body
            )
    no_fault(stranger)


def test_what_a_client_s_id_may_not_hold_is_nobody_s(site: Site) -> None:
    """A NUL in an id, in a form or a header, is a wrong id in a plain sentence."""
    stranger = Stranger(site)
    for body, secret in (
        (b"client_id=%00", b""),
        (b"client_id=" + CLIENT.encode() + b"%00&client_secret=s3cret", b""),
        (b"", b"Authorization: Basic %s\r\n" % SAID(b"\0:s3cret")),
        (b"", b"Authorization: Basic \xff\r\n"),
    ):
        assert "密钥" in stranger.ask("POST", TOKENS, headers=secret, body=body)


@pytest.mark.parametrize("sent", [b"[", b"[" * 11 * 1024 * 1024, b" " * 65_536 + b"["])
@pytest.mark.parametrize("packing", ["identity", "gzip"])
def test_who_shows_no_credential_is_not_read_beyond_a_little(
    site: Site, sent: bytes, packing: str
) -> None:
    """Up to 64 KiB he hears what is wrong with his message; beyond, packed or not, that
    he has no credential, and a credential that is none is told what is wrong again."""
    body = gzip.compress(sent) if packing == "gzip" else sent
    status, reply = post(site, body, **{"Content-Encoding": packing})
    is_little = len(sent) <= 65_536
    words = "不是合法的JSON" if is_little else "没有接入凭证"
    assert (status, words in reply["err_msg"]) == (200, True), reply["err_msg"]
    some = sent[-10 * 1024 * 1024 :]
    body = gzip.compress(some) if packing == "gzip" else some
    kept = {"Content-Encoding": packing, "Authorization": "Bearer none"}
    assert "没有接入凭证" not in post(site, body, **kept)[1]["err_msg"]
