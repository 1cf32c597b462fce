"""Signed headers: `_api_…` by HMAC-SHA1, `x-tif-…` by SHA-256 over four words."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from jiesuan_services.gateway.faults import NotAllowed
from jiesuan_services.gateway.wire.values import read_moment

ACCESS_KEY: Final = "_api_access_key"
SIGNATURE: Final = "_api_signature"
TIMESTAMP: Final = "_api_timestamp"
SIGNED: Final = (ACCESS_KEY, "_api_name", TIMESTAMP, "_api_version")
PAASID: Final = "x-tif-paasid"
TIF_TIME: Final = "x-tif-timestamp"
TIF_NONCE: Final = "x-tif-nonce"
TIF_SIGNATURE: Final = "x-tif-signature"
WINDOW: Final = timedelta(hours=24)
"""Some clients sign once for the life of a process. What is sent again within it has
no second effect: a message has a name."""

MISSING: Final = "缺少服务网关的请求头{}，请按接口规范签名后重新发送。"
WRONG: Final = "签名不一致，请检查密钥和签名方法后重新发送。"
STALE: Final = "签名时间戳与平台相差超过24小时，请校准时间后重新签名发送。"


def signature_of(secret: bytes, headers: Mapping[str, str]) -> str:
    """Return the signature over the headers that the standard names."""
    said = "&".join(f"{name}={headers[name]}" for name in sorted(SIGNED))
    mac = hmac.new(secret, said.encode(), hashlib.sha1)
    return base64.b64encode(mac.digest()).decode()


def check_signature(
    headers: Mapping[str, str], secret: bytes, *, now: datetime
) -> None:
    """Raise NotAllowed unless the headers are signed with the secret, lately."""
    for name in (*SIGNED, SIGNATURE):
        if not headers.get(name):
            raise NotAllowed(MISSING.format(name))
    expected = signature_of(secret, headers)
    if not hmac.compare_digest(expected.encode(), headers[SIGNATURE].encode()):
        raise NotAllowed(WRONG)
    _check_lately(headers[TIMESTAMP], now=now)


def tif_signature(secret: bytes, *, at: str, nonce: str) -> str:
    """Return the signature of the other kind, in lower case.

    >>> tif_signature(b"s", at="1", nonce="n")[:8]
    'b83222d7'
    """
    moment = at.encode()
    return hashlib.sha256(moment + secret + nonce.encode() + moment).hexdigest()


def check_tif(headers: Mapping[str, str], secret: bytes, *, now: datetime) -> None:
    """Raise NotAllowed unless the `x-tif-…` headers are signed so, lately."""
    for name in (TIF_TIME, TIF_NONCE, TIF_SIGNATURE):
        if not headers.get(name):
            raise NotAllowed(MISSING.format(name))
    at, said = headers[TIF_TIME], headers[TIF_SIGNATURE].lower()
    expected = tif_signature(secret, at=at, nonce=headers[TIF_NONCE])
    if not hmac.compare_digest(expected.encode(), said.encode()):
        raise NotAllowed(WRONG)
    _check_lately(at, now=now)


def _check_lately(signed_at: str, *, now: datetime) -> None:
    if not -WINDOW <= now - _signed_at(signed_at) <= WINDOW:
        raise NotAllowed(STALE)


def _signed_at(text: str) -> datetime:
    """Read milliseconds since 1970, or a date and time."""
    try:
        if text.isdigit() and len(text) in (10, 13):
            seconds = int(text[:10])
            return read_moment("1970-01-01T00:00:00Z") + timedelta(seconds=seconds)
        return read_moment(text)
    except ValueError:
        raise NotAllowed(STALE) from None
