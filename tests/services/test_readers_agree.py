"""What is a fact and what is a fork: every reader of the ledger says the same."""

import copy
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jiesuan_domain.in_force import InForce
from jiesuan_events.entries.rules import FEEDS
from jiesuan_events.facts import read_fact as read_by_contract
from jiesuan_ledger.facts import TYPE_OF, NoSuchFact
from jiesuan_ledger.facts import read_fact as read_for_the_law
from jiesuan_projections.engine.reading.facts import NotAFact
from jiesuan_projections.engine.reading.facts import read_fact as read_for_the_tables
from jiesuan_services.clerk.desk import Desk
from jiesuan_services.clerk.trial import MemoryPersons
from jiesuan_services.intake.read import Malformed, read_line
from jiesuan_services.runtime.packs import load_packs

CASES = Path(__file__).parents[1] / "acceptance" / "cases"
STRANGE: tuple[Any, ...] = (
    None,
    "",
    "x" * 300,
    "\u0000",
    "结算",
    0,
    1,
    -1,
    2**53,
    -(2**63),
    10**40,
    1.5,
    True,
    [],
    {},
    "2022-02-30",
    "2022-03-01",
    "2022-03-01T09:00:00+08:00",
    "0.80001",
)


BILL = {
    "insutype": "310",
    "med_type": "11",
    "mdtrtarea_admvs": "420100",
    "insuplc_admdvs": "429900",
    "medfee_sumamt_fen": 100_000,
    "acct_used_flag": "0",
    "feedetail": [
        {
            "feedetl_sn": "1",
            "fee_ocur_time": "2022-03-01T08:50:00+08:00",
            "med_list_codg": "X1",
            "pric": "1000",
            "cnt": "1",
            "det_item_fee_sumamt_fen": 100_000,
            "chrgitm_lv": "01",
        }
    ],
}
HOSPITAL = "H42010090001"
PERSON = {"psn_no": "PV12a"}
AT = {**PERSON, "fixmedins_code": HOSPITAL}
SCHEME = {**PERSON, "insutype": "310"}
OTHERS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("settle", "", {**AT, **BILL, "mdtrt_id": "V1"}),
    ("settle", "", {**AT, **BILL, "mdtrt_id": "V2", "invono": "1"}),
    ("claim", "agency", {**AT, **BILL, "mdtrt_id": "V3", "manl_reim_rea": "补报"}),
    ("gap-refund", "", {**AT, "medins_setl_id": "other-0"}),
    ("admit", "", {**AT, "mdtrt_id": "V4", "begntime": "2022-04-01T08:00:00+08:00"}),
    ("discharge", "", {**AT, "mdtrt_id": "V4", "endtime": "2022-04-02T08:00:00+08:00"}),
    (
        "inpatient",
        "agency",
        {**SCHEME, "mdtrt_id": "V4", "year": "2022", "inscp_scp_amt_fen": 5},
    ),
    (
        "file",
        "agency",
        {
            **SCHEME,
            "filing_type": "posted",
            "rloc_admdvs": "510100",
            "begndate": "2022-01-01",
        },
    ),
    (
        "qualify",
        "agency",
        {**SCHEME, "opsp_dise_code": "M00500", "begndate": "2022-01-01"},
    ),
    (
        "disqualify",
        "agency",
        {**SCHEME, "opsp_dise_code": "M00500", "enddate": "2022-05-01", "memo": "-"},
    ),
)


def others() -> list[str]:
    """Ask for what the worked cases do not: one line each."""
    return [
        json.dumps(
            {
                "specversion": "1.0",
                "type": f"jiesuan.{kind}.v1",
                "source": "/agency/429900" if by else f"/medins/{HOSPITAL}",
                "id": f"other-{number}",
                "time": "2022-03-01T09:00:00+08:00",
                "subject": PERSON["psn_no"],
                "data": data,
            }
        )
        for number, (kind, by, data) in enumerate(OTHERS)
    ]


