"""A message in work: its name claimed, its reply kept, the ledger asked at most once.

A message is (institution, infno, msgid, digest of its input). Its first reply is kept
and given again to whoever sends it again, on whichever gateway.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Any, Final

import orjson

from jiesuan_events.clearing.requests import CLEARING_REQUEST_TYPES
from jiesuan_events.words.topics import CLEARING, LEDGER
from jiesuan_services.gateway.call import Call, Services
from jiesuan_services.gateway.faults import CounterFault, Unavailable
from jiesuan_services.gateway.ledger.asking import LedgerAnswer
from jiesuan_services.gateway.store.database import Connection
from jiesuan_services.gateway.store.serial import stem
from jiesuan_services.gateway.store.sql import query
from jiesuan_services.gateway.transactions.asking.message import message_of
from jiesuan_services.gateway.transactions.asking.outcomes import not_barred
from jiesuan_services.gateway.transactions.asking.refusal import sentence_of
from jiesuan_services.gateway.transactions.kinds import (
    AnsweredRequest,
    Asking,
    Keeping,
    LedgerRequest,
    Transaction,
    Unresolved,
)
from jiesuan_services.gateway.transactions.table import TRANSACTIONS
from jiesuan_services.gateway.wire.payload import Output
from jiesuan_services.gateway.wire.reply import Reply, encode, failure
from jiesuan_services.gateway.wire.text import read_json

_HOME: Final = ("store", "messages")
CLEARING_SECONDS: Final = 3.5
"""So long what stands in the way is cleared before the sender has to wait: with the
ledger's own time it stays below the ten seconds after which some clients hang up."""
TAKEN: Final = "duplicate-different"
MOST_ID: Final = 50
IN_WORK: Final = (
    "该参保人的上一笔业务还在办理，本次请求未作任何处理，请稍候用同一报文重新发送。"
)
Key = tuple[str, str, str, str]


class KeptReply:
    """A message as it is kept: our name for it, and its reply if it has one."""

    def __init__(self, row: Any) -> None:
        self.row = row
        self.inf_refmsgid: str = row["inf_refmsgid"]

    @property
    def is_replied(self) -> bool:
        """Whether the message has its reply."""
        return self.row["replied_at"] is not None

    @property
    def reply(self) -> Reply:
        """Return the reply that was kept."""
        return Reply(read_json(self.row["output"]), self.row["err_msg"])

    @property
    def key(self) -> Key:
        """Return what names the message."""
        row = self.row
        return row["fixmedins_code"], row["msgid"], row["infno"], row["digest"]


