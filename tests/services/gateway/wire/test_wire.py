"""The habits of real clients, each read into one clean shape."""

import contextlib
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from jiesuan_events.words.money import yuan
from jiesuan_services.gateway.faults import CounterFault, NotRead
from jiesuan_services.gateway.transactions.pharmacy.purchase import PurchaseInput
from jiesuan_services.gateway.transactions.settling.settlement_2207 import Input2207
from jiesuan_services.gateway.transactions.visits.lines_2204 import Input2204
from jiesuan_services.gateway.wire.envelope import digest_of, read_envelope
from jiesuan_services.gateway.wire.payload import Node, read_payload
from jiesuan_services.gateway.wire.reply import Reply, encode, failure
from jiesuan_services.gateway.wire.text import read_json, read_object
from jiesuan_services.gateway.wire.values import (
    Code,
    Id,
    MomentIn,
    PriceIn,
    QuantityIn,
    Text,
    YuanIn,
    read_extension,
    read_fen,
    read_moment,
    read_price,
    read_quantity,
    to_yuan,
)


class Head(Node):
    """One node that must be there."""

    psn_no: Id = Field(title="人员编号")
    mdtrt_id: Id = Field(title="就诊ID")
    med_type: Code | None = None
    medfee_sumamt: YuanIn | None = None
    memo: Text | None = None


class Line(Node):
    """One row of many."""

    feedetl_sn: Id = Field(title="费用明细流水号")
    pric: PriceIn = "0"
    cnt: QuantityIn = "0"
    fee_ocur_time: MomentIn | None = None


class Single(Node):
    """A transaction of one node."""

    data: Head


class Double(Node):
    """A transaction of a node and rows."""

    mdtrtinfo: Head
    diseinfo: list[Line] = Field(default_factory=list)


HEAD = {"psn_no": "P1", "mdtrt_id": "V1"}


@pytest.mark.parametrize(
    ("written", "fen"),
    [
        ("0.30000000000000004", 30),
        ("1.0E7", 1_000_000_000),
        ("1.23456789E7", 1_234_567_890),
        ("1.5E-4", 0),
        ("37.04", 3704),
        ("-300.09", -30_009),
        ("0.005", 1),
        ("-0.005", -1),
        ("3", 300),
    ],
)
def test_doubles_as_clients_print_them_are_exact_fen(written: str, fen: int) -> None:
    """An amount printed from a binary double, as number or text, is its fen."""
    as_number = read_object(f'{{"a":{written}}}'.encode())["a"]
    assert read_fen(as_number) == read_fen(written) == fen


@given(st.integers(-(10**15), 10**15))
def test_fen_survive_the_wire(fen: int) -> None:
    """Fen written as yuan and read again are the same fen, as number and as text."""
    written = encode({"a": to_yuan(fen)})
    assert read_fen(read_object(written)["a"]) == fen
    assert read_fen(yuan(fen)) == fen
    assert written == f'{{"a":{yuan(fen)}}}'.encode()


@pytest.mark.parametrize(
    "written", ["1,234.50", "0%", "46岁", True, [], {}, "1e999", "--1", "NaN", "0x1"]
)
def test_what_is_no_number_is_refused(written: Any) -> None:
    """Thousands separators, per cent and the like are no amounts."""
    with pytest.raises(ValueError, match=r"应为数字|数值过大"):
        read_fen(written)


def test_prices_and_quantities_are_rounded_before_they_are_compared() -> None:
    """Six decimals of a price and four of a quantity are read, noise is rounded off."""
    assert read_price(Decimal("12.345678")) == "12.345678"
    assert read_price("12.3456780000000004") == "12.345678"
    assert read_quantity(Decimal("3.0")) == "3"
    assert read_quantity(Decimal("-2.00004")) == "-2"
    assert read_quantity("1E+1") == "10"


@pytest.mark.parametrize(
    "written",
    [
        "2022-03-01 08:50:00",
        "20220301085000",
        "20220301085000000",
        "2022-03-01T08:50:00.000+08:00",
        "2022/03/01 08:50:00",
        "2022-03-01T00:50:00Z",
        "2022-3-1 08:50:00",
        20220301085000,
    ],
)
def test_moments_are_read_in_every_form(written: Any) -> None:
    """A moment is one moment in whichever form a client writes it."""
    assert read_moment(written).isoformat() == "2022-03-01T08:50:00+08:00"


@pytest.mark.parametrize(
    "written", ["2022-13-01", "", "昨天", "0000-01-01", "9999-12-31"]
)
def test_what_is_no_moment_is_refused(written: str) -> None:
    """A day that the calendar has not, or has not everywhere, is no moment."""
    with pytest.raises(ValueError, match="应为时间"):
        read_moment(written)


