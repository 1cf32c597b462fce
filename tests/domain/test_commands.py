"""Bills are read twice as fast as the contract reads them, and never otherwise."""

import json
from copy import deepcopy
from itertools import permutations, product
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from tests.domain import asking, strategies

from jiesuan_domain.asked.commands import BILL_TYPES, Bill, of_contract, read_bill
from jiesuan_events.requests import REQUEST_TYPES
from jiesuan_events.words.glossary import wire_name

SETTLE, CLAIM = "jiesuan.settle.v1", "jiesuan.claim.v1"
ODD: Final[tuple[Any, ...]] = (
    *("", " ", "None", "a\n", "\n", "a\nb", "é", "١", "x" * 20, "x" * 21),
    *("x" * 50, "x" * 51, "a/b", "/", "M00500", "420100", "42010", "420100\n"),
    *("0", "1", "2", "3", "01", "02", "04", "10", "11", "13", "14", "21", "41"),
    *("1.5", "-1", "-1.5", ".5", "1.", "1.1234567", "1.123456", "0.1", "1.0001"),
    *("1.0000", "00.5", "0.12345", "1e3", "+1", "12345678901", "1234567890123"),
    *("2022-03-01T08:50:00+08:00", "2022-03-01T08:50:00Z", "2022-03-01"),
    *("2022-03-01t08:50:00+08:00", "2022-03-01 08:50:00+08:00", "0001-01-01T00:00:00Z"),
    *("2022-02-30T08:50:00+08:00", "2022-03-01T24:00:00+08:00", "x\n2022-03-01"),
    *("2022-03-01T23:59:60+08:00", "2022-03-01T08:50:00+0800", "9999-12-31T00:00:00Z"),
    *("2022-03-01T08:50:00.123456+08:00", "2022-03-01T08:50:00.1234567+08:00"),
    *(
        "2022-03-01T08:50:00",
        "2022-03-01T08:50:00+08:00\n",
        "2022-03-01T08:50:00-23:59",
    ),
    *(True, False, None, 0, 1, -1, 1.0, 1.5, -0.0, 1e300, 20220301),
    *(10**12, 10**12 + 1, -(10**12), -(10**12) - 1, 2**53 - 1, 2**53, -(2**53), 10**20),
    *([], {}, ["1"], [{}], {"a": 1}),
)
WORDS = (
    *("person_id", "institution_id", "visit_id", "scheme", "care_type"),
    *("care_region", "insured_region", "total_charge", "account_used"),
    *("account_balance", "disease", "prescription_id", "prescribing_institution"),
    *("invoice", "lines", "claim_reason"),
)
LINE_WORDS = (
    *("line_id", "incurred_at", "item", "price", "quantity", "line_total"),
    *("excluded", "line_over_limit", "upfront_copay", "in_scope", "item_class"),
    *("price_limit", "self_pay_ratio", "restricted", "approval", "negotiated"),
    "disease",
    "supply_days",
)
FIELDS = (*map(wire_name, WORDS), "unknown")
LINE_FIELDS = (*map(wire_name, LINE_WORDS), "unknown")
ABSENT = object()


def by_contract(type_: str, data: dict[str, Any]) -> Any:
    """Read data as the contract does, for the law; None if the contract refuses it."""
    try:
        return of_contract(
            REQUEST_TYPES[type_].model_validate_json(json.dumps(data), by_name=False)
        )
    except ValidationError:
        return None


def some_bill(random: Any, type_: str) -> dict[str, Any]:
    """Draw a bill in order, as one of the three requests that bring one."""
    data: dict[str, Any] = strategies.Life(random).bill()["data"]
    if random.randint(0, 2) == 0:
        data["invono"] = "I-1"
    return data | ({"manl_reim_rea": "异地急诊"} if type_ == CLAIM else {})


def whole_bill(type_: str) -> dict[str, Any]:
    """Write a bill that leaves nothing out, of a line that asks to be split."""
    optional = {
        "pric_uplmt_amt": "9.99",
        "selfpay_prop": "0.1000",
        "lmt_used_flag": "1",
        "hosp_appr_flag": "1",
        "hi_nego_drug_flag": "0",
        "dise_codg": "M00500",
        "prd_days": 14,
    }
    more = {"acct_used_flag": "1", "balc_fen": 100, "dise_codg": "M00500"}
    named = {"rxno": "RX1", "rxfixmedins_code": "H1", "invono": "I-1"}
    data = asking.bill([asking.line("1", 1000, **optional)], care="14", **more, **named)
    return data | ({"manl_reim_rea": "异地急诊"} if type_ == CLAIM else {})


