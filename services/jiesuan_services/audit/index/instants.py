"""Instants to the last of nine digits, as whole nanoseconds."""

import re
from datetime import UTC, datetime
from typing import Final

from jiesuan_events.words.instants import moment

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FRACTION: Final = re.compile(r"[.,]([0-9]{1,9})")
_NANO: Final = 10**9
_MILLI: Final = 10**6


def nanoseconds(text: str, *, otherwise: int | None = None) -> int:
    """Return an instant's nanoseconds since 1970.

    A damaged time of an entry is not under its hash: Kafka's own milliseconds count.
    """
    try:
        whole = moment(text).replace(microsecond=0)
    except ValueError:
        if otherwise is None:
            raise
        return otherwise * _MILLI
    since = whole - _EPOCH
    seconds = since.days * 86_400 + since.seconds
    fraction = _FRACTION.search(text)
    digits = "" if fraction is None else fraction.group(1)
    return seconds * _NANO + int(digits.ljust(9, "0"))
