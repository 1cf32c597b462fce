"""What a message has settled already, where the counter has lost that it did.

The ledger keeps of a settlement its name, person, institution, visit, lines, total and
invoice. What agrees in all of them is what the message asked for; what the ledger was
told besides changes with time, as the account's balance does.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
import orjson
from msgspec import Struct

from jiesuan_domain.answer.render import decided
from jiesuan_domain.answer.rendered import RenderedPlace
from jiesuan_ledger.facts import Settled
from jiesuan_ledger.reader import AcceptedEntry
from jiesuan_services.gateway.call import Call, Services
from jiesuan_services.gateway.faults import Unavailable
from jiesuan_services.gateway.ledger.asking import LedgerAnswer
from jiesuan_services.gateway.ledger.entries import entries_at, last_entry
from jiesuan_services.gateway.ledger.naming import second_name
from jiesuan_services.gateway.store import register
from jiesuan_services.gateway.store.database import Connection
from jiesuan_services.gateway.store.freshness import BEHIND, until_read
from jiesuan_services.gateway.store.serial import is_of_purchase
from jiesuan_services.gateway.store.sql import query
from jiesuan_services.gateway.store.together.rows import Key
from jiesuan_services.gateway.transactions.kinds import SoughtSettlement

_HOME: Final = ("store", "messages")
HELD_SECONDS: Final = 3.0
"""So long a compensation waits for Kafka and the tables at most: it holds a connection
and its sender's name meanwhile."""
Whose = tuple[str, str]
"""A person and an institution."""


class MadeBefore(Struct, frozen=True):
    """A settlement that a message made, and what the ledger answered it then."""

    sought: SoughtSettlement
    fact: Settled
    answer: LedgerAnswer
    stands: bool


def sought_in(message: Mapping[str, Any]) -> SoughtSettlement:
    """Say what a request that was written down asks for."""
    data = message["data"]
    visit = data["mdtrt_id"]
    return SoughtSettlement(
        None if is_of_purchase(visit) else visit,
        None,
        data["medfee_sumamt_fen"],
        data.get("invono"),
        _lines(
            (one["feedetl_sn"], one["med_list_codg"], one["det_item_fee_sumamt_fen"])
            for one in data["feedetail"]
        ),
    )


async def made_before(
    services: Services, sought: SoughtSettlement, *, names: Sequence[str], whose: Whose
) -> MadeBefore | None:
    """Return what was settled under one of these names, if it is what is sought.

    Raises Unavailable while it cannot be seen.
    """
    holders = await _holders(services, services.pool, names=names, whose=whose)
    for row, entry in holders:
        fact = entry.fact
        if isinstance(fact, Settled) and _is_sought(fact, sought):
            answer = _answer(services, entry, place=row)
            return MadeBefore(sought, fact, answer, row["stands"])
    return None


async def name_of_open(call: Call[Any], row: register.Row) -> str:
    """Return the ledger's name of a message that nobody has heard, its own by then.

    Where another has its sender's name in the ledger it is written down under its
    second one here, as who hears it would do: nothing but this message has that.
    """
    key: Key = (row["fixmedins_code"], row["msgid"], row["infno"], row["digest"])
    await call.db.execute(query(*_HOME, name="hold_name"), *key[:2])
    asked = orjson.loads(row["request"])
    name, psn_no = row["request_id"], row["psn_no"]
    sought, whose = sought_in(asked["message"]), (psn_no, key[0])
    try:
        async with asyncio.timeout(HELD_SECONDS):
            holders = await _holders(call.services, call.db, names=[name], whose=whose)
    except TimeoutError:
        raise Unavailable(BEHIND) from None
    facts = [entry.fact for _, entry in holders]
    if not facts or any(
        isinstance(fact, Settled) and _is_sought(fact, sought) for fact in facts
    ):
        return str(name)
    held = await call.db.fetchrow(query(*_HOME, name="hold"), *key)
    if held["replied_at"] is not None or held["request_id"] != name:
        return str(held["request_id"])
    await write_other_name(call.db, key, asked=asked)
    return other_name(key)


def other_name(key: Key) -> str:
    """Return the id of a request whose msgid is another message's already."""
    _, msgid, infno, digest = key
    return second_name(msgid, infno, digest=digest)


async def write_other_name(
    db: Connection, key: Key, *, asked: Mapping[str, Any]
) -> dict[str, Any]:
    """Write a message down under its second name; return what it asks under that."""
    other = other_name(key)
    renamed = {**asked, "message": {**asked["message"], "id": other}}
    text = orjson.dumps(renamed).decode()
    await db.execute(query(*_HOME, name="rename"), *key, other, text)
    return renamed


async def _holders(
    services: Services, db: Connection, *, names: Sequence[str], whose: Whose
) -> list[tuple[register.Row, AcceptedEntry]]:
    """Return what settled or took back under some names, where it is entered."""
    bootstrap, (psn_no, fixmedins_code) = services.ledger.bootstrap, whose
    partition, offset = await last_entry(bootstrap, psn_no)
    await until_read(db, partition, offset=offset)
    rows = await register.entered_under(
        db, names, psn_no=psn_no, fixmedins_code=fixmedins_code
    )
    if not rows:
        return []
    return list(zip(rows, await entries_at(bootstrap, rows), strict=True))


def _is_sought(fact: Settled, sought: SoughtSettlement) -> bool:
    if sought.mdtrt_id is None:
        is_of_visit = is_of_purchase(fact.visit_id)
    else:
        is_of_visit = fact.visit_id == sought.mdtrt_id
    same = (fact.total_charge, fact.invoice) == (sought.total, sought.invoice)
    if not is_of_visit or not same:
        return False
    lines = _lines((one.line_id, one.item, one.line_total) for one in fact.lines)
    return sought.lines in (None, lines)


def _lines(lines: Iterable[tuple[str, str, int]]) -> frozenset[tuple[str, str, int]]:
    """Return what tells the lines of one bill from those of another."""
    return frozenset(lines)


def _answer(
    services: Services, entry: AcceptedEntry, *, place: Mapping[str, Any]
) -> LedgerAnswer:
    """Return the first answer, as the ledger itself makes it again from its entry."""
    stored = entry.entry
    at = RenderedPlace(
        place["partition"], place["offset"], stored.version, entry.hash.hex()
    )
    rendered = decided(entry.fact, packs=services.packs, entry=at)
    return LedgerAnswer(orjson.loads(msgspec.json.encode(rendered)), stored.recorded_at)