@pytest.fixture(scope="module")
def facts() -> list[tuple[str, dict]]:
    """Facts of every kind, one of each shape."""
    found: dict[tuple[str, frozenset[str]], dict] = {}
    desk = Desk(
        in_force=InForce(load_packs(), {}),
        persons=MemoryPersons(),
        partitions=1,
        writer="-",
    )
    lines = [*(CASES / "public_refunds.jsonl").read_text().splitlines(), *others()]
    lines += (CASES / "public_b.jsonl").read_text().splitlines()
    for line in lines:
        asked = read_line(line)
        assert not isinstance(asked, Malformed)
        if asked.type == "jiesuan.institution.v1":
            desk.record(asked, recorded_at=asked.time)
            continue
        entry = desk.rule(asked, recorded_at=asked.time).entry
        if entry is not None:
            body = json.loads(entry.value)
            found[entry.type, frozenset(body)] = body
    return [(type_, body) for (type_, _), body in found.items()]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List every place inside a JSON value."""
    found = [path] if path else []
    if isinstance(value, dict):
        for key, inner in value.items():
            found += places(inner, (*path, key))
    if isinstance(value, list):
        for key, inner in enumerate(value):
            found += places(inner, (*path, key))
    return found


def spoiled(body: dict, chance: random.Random) -> dict:
    """Change, drop or add something somewhere."""
    made = copy.deepcopy(body)
    *outer, last = chance.choice(places(made))
    inside: Any = made
    for key in outer:
        inside = inside[key]
    what = chance.random()
    if what < 0.6:
        inside[last] = chance.choice(STRANGE)
    elif what < 0.9:
        del inside[last]
    elif isinstance(inside, dict):
        inside["unheard_of"] = chance.choice(STRANGE)
    return made


def accepts(read: Any, type_: str, value: bytes, wrong: type[Exception]) -> bool:
    """Tell whether a reader takes a value for a fact."""
    try:
        read(type_, value)
    except wrong:
        return False
    return True


def test_law_and_tables_take_the_same_for_a_fact(facts: list[tuple[str, dict]]) -> None:
    """A spoiled fact is a fact to both or to neither: no rogue can part them."""
    chance = random.Random(310)
    parted: dict[tuple[bool, bool, str], bytes] = {}
    for _ in range(20_000):
        type_, body = chance.choice(facts)
        value = json.dumps(spoiled(body, chance)).encode()
        in_force = accepts(read_for_the_law, type_, value, NoSuchFact)
        tables = accepts(read_for_the_tables, type_, value, NotAFact)
        if in_force != tables:
            parted.setdefault((in_force, tables, type_), value)
    assert parted == {}


def blocks(value: Any) -> Iterator[dict[str, Any]]:
    """Give every block of money inside a fact."""
    if isinstance(value, dict):
        if value.get("setl_proc_info"):
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from blocks(inner)


def more_out(block: dict[str, Any], at: int) -> None:
    """Let a step feed one fen more."""
    block["setl_proc_info"][at][2] += 1


def by_another(block: dict[str, Any], at: int) -> None:
    """Let a step be another rule's, one that feeds another amount."""
    rule = block["setl_proc_info"][at][0]
    other = "large-sum" if FEEDS[rule] != "large_sum_pay" else "price-limit"
    block["setl_proc_info"][at][0] = other


def by_nobody(block: dict[str, Any], at: int) -> None:
    """Let a step name a rule that there is not."""
    block["setl_proc_info"][at][0] = "charity"


def without(block: dict[str, Any], at: int) -> None:
    """Leave a step out."""
    del block["setl_proc_info"][at]


def twice(block: dict[str, Any], at: int) -> None:
    """Take a step a second time."""
    block["setl_proc_info"].append(block["setl_proc_info"][at])


def given_away(block: dict[str, Any], at: int) -> None:
    """Let a fund that no rule feeds pay instead of the personal part."""
    del at
    block["maf_pay_fen"] = 1
    block["fund_pay_sumamt_fen"] = block.get("fund_pay_sumamt_fen", 0) + 1
    for name in ("psn_part_amt_fen", "psn_cash_pay_fen"):
        block[name] = block.get(name, 0) - 1


@pytest.mark.parametrize(
    "wrong", [more_out, by_another, by_nobody, without, twice, given_away]
)
def test_amounts_that_are_not_their_steps_are_no_fact(
    facts: list[tuple[str, dict]], wrong: Callable[[dict[str, Any], int], None]
) -> None:
    """No reader takes a computation that does not make the amounts, in any block."""
    tried = set()
    for type_, body in facts:
        for number, block in enumerate(blocks(body)):
            for at in range(len(block["setl_proc_info"])):
                spoilt = copy.deepcopy(body)
                wrong(list(blocks(spoilt))[number], at)
                value = json.dumps(spoilt).encode()
                assert not accepts(read_for_the_law, type_, value, NoSuchFact)
                assert not accepts(read_for_the_tables, type_, value, NotAFact)
                assert not accepts(read_by_contract, type_, value, ValueError)
                tried.add(type_)
    assert tried == {
        "jiesuan.settled.v1",
        "jiesuan.claimed.v1",
        "jiesuan.refunded.v1",
        "jiesuan.gap-refunded.v1",
        "jiesuan.compensated.v1",
    }


def test_what_the_law_enters_is_a_fact_by_contract(
    facts: list[tuple[str, dict]],
) -> None:
    """Facts of every kind that the desk enters read by the published contract."""
    assert {type_ for type_, _ in facts} == set(TYPE_OF.values())
    for type_, body in facts:
        read_by_contract(type_, json.dumps(body).encode())
