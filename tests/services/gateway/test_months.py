"""3260, 3261, 3205A: how a month is asked for and confirmed, whoever counts how."""

from decimal import Decimal
from typing import Any

import pytest

from jiesuan_services.gateway.documents.openapi import document
from jiesuan_services.gateway.documents.pages import page
from jiesuan_services.gateway.transactions.asking.refusal import CALLED, sentence_of
from jiesuan_services.gateway.transactions.clearing.confirmation_3261 import (
    Input3261,
    rows_asked,
)
from jiesuan_services.gateway.transactions.clearing.rows_3260 import rows_before
from jiesuan_services.gateway.transactions.clearing.status_3205 import StatusQuery
from jiesuan_services.gateway.wire.payload import read_payload

ROW = {"setl_sn": "S1", "cnfm_flag": 1, "medfee_sumamt": "3", "optins_pay_sumamt": 1}


def test_pages_do_not_overlap_from_0_or_from_1() -> None:
    """Hundreds are counted from 0, as who begins there asks; every other from 1."""
    assert [rows_before(one) for one in (0, 100, 200)] == [0, 100, 200]
    assert [rows_before(one) for one in (1, 101, 201)] == [0, 100, 200]
    assert [rows_before(one) for one in (3, 99, 102)] == [2, 98, 101]


def test_a_row_that_stands_twice_is_confirmed_once() -> None:
    """The same figures in another form are the same row; others go to the ledger."""
    same = {**ROW, "medfee_sumamt": Decimal("3.00"), "cnfm_flag": "1"}
    named = {"trt_year": "2026", "trt_month": "10"}
    for rows, count in (([ROW, same], 1), ([ROW, {**same, "cnfm_flag": "0"}], 2)):
        said: dict[str, Any] = {"data": named, "detail": rows}
        assert len(rows_asked(read_payload(said, Input3261).detail)) == count


@pytest.mark.parametrize(
    ("kind", "path", "shown"),
    [
        ("confirm", "data.rows.0.setl_id", "detail.1.setl_sn"),
        ("confirm", "data.rows", "detail"),
        ("confirm", "data.rows.9.fund_pay_sumamt_fen", "detail.10.optins_pay_sumamt"),
        ("unconfirm", "data.request_id", "otransid"),
        ("declare", "data.fund_pay_sumamt_fen", "fund_appy_sum"),
        ("declare", "data.exception", "memo"),
        ("withdraw", "data.statement_id", "clr_appy_evt_id"),
        ("declare", "time", "time"),
    ],
)
def test_a_refusal_names_the_fields_of_the_wire(
    kind: str, path: str, shown: str
) -> None:
    """What the ledger calls a field of a month, its sender sent under another name."""
    sentence = f"报文字段{path}有误：格式不符，请更正后重新发送。"
    why = {"code": "malformed", "message": sentence, "details": {"path": path}}
    said = {"request_type": f"jiesuan.clearing.{kind}.v1", "refusals": [why]}
    assert sentence_of(said, {}) == f"报文字段{shown}有误：格式不符，请更正后重新发送。"


def test_a_report_that_is_missing_is_named_as_sent() -> None:
    """Who declares too late writes his report under the name of 3203."""
    sentence = "确有特殊情况的，请在exception中写明报备说明后重新申报。"
    why = {"code": "too-late", "message": sentence, "details": {}}
    said = {"request_type": "jiesuan.clearing.declare.v1", "refusals": [why]}
    assert "请在memo中写明" in sentence_of(said, {})


def test_a_confirmation_is_called_as_its_sender_called_it() -> None:
    """What the ledger knows it by is not shown; of a long name the start is."""
    for ours, theirs, shown in (
        ("M.1.3261.37e8f5a2", "M.1", "M.1"),
        ("H.37e8f5a2", "回退" * 30, "回退" * 25 + "…"),
    ):
        sentence = f"没有可撤销的确认{ours}：该月没有这次确认，或已经撤销。"
        code, details = "unknown-confirmation", {"request_id": ours}
        why = {"code": code, "message": sentence, "details": details}
        said = {"request_type": "jiesuan.clearing.unconfirm.v1", "refusals": [why]}
        called = sentence_of(said, {CALLED: {ours: theirs}})
        assert called.startswith(f"没有可撤销的确认{shown}：")


def test_a_state_is_found_by_either_number() -> None:
    """`0` of the standard's table is our `00`."""
    for sent, read in (("0", "00"), (0, "00"), ("00", "00"), ("10", "10")):
        assert StatusQuery(clr_stas=sent).clr_stas == read  # type: ignore[arg-type]
    assert StatusQuery().clr_stas is None


def test_both_documents_say_that_one_statement_comes_bare() -> None:
    """An object for one, an array for several, no field for none: both say it alike."""
    schemas = document()["components"]["schemas"]
    states = schemas["ApplicationStates"]
    field = states["properties"]["clr_appys"]
    kinds = {one.get("type", "object") for one in field["anyOf"]}
    assert kinds == {"object", "array", "null"}
    assert "clr_appys" not in states.get("required", ())
    assert f"| clr_appys | {field['title']} |" in page()
    assert "对象" in field["title"]
