"""A message in work: its name claimed, its reply kept, the ledger asked at most once.

A message is (institution, infno, msgid, digest of its input). Its first reply is kept
and given again to whoever sends it again, on whichever gateway.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any, Final

from jiesuan_services.gateway.call import Call, Services
from jiesuan_services.gateway.faults import CounterFault, Unavailable
from jiesuan_services.gateway.kept import KeptReply, intended_as, row_of, whose
from jiesuan_services.gateway.ledger.asking import AWAY, LedgerAnswer, unheard
from jiesuan_services.gateway.ledger.naming import carried
from jiesuan_services.gateway.store.database import Connection
from jiesuan_services.gateway.store.sql import query
from jiesuan_services.gateway.store.together.rows import (
    IntendedMessage,
    KeptMessage,
    Key,
    MessageName,
    ToldReply,
    VisitChange,
)
from jiesuan_services.gateway.store.together.statements import intend, keep, reply
from jiesuan_services.gateway.taken import (
    TAKEN,
    is_barred,
    name_seen,
    named_anew,
    own_settlement,
    request_of,
    standing_settlement,
)
from jiesuan_services.gateway.transactions.asking.message import message_of
from jiesuan_services.gateway.transactions.asking.outcomes import BARRED
from jiesuan_services.gateway.transactions.asking.refusal import sentence_of
from jiesuan_services.gateway.transactions.kinds import (
    AnsweredRequest,
    Asking,
    ChangedVisit,
    Changing,
    Keeping,
    LedgerRequest,
    Reading,
    Transaction,
    Unresolved,
    Work,
)
from jiesuan_services.gateway.transactions.settling.made import other_name
from jiesuan_services.gateway.wire.payload import Output
from jiesuan_services.gateway.wire.reply import Reply, encode, failure

_HOME: Final = ("store", "messages")
CLEARING_SECONDS: Final = 3.5
"""So long what stands in the way is cleared before the sender has to wait: with the
ledger's own time it stays below the ten seconds after which some clients hang up."""
PAUSE_SECONDS: Final = 0.005
"""Before a message looks again at what another changed under it."""
IN_WORK: Final = "该参保人的上一笔业务还在办理，本次未受理，请稍候用同一报文重新发送。"


class HereBefore(Exception):
    """The message came before, or at once elsewhere: what was begun is taken back."""


