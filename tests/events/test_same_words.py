"""What is made twice, once to be read and once to be fast, is the same twice."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiesuan_domain.policy.parameters import ALL
from jiesuan_events import facts
from jiesuan_events.entries import block
from jiesuan_events.entries.entry import Entry
from jiesuan_events.entries.rules import EXPLAINED, RULES
from jiesuan_events.envelope import content_digest
from jiesuan_events.words.fields import Contract
from jiesuan_ledger import facts as law
from jiesuan_services.intake.read import digest

INT64 = st.integers(min_value=-(2**63), max_value=2**63 - 1)
TEXT = st.text(st.characters(codec="utf-8"))
JSON = st.recursive(
    st.none() | st.booleans() | INT64 | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=20,
)
CONTRACTS = {
    name: getattr(home, name)
    for home in (facts, block)
    for name in vars(home)
    if isinstance(getattr(home, name), type)
    and issubclass(getattr(home, name), Contract)
    and hasattr(law, name)
}
HOSPITAL = "H42010090001"
BILLS = st.lists(
    st.tuples(
        st.sampled_from(["11", "13", "14"]),
        st.lists(
            st.tuples(
                st.integers(min_value=0, max_value=4_000_000),
                st.sampled_from(["01", "02", "03"]),
            ),
            min_size=1,
            max_size=4,
        ),
    ),
    min_size=1,
    max_size=5,
)


def line(number: int, type_: str, *, source: str, data: dict[str, Any]) -> str:
    """Write one request about P0001, or about the hospital."""
    message = {
        "specversion": "1.0",
        "type": f"jiesuan.{type_}.v1",
        "source": source,
        "id": f"N{number}",
        "time": "2022-03-01T09:00:00+08:00",
        "subject": data.get("psn_no", HOSPITAL),
        "data": data,
    }
    return json.dumps(message)


def start() -> list[str]:
    """Register a hospital and a person with a chronic disease."""
    hospital = {
        "fixmedins_code": HOSPITAL,
        "fixmedins_name": "测试机构01",
        "admdvs": "420100",
        "fixmedins_type": "1",
        "dedc_hosp_lv": "2",
        "ministry_affiliated": False,
    }
    person = {"psn_no": "P0001", "insutype": "310", "begndate": "2022-01-01"}
    enrol = {"psn_type": "11", "insuplc_admdvs": "429900", "brdy": "1980-01-01"}
    filing = {"filing_type": "long-term-resident", "rloc_admdvs": "420100"}
    asked: list[tuple[str, dict[str, Any]]] = [
        ("institution", hospital),
        ("enrol", person | enrol),
        ("qualify", person | {"opsp_dise_code": "M01600"}),
        ("file", person | filing),
    ]
    return [
        line(number, type_, source="/agency/429900", data=data)
        for number, (type_, data) in enumerate(asked)
    ]


def bill(number: int, care: str, *, items: list[tuple[int, str]]) -> str:
    """Write a settlement of some items."""
    details = [
        {
            "feedetl_sn": str(at),
            "fee_ocur_time": "2022-03-01T08:50:00+08:00",
            "med_list_codg": "X1",
            "pric": f"{amount // 100}.{amount % 100:02d}",
            "cnt": "1",
            "det_item_fee_sumamt_fen": amount,
            "chrgitm_lv": class_,
        }
        for at, (amount, class_) in enumerate(items)
    ]
    data = {
        "psn_no": "P0001",
        "fixmedins_code": HOSPITAL,
        "mdtrt_id": f"V{number}",
        "insutype": "310",
        "med_type": care,
        "mdtrtarea_admvs": "420100",
        "insuplc_admdvs": "429900",
        "medfee_sumamt_fen": sum(amount for amount, _ in items),
        "acct_used_flag": "0",
        "feedetail": details,
    }
    if care == "14":
        data["dise_codg"] = "M01600"
    return line(number, "settle", source=f"/medins/{HOSPITAL}", data=data)


def check_same(entry: Entry) -> None:
    """Hold the readings of one stored fact against its bytes and each other."""
    stored = json.loads(entry.value)
    read = facts.read_fact(entry.type, entry.value)
    fast = law.read_fact(entry.type, entry.value)
    said = read.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    assert said == stored
    assert law.write_fact(fast) == entry.value
    assert type(read).__name__ == type(fast).__name__


@given(data=st.dictionaries(TEXT, JSON), type_=TEXT, subject=TEXT)
def test_the_fast_digest_is_the_contract_s(
    data: dict[str, Any], type_: str, subject: str
) -> None:
    """Content has one digest, whoever computes it and however its keys are ordered."""
    wanted = content_digest(type_, subject, data=data)
    assert digest(type_, subject, data=data) == wanted
    turned = dict(reversed(data.items()))
    assert digest(type_, subject, data=turned) == wanted
    assert digest(type_, subject, data=orjson.loads(orjson.dumps(data))) == wanted


@settings(max_examples=40, deadline=None)
@given(bills=BILLS)
def test_decided_facts_read_the_same_both_ways(
    entered: Callable[[list[str]], list[Entry]],
    bills: list[tuple[str, list[tuple[int, str]]]],
) -> None:
    """What the law writes, the published contract reads, field for field."""
    asked = [bill(10 + at, care, items=items) for at, (care, items) in enumerate(bills)]
    entries = entered([*start(), *asked])
    assert [entry.type for entry in entries[3:]]
    for entry in entries:
        check_same(entry)


def test_facts_of_every_type_read_the_same_both_ways(heard: Any) -> None:
    """Every entry of the worked cases reads the same by ledger and by contract."""
    for entry in heard.entries:
        check_same(entry)


@pytest.mark.parametrize("name", sorted(CONTRACTS))
def test_fields_are_the_same_fields(name: str) -> None:
    """Law and contract have the same fields, and require the same ones."""
    ours = {
        field.name: (field.encode_name, field.required)
        for field in msgspec.structs.fields(getattr(law, name))
    }
    theirs = {
        word: (field.alias, field.is_required())
        for word, field in CONTRACTS[name].model_fields.items()
    }
    assert ours == theirs


def test_every_rule_feeds_an_amount_and_cites_a_parameter() -> None:
    """A rule feeds an explained amount and names parameters that packs know."""
    fed = {rule.feeds for rule in RULES.values()}
    assert fed < set(EXPLAINED) < set(facts.Settled.model_fields)
    for rule in RULES.values():
        assert {rule.cites, rule.payer or rule.cites, rule.also or rule.cites} <= set(
            ALL
        )


def test_no_fact_is_missing_on_either_side() -> None:
    """Ledger and contract know the same types of fact."""
    assert set(law.TYPE_OF.values()) == set(facts.FACT_TYPES)
    assert {made.__name__ for made in law.TYPE_OF} <= set(CONTRACTS)
