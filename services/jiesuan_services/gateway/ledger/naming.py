"""Names that senders give, in the form that the ledger takes: 50 plain characters.

What fits is carried as it is. What does not is carried as its digest: the same name is
the same there, and who has the name can make the digest again. The counter keeps what
was sent, and on the wire there is nothing else.
"""

import re
from hashlib import sha256
from typing import Final

from jiesuan_events.words.fields import ID

MOST_CHARACTERS: Final = 50
_DIGITS: Final = 32
_OF_DIGEST: Final = 8
_ID: Final = re.compile(ID)


def fits(name: str) -> bool:
    """Whether the ledger takes a name as it is."""
    return _ID.fullmatch(name) is not None


def carried(name: str) -> str:
    """Return a name as the ledger is told it.

    >>> carried("RX-1"), carried("处方1")
    ('RX-1', 'H.bc90456e4ef7a99b266db85076f24faf')
    """
    if fits(name):
        return name
    return f"H.{sha256(name.encode()).hexdigest()[:_DIGITS]}"


def second_name(msgid: str, infno: str, *, digest: str) -> str:
    """Return the id of a request whose msgid is another message's already."""
    return f"{second_stem(msgid, infno)}{digest[:_OF_DIGEST]}"


def second_stem(msgid: str, infno: str) -> str:
    """Return what all second names of an infno begin with; digits tell them apart."""
    return f"{carried(msgid)}.{infno}."[-(MOST_CHARACTERS - _OF_DIGEST) :]


def unseen_name(msgid: str, infno: str) -> str:
    """Return a name that no message has, for one of a taken msgid that never came."""
    return f"{carried(msgid)}.{infno}"[-MOST_CHARACTERS:]
