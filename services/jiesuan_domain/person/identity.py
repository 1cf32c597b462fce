"""Ids that follow from the entry they stand in and say nothing about the person."""

from hashlib import sha256

from jiesuan_domain.person.state import Head


def settlement_id(head: Head, content: str, *, at: int = 0) -> str:
    """Return the id of the settlement at a place in the entry after this head.

    112 bits of SHA-256 over the chain before it, the request and the place in it.
    """
    seed = b"%s%d/%d/%s" % (head.hash, head.version + 1, at, content.encode())
    return "S" + sha256(seed).hexdigest()[:28].upper()
