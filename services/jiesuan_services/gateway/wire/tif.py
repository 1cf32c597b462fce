"""The `x-tif-…` headers: SHA-256 over time, secret, a word of the moment, time."""

import hmac
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Final

from jiesuan_services.gateway.faults import NotAllowed
from jiesuan_services.gateway.wire.signature import MISSING, WRONG, check_lately

PAASID: Final = "x-tif-paasid"
TIMESTAMP: Final = "x-tif-timestamp"
NONCE: Final = "x-tif-nonce"
SIGNATURE: Final = "x-tif-signature"


def tif_signature(secret: bytes, *, at: str, nonce: str) -> str:
    """Return the signature, in lower case.

    >>> tif_signature(b"s", at="1", nonce="n")[:8]
    'b83222d7'
    """
    moment = at.encode()
    return sha256(moment + secret + nonce.encode() + moment).hexdigest()


def check_tif(headers: Mapping[str, str], secret: bytes, *, now: datetime) -> None:
    """Raise NotAllowed unless the headers are signed with the secret, lately."""
    for name in (TIMESTAMP, NONCE, SIGNATURE):
        if not headers.get(name):
            raise NotAllowed(MISSING.format(name))
    at, nonce = headers[TIMESTAMP], headers[NONCE]
    expected = tif_signature(secret, at=at, nonce=nonce)
    if not hmac.compare_digest(expected.encode(), headers[SIGNATURE].lower().encode()):
        raise NotAllowed(WRONG)
    check_lately(at, now=now)
