"""One POST from its bytes to the bytes of its reply."""

import asyncio
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from functools import cached_property
from typing import Any, Final

import structlog
from msgspec import Struct
from msgspec.structs import replace

from jiesuan_events.words.instants import BEIJING
from jiesuan_services.gateway.access.identify import NOT_YOURS, Gate
from jiesuan_services.gateway.access.limits import AGAIN, NOT_TAKEN, Limits
from jiesuan_services.gateway.access.registry import Client
from jiesuan_services.gateway.call import Call, RegisteredPlace, Services
from jiesuan_services.gateway.digests import InputDigests
from jiesuan_services.gateway.exchange import Exchange
from jiesuan_services.gateway.faults import (
    MOST_CHARACTERS,
    CounterFault,
    NotAllowed,
    NotRead,
    Unavailable,
)
from jiesuan_services.gateway.kept import KeptReply
from jiesuan_services.gateway.ledger.naming import carried
from jiesuan_services.gateway.serving.multipart import placed
from jiesuan_services.gateway.store.database import AWAY
from jiesuan_services.gateway.store.filing import KeptFile, kept_file
from jiesuan_services.gateway.store.serial import unkept_id
from jiesuan_services.gateway.store.sql import query
from jiesuan_services.gateway.transactions.kinds import Asking, Transaction
from jiesuan_services.gateway.transactions.table import TRANSACTIONS
from jiesuan_services.gateway.vault.identities import is_certificate_number
from jiesuan_services.gateway.vault.joining import joined, note_look, persons_in
from jiesuan_services.gateway.wire import sm
from jiesuan_services.gateway.wire.envelope import WireEnvelope, read_envelope
from jiesuan_services.gateway.wire.payload import read_payload
from jiesuan_services.gateway.wire.reply import (
    Reply,
    Times,
    failure,
    write_reply,
)
from jiesuan_services.gateway.wire.text import decoded, read_json, read_object
from jiesuan_services.runtime.bootstrap import CounterBounds

PLACE_SECONDS: Final = 2.0
PAUSE_SECONDS: Final = 1.0
"""So long a change of either may go unnoticed by a running gateway."""
MOST_NAME: Final = 50
UNKNOWN_INFNO: Final = "没有交易{}，请核对交易编号后重新发送。"
NOT_FOR_YOU: Final = "交易{}（{}）仅限{}使用，请核对交易编号。"
UNKNOWN_PLACE: Final = "该定点医药机构尚未登记，请联系医保经办机构登记后重试。"
NO_DATABASE: Final = (
    "平台数据库暂时无法连接，本次结果未知，请稍候用同一报文（msgid不变）重新发送。"
)
NO_PSN_NO: Final = (
    "人员编号psn_no应为1101返回的参保人员编号，收到的是证件号码，请更正后重新发送。"
)
UNSHOWN: Final = (
    "{}，本笔业务已办理，但结果暂不能给出；"
    "请稍候用同一报文（msgid不变）重新发送，即可得到结果。"
)
PAUSED: Final = f"{{}}（预计{{}}恢复）。{NOT_TAKEN}；恢复后请{AGAIN}"
MOST_PAUSE: Final = MOST_CHARACTERS - len(PAUSED.format("", "2022-03-01 08:50"))
"""So long an announcement may be: the time at the end must not be cut off."""
OUR_FAULT: Final = (
    "平台处理出错，已记录（编号{}），请稍候用同一报文重新发送，仍不成功请联系经办机构。"
)
WHO: Final = {"1": "定点医疗机构", "2": "定点零售药店"}

log = structlog.get_logger()


class Post(Struct, frozen=True):
    """What came over HTTP."""

    body: bytes
    headers: Mapping[str, str]
    path_infno: str | None = None
    fingerprint: str | None = None
    file: bytes | None = None
    """What came beside the message."""


class Sending(Struct, frozen=True):
    """What goes back: an envelope, or a file's bytes under its name."""

    body: bytes
    filename: str | None = None


class InWork:
    """What is known of a message so far; a failure is put in as much of its form."""

    def __init__(self, received: datetime) -> None:
        self.received = received
        self.envelope: WireEnvelope | None = None
        self.client: Client | None = None
        self.fixmedins_code: Any = None
        self.is_encrypted: bool | None = None
        """None where `input` could not be read, or was none."""
        self.file: KeptFile | None = None
        self.kept_name: str | None = None

    @cached_property
    def name(self) -> str:
        """Return our name for the message, one of the moment where none is kept."""
        return self.kept_name or unkept_id(self.received)