class Exchange:
    """Performs messages of every kind."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._in_work: dict[Key, asyncio.Task[KeptReply]] = {}
        self._resolving: dict[Key, asyncio.Task[KeptReply]] = {}

    async def perform(self, call: Call[Any], transaction: Transaction) -> KeptReply:
        """Return the message's reply; the same in work already is waited for."""
        running = self._in_work.get(call.key)
        if running is None:
            running = asyncio.create_task(self._perform(call, transaction))
            self._in_work[call.key] = running
            running.add_done_callback(lambda _: self._in_work.pop(call.key, None))
        # Who hangs up does not stop what has begun: it is asked for again.
        return await asyncio.shield(running)

    async def _perform(self, call: Call[Any], transaction: Transaction) -> KeptReply:
        if not isinstance(transaction.work, Keeping | Asking):
            return await self._read(call, transaction)
        until = time.monotonic() + CLEARING_SECONDS
        while True:
            try:
                return await self._claimed(call, transaction)
            except Unresolved as standing:
                await self._clear(standing, until)

    async def _clear(self, standing: Unresolved, until: float) -> None:
        """Resolve the unanswered messages that block this one, until the deadline.

        Raises Unavailable after it. Many tills at once on one account come in no order:
        the next may be ahead again.
        """
        if time.monotonic() > until:
            raise Unavailable(IN_WORK)
        for row in standing.rows:
            await self._resolve(KeptReply(row))

    async def _read(self, call: Call[Any], transaction: Transaction) -> KeptReply:
        """Look something up; what stands in its way is cleared first."""
        assert not isinstance(transaction.work, Asking)
        found = await self._find(call.db, call.key)
        if found is not None:
            return found
        until = time.monotonic() + CLEARING_SECONDS
        while True:
            try:
                said: Output | CounterFault = await transaction.work.answer(call)
            except Unresolved as standing:
                await self._clear(standing, until)
                continue
            except Unavailable:
                raise
            except CounterFault as wrong:
                said = wrong
            async with self._services.pool.acquire() as db, db.transaction():
                if await self._claim(call.on(db)):
                    return await self._reply(db, call.key, said=said)
                return await self._must_find(db, call.key)

    async def _claimed(self, call: Call[Any], transaction: Transaction) -> KeptReply:
        """Claim the name and do what is asked, in one transaction of the database."""
        async with self._services.pool.acquire() as db, db.transaction():
            inside = call.on(db)
            if await self._claim(inside):
                kept = await self._begin(inside, transaction)
            else:
                kept = await self._must_find(db, call.key)
        return kept if kept.is_replied else await self._resolve(kept)

    async def _begin(self, call: Call[Any], transaction: Transaction) -> KeptReply:
        """Do what only the counter must know, or write down what the ledger is asked.

        A fault takes back what was begun and is kept as the message's reply.
        """
        said: Output | CounterFault
        try:
            async with call.db.transaction():
                if isinstance(transaction.work, Asking):
                    asked = await transaction.work.ask(call)
                    return await self._intend(call, asked)
                said = await transaction.work.answer(call)
        except Unavailable:
            raise
        except CounterFault as wrong:
            said = wrong
        return await self._reply(call.db, call.key, said=said)

    async def _intend(self, call: Call[Any], asked: LedgerRequest) -> KeptReply:
        """Write down what is asked before it is asked: it is asked the same again."""
        await not_barred(call, asked.subject)
        msgid = call.envelope.msgid
        taken = await call.db.fetchval(
            query(*_HOME, name="name_taken"), call.place.fixmedins_code, msgid
        )
        request_id = _other_name(call.key) if taken else msgid
        message = message_of(asked, request_id, at=call.received)
        kept = {"message": message, "echo": asked.echo, "then": list(asked.then)}
        row = await call.db.fetchrow(
            query(*_HOME, name="intend"),
            *call.key,
            request_id,
            orjson.dumps(kept).decode(),
            asked.mdtrt_id,
            asked.chrg_bchno,
            asked.uses_account,
            CLEARING if asked.type in CLEARING_REQUEST_TYPES else LEDGER,
        )
        return KeptReply(row)

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
        request = orjson.loads(kept.row["request"])
        message = request["message"]
        answer = await self._services.ledger.ask(message)
        other = _other_name(kept.key)
        if answer.codes == [TAKEN] and message["id"] != other:
            # The name is another message's that this counter knows nothing of.
            message = {**message, "id": other}
            answer = await self._services.ledger.ask(message)
            statement = query(*_HOME, name="rename")
            await self._services.pool.execute(statement, *kept.key, other)
        answer = await self._further(message, answer, then=request.get("then", ()))
        async with self._services.pool.acquire() as db, db.transaction():
            row = await db.fetchrow(query(*_HOME, name="hold"), *kept.key)
            held = KeptReply(row)
            if held.is_replied:
                return held
            return await self._take_over(db, held, answer=answer)

    async def _further(
        self, message: dict[str, Any], answer: LedgerAnswer, *, then: Sequence[Any]
    ) -> LedgerAnswer:
        """Ask one after the other what else the message means, up to the first no."""
        for number, data in enumerate(then, 2):
            if answer.is_refused:
                break
            name = f"{message['id']}.{number}"[-MOST_ID:]
            said = await self._services.ledger.ask(
                {**message, "id": name, "data": data}
            )
            answer = said if not said.is_refused else said.after(answer)
        return answer

    async def _take_over(
        self, db: Connection, kept: KeptReply, *, answer: LedgerAnswer
    ) -> KeptReply:
        row, work = kept.row, TRANSACTIONS[kept.row["infno"]].work
        assert isinstance(work, Asking)
        if answer.is_refused:
            said: Output | CounterFault = CounterFault(sentence_of(answer.data))
        else:
            answered = AnsweredRequest(
                services=self._services,
                db=db,
                fixmedins_code=row["fixmedins_code"],
                msgid=row["msgid"],
                inf_refmsgid=row["inf_refmsgid"],
                psn_no=row["psn_no"],
                mdtrt_id=row["mdtrt_id"],
                chrg_bchno=row["chrg_bchno"],
                echo=orjson.loads(row["request"])["echo"],
                answer=answer,
            )
            said = await work.reply(answered)
        entry = answer.data.get("entry")
        return await self._reply(db, kept.key, said=said, entry=entry)

    async def _claim(self, call: Call[Any]) -> bool:
        """Claim the name; False if the message was here before."""
        claimed = await call.db.fetchval(
            query(*_HOME, name="claim"),
            *call.key,
            stem(call.place.admdvs, call.received),
            call.received,
            call.psn_no,
        )
        return claimed is not None

    async def _reply(
        self,
        db: Connection,
        key: Key,
        *,
        said: Output | CounterFault,
        entry: Any = None,
    ) -> KeptReply:
        reply = (
            failure(said.sentence) if isinstance(said, CounterFault) else _said(said)
        )
        entry = entry or {}
        row = await db.fetchrow(
            query(*_HOME, name="reply"),
            *key,
            self._services.now(),
            encode(reply.output).decode(),
            reply.err_msg,
            entry.get("partition"),
            entry.get("offset"),
        )
        return KeptReply(row)

    async def _find(self, db: Connection, key: Key) -> KeptReply | None:
        row = await db.fetchrow(query(*_HOME, name="find"), *key)
        return None if row is None else KeptReply(row)

    async def _must_find(self, db: Connection, key: Key) -> KeptReply:
        found = await self._find(db, key)
        assert found is not None, "what was claimed in this transaction is there"
        return found


def _said(output: Output) -> Reply:
    return Reply(output.model_dump(exclude_none=True))


def _other_name(key: Key) -> str:
    """Return the id of a request whose msgid is another message's already."""
    _, msgid, infno, digest = key
    return f"{msgid}.{infno}.{digest[:8]}"[-MOST_ID:]
