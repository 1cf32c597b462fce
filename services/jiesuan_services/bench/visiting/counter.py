"""Figures of the counter: whole visits over HTTP, requests straight onto Kafka."""

import asyncio
import base64
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any, Final

import orjson

from jiesuan_embedded.ports import free_port
from jiesuan_events.words.topics import ANSWERS
from jiesuan_ledger.log.record import Record
from jiesuan_services.bench.figure import Figure, at_least, at_most
from jiesuan_services.bench.load import Loader, enrol, institution, settle
from jiesuan_services.bench.rig import Rig
from jiesuan_services.bench.visiting.connection import KeptConnection
from jiesuan_services.gateway.access.registry import Client, hash_secret, register
from jiesuan_services.gateway.ledger.asking import LedgerClient
from jiesuan_services.gateway.store.database import open_pool

RATE: Final = 300.0
"""Visits a second, each of five messages."""
SECONDS: Final = 20.0
FACTOR: Final = 5
LEAST_RATE: Final = 5.0
WARMING: Final = 4
"""As long as it is measured, so much less comes first: a broker that has just started
compiles what it runs, and holds up everybody."""
REST_SECONDS: Final = 2.0
"""What piled up before is done by then."""
PLACES: Final = 24
"""One institution may send 500 messages a second; a region has many."""
P99_MS: Final = 60.0
COST_MS: Final = 1.5
WAIT_MS: Final = 20_000.0
FAR: Final = 10**9
"""Numbers of settlements that no other figure uses."""
START_SECONDS: Final = 120.0
SECRET: Final = "s3cret"
INSURED: Final = "429900"
PATH: Final = "/mbs/fmi/fsi/api/callFsiService/callService"
DAY: Final = "2022-03-01 08:50:00"
BUSY: Final = "繁忙"


@dataclass
class Tally:
    """What came of the visits that were begun."""

    began: int = 0
    messages: int = 0
    settled: list[float] = field(default_factory=list)
    said: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0


