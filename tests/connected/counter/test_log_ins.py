"""Who logs in, and who tries to: nobody guesses on and on, nobody waits for ever."""

import asyncio
import http.client
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from tests.connected.counter.conftest import CLIENT, KEY, OTHER, Site

from jiesuan_services.gateway.access.identify import Gate
from jiesuan_services.gateway.access.limits import MOST_LOGGING_IN, MOST_WRONG
from jiesuan_services.gateway.access.registry import Registry
from jiesuan_services.gateway.access.tokens import Tokens
from jiesuan_services.gateway.faults import Unavailable
from jiesuan_services.gateway.store.database import open_pool
from jiesuan_services.gateway.vault.keys import MasterKey

pytestmark = pytest.mark.connected
USER = {"username": "u1", "password": "pw"}


def log_in(site: Site, client_id: str, secret: str, *, address: str) -> dict[str, Any]:
    """Ask for a token from an address of one's own."""
    link = http.client.HTTPConnection(
        "127.0.0.1",
        site.ports["gateway-a"],
        timeout=30,
        source_address=(address, 0),
    )
    try:
        form = urlencode({"client_id": client_id, "client_secret": secret, **USER})
        link.request("POST", "/auth/oauth/token", form)
        return json.loads(link.getresponse().read())  # type: ignore[no-any-return]
    finally:
        link.close()


def test_guessing_is_slowed_down(site: Site) -> None:
    """After ten wrong secrets the right one is not looked at either: it is said so.
    Another id from there, and the same from elsewhere, log in."""
    guessing, elsewhere = "127.2.0.1", "127.2.0.2"
    for number in range(MOST_WRONG):
        said = log_in(site, CLIENT, f"guess{number}", address=guessing)
        assert "不正确" in said["err_msg"]
    for secret in ("guess", "s3cret"):
        said = log_in(site, CLIENT, secret, address=guessing)
        assert "登录失败已达10次" in said["err_msg"]
        assert said["error"] == "temporarily_unavailable"
    assert "access_token" in log_in(site, OTHER, "s3cret", address=guessing)
    assert "access_token" in log_in(site, CLIENT, "s3cret", address=elsewhere)


def test_who_is_right_may_log_in_as_often_as_he_likes(site: Site) -> None:
    """Right secrets are not counted, and forgive no wrong ones."""
    for secret in ("s3cret", "wrong") * MOST_WRONG:
        said = log_in(site, CLIENT, secret, address="127.2.0.3")
        assert ("access_token" in said) == (secret == "s3cret")
    said = log_in(site, CLIENT, "s3cret", address="127.2.0.3")
    assert "登录失败已达10次" in said["err_msg"]


async def test_who_would_wait_too_long_is_refused_at_once(site: Site) -> None:
    """Of more log-ins at once than may wait those beyond are refused, none of the
    others; afterwards there is room again."""
    pool = await open_pool(site.machine.servers.pg)
    try:
        gate = Gate(Registry(pool, MasterKey(KEY)), await Tokens.of(pool))

        async def attempt(number: int) -> str:
            try:
                await gate.logged_in((f"N{number}", "x"), {}, address="")
            except Unavailable as wait:
                return wait.sentence
            return ""

        everybody = range(MOST_LOGGING_IN + 20)
        said = await asyncio.gather(*(attempt(number) for number in everybody))
        assert set(said[:MOST_LOGGING_IN]) == {""}
        assert all("登录请求过多" in one for one in said[MOST_LOGGING_IN:])
        client = await gate.logged_in((CLIENT, "s3cret"), USER, address="")
        assert client is not None
    finally:
        await pool.close()