@pytest.mark.parametrize(
    "said",
    [
        {"data": HEAD},
        {"data": [HEAD]},
        [{"data": HEAD}],
        json.dumps({"data": HEAD}),
        {"data": json.dumps(HEAD)},
        HEAD,
        {"data": HEAD, "mdtrtinfo": None},
        {"input": {"data": HEAD}},
        {"input": HEAD},
        {"input": json.dumps({"data": HEAD})},
        json.dumps({"input": {"data": HEAD}}),
        {"data": {**HEAD, "med_type": "", "memo": "null", "extra": {"a": 1}}},
    ],
)
def test_a_node_is_found_however_it_is_wrapped(said: Any) -> None:
    """Array for object, text for JSON, no node at all: the same payload is read."""
    assert read_payload(said, Single).data == Head(psn_no="P1", mdtrt_id="V1")


def test_one_row_may_come_without_its_array() -> None:
    """An object where the standard has an array is one row; null nodes are none."""
    one = {"mdtrtinfo": HEAD, "diseinfo": {"feedetl_sn": "1"}}
    assert read_payload(one, Double).diseinfo == [Line(feedetl_sn="1")]
    assert read_payload({"mdtrtinfo": HEAD, "diseinfo": None}, Double).diseinfo == []


def test_a_field_beside_input_leaves_it_where_it_is() -> None:
    """Only what holds nothing else is unwrapped; it is told what is missing."""
    with pytest.raises(NotRead, match="psn_no"):
        read_payload({"input": {"data": HEAD}, "mdtrt_id": "V1"}, Single)
    with pytest.raises(NotRead, match="JSON对象"):
        read_payload({"input": 1}, Single)


def test_codes_may_be_numbers_and_amounts_texts() -> None:
    """A number for a code and a text for an amount are what they say."""
    said = {"data": {**HEAD, "med_type": 11, "medfee_sumamt": "41.86"}}
    head = read_payload(said, Single).data
    assert (head.med_type, head.medfee_sumamt) == ("11", 4186)


def test_a_misspelt_field_is_recognised() -> None:
    """What is missing is named, with its Chinese title and what was written for it."""
    with pytest.raises(NotRead) as wrong:
        read_payload({"data": {"psn_no": "P1", "mdtrtId": "V1"}}, Single)
    assert "mdtrt_id（就诊ID）" in wrong.value.sentence
    assert "mdtrtId" in wrong.value.sentence


@pytest.mark.parametrize(
    "written",
    [
        "acct_used_flg",
        "acct_use_flag",
        "acct_used_falg",
        "acctUsedFlag",
        "acct_used_flog",
    ],
)
def test_a_misspelt_field_that_decides_money_is_not_passed_over(written: str) -> None:
    """Where it is absent and something is spelt like it, both are named."""
    charge = {"psn_no": "P1", "mdtrt_id": "V1", "chrg_bchno": "B1", "medfee_sumamt": 1}
    for more in ({written: "1"}, {written: "1", "acct_used_flag": ""}):
        with pytest.raises(NotRead) as wrong:
            read_payload({"data": {**charge, **more}}, Input2207)
        assert "acct_used_flag（个人账户使用标志）" in wrong.value.sentence
        assert written in wrong.value.sentence
    for fine in (
        {written: "1", "acct_used_flag": "0"},
        {"acct_used": "1"},
        {written: ""},
    ):
        read_payload({"data": {**charge, **fine}}, Input2207)


@pytest.mark.parametrize("written", ["exp_content", "expContent"])
def test_the_extension_has_two_spellings_everywhere(written: str) -> None:
    """What one client writes expContent is read at hospital and pharmacy alike."""
    head = {"psn_no": "P1", "medfee_sumamt": 1, written: {"TRUM_FLAG": "1"}}
    charge = {**head, "mdtrt_id": "V1", "chrg_bchno": "B1"}
    bought = {**head, "insutype": "310", "med_type": "41"}
    line = {"feedetl_sn": "1", "fee_ocur_time": "20220301", "med_list_codg": "XA"}
    line |= {"det_item_fee_sumamt": 1, "cnt": 1, "pric": 1}
    said = {"druginfo": bought, "drugdetail": [line]}
    read = read_payload({"data": charge}, Input2207).data
    assert read.exp_content == {"TRUM_FLAG": "1"}
    assert read_payload(said, PurchaseInput).druginfo.exp_content == read.exp_content


def test_a_misspelt_flag_of_a_line_is_named_with_its_row() -> None:
    """An approval that is spelt otherwise in the second line is asked about there."""
    line = {"mdtrt_id": "V1", "psn_no": "P1", "chrg_bchno": "B1", "cnt": 1, "pric": 1}
    line |= {
        "med_list_codg": "XA",
        "det_item_fee_sumamt": 1,
        "fee_ocur_time": "20220301",
    }
    rows = [
        {**line, "feedetl_sn": "1"},
        {**line, "feedetl_sn": "2", "hosp_apr_flag": 1},
    ]
    with pytest.raises(
        NotRead, match=r"feedetail\.2\.hosp_appr_flag.*hosp_apr_flag是否"
    ):
        read_payload({"feedetail": rows}, Input2204)
    assert (
        len(read_payload({"feedetail": rows[:1] * 1000}, Input2204).feedetail) == 1000
    )