class CounterBench:
    """Runs visits at a rate, whether or not the ones before have ended."""

    def __init__(self, rig: Rig, *, scale: float) -> None:
        self.rig = rig
        self.rate = RATE * scale
        self.seconds = SECONDS * max(0.25, scale)
        self.port = 0
        self.tokens: list[str] = []
        self.people: list[str] = []
        self.idle: list[KeptConnection] = []

    async def figures(self) -> list[Figure]:
        """Measure the counter at its rate, at five times of it, and what it costs."""
        await self._open()
        try:
            straight = await self._straight()
            await self._visits(self.rate / WARMING)
            await asyncio.sleep(REST_SECONDS)
            before = self.rig.spent()
            at_rate = await self._visits(self.rate)
            after = self.rig.spent()
            cost = {part: 1000 * (after[part] - before[part]) for part in before}
            crowded = await self._visits(self.rate * FACTOR)
            held = await self._held(p99(at_rate.settled))
        finally:
            self.rig.stop()
        return [
            _p99(at_rate, straight, rate=self.rate),
            _cost(cost, at_rate.messages),
            _crowded(crowded),
            at_least(
                "counter-held",
                [held],
                unit="visits/s",
                baseline=f"P99不超过{P99_MS:g} ms的最大速率；要求的速率",
                over=self.rate,
                ratio=1.0,
            ),
        ]

    async def _open(self) -> None:
        visits = int(self.rate * (FACTOR + 1) * self.seconds) + 1
        self.people = [f"K{number:07}" for number in range(min(visits, 20_000))]
        loader = Loader(self.rig.log, self.rig.partitions)
        await loader.register()
        until = await self.rig.ends(ANSWERS) + len(self.people)
        self.rig.start("decider")
        await loader.write((one, enrol(one)) for one in self.people)
        await self.rig.rate_of_answers(until)
        await self._let_in(loader)
        self.rig.start("projector")
        self.port = free_port(set())
        here = f"127.0.0.1:{self.port}"
        self.rig.start("gateway", JIESUAN_GATEWAY=here)
        await self._until_served()

    async def _let_in(self, loader: Loader) -> None:
        pool = await open_pool(self.rig.pg)
        kept = hash_secret(SECRET)
        for number in range(PLACES):
            code = f"H4201009{number:04}"
            data = {**institution()["data"], "fixmedins_code": code}
            said = {**institution(), "id": f"I-{code}", "subject": code, "data": data}
            await loader.register(said)
            client = Client(
                fixmedins_code=code,
                transport="token",
                client_id=code,
                secret_hash=kept,
            )
            await register(pool, client)
        await pool.close()

    async def _until_served(self) -> None:
        for number in range(PLACES):
            self.tokens.append(await self._token(f"H4201009{number:04}"))
        # Until the gateway has heard of the institutions and the read models of people.
        until = time.monotonic() + START_SECONDS
        while (await self._visit(0, Tally())) is None:
            if time.monotonic() > until:
                raise TimeoutError("the counter did not come to serve")
            await asyncio.sleep(0.5)

    async def _token(self, code: str) -> str:
        """Log in; the gateway may still be starting."""
        basic = base64.b64encode(f"{code}:{SECRET}".encode()).decode()
        head = f"Authorization: Basic {basic}\r\n"
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                link = KeptConnection(self.port)
                said = await link.post("/auth/oauth/token", b"", head=head)
                return str(said["access_token"])
            except OSError:
                if time.monotonic() > until:
                    raise
            await asyncio.sleep(0.1)

    async def _visits(self, rate: float) -> Tally:
        tally = Tally()

        async def visit(number: int) -> None:
            tally.began += 1
            await self._visit(number, tally)

        await paced(visit, rate=rate, seconds=self.seconds)
        return tally

    async def _held(self, first: float) -> float:
        """Return the highest rate, halved from the whole, whose p99 is in bound."""
        rate, found = self.rate, first
        while found > P99_MS and rate > LEAST_RATE:
            rate /= 2
            await asyncio.sleep(REST_SECONDS)
            found = p99((await self._visits(rate)).settled)
        return rate if found <= P99_MS else 0.0

    async def _visit(self, number: int, tally: Tally) -> float | None:
        """Make one visit; give how long its settlement took, None if one said no."""
        psn_no = self.people[number % len(self.people)]
        place = number % PLACES
        stem = f"{place}-{number}-{time.time_ns()}"
        key: dict[str, Any] = {"psn_no": psn_no}
        line: dict[str, Any] = {
            "feedetl_sn": "1",
            "chrg_bchno": "B1",
            "fee_ocur_time": DAY,
        }
        line |= {"med_list_codg": "X1", "cnt": 1, "pric": 30}
        line |= {"det_item_fee_sumamt": 30}
        charge = {"chrg_bchno": "B1", "medfee_sumamt": 30, "acct_used_flag": "0"}
        begun = {**key, "insutype": "310", "begntime": DAY, "ipt_otp_no": stem}
        steps: list[tuple[str, Callable[[], Any]]] = [
            ("2201", lambda: {"data": begun}),
            ("2203", lambda: {"mdtrtinfo": {**key, "med_type": "11"}}),
            ("2204", lambda: {"feedetail": [{**key, **line}]}),
            ("2206", lambda: {"data": {**key, **charge}}),
            ("2207", lambda: {"data": {**key, **charge}}),
        ]
        took = 0.0
        for infno, input_ in steps:
            said, took = await self._said(infno, input_(), place=place, stem=stem)
            tally.messages += 1
            tally.slowest = max(tally.slowest, took)
            if said["infcode"] != "0":
                tally.said["busy" if BUSY in said["err_msg"] else said["err_msg"]] += 1
                return None
            if infno == "2201":
                key["mdtrt_id"] = said["output"]["data"]["mdtrt_id"]
        tally.settled.append(took)
        return took

    async def _said(
        self, infno: str, input_: Any, *, place: int, stem: str
    ) -> tuple[Any, float]:
        # As clients send it: the region that 1101 gave for the person.
        message = {"infno": infno, "msgid": f"{stem}-{infno}", "input": input_}
        message["insuplc_admdvs"] = INSURED
        head = f"Authorization: Bearer {self.tokens[place]}\r\n"
        line = self.idle.pop() if self.idle else KeptConnection(self.port)
        began = time.perf_counter()
        said = await line.post(PATH, orjson.dumps(message), head=head)
        self.idle.append(line)
        return said, (time.perf_counter() - began) * 1000

    async def _straight(self) -> list[float]:
        """Ask the ledger itself for settlements at the same rate, and time each."""
        ledger, took = LedgerClient(self.rig.kafka), []
        ledger.begin()

        async def ask(number: int) -> None:
            one = self.people[number % len(self.people)]
            message = structured(settle(one, FAR + number))
            began = time.perf_counter()
            await ledger.ask(message)
            took.append((time.perf_counter() - began) * 1000)

        try:
            # Its reader is a task of its own: there is no event to wait for.
            while not ledger.is_connected:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
            await paced(ask, rate=self.rate, seconds=self.seconds)
        finally:
            await ledger.end()
        return took


