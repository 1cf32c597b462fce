"""A message's name in the ledger: its sender's, or a second one where another has that.

Whether the one that has it is this very message, which the counter has lost, is looked
up in the ledger before a second name is used.
"""

from collections.abc import Mapping
from typing import Any, Final

from jiesuan_services.gateway.call import Call, Services
from jiesuan_services.gateway.faults import Unavailable
from jiesuan_services.gateway.kept import KeptReply
from jiesuan_services.gateway.ledger.asking import (
    SETTLE,
    LedgerAnswer,
    Unheard,
    unheard,
)
from jiesuan_services.gateway.ledger.naming import carried, known_as
from jiesuan_services.gateway.store.database import Connection
from jiesuan_services.gateway.store.sql import query
from jiesuan_services.gateway.store.together.rows import Key, ToldReply
from jiesuan_services.gateway.store.together.statements import reply
from jiesuan_services.gateway.transactions.asking.outcomes import (
    BARRED,
    no_compensation_open,
)
from jiesuan_services.gateway.transactions.kinds import (
    Asking,
    LedgerRequest,
    VisitSeen,
)
from jiesuan_services.gateway.transactions.settling.made import (
    MadeBefore,
    made_before,
    other_name,
    sought_in,
    write_other_name,
)
from jiesuan_services.gateway.vault.account import balance_before
from jiesuan_services.gateway.wire.reply import encode, failure

TAKEN: Final = "duplicate-different"
_HOME: Final = ("store", "messages")
_VISITS: Final = ("store", "visits")


async def name_seen(db: Connection, key: Key, *, psn_no: str) -> VisitSeen:
    """Look whether the sender's name was compensated, or is another message's."""
    fixmedins_code, msgid, infno, _ = key
    named = (fixmedins_code, psn_no, infno, msgid, carried(msgid))
    names = await db.fetchrow(query(*_HOME, name="names"), *named)
    return VisitSeen(None, names["is_barred"], names["is_taken"])


async def is_barred(db: Connection, key: Key, *, psn_no: str) -> bool:
    """Whether a message was compensated whose name is another's, which is held.

    The ledger does not refuse it: it knows it by another name. So a compensation
    either sees the message written down, or is seen; one that is open is heard:
    Unresolved is raised for it.
    """
    fixmedins_code, msgid, _, _ = key
    await db.execute(query(*_HOME, name="hold_name"), fixmedins_code, msgid)
    await no_compensation_open(db, psn_no)
    return (await name_seen(db, key, psn_no=psn_no)).is_barred


async def named_anew(
    services: Services, kept: KeptReply, *, settles: bool
) -> KeptReply:
    """Write a message down under its second name, before it is asked under that.

    Where it has its reply meanwhile that stands; where it was compensated it is barred
    here: a compensation that found it nowhere named nothing that the ledger would
    refuse it by.
    """
    async with services.pool.acquire() as db, db.transaction():
        barred = settles and await is_barred(db, kept.key, psn_no=kept.row["psn_no"])
        row = await db.fetchrow(query(*_HOME, name="hold"), *kept.key)
        held = KeptReply(row)
        if held.is_replied:
            return held
        if barred:
            said = failure(BARRED)
            output = encode(said.output).decode()
            given = (kept.key, services.now(), output, said.err_msg, None, None, None)
            await reply(db, [ToldReply(*given)])
            return KeptReply(row, said=said)
        asked = await write_other_name(db, kept.key, asked=held.asked)
        return KeptReply({**row, "request_id": asked["message"]["id"]}, asked=asked)


async def own_settlement(
    services: Services, kept: KeptReply
) -> tuple[KeptReply, LedgerAnswer] | None:
    """Return a message as it settled before, and the ledger's answer of then.

    None if what has its name is another's.
    """
    asked, message = kept.asked, kept.asked["message"]
    try:
        made = await made_before(
            services,
            sought_in(message),
            names=[message["id"]],
            whose=(message["subject"], kept.row["fixmedins_code"]),
        )
    except Unavailable:
        # It was written down: its outcome is not known, and asking again tells it.
        raise Unheard(unheard(message)) from None
    if made is None:
        return None
    row = kept.row
    if row["mdtrt_id"] != made.fact.visit_id:
        row = await _moved(services.pool, kept, mdtrt_id=made.fact.visit_id)
    echo = await _echo(services.pool, asked["echo"], made=made)
    asked = {**asked, "echo": echo}
    return KeptReply(row, asked=asked), made.answer


async def _moved(pool: Connection, kept: KeptReply, *, mdtrt_id: str) -> Any:
    """Put a purchase under the visit that it had; return its row as it is then."""
    async with pool.acquire() as db, db.transaction():
        row = await db.fetchrow(query(*_HOME, name="hold"), *kept.key)
        if row["replied_at"] is not None or row["mdtrt_id"] == mdtrt_id:
            return row
        for name in ("move_visit", "move_batch"):
            await db.execute(query(*_VISITS, name=name), row["mdtrt_id"], mdtrt_id)
        await db.execute(query(*_HOME, name="move"), *kept.key, mdtrt_id)
        return {**row, "mdtrt_id": mdtrt_id, "chrg_bchno": mdtrt_id}


async def standing_settlement(call: Call[Any], work: Asking) -> MadeBefore | None:
    """Return what a message settled that the counter would say no to, if it stands.

    A name that the counter knows another message by is that one's.
    """
    assert work.sought is not None, "asked of what has a settlement to seek"
    psn_no = call.psn_no or ""
    seen = await name_seen(call.services.pool, call.key, psn_no=psn_no)
    if seen.is_barred:
        return None
    made = await made_before(
        call.services,
        work.sought(call),
        names=[other_name(call.key), *await _own_names(call, seen)],
        whose=(psn_no, call.place.fixmedins_code),
    )
    return made if made is not None and made.stands else None


async def _own_names(call: Call[Any], seen: VisitSeen) -> list[str]:
    """Return the names of the sender's that the counter knows no other message by."""
    name, *before = known_as(call.envelope.msgid)
    pool, fixmedins_code = call.services.pool, call.place.fixmedins_code
    statement = query(*_HOME, name="is_taken")
    own = [] if seen.is_taken else [name]
    for one in before:
        if not await pool.fetchval(statement, fixmedins_code, one):
            own.append(one)
    return own


async def request_of(call: Call[Any], *, made: MadeBefore) -> LedgerRequest:
    """Return what a message asked that the counter has lost, as far as it is known.

    It has its answer, and is not asked again.
    """
    return LedgerRequest(
        SETTLE,
        call.place.source,
        made.fact.person_id,
        {},
        mdtrt_id=made.fact.visit_id,
        chrg_bchno=made.sought.chrg_bchno,
        echo=await _echo(call.services.pool, made.sought.echo, made=made),
    )


async def _echo(
    db: Connection, echo: Mapping[str, Any], *, made: MadeBefore
) -> dict[str, Any]:
    """Return what a reply needs, with the balance that was told at first.

    The ledger keeps it where the account paid; else it is what had been left then.
    """
    balance = made.fact.account_balance
    if balance is None:
        offset = made.answer.data["entry"]["offset"]
        balance = await balance_before(db, made.fact.person_id, offset=offset)
    return {**echo, "balc_fen": balance}
