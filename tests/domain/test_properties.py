"""What holds of every decision, whatever the life that led to it."""

import json
import os
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.domain import asking
from tests.domain.asking import Message
from tests.domain.overlays import write_overlay
from tests.domain.strategies import Life, beginnings, bill_lines, life, randoms

from jiesuan_domain.asked.asked import Asked
from jiesuan_domain.in_force import InForce
from jiesuan_domain.person.evolve import evolve
from jiesuan_domain.person.state import ChainPlace, MemoryPerson
from jiesuan_domain.policy.model import Packs
from jiesuan_events import facts as contract
from jiesuan_ledger import facts as law_facts
from jiesuan_services.clerk.clerk import Clerk
from jiesuan_services.clerk.handled import NewEntry
from jiesuan_services.clerk.trial import MemoryPersons, Trial
from jiesuan_services.intake.read import read_line
from jiesuan_services.runtime.packs import load_packs

Start = Callable[[], Trial]
NOW = "2022-03-01T01:00:00+00:00"
COMMON = settings(
    deadline=None,
    derandomize=True,
    max_examples=int(os.environ.get("JIESUAN_EXAMPLES", "150")),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
ZERO = {
    "ordinary_inscp_fen": 0,
    "inscp_fen": 0,
    "dedc_fen": 0,
    "overcap_fen": 0,
    "hifp_fen": 0,
    "hifob_fen": 0,
    "psn_part_fen": 0,
    "setl_cnt": 0,
}
FUNDS = (
    "hifp_pay_fen",
    "hifob_pay_fen",
    "hifes_pay_fen",
    "hifmi_pay_fen",
    "cvlserv_pay_fen",
    "maf_pay_fen",
    "hifdm_pay_fen",
    "oth_pay_fen",
)
BILL = (
    "fulamt_ownpay_amt_fen",
    "overlmt_selfpay_fen",
    "preselfpay_amt_fen",
    "inscp_scp_amt_fen",
)
SCOPE = (
    "act_pay_dedc_fen",
    "overcap_amt_fen",
    "hifp_pay_fen",
    "hifob_pay_fen",
    "ratio_selfpay_fen",
)
LINE = (
    "fulamt_ownpay_amt_fen",
    "overlmt_amt_fen",
    "preselfpay_amt_fen",
    "inscp_scp_amt_fen",
)
EXPLAINED = {*BILL[:3], *SCOPE, "hifes_pay_fen"}
PAYERS = (
    "fund_pay_sumamt_fen",
    "hifp_pay_fen",
    "hifob_pay_fen",
    "psn_part_amt_fen",
    "acct_pay_fen",
    "psn_cash_pay_fen",
)
NAMES = ("setl_id", "medins_setl_id", "entry", "request_id", "request_type", "outcome")


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> Packs:
    """The packs, with a 大额 ratio laid over 67号."""
    folder = tmp_path_factory.mktemp("packs")
    write_overlay(folder, {"large_sum_ratio": "0.9000"})
    return load_packs(folder)


@pytest.fixture(scope="module")
def start(packs: Packs) -> Start:
    """Make trials in which the institutions are registered."""

    def begin() -> Trial:
        trial = Trial(packs)
        for one in asking.institutions():
            trial.answer(asking.text(one), 1)
        return trial

    return begin


def read(asked: Message) -> Asked:
    """Read a request as the edge does."""
    found = read_line(asking.text(asked))
    assert isinstance(found, Asked)
    return found


def ask(trial: Trial, asked: Message) -> dict[str, Any]:
    """Ask and read the answer's data."""
    data: dict[str, Any] = json.loads(trial.answer(asking.text(asked), 1))["data"]
    return data


def blocks_of(data: dict[str, Any]) -> list[dict[str, Any]]:
    """Return every block of money that an answer holds."""
    inner = [*data.get("reversed", []), *data.get("resettled", [])]
    return [data, *inner] if "medfee_sumamt_fen" in data else inner


def add_up(block: dict[str, Any]) -> None:
    """Hold every identity of the contract against one block."""
    total = {name: fen for name, fen in block.items() if name.endswith("_fen")}

    def parts(names: tuple[str, ...]) -> int:
        return sum(total[name] for name in names)

    assert total["medfee_sumamt_fen"] == parts(BILL)
    assert total["inscp_scp_amt_fen"] == parts(SCOPE)
    assert total["fund_pay_sumamt_fen"] == parts(FUNDS)
    assert total["psn_part_amt_fen"] == parts(("acct_pay_fen", "psn_cash_pay_fen"))
    assert total["medfee_sumamt_fen"] == parts(
        ("fund_pay_sumamt_fen", "psn_part_amt_fen", "hosp_part_amt_fen")
    )
    for at, name in enumerate(LINE):
        assert sum(one[name] for one in block["feedetail"]) == total[BILL[at]]
    for line in block["feedetail"]:
        assert line["det_item_fee_sumamt_fen"] == sum(line[name] for name in LINE)
    steps: dict[str, int] = {}
    for step in block["setl_proc_info"]:
        steps[step["field"]] = steps.get(step["field"], 0) + step["out_fen"]
        assert step["zh"]
        assert step["article"] != "-"
    for name in EXPLAINED | set(steps):
        assert steps.get(name, 0) == total[name]


def has_one_sign(block: dict[str, Any]) -> bool:
    """Whether no amount of a block has the sign against the others."""
    amounts = [block[name] for name in (*BILL, *SCOPE, *FUNDS, *PAYERS)]
    mirrored = "init_setl_id" in block
    return all(fen <= 0 if mirrored else fen >= 0 for fen in amounts)


@given(random=randoms)
@COMMON
def test_every_decided_answer_adds_up(start: Start, random: Random) -> None:
    """Each block of each decided answer keeps every identity, line by line."""
    trial = start()
    for one in life(random):
        for block in blocks_of(ask(trial, one)):
            add_up(block)
            assert has_one_sign(block)


@given(random=randoms)
@COMMON
def test_a_gap_refund_moves_what_its_table_says(start: Start, random: Random) -> None:
    """Sums over reversed and re-settled blocks are the difference, by every view."""
    trial = start()
    for one in life(random):
        data = ask(trial, one)
        if "difference" not in data:
            continue
        moved = data["difference"]
        for name in PAYERS:
            total = sum(block[name] for block in blocks_of(data))
            assert moved["total"][name] == total
            assert sum(row[name] for row in moved["settlements"]) == total
            assert sum(row[name] for row in moved["institutions"]) == total
        replaced = [row["replaced_by"] for row in moved["settlements"]]
        assert replaced == [None, *(one["setl_id"] for one in data["resettled"])]
        assert data["reversed"][-1]["init_setl_id"] == data["target_setl_id"]


@given(random=randoms)
@COMMON
def test_accumulators_are_sums_of_what_was_told(start: Start, random: Random) -> None:
    """The pool and the personal part of a year are the sums of its signed blocks."""
    trial = start()
    pool: dict[str, int] = {}
    person: dict[str, int] = {}
    for one in life(random):
        data = ask(trial, one)
        for block in blocks_of(data):
            year = block["year"]
            pool[year] = pool.get(year, 0) + block["hifp_pay_fen"]
            person[year] = person.get(year, 0) + block["psn_part_amt_fen"]
        if "cum" in data:
            assert data["cum"]["hifp_fen"] == pool.get(data["year"], 0)
            assert data["cum"]["psn_part_fen"] == person.get(data["year"], 0)


@given(random=randoms)
@COMMON
def test_undoing_everything_returns_to_the_empty_year(
    start: Start, random: Random
) -> None:
    """Refunding all that stands, newest first, leaves only the inpatient reports."""
    trial = start()
    sent: list[Message] = []
    reported: dict[str, int] = {}
    for one in life(random):
        data = ask(trial, one)
        if one["type"] == "jiesuan.settle.v1" and data["outcome"] == "decided":
            sent.append(one)
        elif one["type"] == "jiesuan.inpatient.v1" and data["outcome"] == "decided":
            fen = one["data"]["inscp_scp_amt_fen"]
            reported[data["year"]] = reported.get(data["year"], 0) + fen
    last: dict[str, dict[str, int]] = {}
    for at, one in enumerate(reversed(sent)):
        place = one["data"]["fixmedins_code"]
        data = ask(trial, asking.undo("refund", f"U{at}", one["id"], at=place))
        if data["outcome"] == "decided":
            last[data["year"]] = data["cum"]
        else:
            assert data["refusals"][0]["code"] == "already-refunded"
    for year, cum in last.items():
        assert cum == ZERO | {"inscp_fen": reported.get(year, 0)}


@given(random=randoms)
@COMMON
def test_replaying_the_facts_gives_the_state(packs: Packs, random: Random) -> None:
    """Facts read back from their bytes and evolved give the state after deciding."""
    persons = MemoryPersons()
    clerk = Clerk(
        in_force=InForce(packs, {}), persons=persons, partitions=1, writer="test"
    )
    for one in asking.institutions():
        clerk.register(read(one), recorded_at=NOW)
    replayed = MemoryPerson()
    for one in life(random):
        ruled = clerk.rule(read(one), recorded_at=NOW)
        if not isinstance(ruled, NewEntry):
            continue
        entry = ruled.entry
        fact = law_facts.read_fact(entry.type, entry.value)
        assert law_facts.write_fact(fact) == entry.value
        said = contract.read_fact(entry.type, entry.value)
        spoken = said.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        assert spoken == json.loads(entry.value)
        replayed.apply(evolve(replayed, fact, at=ChainPlace(entry.version, ruled.hash)))
    decided = persons.get(asking.PERSON)
    assert replayed.head == decided.head
    assert replayed.years == decided.years
    assert replayed.requests == decided.requests
    assert replayed.settlements == decided.settlements


@given(random=randoms)
@COMMON
def test_a_quote_is_what_the_settlement_comes_to(start: Start, random: Random) -> None:
    """A quote and the settlement after it differ in names and warnings alone."""
    trial = start()
    for one in beginnings(random):
        ask(trial, one)
    drawn = Life(random)
    for at in range(4):
        settle = drawn.bill()
        quote = {**settle, "type": "jiesuan.quote.v1", "id": f"quote{at}"}
        quoted, settled = ask(trial, quote), ask(trial, settle)
        assert "setl_id" not in quoted
        assert "entry" not in quoted
        quoted.pop("warnings", None)
        for data in (quoted, settled):
            for name in NAMES:
                data.pop(name, None)
        assert quoted == settled


@given(random=randoms)
@COMMON
def test_a_duplicate_changes_nothing(start: Start, random: Random) -> None:
    """The same request again, keys in another order, gets the same bytes."""
    trial = start()
    for one in life(random):
        first = trial.answer(asking.text(one), 1)
        before = list(trial.states())
        again = {**one, "data": dict(reversed(one["data"].items()))}
        assert trial.answer(asking.text(again), 2) == first
        assert list(trial.states()) == before


@given(random=randoms, data=st.data())
@COMMON
def test_the_order_of_lines_does_not_matter(
    start: Start, random: Random, data: st.DataObject
) -> None:
    """A bill comes to the same money whichever way its lines are listed."""
    lines = bill_lines(random, day="2022-03-01")
    shuffled = data.draw(st.permutations(lines))
    came = []
    for way in (lines, shuffled):
        trial = start()
        ask(trial, asking.enrol("E1"))
        answer = ask(trial, asking.message("settle", "S1", asking.bill(list(way))))
        came.append({name: answer[name] for name in (*BILL, *SCOPE, *PAYERS, "cum")})
    assert came[0] == came[1]


@given(
    amounts=st.lists(st.integers(0, 1_300_000), min_size=2, max_size=2),
    before=st.integers(0, 900_000),
    care=st.sampled_from(["11", "14"]),
    place=st.sampled_from([asking.PRIMARY, asking.TERTIARY, asking.MINISTRY]),
    report=st.sampled_from([0, 23_000_000, 23_900_000]),
)
@COMMON
def test_splitting_a_bill_pays_no_more_than_rounding(
    start: Start,
    amounts: list[int],
    before: int,
    care: str,
    place: str,
    report: int,
) -> None:
    """Two bills for one differ by at most a fen for each fund and part."""
    more = {"at": place, "care": care}
    if care == "14":
        more["dise_codg"] = "M00500"
    came = []
    for bills in ([sum(amounts)], amounts):
        trial = start()
        ask(trial, asking.enrol("E1"))
        ask(trial, asking.qualify("Q1", "M00500", "2022-01-01"))
        ask(trial, asking.settle("B0", before))
        ask(trial, asking.inpatient("I1", "2022", report))
        for at, fen in enumerate(bills):
            data = ask(trial, asking.settle(f"S{at}", fen, **more))
        came.append(data["cum"])
    whole, parts = came
    for name in ("ordinary_inscp_fen", "inscp_fen", "dedc_fen", "overcap_fen"):
        assert whole[name] == parts[name]
    for name in ("hifp_fen", "hifob_fen"):
        assert abs(whole[name] - parts[name]) <= 1


@given(random=randoms)
@COMMON
def test_a_gap_refund_equals_never_having_been_there(
    start: Start, random: Random
) -> None:
    """Taking one settlement out leaves the year of a person who never had it."""
    born = list(beginnings(random))
    drawn = Life(random)
    steps = [drawn.report() if random.randint(0, 4) == 0 else drawn.bill()]
    steps += [drawn.bill() for _ in range(random.randint(1, 8))]
    with_it, without = start(), start()
    for one in born:
        ask(with_it, one)
        ask(without, one)
    out = random.choice([one for one in steps if one["type"] == "jiesuan.settle.v1"])
    answers = {}
    for one in steps:
        ask(with_it, one)
        if one is not out:
            answers[one["id"]] = ask(without, one)
    place = out["data"]["fixmedins_code"]
    gap = ask(with_it, asking.undo("gap-refund", "G1", out["id"], at=place))
    if gap["outcome"] == "refused":
        assert gap["refusals"][0]["code"] == "unknown-settlement"
        return
    for block in gap["resettled"]:
        never = answers[block["medins_setl_id"]]
        for name in (*BILL, *SCOPE, *FUNDS, *PAYERS, "pool_prop_selfpay", "feedetail"):
            assert block[name] == never[name]
    for key, person_year in without.persons.get(asking.PERSON).years.items():
        assert (
            with_it.persons.get(asking.PERSON).year_of(key).totals == person_year.totals
        )
