"""Names that senders give, in the form that the ledger takes: 50 plain characters.

What fits is carried as it is, unless a number stands in it that is somebody's. What
does not fit is carried as its digest: the same name is the same there, and who has the
name can make the digest again. The counter keeps what was sent, and on the wire there
is nothing else.
"""

import re
from hashlib import sha256
from typing import Final

from jiesuan_events.words.fields import ID
from jiesuan_services.gateway.vault.identities import names_somebody

MOST_CHARACTERS: Final = 50
_DIGITS: Final = 32
_OF_DIGEST: Final = 8
_ID: Final = re.compile(ID)
_CARRIED: Final = re.compile(rf"H\.[0-9a-f]{{{_DIGITS}}}")


def fits(name: str) -> bool:
    """Whether the ledger takes a name as it is."""
    if _ID.fullmatch(name) is None:
        return False
    # Among the digits of a digest a telephone's may stand by chance.
    return _CARRIED.fullmatch(name) is not None or not names_somebody(name)


def carried(name: str) -> str:
    """Return a name as the ledger is told it.

    >>> carried("RX-1"), carried("处方1")
    ('RX-1', 'H.bc90456e4ef7a99b266db85076f24faf')
    >>> carried("13900000000")
    'H.76b3bc961ab030f63500d07b0904b200'
    """
    if fits(name):
        return name
    return f"H.{sha256(name.encode()).hexdigest()[:_DIGITS]}"


def known_as(name: str) -> list[str]:
    """Return what the ledger may know a name by: as carried, and as it once was.

    What is somebody's number was carried as it is until decision 0056.
    """
    now = carried(name)
    was_as_sent = now != name and _ID.fullmatch(name) is not None
    return [now, name] if was_as_sent else [now]


def second_name(msgid: str, infno: str, *, digest: str) -> str:
    """Return the id of a request whose msgid is another message's already."""
    return f"{_stem(carried(msgid), infno)}{digest[:_OF_DIGEST]}"


def second_stems(msgid: str, infno: str) -> list[str]:
    """Return what second names of an infno may begin with; digits tell them apart."""
    return [_stem(name, infno) for name in known_as(msgid)]


def _stem(name: str, infno: str) -> str:
    return f"{name}.{infno}."[-(MOST_CHARACTERS - _OF_DIGEST) :]


def unseen_name(msgid: str, infno: str) -> str:
    """Return a name that no message has, for one of a taken msgid that never came."""
    return f"{carried(msgid)}.{infno}"[-MOST_CHARACTERS:]
