"""Who sends a message: found by his credential, whatever the envelope says."""

import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from jiesuan_services.gateway.access.limits import LogIns
from jiesuan_services.gateway.access.registry import MOST_ID, Client, Registry
from jiesuan_services.gateway.access.tokens import Tokens
from jiesuan_services.gateway.faults import NotAllowed
from jiesuan_services.gateway.wire.signature import (
    ACCESS_KEY,
    PAASID,
    check_signature,
    check_tif,
)

BEARER: Final = "bearer "
NO_CREDENTIAL: Final = "没有接入凭证，请先获取令牌或按接口规范签名后重新发送。"
BAD_TOKEN: Final = "接入令牌无效或已过期，请重新获取令牌后再发送。"
UNKNOWN: Final = "本机构未登记接入平台，请联系所属医保经办机构登记。"
OTHER_TRANSPORT: Final = "接入方式与登记的不一致，请按登记的方式接入或联系经办机构。"
NOT_YOURS: Final = "报文中的机构编号{}不是接入凭证所属的机构，请更正后重新发送。"


def shows_credential(headers: Mapping[str, str], *, fingerprint: str | None) -> bool:
    """Whether somebody shows anything that says who he is, true or not."""
    is_bearer = headers.get("authorization", "")[: len(BEARER)].lower() == BEARER
    is_signed = headers.get(ACCESS_KEY) or headers.get(PAASID)
    return bool(is_bearer or is_signed or fingerprint is not None)


class Gate:
    """Identifies a client by token, signature or certificate."""

    def __init__(self, registry: Registry, tokens: Tokens) -> None:
        self.registry = registry
        self.tokens = tokens
        self._log_ins = LogIns()

    async def who(
        self, headers: Mapping[str, str], *, fingerprint: str | None, now: datetime
    ) -> Client:
        """Return the client whose credential the headers or the connection hold."""
        bearer = headers.get("authorization", "")
        if bearer[: len(BEARER)].lower() == BEARER:
            token = bearer[len(BEARER) :].strip()
            client = await self.tokens.client_of(
                token, self.registry, now=now.timestamp()
            )
            return _of(client, "token", refusal=BAD_TOKEN)
        if headers.get(ACCESS_KEY):
            client = await self.registry.by_id(headers[ACCESS_KEY])
            client = _of(client, "hmac", refusal=UNKNOWN)
            if not client.unchecked_signature:
                check_signature(headers, self.registry.secret_of(client), now=now)
            return client
        if headers.get(PAASID):
            client = await self.registry.by_id(headers[PAASID])
            client = _of(client, "hmac", refusal=UNKNOWN)
            if not client.unchecked_signature:
                check_tif(headers, self.registry.secret_of(client), now=now)
            return client
        if fingerprint is not None:
            client = await self.registry.by_id(fingerprint)
            return _of(client, "mtls", refusal=UNKNOWN)
        raise NotAllowed(NO_CREDENTIAL)

    async def logged_in(
        self, credentials: tuple[str, str], form: Mapping[str, str], *, address: str
    ) -> Client | None:
        """Return the client that logs in, or None; Unavailable for who has to wait."""
        whose = (credentials[0][:MOST_ID], address)
        self._log_ins.check(whose)
        with self._log_ins:
            client = await self._proven(credentials, form)
        if client is None:
            self._log_ins.failed(whose)
        return client

    async def _proven(
        self, credentials: tuple[str, str], form: Mapping[str, str]
    ) -> Client | None:
        """Return the client of an id and secret, a user and password."""
        client = await self.registry.by_id(credentials[0], afresh=True)
        kept = client.secret_hash if client is not None else None
        if not await self.registry.proves(credentials[1], kept):
            return None
        assert client is not None
        if client.transport != "token":
            return None
        if client.username is None:
            return client
        username = form.get("username", "").encode()
        is_user = hmac.compare_digest(username, client.username.encode())
        is_word = client.password_hash is None or await self.registry.proves(
            form.get("password", ""), client.password_hash
        )
        return client if is_user and is_word else None


def _of(client: Client | None, transport: str, *, refusal: str) -> Client:
    if client is None:
        raise NotAllowed(refusal)
    if client.transport != transport:
        raise NotAllowed(OTHER_TRANSPORT)
    return client
