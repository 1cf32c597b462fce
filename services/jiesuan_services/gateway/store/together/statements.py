"""The statements that many messages share, each gathered with others of its kind."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from msgspec.structs import astuple

from jiesuan_services.gateway.store.database import Connection
from jiesuan_services.gateway.store.sql import query
from jiesuan_services.gateway.store.together.gathering import Gathered, columns
from jiesuan_services.gateway.store.together.rows import (
    AskedCharge,
    IntendedMessage,
    KeptMessage,
    MessageName,
    ToldReply,
)

_NOT_DESCRIBED: Final = (None, None, None, None)
_HOME: Final = ("store/together", "together")
_CHARGE: Final = 8
_INTENDED: Final = 14
_TOLD: Final = 10
_MESSAGE: Final = 16
_VISIT: Final = 8
_BATCH: Final = 4


class Together:
    """What comes by the hundred a second: one statement for all that wait."""

    def __init__(self, pool: Connection) -> None:
        self._pool = pool
        self.visit = Gathered(partial(visits_of, pool))
        """The visit of an id, with its settled batches; None if there is none."""
        self.charge = Gathered(partial(charges_of, pool))
        """What a bill needs to know."""
        self.keep = Gathered(partial(keep, pool), apart=_changed)
        """Whether a message was kept, with its reply and with what it changes."""
        self.intend = Gathered(partial(intend, pool), apart=lambda one: one.mdtrt_id)
        """Whether it was written down what is asked."""
        self.reply = Gathered(partial(reply, pool))
        """Whether a reply was the first one, and is kept."""
        self.person = Gathered(partial(sealed_persons, pool))
        """What the vault holds of a person, sealed; None if nothing."""

    def end(self) -> None:
        """Break the connections."""
        self._pool.terminate()


async def visits_of(db: Connection, ids: Sequence[str]) -> list[Any]:
    """Return the visits of some ids."""
    rows = await db.fetch(query(*_HOME, name="visits"), list(ids))
    found = {row["n"]: row for row in rows}
    return [found.get(n) for n in range(1, len(ids) + 1)]


async def charges_of(db: Connection, asked: Sequence[AskedCharge]) -> list[Any]:
    """Return what some bills need to know."""
    given = columns([astuple(one) for one in asked], _CHARGE)
    rows = await db.fetch(query(*_HOME, name="charges"), *given)
    found = {row["n"]: row for row in rows}
    return [found[n] for n in range(1, len(asked) + 1)]


async def keep(db: Connection, said: Sequence[KeptMessage]) -> list[bool]:
    """Keep messages with their replies and what they change; tell which were kept."""
    opened: list[tuple[Any, ...]] = []
    sent: list[tuple[Any, ...]] = []
    for one in said:
        change, name = one.change, one.name.inf_refmsgid
        if change is None:
            continue
        if change.opened is not None:
            opened.append((name, change.mdtrt_id, *astuple(change.opened)))
        sent += [(name, change.mdtrt_id, *batch) for batch in change.batches]
    rows = await db.fetch(
        query(*_HOME, name="keep"),
        *columns([_message(one) for one in said], _MESSAGE),
        *columns(opened, _VISIT),
        *columns(sent, _BATCH),
    )
    return _are_in(rows, [one.name for one in said])


async def intend(db: Connection, asked: Sequence[IntendedMessage]) -> list[bool]:
    """Write down what is asked; tell of which messages it was."""
    given = [(*_named(one.name), *astuple(one)[1:]) for one in asked]
    rows = await db.fetch(query(*_HOME, name="intend"), *columns(given, _INTENDED))
    return _are_in(rows, [one.name for one in asked])


async def reply(db: Connection, replies: Sequence[ToldReply]) -> list[bool]:
    """Keep replies where there are none yet; tell which were kept."""
    given = columns([(*one.key, *astuple(one)[1:]) for one in replies], _TOLD)
    rows = await db.fetch(query(*_HOME, name="reply"), *given)
    found = {tuple(row) for row in rows}
    return [one.key in found for one in replies]


async def sealed_persons(db: Connection, persons: Sequence[str]) -> list[Any]:
    """Return what the vault holds of some persons."""
    rows = await db.fetch(query("vault", "vault", name="persons"), list(persons))
    found = {row["psn_no"]: row for row in rows}
    return [found.get(one) for one in persons]


def _changed(one: KeptMessage) -> str | None:
    return None if one.change is None else one.change.mdtrt_id


def _named(name: MessageName) -> tuple[Any, ...]:
    return (*name.key, name.inf_refmsgid, name.received_at, name.psn_no)


def _message(one: KeptMessage) -> tuple[Any, ...]:
    change = one.change
    seen = (None, None) if change is None else (change.mdtrt_id, change.version)
    described = None if change is None else change.described
    return (
        *_named(one.name),
        one.replied_at,
        one.output,
        one.err_msg,
        *seen,
        *(_NOT_DESCRIBED if described is None else astuple(described)),
    )


def _are_in(rows: Sequence[Any], names: Sequence[MessageName]) -> list[bool]:
    found = {row["inf_refmsgid"] for row in rows}
    return [name.inf_refmsgid in found for name in names]