def spoil(data: dict[str, Any], edits: list[tuple[bool, int, Any]]) -> dict[str, Any]:
    """Put odd values into some fields of a bill or of its first line, or drop them."""
    data = deepcopy(data)
    lines = data["feedetail"]
    for in_line, at, value in edits:
        names = LINE_FIELDS if in_line else FIELDS
        target, name = (lines[0] if in_line else data), names[at % len(names)]
        if value is ABSENT:
            target.pop(name, None)
        else:
            target[name] = value
    return data


def offsets(bill: Bill) -> list[Any]:
    """Return the offsets of the lines' moments: equal moments may differ in them."""
    return [line.incurred_at.utcoffset() for line in bill.lines]


edits = st.lists(
    st.tuples(
        st.booleans(), st.integers(0, 999), st.sampled_from([*ODD, ABSENT, ABSENT])
    ),
    max_size=4,
)


@given(
    random=strategies.randoms,
    type_=st.sampled_from([*BILL_TYPES, "jiesuan.refund.v1"]),
    edits=edits,
)
def test_what_is_read_is_what_the_contract_reads(
    *, random: Any, type_: str, edits: list[tuple[bool, int, Any]]
) -> None:
    """A bill that is read the short way is taken by the contract, value for value."""
    data = spoil(some_bill(random, type_), edits)
    bill = read_bill(type_, data)
    if bill is not None:
        expected = by_contract(type_, data)
        assert bill == expected
        assert offsets(bill) == offsets(expected)


@given(random=strategies.randoms, type_=st.sampled_from(list(BILL_TYPES)))
def test_what_vendors_send_is_read_the_short_way(*, random: Any, type_: str) -> None:
    """A bill in order, its moments told in Beijing's offset, is read the short way."""
    data = some_bill(random, type_)
    assert read_bill(type_, data) == by_contract(type_, data)
    assert by_contract(type_, data) is not None


def test_no_odd_value_of_a_bill_passes() -> None:
    """One odd value in a bill is read as the contract reads it, or not at all."""
    for type_, (at, _), value in product(
        (SETTLE, CLAIM), enumerate(FIELDS), (*ODD, ABSENT)
    ):
        data = spoil(whole_bill(type_), [(False, at, value)])
        assert read_bill(type_, data) in (None, by_contract(type_, data)), data


def test_no_odd_value_of_a_line_passes() -> None:
    """One odd value in a line is read as the contract reads it, or not at all."""
    for (at, _), value in product(enumerate(LINE_FIELDS), (*ODD, ABSENT)):
        data = spoil(whole_bill(SETTLE), [(True, at, value)])
        assert read_bill(SETTLE, data) in (None, by_contract(SETTLE, data)), data


def test_no_word_holds_a_second_line() -> None:
    """A word that goes on as if it were another line of the bill is not read."""
    names = ("feedetl_sn", "med_list_codg", "pric", "cnt")
    words = ("2", "X2", "1.00", "1")
    time = "2022-03-01T08:50:00+08:00"
    for at, name in enumerate(names):
        for rest in permutations((*words[at + 1 :], time, *words[: at + 1])):
            data = spoil(whole_bill(SETTLE), [])
            data["feedetail"][0][name] = "\n".join((words[at], *rest))
            assert by_contract(SETTLE, data) is None
            assert read_bill(SETTLE, data) is None, name


def test_no_odd_word_passes_alone() -> None:
    """One odd value, where no other optional field is, is read as the contract does."""
    for type_, (at, _), value in product(BILL_TYPES, enumerate(FIELDS), ODD):
        data = asking.bill([asking.line("1", 1000)])
        data |= {"manl_reim_rea": "异地急诊"} if type_ == CLAIM else {}
        data = spoil(data, [(False, at, value)])
        assert read_bill(type_, data) in (None, by_contract(type_, data)), data
