"""What a wrong field is told: what is allowed there, in words."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from jiesuan_domain.refusals.of_person import not_enrolled
from jiesuan_services.gateway.faults import NotRead
from jiesuan_services.gateway.transactions.asking.refusal import sentence_of
from jiesuan_services.gateway.transactions.filings.qualification_2503 import Input2503
from jiesuan_services.gateway.transactions.persons.eligibility_2001 import Input2001
from jiesuan_services.gateway.transactions.persons.person_1101 import Input1101
from jiesuan_services.gateway.transactions.queries.visits_5201 import Input5201
from jiesuan_services.gateway.transactions.visits.lines_2204 import Input2204
from jiesuan_services.gateway.transactions.visits.registration_2201 import Input2201
from jiesuan_services.gateway.wire.envelope import read_envelope
from jiesuan_services.gateway.wire.payload import read_payload
from jiesuan_services.gateway.wire.text import read_object
from jiesuan_services.gateway.wire.values import FORMS, read_end, read_moment

LINE = {
    "feedetl_sn": "1",
    "mdtrt_id": "V1",
    "psn_no": "P1",
    "chrg_bchno": "B1",
    "fee_ocur_time": "2022-03-01 08:50:00",
    "med_list_codg": "XA",
    "det_item_fee_sumamt": 10,
    "cnt": 1,
    "pric": 10,
}
FILED = not_enrolled("420000", to_qualify=True)
HEAD = {"psn_no": "P1", "insutype": "310", "ipt_otp_no": "MZ1"}


def refusal(field: str, value: Any) -> str:
    """Return what is said of a line with one wrong field."""
    with pytest.raises(NotRead) as wrong:
        read_payload({"feedetail": [{**LINE, field: value}]}, Input2204)
    return wrong.value.sentence


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("psn_no", "P 1", "应为1至50个字母、数字或_.:/-"),
        ("med_list_codg", "x" * 51, "应为1至50个字母"),
        ("feedetl_sn", "x" * 65, "应为1至64个字符"),
        ("hosp_appr_flag", "是", "应为1至20个字母"),
        ("pric", -1, "应为不小于0的数，整数不超过10位"),
        ("cnt", 10**13, "整数不超过12位"),
        ("det_item_fee_sumamt", "9" * 30, "数值过大"),
        ("det_item_fee_sumamt", 10**200, "数值过大"),
        ("det_item_fee_sumamt", "九元", "应为数字"),
        ("rxno", "长" * 501, "文字过长，最多500字"),
        ("fee_ocur_time", 1764201600000, "应为时间，如2022-03-01 08:50:00"),
        ("fee_ocur_time", "1764201600", "应为时间"),
        ("fee_ocur_time", "1712345678901", "应为时间"),
    ],
)
def test_a_wrong_field_is_told_what_is_allowed(
    field: str, value: Any, words: str
) -> None:
    """The sentence names length, characters or range, and fits its field."""
    said = refusal(field, value)
    assert words in said
    assert said.startswith(f"字段feedetail.1.{field}（")
    assert len(said) <= 200


def test_every_pattern_has_its_words() -> None:
    """No bound is told as a rule that nobody sees."""
    assert all(form.startswith("应为") for form in FORMS.values())


def test_a_long_text_of_the_envelope_is_told_its_length() -> None:
    """A text that is too long is no number of rows; what a signature is, its check
    says, where a key is registered."""
    with pytest.raises(NotRead, match="opter（经办人）文字过长，最多500字"):
        read_envelope(
            {"infno": "1", "msgid": "1", "opter": "长" * 501}, path_infno=None
        )
    with pytest.raises(NotRead, match="msgid（发送方报文ID）应为1至200个字符"):
        read_envelope({"infno": "1", "msgid": "一" * 201}, path_infno=None)
    long = {"infno": "1", "msgid": "1", "cainfo": "A" * 2000}
    assert read_envelope(long, path_infno=None).cainfo == "A" * 2000


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-11-27 08:00", "2026-11-27T08:00:00+08:00"),
        ("2026-1-7 8:00:00", "2026-01-07T08:00:00+08:00"),
        ("2026/1/7 8:05", "2026-01-07T08:05:00+08:00"),
        ("2026-1-7T8:5:9.5+08:00", "2026-01-07T08:05:09.500000+08:00"),
        ("2026-11-27 08:00+09:00", "2026-11-27T07:00:00+08:00"),
    ],
)
def test_a_time_may_lack_its_seconds_and_its_zeros(written: str, meant: str) -> None:
    """Minutes alone and single digits are read wherever a time is."""
    assert read_moment(written).isoformat() == meant


def test_a_time_that_nothing_decides_by_is_in_nobodys_way() -> None:
    """What 2201 says of its beginning is read, or passed over."""
    for written in (1764201600000, "昨天", "2026-02-30"):
        said = {"data": {**HEAD, "begntime": written}}
        assert read_payload(said, Input2201).data.begntime is None
    said = {"data": {**HEAD, "begntime": "2022-03-01 08:50"}}
    read = read_payload(said, Input2201).data.begntime
    assert read is not None
    assert read.astimezone(UTC) == datetime(2022, 3, 1, 0, 50, tzinfo=UTC)


@pytest.mark.parametrize("model", [Input1101, Input2001, Input5201])
@pytest.mark.parametrize("written", ["0001-01-01T00:00:00", "0001-01-01", "昨天", 0])
def test_a_question_s_time_that_was_never_set_asks_of_no_time(
    model: Any, written: Any
) -> None:
    """An unset DateTime of .NET is the first day of the year 1: it is passed over."""
    asked = {"psn_no": "P1", "insutype": "310", "med_type": "11"}
    said = {"data": {**asked, "begntime": written, "endtime": written}}
    read = read_payload(said, model).data
    assert (read.begntime, getattr(read, "endtime", None)) == (None, None)
    said = {"data": {**asked, "begntime": "2022-03-01", "endtime": "2022-03-01"}}
    assert read_payload(said, model).data.begntime == read_moment("2022-03-01")
    end = getattr(read_payload(said, model).data, "endtime", None)
    assert end in (None, read_end("2022-03-01"))


@pytest.mark.parametrize("unset", ["0001-01-01T00:00:00", " 0001-01-01 ", "0001-01-01"])
def test_a_day_that_was_never_set_is_not_there(unset: str) -> None:
    """A field that may be left out is, one that must be there is missed by its name; a
    number of one's own that begins like it stays."""
    said = {"psn_no": "P1", "opsp_dise_code": "M01600", "begndate": "2022-03-01"}
    days = {"enddate": unset, "hosp_ide_date": unset}
    read = read_payload({"data": {**said, **days}}, Input2503).data
    assert (read.enddate, read.hosp_ide_date) == (None, None)
    with pytest.raises(NotRead, match=r"缺少必填字段data\.begndate"):
        read_payload({"data": {**said, "begndate": unset}}, Input2503)
    said = {**HEAD, "ipt_otp_no": "0001-01-01-7"}
    assert read_payload({"data": said}, Input2201).data.ipt_otp_no == "0001-01-01-7"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"a":1,}', "报文不是合法的JSON（第8个字符处）"),
        (b'{"a":NaN}', "报文不是合法的JSON，"),
        (b'{"a":"\\u0000"}', "空字符"),
        (b'{"a":"\\ud800"}', "不成对的代理字符"),
        (b'{"\\ud800":1}', "不成对的代理字符"),
    ],
)
def test_what_is_wrong_with_a_text_is_said(body: bytes, words: str) -> None:
    """Where it stops being JSON, or which characters it may not hold."""
    with pytest.raises(NotRead) as wrong:
        read_object(body)
    assert words in wrong.value.sentence