def structured(record: Record) -> dict[str, Any]:
    """Return a request of binary mode as one message."""
    named = {name.removeprefix("ce_"): (text or b"") for name, text in record.headers}
    message = {name: text.decode() for name, text in named.items()}
    return {**message, "data": orjson.loads(record.value or b"")}


async def paced(
    work: Callable[[int], Awaitable[Any]], *, rate: float, seconds: float
) -> None:
    """Begin work at a rate, whether or not what was begun before has ended."""
    began, start = 0, time.perf_counter()
    running: set[asyncio.Task[Any]] = set()
    while (now := time.perf_counter() - start) < seconds:
        while began < now * rate:
            task = asyncio.ensure_future(work(began))
            began += 1
            running.add(task)
            task.add_done_callback(running.discard)
        await asyncio.sleep(0.002)
    await asyncio.gather(*running)


def p99(values: list[float]) -> float:
    """Return the 99th of a hundred."""
    return quantiles(values, n=100)[98] if len(values) > 1 else 0.0


def _p99(tally: Tally, straight: list[float], *, rate: float) -> Figure:
    """2207 at the rate; beside it the same number of requests straight onto Kafka."""
    baseline = (
        f"{rate:g}人次/秒，办结{len(tally.settled)}，未办{dict(tally.said)}；"
        f"直接写Kafka的P99 {p99(straight):.1f} ms；上限"
    )
    return at_most(
        "counter",
        [p99(tally.settled)],
        unit="ms (p99)",
        bound=P99_MS,
        baseline=baseline,
    )


def _cost(spent: Mapping[str, float], messages: int) -> Figure:
    """The gateway's time of a core a message; beside it that of every other part."""
    each = {part: ms / messages for part, ms in spent.items()}
    others = "，".join(f"{part} {ms:.2f}" for part, ms in each.items())
    return at_most(
        "counter-cost",
        [each["gateway"]],
        unit="ms of a core",
        bound=COST_MS,
        baseline=f"每条报文：{others}，共{sum(each.values()):.2f}；上限",
    )


def _crowded(tally: Tally) -> Figure:
    """Five times the load: the longest wait, and that each visit came to an end."""
    ended = len(tally.settled) + sum(tally.said.values())
    baseline = (
        f"办结{len(tally.settled)}，未办{dict(tally.said)}，无下文{tally.began - ended}"
    )
    return at_most(
        "counter-crowd",
        [tally.slowest],
        unit="ms (longest)",
        bound=WAIT_MS,
        baseline=f"{baseline}；客户端等待的上限",
    )