class Counter:
    """Answers every message; nothing it meets ends in anything but a reply."""

    def __init__(
        self, services: Services, gate: Gate, *, bounds: CounterBounds
    ) -> None:
        self._services = services
        self._gate = gate
        self._exchange = Exchange(services)
        self._digests = InputDigests(services.vault)
        self.bounds = bounds
        self._limits = Limits(bounds)
        self._places: dict[str, tuple[float, RegisteredPlace | None]] = {}
        self._pause: Any = None
        self._pause_seen = -PAUSE_SECONDS

    async def answer(self, post: Post) -> Sending:
        """Return the reply in the form that this client reads."""
        work = InWork(self._services.now())
        began = time.perf_counter()
        try:
            said = _read(post, work)
            with self._limits:
                reply = await self._reply(said, post, work=work)
        except CounterFault as wrong:
            reply = failure(wrong.sentence)
        except AWAY as away:
            log.warning("database.away", error=type(away).__name__)
            reply = failure(NO_DATABASE)
        except Exception as wrong:
            reply = failure(OUR_FAULT.format(_noted(wrong)))
        self._log(work, reply, seconds=time.perf_counter() - began)
        times = Times(work.name, work.received, self._services.now())
        if work.file is not None:
            return Sending(work.file.content, work.file.filename)
        return Sending(await self._written(reply, times, work=work, post=post))

    async def refused(self, sentence: str, post: Post) -> bytes:
        """Return a refusal of what never became a message."""
        work = InWork(self._services.now())
        times = Times(work.name, work.received, self._services.now())
        return await self._written(failure(sentence), times, work=work, post=post)

    def _log(self, work: InWork, reply: Reply, *, seconds: float) -> None:
        """Say one line of every message: no person in it, no sentence either."""
        envelope = work.envelope
        log.info(
            "message",
            infno=envelope and envelope.infno,
            msgid=envelope and carried(envelope.msgid),
            inf_refmsgid=work.name,
            fixmedins_code=work.client and work.client.fixmedins_code,
            infcode=reply.infcode,
            ms=round(seconds * 1000, 1),
        )

    async def _reply(
        self, said: Mapping[str, Any], post: Post, *, work: InWork
    ) -> Reply:
        assert work.envelope is not None
        try:
            work.client = await self._gate.who(
                post.headers, fingerprint=post.fingerprint, now=work.received
            )
        except AWAY:
            self._say_pause(work.received)
            raise
        _is_theirs(work.envelope, work.client)
        self._limits.take(work.client.fixmedins_code)
        await self._not_paused(work.received)
        transaction = TRANSACTIONS.get(work.envelope.infno)
        if transaction is None:
            raise CounterFault(UNKNOWN_INFNO.format(work.envelope.infno))
        input_ = _opened(said.get("input"), work)
        if post.file is not None and work.is_encrypted:
            input_ = placed(input_, post.file)
        call = await self._call(input_, work, transaction=transaction)
        kept = await self._exchange.perform(call, transaction)
        work.kept_name = kept.inf_refmsgid
        if transaction.gives_file and not kept.reply.err_msg:
            work.file = await kept_file(call, kept.reply.output["file_qury_no"])
        return await self._named(call, transaction, kept=kept)

    async def _call(
        self, input_: Any, work: InWork, *, transaction: Transaction
    ) -> Call[Any]:
        assert work.envelope is not None
        assert work.client is not None
        place = await self._place(work.client.fixmedins_code)
        if place.fixmedins_type not in transaction.who:
            raise NotAllowed(not_for_you(transaction))
        read = read_payload(input_, transaction.input)
        pool = self._services.pool
        call: Call[Any] = Call(
            input=read,
            envelope=work.envelope,
            digest=await self._digests.of(input_, transaction, on=pool),
            client=work.client,
            place=place,
            received=work.received,
            services=self._services,
            db=pool,
        )
        if is_certificate_number(call.psn_no or ""):
            # It would lie in the ledger for ever.
            raise CounterFault(NO_PSN_NO)
        return call

    async def _named(
        self, call: Call[Any], transaction: Transaction, *, kept: KeptReply
    ) -> Reply:
        """Add who the person is, where the reply says so, and write down who looked."""
        reply = kept.reply
        if not transaction.names_person or reply.err_msg:
            return reply
        looks = [
            note_look(call, psn_no, why=transaction.zh)
            for psn_no in persons_in(reply.output)
        ]
        naming = joined(
            reply.output,
            db=call.db,
            together=self._services.together,
            vault=self._services.vault,
            today=call.today,
        )
        try:
            # On record before it is shown, whichever of the two is done first.
            output, *_ = await asyncio.gather(naming, *looks)
        except Unavailable as unshown:
            if not isinstance(transaction.work, Asking):
                raise
            # What a sentence says first is its cause.
            cause, _, _ = unshown.sentence.partition("，")
            raise Unavailable(UNSHOWN.format(cause)) from None
        return Reply(output)

    async def _place(self, fixmedins_code: str) -> RegisteredPlace:
        known = self._places.get(fixmedins_code)
        now = time.monotonic()
        if known is None or now - known[0] > PLACE_SECONDS:
            row = await self._services.pool.fetchrow(
                query("store", "reference", name="place"), fixmedins_code
            )
            known = (now, None if row is None else _place_of(row))
            self._places[fixmedins_code] = known
        if known[1] is None:
            raise CounterFault(UNKNOWN_PLACE)
        return known[1]

    async def _not_paused(self, now: datetime) -> None:
        seen = time.monotonic()
        if seen - self._pause_seen > PAUSE_SECONDS:
            statement = query("store", "clients", name="paused")
            try:
                self._pause = await self._services.pool.fetchrow(statement, now)
            except AWAY:
                self._say_pause(now)
                raise
            self._pause_seen = seen
        self._say_pause(now)

    def _say_pause(self, now: datetime) -> None:
        """Raise Unavailable with the pause that was last read, until it is over.

        The database may be away for the very maintenance that was announced.
        """
        row = self._pause
        if row is not None and row["paused_until"] > now:
            until = row["paused_until"].astimezone(BEIJING)
            raise Unavailable(PAUSED.format(row["message"], f"{until:%Y-%m-%d %H:%M}"))

    async def _written(
        self, reply: Reply, times: Times, *, work: InWork, post: Post
    ) -> bytes:
        client = work.client
        if client is None and work.is_encrypted is not False:
            client = await self._whoever(work, post)
        if client is None:
            return write_reply(reply, times)
        form = client.form(work.envelope.infno if work.envelope else None)
        if _reads_cipher(client, work):
            client_id = client.client_id
            form = replace(form, written=lambda body: sm.encrypt(body, client_id))
        return write_reply(reply, times, form=form)

    async def _whoever(self, work: InWork, post: Post) -> Client | None:
        """Return whose message it seems to be: to tell him why it was refused.

        A client in SM mode cannot read a refusal that is not encrypted.
        """
        with suppress(CounterFault, *AWAY):
            return await self._gate.who(
                post.headers, fingerprint=post.fingerprint, now=work.received
            )
        named = work.fixmedins_code
        if isinstance(named, str) and len(named) <= MOST_NAME:
            with suppress(*AWAY):
                return await self._gate.registry.by_code(named)
        return None