class Exchange:
    """Performs messages of every kind."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._in_work: dict[Key, asyncio.Task[KeptReply]] = {}
        self._resolving: dict[Key, asyncio.Task[KeptReply]] = {}

    async def perform(self, call: Call[Any], transaction: Transaction) -> KeptReply:
        """Return the message's reply; the same in work already is waited for."""
        if (running := self._in_work.get(call.key)) is not None:
            kept = await asyncio.shield(running)
            # It may have been undone before this delivery came: what is kept counts.
            return await self._find(call.db, call.key) or kept
        running = asyncio.create_task(self._perform(call, transaction))
        self._in_work[call.key] = running
        running.add_done_callback(lambda _: self._in_work.pop(call.key, None))
        # Who hangs up does not stop what has begun: it is asked for again.
        return await asyncio.shield(running)

    async def _perform(self, call: Call[Any], transaction: Transaction) -> KeptReply:
        try:
            kept = await self._claim(call, transaction)
        except Unavailable:
            # Nothing final is said now, but it may have been said before.
            found = await self._find(call.db, call.key)
            if found is None:
                raise
            kept = found
        return kept if kept.is_replied else await self._resolve(kept)

    async def _claim(self, call: Call[Any], transaction: Transaction) -> KeptReply:
        """Return the message as it is written down, by this delivery or before it."""
        until = time.monotonic() + CLEARING_SECONDS
        while True:
            try:
                return await self._attempt(call, transaction)
            except (Unresolved, HereBefore) as held:
                found = await self._find(call.db, call.key)
                if found is not None:
                    return found
                if isinstance(held, Unresolved):
                    await self._clear(held, until)
                else:
                    await self._later(until)

    async def _clear(
        self, standing: Unresolved, until: float, *, sentence: str = IN_WORK
    ) -> None:
        """Resolve the unanswered messages that block this one, until the deadline.

        Raises Unavailable after it. Many tills at once on one account come in no order:
        the next may be ahead again.
        """
        if time.monotonic() > until:
            raise Unavailable(sentence)
        try:
            for row in standing.rows:
                await self._resolve(KeptReply(row))
        except Unavailable:
            # What is said of that one is not so of this one.
            raise Unavailable(sentence) from None

    async def _later(self, until: float) -> None:
        """Wait a moment: another changed what this one saw, or took its name."""
        if time.monotonic() > until:
            raise Unavailable(IN_WORK)
        await asyncio.sleep(PAUSE_SECONDS)

    async def _attempt(self, call: Call[Any], transaction: Transaction) -> KeptReply:
        """Do what is asked, or say why not; a fault is kept as the message's reply."""
        work = transaction.work
        try:
            match work:
                case Reading():
                    return await self._keep(call, _said(await work.answer(call)))
                case Changing():
                    return await self._change(call, await work.answer(call))
                case Asking() if not work.holds(call):
                    asked = await work.ask(call)
                    if asked.seen is None or not asked.seen.is_taken:
                        return await self._intend(call, asked)
            async with self._services.pool.acquire() as db, db.transaction():
                return await self._begin(call.on(db), work)
        except Unavailable:
            raise
        except CounterFault as wrong:
            before = await self._told_before(call, work)
            return before or await self._keep(call, failure(wrong.sentence))

    async def _told_before(self, call: Call[Any], work: Work) -> KeptReply | None:
        """Keep the reply that a message had which the counter has lost, if it had one.

        What it rests on is lost with it: so the counter would say no to what stands.
        """
        if not isinstance(work, Asking) or work.sought is None:
            return None
        made = await standing_settlement(call, work)
        if made is None:
            return None
        asked, id_ = await request_of(call, made=made), made.fact.request_id
        async with self._services.pool.acquire() as db, db.transaction():
            if not await is_barred(db, call.key, psn_no=made.fact.person_id):
                kept = await self._write(call, asked, id_=id_, by=partial(intend, db))
                answered = self._taken_over(db, kept, answer=made.answer)
                said = _said(await work.reply(answered))
                return await self._answered(
                    kept, said, answer=made.answer, settles=True, by=db
                )
        # It was compensated since it was looked at.
        return await self._keep(call, failure(BARRED))

    async def _begin(self, call: Call[Any], work: Keeping | Asking) -> KeptReply:
        """Do what only the counter must know, or write down what the ledger is asked.

        The message's row comes last, in the same transaction: of two deliveries at once
        one finds it there, and takes back what it began.
        """
        if isinstance(work, Asking):
            intending = partial(intend, call.db)
            return await self._intend(call, await work.ask(call), by=intending)
        said = _said(await work.answer(call))
        return await self._keep(call, said, by=partial(keep, call.db))

    async def _keep(
        self,
        call: Call[Any],
        said: Reply,
        *,
        change: VisitChange | None = None,
        by: Callable[[list[KeptMessage]], Awaitable[list[bool]]] | None = None,
    ) -> KeptReply:
        """Keep the reply of a message, and what it changes of a visit.

        With what others keep, unless it is kept ``by`` a transaction of its own.
        """
        now, output = self._services.now(), encode(said.output).decode()
        name = await self._name(call, found=whose(said.output))
        message = KeptMessage(name, now, output, said.err_msg, change)
        if by is None:
            is_kept = await self._services.together.keep(message)
        else:
            [is_kept] = await by([message])
        if not is_kept:
            raise HereBefore
        return KeptReply(row_of(name, replied_at=now), said=said)

    async def _change(self, call: Call[Any], changed: ChangedVisit) -> KeptReply:
        """Keep a reply with a change of the visit that was seen."""
        visits, change = self._services.visits, changed.change
        try:
            kept = await self._keep(call, _said(changed.output), change=change)
        except HereBefore:
            visits.forget(change.mdtrt_id)
            raise
        visits.changed(change)
        return kept

    async def _intend(
        self,
        call: Call[Any],
        asked: LedgerRequest,
        *,
        by: Callable[[list[IntendedMessage]], Awaitable[list[bool]]] | None = None,
    ) -> KeptReply:
        """Write down what is asked before it is asked: it is asked the same again."""
        if not self._services.ledger.is_connected:
            # Written down it would be performed later, by whoever meets it.
            raise Unavailable(AWAY)
        whose = {"psn_no": asked.subject}
        seen = asked.seen or await name_seen(call.db, call.key, **whose)
        request_id = carried(call.envelope.msgid)
        if seen.is_taken:
            request_id = other_name(call.key)
            seen = replace(seen, is_barred=await is_barred(call.db, call.key, **whose))
        if seen.is_barred:
            raise CounterFault(BARRED)
        return await self._write(
            call, asked, id_=request_id, version=seen.version, by=by
        )

    async def _write(
        self,
        call: Call[Any],
        asked: LedgerRequest,
        *,
        id_: str,
        version: int | None = None,
        by: Callable[[list[IntendedMessage]], Awaitable[list[bool]]] | None,
    ) -> KeptReply:
        """Write down what is asked under a name, of that version of its visit."""
        message = message_of(asked, id_, at=call.received)
        kept = {"message": message, "echo": asked.echo, "then": list(asked.then)}
        name = await self._name(call)
        intended = intended_as(name, asked, kept=kept, version=version)
        if by is None:
            is_written = await self._services.together.intend(intended)
        else:
            [is_written] = await by([intended])
        if asked.mdtrt_id is not None:
            self._services.visits.forget(asked.mdtrt_id)
        if not is_written:
            raise HereBefore
        batch = {"mdtrt_id": asked.mdtrt_id, "chrg_bchno": asked.chrg_bchno}
        return KeptReply(row_of(name, replied_at=None, **batch), asked=kept)

    async def _name(self, call: Call[Any], found: str | None = None) -> MessageName:
        """Return what a message's row begins with: its key, our name, whose."""
        name = await self._services.serials.name(call.place.admdvs, call.received)
        return MessageName(call.key, name, call.received, call.psn_no or found)

    async def _resolve(self, kept: KeptReply) -> KeptReply:
        """Return what came of a message; all who wait for it here ask once."""
        running = self._resolving.get(kept.key)
        if running is None:
            running = asyncio.create_task(self._heard(kept))
            self._resolving[kept.key] = running
            running.add_done_callback(lambda _: self._resolving.pop(kept.key, None))
        return await asyncio.shield(running)

    async def _heard(self, kept: KeptReply) -> KeptReply:
        """Ask the ledger what was written down, and keep what it says."""
        request = kept.asked
        message = request["message"]
        answer = await self._services.ledger.ask(message)
        if answer.codes == [TAKEN]:
            return await self._taken(kept, answer)
        then = request.get("then", ())
        answer = await self._services.ledger.ask_on(message, answer, then=then)
        return await self._replied(kept, answer)

    async def _taken(self, kept: KeptReply, answer: LedgerAnswer) -> KeptReply:
        """Return what came of a message whose name the ledger has with other content.

        It is this very message where the counter has lost that it settled: then it is
        told so. Else it is another's, and this one is asked under its second name.
        """
        settles = kept.work.settles
        if settles:
            own = await own_settlement(self._services, kept)
            if own is not None:
                kept, answer = own
                return kept if kept.is_replied else await self._replied(kept, answer)
        message = kept.asked["message"]
        if message["id"] == other_name(kept.key):
            return await self._replied(kept, answer)
        until = time.monotonic() + CLEARING_SECONDS
        while True:
            try:
                named = await named_anew(self._services, kept, settles=settles)
                break
            except Unresolved as standing:
                await self._clear(standing, until, sentence=unheard(message))
        return named if named.is_replied else await self._heard(named)

    async def _replied(self, kept: KeptReply, answer: LedgerAnswer) -> KeptReply:
        """Keep the reply that an answer makes; one that was kept meanwhile stands."""
        work, pool = kept.work, self._services.pool
        if answer.is_refused:
            said = failure(sentence_of(answer.data, kept.asked["echo"]))
            return await self._answered(kept, said, answer=answer)
        if work.settles:
            said = _said(await work.reply(self._taken_over(pool, kept, answer=answer)))
            return await self._answered(kept, said, answer=answer, settles=True)
        async with pool.acquire() as db, db.transaction():
            row = await db.fetchrow(query(*_HOME, name="hold"), *kept.key)
            held = KeptReply(row)
            if held.is_replied:
                return held
            said = _said(await work.reply(self._taken_over(db, held, answer=answer)))
            return await self._answered(held, said, answer=answer, by=db)

    def _taken_over(
        self, db: Connection, kept: KeptReply, *, answer: LedgerAnswer
    ) -> AnsweredRequest:
        row = kept.row
        return AnsweredRequest(
            services=self._services,
            db=db,
            fixmedins_code=row["fixmedins_code"],
            msgid=row["msgid"],
            inf_refmsgid=row["inf_refmsgid"],
            psn_no=row["psn_no"],
            mdtrt_id=row["mdtrt_id"],
            chrg_bchno=row["chrg_bchno"],
            echo=kept.asked["echo"],
            answer=answer,
        )

    async def _answered(
        self,
        kept: KeptReply,
        said: Reply,
        *,
        answer: LedgerAnswer,
        settles: bool = False,
        by: Connection = None,
    ) -> KeptReply:
        """Keep a reply: with others, unless it is kept by a transaction of its own."""
        entry = answer.data.get("entry") or {}
        made = ToldReply(
            kept.key,
            self._services.now(),
            encode(said.output).decode(),
            said.err_msg,
            entry.get("partition"),
            entry.get("offset"),
            answer.data["setl_id"] if settles else None,
        )
        if by is None:
            is_kept = await self._services.together.reply(made)
        else:
            [is_kept] = await reply(by, [made])
        if is_kept:
            return KeptReply(kept.row, said=said)
        found = await self._find(by or self._services.pool, kept.key)
        assert found is not None, "what was written down is there"
        return found

    async def _find(self, db: Connection, key: Key) -> KeptReply | None:
        row = await db.fetchrow(query(*_HOME, name="find"), *key)
        return None if row is None else KeptReply(row)


def _said(output: Output) -> Reply:
    return Reply(output.model_dump(exclude_none=True))