def test_the_row_that_is_wrong_is_counted_from_one() -> None:
    """A wrong row is named by the number that a cashier would give it."""
    rows = [{"feedetl_sn": "1"}, {"feedetl_sn": "2", "pric": "abc"}]
    with pytest.raises(NotRead, match=r"diseinfo\.2\.pric.*应为数字"):
        read_payload({"mdtrtinfo": HEAD, "diseinfo": rows}, Double)


def test_gb18030_is_read_where_utf8_fails() -> None:
    """Bytes in the default encoding of a Chinese Windows are read; a mark is passed."""
    body = '{"name":"示例医院","é":1}'
    assert read_object(body.encode("gb18030")) == {"name": "示例医院", "é": 1}
    assert read_object(b"\xef\xbb\xbf" + body.encode()) == {"name": "示例医院", "é": 1}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xff\xff",
        b"[]",
        b'"a"',
        b"{",
        b'{"a":NaN}',
        b'{"a":"\\ud800"}',
        b'{"a":"\\u0000"}',
        b'{"a":' + b"[" * 100 + b"]" * 100 + b"}",
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":1E999999999999999999999}',
    ],
)
def test_what_is_no_message_is_refused_in_words(body: bytes) -> None:
    """No body ends in anything but a sentence."""
    with pytest.raises(NotRead) as wrong:
        read_object(body)
    assert wrong.value.sentence.endswith("。")


def test_a_line_break_in_a_text_is_the_text_s() -> None:
    """JSON put together by hand holds raw control characters: they are read as what
    others escape, in `input` and in the extension too, and name the same message."""
    raw, escaped = b'{"a":"x\n\ty"}', b'{"a":"x\\n\\ty"}'
    assert read_object(raw) == read_object(escaped) == {"a": "x\n\ty"}
    assert digest_of(read_object(raw)) == digest_of(read_object(escaped))
    said = '{"data":{"psn_no":"P1","mdtrt_id":"V1","memo":"x\ny"}}'
    assert read_payload(said, Single).data.memo == "x\ny"
    assert read_extension('{"REL_TTP_FLAG":"1","memo":"x\ny"}')["REL_TTP_FLAG"] == "1"
    for field in ("psn_no", "mdtrt_id", "med_type"):
        with pytest.raises(NotRead, match=f"{field}.*应为1至"):
            read_payload({"data": {**HEAD, field: "x\ny"}}, Single)


def test_a_zero_within_an_inner_text_is_refused() -> None:
    """No database takes it: a body loses it, what was encrypted or nested does not."""
    assert read_object(b'{"a":"x\0y"}') == {"a": "xy"}
    for text in ('{"a":"x\0y"}', '{"a\0":1}'):
        with pytest.raises(NotRead, match="空字符"):
            read_json(text)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(body: bytes) -> None:
    """Any bytes are read or refused, nothing else."""
    with contextlib.suppress(NotRead):
        assert isinstance(read_object(body), dict)


ENVELOPE = {"infno": "2207", "msgid": "H1-1", "fixmedins_code": "H42010000001"}


def test_the_envelope_needs_infno_and_msgid_alone() -> None:
    """All else may be empty, null, wrong or absent."""
    noise = {"sign_no": "null", "inf_time": "2022", "opter_type": 1, "enc_type": "SM4"}
    read = read_envelope({**ENVELOPE, **noise, "insuplc_admdvs": ""}, path_infno=None)
    assert (read.infno, read.insuplc_admdvs) == ("2207", None)
    read = read_envelope({"msgid": 17, "medins_code": "H1"}, path_infno="2206A")
    assert (read.infno, read.msgid, read.fixmedins_code) == ("2206A", "17", "H1")


def test_the_body_s_infno_counts_before_the_path_s() -> None:
    """Where path and body differ, the body decides."""
    assert read_envelope(ENVELOPE, path_infno="2206").infno == "2207"


def test_a_message_without_a_name_is_refused() -> None:
    """Without a msgid nothing could be told from its repetition."""
    with pytest.raises(NotRead, match="msgid（发送方报文ID）"):
        read_envelope({"infno": "2207"}, path_infno=None)


def test_the_digest_is_of_what_is_said_not_of_how() -> None:
    """Order of names and white space do not make another message; a value does."""
    one = read_object(b'{"a": 1, "b": 2.50}')
    assert digest_of(one) == digest_of(read_object(b'{"b":2.50,"a":1}'))
    assert digest_of(one) != digest_of(read_object(b'{"b":2.51,"a":1}'))


@given(st.text(min_size=1))
def test_a_failure_fits_its_field(sentence: str) -> None:
    """No sentence is longer than 200 characters; success has none."""
    said = failure(sentence)
    assert 1 <= len(said.err_msg) <= 200
    assert said.infcode == "-1"
    assert Reply({}).infcode == "0"


def test_faults_carry_their_sentence() -> None:
    """What is raised at the counter is what the cashier reads."""
    assert CounterFault("请稍后再试。").sentence == "请稍后再试。"