def not_for_you(transaction: Transaction) -> str:
    """Return the sentence for who may not send a transaction."""
    whose = "、".join(WHO[one] for one in sorted(transaction.who))
    return NOT_FOR_YOU.format(transaction.infno, transaction.zh, whose)


def _read(post: Post, work: InWork) -> Mapping[str, Any]:
    """Read a message before anything else: it says in which form to say no."""
    said = read_object(post.body)
    work.fixmedins_code = said.get("fixmedins_code") or said.get("medins_code")
    if said.get("input"):
        work.is_encrypted = sm.is_cipher(said["input"])
    work.envelope = read_envelope(said, path_infno=post.path_infno)
    return said


def _place_of(row: Any) -> RegisteredPlace:
    return RegisteredPlace(
        fixmedins_code=row["fixmedins_code"],
        fixmedins_name=row["fixmedins_name"],
        admdvs=row["admdvs"],
        fixmedins_type=row["fixmedins_type"],
        dedc_hosp_lv=row["dedc_hosp_lv"],
    )


def _is_theirs(envelope: WireEnvelope, client: Client) -> None:
    """Refuse a message in another institution's name."""
    named = envelope.fixmedins_code
    if named is not None and named != client.fixmedins_code:
        raise NotAllowed(NOT_YOURS.format(named))


def _reads_cipher(client: Client, work: InWork) -> bool:
    """Whether a client reads encrypted output: as it wrote, else as it registered."""
    is_encrypted = work.is_encrypted
    if is_encrypted is None:
        is_encrypted = client.sm2_public_key is not None
    return is_encrypted and len(client.client_id.encode()) == sm.KEY_BYTES


def _opened(said: Any, work: InWork) -> Any:
    """Return `input` as JSON: decrypted, its signature checked where there is one."""
    assert work.client is not None
    client, envelope = work.client, work.envelope
    assert envelope is not None
    is_signed = client.sm2_public_key is not None and not client.unchecked_signature
    if not work.is_encrypted:
        if is_signed:
            raise NotAllowed(sm.NOT_ENCRYPTED)
        return said
    try:
        text = sm.decrypt(said, client.client_id)
    except NotRead:
        if client.sm2_public_key is not None:
            raise
        # Who never registered a key did not encrypt: it is text, and no JSON.
        work.is_encrypted = False
        return read_json(said, what="input")
    if is_signed:
        assert client.sm2_public_key is not None
        sm.check_signed(text, envelope.cainfo, public_key=client.sm2_public_key)
    read = read_json(decoded(text), what="input")
    if not isinstance(read, dict):
        raise NotRead("input解密后应为JSON对象，请检查后重新发送。")
    return read


def _noted(wrong: Exception) -> str:
    """Log what is our own fault without what it was about; return its number."""
    number = secrets.token_hex(4)
    frame = wrong.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    where = frame and f"{frame.tb_frame.f_code.co_filename}:{frame.tb_lineno}"
    log.error("message.failed", number=number, error=type(wrong).__name__, where=where)
    return number
