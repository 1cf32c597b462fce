"""Persons by number, and who they are: read one by one, each reading on record."""

import re
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

import asyncpg
import msgspec
from msgspec import Struct

from jiesuan_services.gateway.store.database import Connection
from jiesuan_services.gateway.store.sql import query
from jiesuan_services.gateway.vault.keys import (
    OTHER_KEY,
    KeyRefused,
    MasterKey,
    open_person,
    seal_person,
)

_HOME: Final = ("vault", "vault")
LOADING: Final = "正在载入人员文件，本次未注销；请待载入完成后重新执行"
_NUMBER: Final = re.compile(
    r"\d{6}(19|20)\d{2}(0[1-9]|1[0-2])([0-2]\d|3[01])\d{3}[\dX]"
)
_CHECKS: Final = "10X98765432"
_NUMBERS: Final = re.compile(r"(\d+)(X?)", re.IGNORECASE)
_MOBILE: Final = re.compile(r"1[3-9]\d{9}")
_INSTITUTION: Final = re.compile(r"(?<![0-9A-Za-z])[A-Z][0-9]{11}(?![0-9])")


def is_certificate_number(text: str) -> bool:
    """Whether a text is the number of an identity card, by its check digit (GB 11643).

    >>> [is_certificate_number(f"99000019800101000{one}") for one in "0123456789X"]
    [False, False, False, False, True, False, False, False, False, False, False]
    """
    text = text.upper()
    if _NUMBER.fullmatch(text) is None:
        return False
    weighed = sum(int(digit) * 2 ** (17 - at) for at, digit in enumerate(text[:17]))
    return text[17] == _CHECKS[weighed % 11]


def names_somebody(text: str) -> bool:
    """Whether the number of an identity card or of a mobile phone stands in a text.

    It stands there alone: of a longer row of digits it is no part, nor of an
    institution's code, a letter and eleven digits that begin with its region.

    >>> names_somebody("患者99000019800101000４，电话见附件"), names_somebody("共123例")
    (True, False)
    """
    text = _INSTITUTION.sub(" ", unicodedata.normalize("NFKC", text))
    numbers = _NUMBERS.findall(text)
    return any(
        is_certificate_number(digits + x)
        # What follows may be a letter like any other.
        or is_certificate_number(digits)
        or _MOBILE.fullmatch(digits)
        for digits, x in numbers
    )


class Identity(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who a person is, as an agency loaded it."""

    psn_cert_type: str
    certno: str
    psn_name: str
    gend: str
    naty: str
    brdy: str
    card_no: str | None = None
    emp_name: str | None = None

    @property
    def numbers(self) -> tuple[str, ...]:
        """Return the numbers that find the person."""
        return (self.certno, self.card_no) if self.card_no else (self.certno,)


class LoadUnderWay(RuntimeError):
    """A file is being loaded: nobody can be erased whom it may bring."""


class Vault:
    """Finds persons and opens what is kept of them.

    It writes with the first of its master keys, and reads with each: while one is
    exchanged for another, some rows are under the one and some under the other.
    """

    def __init__(self, *masters: MasterKey) -> None:
        self.master = masters[0]
        self._masters = {one.id: one for one in masters}

    async def find(self, on: Connection, number: str) -> list[str]:
        """Return the psn_no of whoever has a certificate or card of that number.

        Nobody has it only if no row is under a key that is not here.
        """
        digests = [one.digest(number) for one in self._masters.values()]
        rows = await on.fetch(query(*_HOME, name="by_digest"), digests)
        if not rows and await self.others(on):
            raise KeyRefused(OTHER_KEY)
        return [row["psn_no"] for row in rows]

    async def is_of(self, on: Connection, number: str, *, psn_no: str) -> bool:
        """Whether a person has a certificate or card of that number."""
        digests = [one.digest(number) for one in self._masters.values()]
        is_his: bool = await on.fetchval(query(*_HOME, name="is_of"), digests, psn_no)
        if not is_his and await self.others(on):
            raise KeyRefused(OTHER_KEY)
        return is_his

    async def others(self, on: Connection) -> set[str]:
        """Return the master keys, by their ids, of persons that are not opened here."""
        return await self.written_with(on) - self._masters.keys()

    async def written_with(self, on: Connection) -> set[str]:
        """Return the ids of the master keys that persons are under."""
        rows = await on.fetch(query(*_HOME, name="masters"))
        return {row["master_id"] for row in rows}

    def unsealed(self, sealed: bytes, owner: str) -> bytes:
        """Return what was sealed with one of the master keys, or raise KeyRefused."""
        for master in self._masters.values():
            with suppress(KeyRefused):
                return master.open(sealed, owner)
        raise KeyRefused(OTHER_KEY)

    async def identity(self, on: Connection, psn_no: str) -> Identity | None:
        """Return who a person is; None for one never loaded, or erased."""
        found = await self.identities(on, [psn_no])
        return found.get(psn_no)

    async def identities(
        self, on: Connection, persons: Sequence[str]
    ) -> dict[str, Identity]:
        """Return who some persons are, those left out who were never loaded."""
        rows = await on.fetch(query(*_HOME, name="persons"), list(persons))
        return {row["psn_no"]: self.opened(row) for row in rows}

    def opened(self, row: Any) -> Identity:
        """Return who a person is of whom the vault holds this."""
        master = self._masters.get(row["master_id"])
        if master is None:
            raise KeyRefused(OTHER_KEY)
        plain = open_person(
            master, row["wrapped_key"], sealed=row["sealed"], owner=row["psn_no"]
        )
        return msgspec.json.decode(plain, type=Identity)

    async def put(
        self, on: Connection, persons: Sequence[tuple[str, Identity]]
    ) -> None:
        """Keep persons; one that was there is replaced, under a new key."""
        sealed = []
        for psn_no, identity in persons:
            plain = msgspec.json.encode(identity)
            sealed.append(
                (
                    psn_no,
                    self.master.id,
                    *seal_person(self.master, plain, owner=psn_no),
                )
            )
        await on.executemany(query(*_HOME, name="put_person"), sealed)
        names = [psn_no for psn_no, _ in persons]
        await on.execute(query(*_HOME, name="drop_lookups"), names)
        found = [
            (self.master.digest(number), psn_no)
            for psn_no, identity in persons
            for number in identity.numbers
        ]
        await on.executemany(query(*_HOME, name="put_lookup"), found)

    async def erase(self, on: Connection, psn_no: str, *, reason: str) -> bool:
        """Destroy a person's key and all that finds it; tell whether there was one.

        A file that is being loaded may bring him: it is waited for, ten seconds long.
        """
        try:
            await on.execute(query(*_HOME, name="erasing"))
        except asyncpg.LockNotAvailableError:
            raise LoadUnderWay(LOADING) from None
        done = await on.execute(query(*_HOME, name="drop_person"), psn_no)
        await on.execute(query(*_HOME, name="drop_lookups"), [psn_no])
        await on.execute(query(*_HOME, name="note_erasure"), psn_no, reason)
        return bool(done != "DELETE 0")

    async def rotate(self, on: Connection, old: MasterKey, *, at_once: int) -> int:
        """Bring persons of other master keys under this one; give how many."""
        rows = await on.fetch(
            query(*_HOME, name="of_other_masters"), self.master.id, at_once
        )
        read = [(row["psn_no"], Vault(old).opened(row)) for row in rows]
        if read:
            await self.put(on, read)
        return len(read)
