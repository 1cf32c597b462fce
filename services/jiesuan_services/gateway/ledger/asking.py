"""Requests to the ledger, each awaited until its own answer comes."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson
import structlog
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from msgspec import Struct

from jiesuan_events.clearing.requests import CLEARING_REQUEST_TYPES
from jiesuan_events.entries.partition import partition_of
from jiesuan_events.words.topics import ANSWERS, CLEARING_REQUESTS, REQUESTS
from jiesuan_ledger.clearing.reader import CLEARING_PARTITION
from jiesuan_ledger.log.fetch.consumer import LogConsumer
from jiesuan_ledger.log.fetch.slow import Halt
from jiesuan_ledger.log.kafka import count_partitions, make_consumer, make_producer
from jiesuan_ledger.log.record import Record
from jiesuan_ledger.ours import StrangerReason, accept_answer
from jiesuan_services.client.sending import to_record
from jiesuan_services.gateway.faults import Unavailable
from jiesuan_services.gateway.ledger.early import EarlyAnswers
from jiesuan_services.gateway.ledger.naming import MOST_CHARACTERS

ANSWER_SECONDS: Final = 6.0
"""Some clients hang up after ten seconds, and others may have to be waited for."""
POLL_MS: Final = 200
AGAIN_SECONDS: Final = 0.5
PAUSE_SECONDS: Final = 0.004
CLOSE_SECONDS: Final = 1.0

AWAY: Final = "账本暂时无法连接，本次未受理，请稍候用同一报文重新发送。"
"""Of a message that was not written down, or that changes nothing."""
UNSENT: Final = (
    "账本暂时无法连接，结果暂时未知。请稍候用同一报文（msgid不变）重新发送，"
    "即可得到结果"
)
"""Of one that was written down: whoever finds it there may send it."""
UNNOTED: Final = (
    "账本暂时无法连接，结果暂不能给出，请稍候用同一报文重新发送，即可得到结果。"
)
UNKNOWN: Final = (
    "结果暂时未知：请求已送出，尚未收到答复。请用同一报文（msgid不变）重新发送，"
    "即可得到结果"
)
OR_UNDO: Final = "；也可用2601冲正"
QUOTE: Final = "jiesuan.quote.v1"
DONE: Final = "done_before"
"""Under which name a no says what else the same message asked, and was decided."""
SETTLE: Final = "jiesuan.settle.v1"
"""What 2207 and 2102 ask: nothing else can be compensated."""

log = structlog.get_logger()


class LedgerAnswer(Struct, frozen=True):
    """What the ledger said, and when it was recorded."""

    data: Mapping[str, Any]
    time: str

    @property
    def is_refused(self) -> bool:
        """Whether the ledger said no."""
        return bool(self.data["outcome"] == "refused")

    def is_to(self, message: Mapping[str, Any]) -> bool:
        """Whether it answers this request, by its name."""
        about = None if _is_of_clearing(message) else message["subject"]
        asked = (message["source"], message["id"], message["type"], about)
        named = ("request_source", "request_id", "request_type", "psn_no")
        return asked == tuple(self.data[one] for one in named)

    def after(
        self, before: "LedgerAnswer", *, done: Sequence[Mapping[str, Any]]
    ) -> "LedgerAnswer":
        """Return this no with the entry and the data of what was decided before it."""
        more = {"entry": before.data.get("entry"), DONE: list(done)}
        return LedgerAnswer({**self.data, **more}, self.time)

    @property
    def codes(self) -> list[str]:
        """Return the codes of all reasons to refuse."""
        return [one["code"] for one in self.data.get("refusals", ())]


class Unheard(Unavailable):
    """A request is on its way, or may be: what came of it is not known yet."""


class LedgerClient:
    """One producer and one reader of answers, kept connected."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._producer: AIOKafkaProducer | None = None
        self._consumer: LogConsumer | None = None
        self._partitions = 0
        self._waiting: dict[bytes, asyncio.Future[LedgerAnswer]] = {}
        self.early = EarlyAnswers(ANSWER_SECONDS)
        """Answers that nobody waits for, or nobody yet."""
        self._next: dict[int, int] = {}
        self._broken = False
        self._kept: asyncio.Task[None] | None = None

    @property
    def is_connected(self) -> bool:
        """Whether requests can be sent now."""
        return self._producer is not None

    @property
    def bootstrap(self) -> str:
        """Return where the brokers are."""
        return self._bootstrap

    @property
    def standing(self) -> dict[str, Halt]:
        """Return before which answers it stands: those behind them are not heard."""
        halts = {} if self._consumer is None else self._consumer.halts
        return {f"{at.topic}/{at.partition}": halt for at, halt in halts.items()}

    def begin(self) -> None:
        """Start keeping the connection, whether or not a broker answers now."""
        self._kept = asyncio.create_task(self._keep())

    async def end(self) -> None:
        """Stop; every waiting call learns that its outcome is unknown."""
        if self._kept is not None:
            self._kept.cancel()
            await asyncio.gather(self._kept, return_exceptions=True)

    async def ask(self, message: dict[str, Any]) -> LedgerAnswer:
        """Send one request and return its answer, or raise Unavailable.

        The same message may be asked again: its name makes it one.
        """
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                cause = await self._send(message)
                answer = await self._answer_to(cause)
        except TimeoutError:
            raise Unheard(unheard(message)) from None
        except KafkaError as away:
            # A producer that failed once may fail for ever: another one is made.
            self._broken = True
            log.warning("kafka.away", error=type(away).__name__)
            raise Unheard(unheard(message)) from None
        if not answer.is_to(message):
            # An offset that is not ours must never become another's money.
            self._broken = True
            log.error("answer.mistaken", cause=cause.decode())
            raise Unheard(unheard(message))
        return answer

    async def ask_on(
        self, message: dict[str, Any], answer: LedgerAnswer, *, then: Sequence[Any]
    ) -> LedgerAnswer:
        """Ask one after the other what else a message means, up to the first no."""
        done = [message["data"]]
        for number, data in enumerate(then, 2):
            if answer.is_refused:
                break
            name = f"{message['id']}.{number}"[-MOST_CHARACTERS:]
            said = await self.ask({**message, "id": name, "data": data})
            answer = said.after(answer, done=done) if said.is_refused else said
            done.append(data)
        return answer

    async def _send(self, message: dict[str, Any]) -> bytes:
        producer, record = self._producer, to_record(message)
        if producer is None:
            raise Unavailable(unsent(message))
        topic, partition = CLEARING_REQUESTS, CLEARING_PARTITION
        if not _is_of_clearing(message):
            topic = REQUESTS
            partition = partition_of(message["subject"], self._partitions)
        sent = await producer.send(
            topic,
            record.value,
            key=record.key,
            headers=record.headers,
            partition=partition,
        )
        # Cancelled waiting is no cancelled sending: the outcome is then unknown.
        acknowledged = await asyncio.shield(sent)
        return f"{topic}/{partition}/{acknowledged.offset}".encode()

    async def tell(self, topic: str, record: Record) -> None:
        """Write down something that must be on record before we go on."""
        producer = self._producer
        if producer is None:
            raise Unavailable(UNNOTED)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                sent = await producer.send(
                    topic, record.value, key=record.key, partition=0
                )
                await asyncio.shield(sent)
        except (TimeoutError, KafkaError):
            raise Unavailable(UNNOTED) from None

    async def _answer_to(self, cause: bytes) -> LedgerAnswer:
        early = self.early.take(cause)
        if early is not None:
            return _read(early.value, early.time)
        waiting = self._waiting.setdefault(
            cause, asyncio.get_running_loop().create_future()
        )
        try:
            return await waiting
        finally:
            self._waiting.pop(cause, None)

    async def _keep(self) -> None:
        """Connect, and connect again when the broker went away."""
        while True:
            try:
                await self._serve()
            except (KafkaError, OSError) as away:
                log.warning("kafka.away", error=type(away).__name__)
            await asyncio.sleep(AGAIN_SECONDS)

    async def _serve(self) -> None:
        producer = make_producer(self._bootstrap)
        consumer = make_consumer(self._bootstrap)
        try:
            self._partitions = await count_partitions(self._bootstrap)
            await consumer.start()
            await producer.start()
            await self._place(consumer)
            self._producer, self._broken = producer, False
            self._consumer = consumer
            while not self._broken:
                got = await consumer.getmany(timeout_ms=POLL_MS)
                for place, records in got.items():
                    self._hear(records, place.partition)
                    self._next[place.partition] = records[-1].offset + 1
                self.early.forget()
                if got:
                    # What is answered meanwhile comes with one fetch.
                    await asyncio.sleep(PAUSE_SECONDS)
        finally:
            self._producer = self._consumer = None
            with contextlib.suppress(TimeoutError, KafkaError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await consumer.stop()
                    await producer.stop()

    async def _place(self, consumer: LogConsumer) -> None:
        """Read on where we were; at first from where the answers end now.

        What was lost or forgotten meanwhile is passed: nobody could be served before.
        """
        places = [TopicPartition(ANSWERS, n) for n in range(self._partitions)]
        consumer.assign(places)
        begins = await consumer.beginning_offsets(places)
        ends = await consumer.end_offsets(places)
        for place in places:
            at = self._next.get(place.partition, ends[place])
            self._next[place.partition] = min(max(at, begins[place]), ends[place])
            consumer.seek(place, self._next[place.partition])

    def _hear(self, records: Any, partition: int) -> None:
        for record in records:
            if isinstance(accept_answer(record, partition), StrangerReason):
                continue
            cause = _header(record, "cause")
            at = _header(record, "ce_time").decode()
            waiting = self._waiting.get(cause)
            if waiting is None:
                self.early.keep(cause, record.value, at=at)
            elif not waiting.done():
                waiting.set_result(_read(record.value, at))


def unheard(message: Mapping[str, Any]) -> str:
    """Say that the outcome is not known, and how it can be known or undone."""
    return f"{UNKNOWN}{_or_undo(message)}。"


def unsent(message: Mapping[str, Any]) -> str:
    """Say the same of what could not be sent now; of a quote nothing comes."""
    return AWAY if message["type"] == QUOTE else f"{UNSENT}{_or_undo(message)}。"


def _or_undo(message: Mapping[str, Any]) -> str:
    return OR_UNDO if message["type"] == SETTLE else ""


def _is_of_clearing(message: Mapping[str, Any]) -> bool:
    """Whether a request is about a month: those have a topic of one partition."""
    return message["type"] in CLEARING_REQUEST_TYPES


def _header(record: Any, name: str) -> bytes:
    return next((value for key, value in record.headers if key == name), b"")


def _read(value: bytes, time: str) -> LedgerAnswer:
    return LedgerAnswer(orjson.loads(value), time)
