"""Figures of the law alone: one process, in memory, no servers; CPU time.

CPU time, because nothing here waits: what else runs on the machine should not count.
Value and baseline take turns, and of each the fastest turn of a run counts.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median
from time import process_time
from typing import Any, Final

import orjson

from jiesuan_domain.answer.explanation import explain
from jiesuan_domain.asked.asked import Asked
from jiesuan_domain.decide import decide, decide_each
from jiesuan_domain.in_force import InForce, registered
from jiesuan_domain.outcome import Decided, Outcome
from jiesuan_domain.person.evolve import evolve
from jiesuan_domain.person.state import ChainPlace, Person
from jiesuan_domain.policy.loader import load
from jiesuan_domain.policy.model import Packs
from jiesuan_events.entries.chain import GENESIS
from jiesuan_events.envelope import Envelope
from jiesuan_events.requests import Institution, Settle
from jiesuan_ledger.facts import Settled
from jiesuan_ledger.log.record import Record
from jiesuan_services.bench import load as made
from jiesuan_services.bench.figure import Figure, at_most, within
from jiesuan_services.clerk.trial import Trial
from jiesuan_services.decider.process import MOST_RECORDS
from jiesuan_services.intake.read import Malformed, read_line
from jiesuan_services.runtime.garbage import collector_at_rest
from jiesuan_services.runtime.packs import load_packs

RUNS: Final = 3
TURNS: Final = 20
TIMES: Final = 100
AT_ONCE: Final = MOST_RECORDS
GAPS: Final = 5
PERSON: Final = "P0001"
NEW_PERSON: Final = "P0002"
REGION: Final = "999900"
DISEASE: Final = "M00500"
LATER: Final = (250, 500, 1000)
GAP_BOUND: Final = 50.0
YEARS: Final = range(2013, 2023)
A_YEAR: Final = 500
AT: Final = ChainPlace(2, GENESIS)
Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Turns:
    """What two pieces of work took in each run, in microseconds a time."""

    value: list[float]
    baseline: list[float]

    def figure(self, name: str, *, baseline: str, ratio: float) -> Figure:
        """Say whether the value stays within a ratio of the baseline."""
        return within(
            name,
            self.value,
            unit="us",
            baseline=baseline,
            over=median(self.baseline),
            ratio=ratio,
        )


def take_turns(
    value: Work, baseline: Work, *, times: int = TIMES, each: int = 1
) -> Turns:
    """Time both, turn by turn; ``each`` is how many one call does."""
    turns = Turns([], [])
    for _ in range(RUNS):
        with collector_at_rest():  # as in a decider
            took = [
                (_timed(value, times), _timed(baseline, times)) for _ in range(TURNS)
            ]
        for kept, seconds in zip(
            (turns.value, turns.baseline), zip(*took, strict=True), strict=True
        ):
            kept.append(min(seconds) / (times * each) * 1e6)
    return turns


def _timed(work: Work, times: int) -> float:
    began = process_time()
    for _ in range(times):
        work()
    return process_time() - began


class Alone:
    """One hospital and its patients in memory."""

    def __init__(self, packs: Packs) -> None:
        self._trial = Trial(packs)
        hospital = made.institution()
        self.send(hospital)
        known = registered(Institution.model_validate(hospital["data"]))
        self.in_force = InForce(packs, {known.id: known})

    def send(self, message: dict[str, Any]) -> str:
        """Have a request answered, and hear that it was not refused."""
        return self.timed(message)[0]

    def timed(self, message: dict[str, Any]) -> tuple[str, float]:
        """Have a request answered; give the CPU time from its line to its answer."""
        line = orjson.dumps(message).decode()
        began = process_time()
        answer = self._trial.answer(line, 1)
        took = process_time() - began
        if '"outcome":"refused"' in answer:
            raise RuntimeError(f"refused: {answer}")
        return answer, took

    def person(self, person_id: str) -> Person:
        """Return what is known of a person."""
        return self._trial.persons.get(person_id)


def structured(record: Record, **data: Any) -> dict[str, Any]:
    """Read a record of the load as a structured request, with other data."""
    envelope = {name[3:]: (value or b"").decode() for name, value in record.headers}
    return {**envelope, "data": orjson.loads(record.value or b"") | data}


def asked_of(message: dict[str, Any]) -> Asked:
    """Read a request."""
    asked = read_line(orjson.dumps(message))
    if isinstance(asked, Malformed):
        raise RuntimeError(f"malformed: {asked.refusal}")
    return asked


class Whole(Envelope):
    """A whole request, envelope and data, as pydantic reads it in one go."""

    data: Settle


class Crowd:
    """As many persons as a decider takes at once, each with a bill of three lines."""

    def __init__(self) -> None:
        self.alone = Alone(load_packs())
        people = [f"P{number:04}" for number in range(AT_ONCE)]
        for one in people:
            self.alone.send(structured(made.enrol(one)))
        messages = [structured(made.settle(one, 1)) for one in people]
        self.lines = [orjson.dumps(message) for message in messages]
        self.data = [orjson.dumps(message["data"]) for message in messages]
        self.asked = [
            (self.alone.person(one), asked_of(message))
            for one, message in zip(people, messages, strict=True)
        ]

    def settle(self) -> None:
        """Decide all, step by step, with what they change and why each fen."""
        outcomes = decide_each(self.asked, in_force=self.alone.in_force)
        facts = [_fact(one) for one in outcomes]
        for (person, _), fact in zip(self.asked, facts, strict=True):
            evolve(person, fact, at=AT)
        for fact in facts:
            self._explain(fact)

    def settle_one_by_one(self) -> None:
        """Do the same with one after the other."""
        for person, asked in self.asked:
            fact = _settled(person, asked, in_force=self.alone.in_force)
            evolve(person, fact, at=AT)
            self._explain(fact)

    def _explain(self, fact: Settled) -> None:
        pack = self.alone.in_force.packs.by_sha(fact.policy.sha256)
        explain(fact, None if pack is None else pack.on(fact.service_day))

    def decode(self) -> None:
        """Read the same requests as pydantic reads them."""
        for line in self.lines:
            Whole.model_validate_json(line)

    def decode_data(self) -> None:
        """Read what they ask for alone."""
        for data in self.data:
            Settle.model_validate_json(data)


def explained() -> Figure:
    """Decide bills of three lines with their explanation, against decoding them.

    As a decider does: so many at once. What is decided is the request, so what is
    decoded is the request; what its data alone take, and what one by one takes, stands
    beside it.
    """
    crowd = Crowd()
    turns = take_turns(crowd.settle, crowd.decode, times=1, each=AT_ONCE)
    beside = take_turns(
        crowd.settle_one_by_one, crowd.decode_data, times=1, each=AT_ONCE
    )
    baseline = (
        f"pydantic读同一请求，只读其内容为 {median(beside.baseline):.1f} us；"
        f"逐笔决定为 {median(beside.value):.1f} us"
    )
    return turns.figure("law", baseline=baseline, ratio=1.9)


def _fact(outcome: Outcome) -> Settled:
    assert isinstance(outcome, Decided)
    assert isinstance(outcome.fact, Settled)
    return outcome.fact


def _settled(person: Person, asked: Asked, *, in_force: InForce) -> Settled:
    return _fact(decide(person, asked, in_force=in_force))


def gap_refunds() -> list[Figure]:
    """Take a settlement back under others, from its line to its answer."""
    alone = Alone(load_packs())
    with collector_at_rest():
        for later in LATER:
            _settle_often(alone, later)
        runs = [_gap_turns(alone, run) for run in range(RUNS)]
    took = {later: [run[later] for run in runs] for later in LATER}
    few, limit, many = LATER
    each = Turns(*([ms / later * 1e3 for ms in took[later]] for later in (many, few)))
    return [
        at_most(
            "gap-refund",
            took[limit],
            unit="ms",
            bound=GAP_BOUND,
            baseline=f"固定上限，其后有 {limit} 笔结算",
        ),
        each.figure(
            "gap-linear",
            baseline=f"{few} 笔中的每一笔，值为 {many} 笔中的每一笔",
            ratio=1.15,
        ),
    ]


def _settle_often(alone: Alone, times: int) -> None:
    person = f"G{times}"
    alone.send(structured(made.enrol(person)))
    for number in range(times):
        alone.send(structured(made.settle(person, number)))


def _gap_turns(alone: Alone, run: int) -> dict[int, float]:
    """Refund the oldest under few and under many, turn by turn; the fastest, in ms."""
    turns = [
        {
            later: _gap(alone, f"G{later}", oldest=oldest, newest=oldest + later)
            for later in LATER
        }
        for oldest in range(run * GAPS, (run + 1) * GAPS)
    ]
    return {later: min(turn[later] for turn in turns) for later in LATER}


def _gap(alone: Alone, person: str, *, oldest: int, newest: int) -> float:
    alone.send(structured(made.settle(person, newest)))
    target = made.settle(person, oldest)
    message = structured(target) | {
        "type": "jiesuan.gap-refund.v1",
        "id": f"G-{person}-{oldest}",
        "data": {
            "psn_no": person,
            "fixmedins_code": made.INSTITUTION,
            "medins_setl_id": f"S-{person}-{oldest}",
        },
    }
    return alone.timed(message)[1] * 1e3


def long_lives() -> list[Figure]:
    """Settle for a person of ten full years, against a new one: both kinds of care."""
    alone = Alone(long_packs())
    for person in (PERSON, NEW_PERSON):
        for message in _beginning(person):
            alone.send(message)
    for number, year in enumerate(year for year in YEARS for _ in range(A_YEAR)):
        care = ("11", "14")[number % 2]
        alone.send(_bill(PERSON, number, year=year, care=care))
    return [
        _life(alone, name, care=care)
        for name, care in (("long-life", "11"), ("long-life 14", "14"))
    ]


def _life(alone: Alone, name: str, *, care: str) -> Figure:
    old, new = (
        _work(alone, _bill(person, len(YEARS) * A_YEAR, year=YEARS[-1], care=care))
        for person in (PERSON, NEW_PERSON)
    )
    return take_turns(old, new).figure(name, baseline="新参保的人", ratio=1.2)


def _work(alone: Alone, message: dict[str, Any]) -> Work:
    asked = asked_of(message)
    person = alone.person(asked.person_id)

    def settle() -> None:
        evolve(person, _settled(person, asked, in_force=alone.in_force), at=AT)

    return settle


def _beginning(person: str) -> Iterable[dict[str, Any]]:
    begin = f"{YEARS[0]}-01-01"
    enrolment = structured(made.enrol(person), insuplc_admdvs=REGION, begndate=begin)
    yield enrolment | {"source": f"/agency/{REGION}"}
    for year in YEARS:
        yield structured(
            made.record(
                "jiesuan.qualify.v1",
                f"/agency/{REGION}",
                person=person,
                id_=f"Q-{person}-{year}",
                data={
                    "psn_no": person,
                    "insutype": "310",
                    "opsp_dise_code": DISEASE,
                    "begndate": f"{year}-01-01",
                },
            )
        )


def _bill(person: str, number: int, *, year: int, care: str) -> dict[str, Any]:
    message = structured(made.settle(person, number), insuplc_admdvs=REGION)
    message["data"]["med_type"] = care
    if care == "14":
        message["data"]["dise_codg"] = DISEASE
    for line in message["data"]["feedetail"]:
        line["fee_ocur_time"] = f"{year}-03-01T08:50:00+08:00"
    return message


def long_packs() -> Packs:
    """Make the law of an invented region whose values hold for ten years."""
    because = {"instrument": "统筹区配置", "article": "-", "quote": "-"}
    parameters = {
        name: {
            "unit": unit,
            "values": [
                {"from": f"{YEARS[0]}-01-01", "value": value} | {"because": because}
            ],
        }
        for name, unit, value in (
            ("local_area", "text", "42"),
            ("outpatient_deductible", "fen", 240_000),
            ("outpatient_ratio", "rate", "0.8000"),
            ("outpatient_cap", "fen", 600_000),
            ("chronic_ratio", "rate", "0.9000"),
            ("class_b_selfpay_prop", "rate", "0.1000"),
            ("chronic_diseases", "list", [DISEASE]),
        )
    }
    pack = {"pack": f"{REGION}-310", "parameters": parameters}
    return load({}, {"bench.yaml": orjson.dumps(pack).decode()})


FIGURES: Final[dict[str, Callable[[], Iterable[Figure]]]] = {
    "law": lambda: [explained()],
    "gap-refund": gap_refunds,
    "long-life": long_lives,
}
"""The figures by the name under which `--only` asks for them."""