def test_the_part_that_is_no_json_is_named() -> None:
    """It is `input`, or a node of it, that is text and does not read."""
    with pytest.raises(NotRead, match="input不是合法的JSON（第2个字符处）"):
        read_payload("{1}", Input2201)
    with pytest.raises(NotRead, match=r"input\.data不是合法的JSON"):
        read_payload({"data": "{1}"}, Input2201)


@pytest.mark.parametrize("said", [[LINE, LINE], LINE, [LINE], json.dumps([LINE, LINE])])
def test_lines_are_found_without_their_node(said: Any) -> None:
    """A bare array, or one line directly under `input`, are the lines that it says."""
    read = read_payload(said, Input2204).feedetail
    assert len(read) in (1, 2)
    assert {line.feedetl_sn for line in read} == {"1"}


def test_what_is_no_line_is_not_taken_for_one() -> None:
    """Another node, or nothing, is told what is missing; a line its wrong field."""
    for said in ({"data": {"x": 1}}, {}, []):
        with pytest.raises(NotRead, match="缺少必填字段feedetail"):
            read_payload(said, Input2204)
    short = {name: LINE[name] for name in ("feedetl_sn", "psn_no")}
    with pytest.raises(NotRead, match=r"feedetail\.1\.mdtrt_id"):
        read_payload(short, Input2204)


def test_a_region_that_does_not_insure_is_told_with_its_field() -> None:
    """The refusal of a bill names the region that was asked and where it was said."""
    for said, is_named in ((not_enrolled("420000"), True), (FILED, False)):
        one = {"code": said.code, "message": said.message, "details": said.details}
        sentence = sentence_of({"refusals": [one]}, {})
        assert ("420000" in sentence and "insuplc_admdvs" in sentence) == is_named
        assert sentence.endswith("。")
