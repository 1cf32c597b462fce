"""The months against naive books of them: random months over five regions."""

import json
from collections import Counter
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.domain.clearing.months import packs
from tests.domain.clearing.naive_books import FIVE, kinds
from tests.domain.clearing.naive_views import views
from tests.domain.clearing.random_months import RandomMonths

from jiesuan_domain.clearing.deadlines import Calendar
from jiesuan_domain.clearing.evolve import evolve_region
from jiesuan_domain.clearing.showing.views import VIEWS
from jiesuan_domain.clearing.state.region import Region
from jiesuan_domain.clearing.state.row import Row
from jiesuan_events.answers import read_answer_line
from jiesuan_events.clearing.facts import CLEARING_FACT_TYPES
from jiesuan_events.words.codes import RefusalCode
from jiesuan_ledger.clearing.facts import read_clearing_fact, write_clearing_fact

WARN = 7000
STEPS = 250
Json = dict[str, Any]
Life = tuple[RandomMonths, dict[str, list[Json]]]


def lived(seed: int) -> Life:
    """Live through random months; give them and their views."""
    random_months = RandomMonths(Random(seed))
    random_months.live(STEPS)
    return random_months, random_months.months.views()


@pytest.fixture(scope="module", params=[20, 15, 310])
def life(request: pytest.FixtureRequest) -> Life:
    """Random months that were lived through."""
    return lived(request.param)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32))
def test_two_books_of_the_same_months_agree(seed: int) -> None:
    """Every refusal, every changed statement and every view are the same in both."""
    random_months, shown = lived(seed)
    shown.pop("settlement", None)
    assert shown == views(random_months.books, WARN)


def test_every_code_is_met() -> None:
    """In ten such lives every code of clearing comes first, but the one of Kafka."""
    met: set[str] = set()
    for seed in range(10):
        random_months, _ = lived(seed)
        for answer in random_months.months.answers:
            met |= {one["code"] for one in answer["data"].get("refusals", [])[:1]}
    first = RefusalCode.MONTH_NOT_OVER.precedence
    of_months = {code.value for code in RefusalCode if code.precedence >= first}
    assert of_months - met == {"not-yet-readable"}


def test_nothing_is_lost_between_the_ledger_and_the_months(life: Life) -> None:
    """Each row is in one statement of each kind or waits; the sums are the ledger's."""
    _, shown = life
    rows = [row for row in shown["settlement"] if row["pay_loc"] != "1"]
    waiting = {one["setl_id"] for one in shown.get("clearing_waiting", [])}
    stands = Counter(
        (one["statement_id"].split(":")[0], one["setl_id"])
        for one in shown.get("clearing_row", [])
        if one["cnfm_flag"] != "0"
    )
    for row in rows:
        for kind in kinds(row):
            is_waiting = row["setl_id"] in waiting
            assert stands.pop((kind, row["setl_id"]), 0) + is_waiting == 1
    assert not stands
    for kind in ("institution", "region"):
        of_kind = [row for row in rows if kind in kinds(row)]
        drawn = [row for row in of_kind if row["setl_id"] not in waiting]
        for what in FIVE:
            made = sum(
                one[what]
                for one in shown.get("clearing_statement", [])
                if one["kind"] == kind
            )
            assert made == sum(1 if what == "setl_cnt" else row[what] for row in drawn)


def test_what_is_owed_is_what_is_due(life: Life) -> None:
    """All regions together are owed what they owe, in every month and state."""
    _, shown = life
    owed: Counter[tuple[str, str]] = Counter()
    for one in shown.get("clearing_balance", []):
        difference = one["receivable_fen"] - one["payable_fen"]
        owed[one["clr_ym"], one["clr_stas"]] += difference
    assert set(owed.values()) <= {0}


def test_the_facts_alone_make_the_same_months(life: Life) -> None:
    """Facts replayed over the rows, all of them known, give every view again."""
    random_months, shown = life
    regions: dict[str, Region] = {}
    for row in shown["settlement"]:
        if row["pay_loc"] != "1":
            care = row["mdtrtarea_admvs"]
            regions.setdefault(care, Region(care)).hear(heard(row))
    for entry in random_months.months.trial.clearing.entries:
        fact = read_clearing_fact(entry.type, entry.value)
        assert write_clearing_fact(fact) == entry.value
        region = regions.setdefault(fact.care_region, Region(fact.care_region))
        region.apply(evolve_region(region, fact, calendar=Calendar(packs())))
    for view, show in VIEWS.items():
        again = [
            json.loads(json.dumps(row, default=str))
            for row in show(regions.values(), packs())
        ]
        assert again == shown.get(view, []), view


def heard(row: Json) -> Row:
    """Read a row of the view of settlements as clearing keeps it."""
    return Row(
        settlement_id=row["setl_id"],
        place=(row["partition"], row["offset"], row["seq"]),
        month=row["clr_ym"],
        care_region=row["mdtrtarea_admvs"],
        insured_region=row["insuplc_admdvs"],
        institution_id=row["fixmedins_code"],
        scheme=row["insutype"],
        category=row["clr_type"],
        total_charge=row["medfee_sumamt_fen"],
        fund_pay=row["fund_pay_sumamt_fen"],
        account_pay=row["acct_pay_fen"],
        cash_pay=row["psn_cash_pay_fen"],
        is_refund=row["refd_setl_flag"] == "1",
        original_id=row["init_setl_id"] or "",
    )


def test_facts_say_what_the_views_show(life: Life) -> None:
    """The last word of the facts on each row of a view is what the view shows."""
    random_months, shown = life
    statements: dict[str, Json] = {}
    lines: dict[tuple[str, str], Json] = {}
    for entry in random_months.months.trial.clearing.entries:
        said = CLEARING_FACT_TYPES[entry.type].validate_json(entry.value).wire()
        for one in said.get("statements", []):
            statements[one["statement_id"]] = one
        for one in said.get("statement_lines", []):
            lines[one["statement_id"], one["setl_id"]] = one
    for one in shown.get("clearing_statement", []):
        assert statements[one["statement_id"]] == _without_nulls(one)
    for one in shown.get("clearing_row", []):
        line = lines.get((one["statement_id"], one["setl_id"]))
        if line is not None:
            assert line == _without_nulls({**one, "carried_to": line.get("carried_to")})


def _without_nulls(row: Json) -> Json:
    return {name: value for name, value in row.items() if value is not None}


def test_every_answer_is_one(life: Life) -> None:
    """The contract reads every answer, and asking again gets the same line."""
    random_months, _ = life
    trial = random_months.months.trial
    for message, answer in zip(
        random_months.months.asked, random_months.months.answers, strict=True
    ):
        read_answer_line(json.dumps(answer))
        if answer["data"]["outcome"] == "decided":
            assert json.loads(trial.answer(json.dumps(message), 1)) == answer
