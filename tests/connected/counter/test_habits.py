"""The way of a visit as real clients of the field send it, each with its habits."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from tests.connected.counter.conftest import OTHER, REGION, Site, by_token, certno
from tests.connected.counter.visits import DAY, Visit

from jiesuan_services.gateway.access.registry import Client

pytestmark = pytest.mark.connected
CALL = "/mbs/fmi/fsi/api/callFsiService/callService"
SHORT = "/fsi/api/rsfComIfsService/callService"
AMOUNTS = (
    *("age", "medfee_sumamt", "fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt"),
    *("inscp_scp_amt", "act_pay_dedc", "hifp_pay", "cvlserv_pay", "hifes_pay"),
    *("hifmi_pay", "hifob_pay", "maf_pay", "oth_pay", "fund_pay_sumamt", "balc"),
    *("psn_part_amt", "acct_pay", "psn_cash_pay", "hosp_part_amt", "acct_mulaid_pay"),
)
Message = dict[str, Any]


@dataclass
class Wire:
    """How one client writes a message, and where it sends it."""

    path: str = CALL
    content_type: str = "application/json"
    encoding: str = "utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    shape: Callable[[Message], Message] = lambda message: message
    suffix: str = ""


def as_jilin(message: Message) -> Message:
    """Members in alphabetical order, SM4 told in plain mode, no null, no region."""
    fields = {"enc_type": "SM4", "cainfo": "", "signtype": "", "dev_no": ""}
    return dict(sorted({**message, **fields}.items()))


def as_jiangxi(message: Message) -> Message:
    """The input is a string, without its node for sign-in; the operator's type is 1."""
    input_ = message["input"]
    input_ = input_["signIn"] if message["infno"] == "9001" else input_
    return {**message, "opter_type": 1, "input": json.dumps(input_)}


def as_hubei(message: Message) -> Message:
    """Unused nodes are null, codes are numbers, money is text."""
    data = message["input"].get("data", {})
    if message["infno"] in ("2206", "2207"):
        data["med_type"] = int(data["med_type"])
        data["medfee_sumamt"] = str(data["medfee_sumamt"])
    if message["infno"] == "1101":
        data["mdtrt_cert_type"] = "01"
    nodes = {"mdtrtinfo": None, "feedetail": None, "signIn": None, "agnterinfo": None}
    sign = {"sign_no": message["msgid"]}
    return {**message, **sign, "input": {**nodes, **message["input"]}}


def as_jiangsu(message: Message) -> Message:
    """Every scalar is text, what is absent is empty, one row is no array; 2207A."""
    infno = {one: f"{one}A" for one in ("2203", "2206", "2207")}.get(message["infno"])

    def texts(said: Any) -> Any:
        if isinstance(said, dict):
            return {name: texts(value) for name, value in said.items()}
        if isinstance(said, list):
            return texts(said[0]) if len(said) == 1 else [texts(one) for one in said]
        return "" if said is None else str(said)

    said = {**message, "infno": infno or message["infno"], "expContent": ""}
    return {**said, "input": texts({**message["input"], "memo": None})}


def as_nanjing(message: Message) -> Message:
    """The extension is an object, money is text."""
    data = message["input"].get("data")
    if data is not None:
        data["exp_content"] = {"oprn_flag": "0"}
        if "medfee_sumamt" in data:
            data["medfee_sumamt"] = "3000"
    return message


def as_java(message: Message) -> Message:
    """The input is always a string; empty members are left out, a signature is not."""
    kept = {name: value for name, value in message.items() if value != ""}
    return {**kept, "cainfo": "A" * 88, "input": json.dumps(message["input"])}


def as_platform(message: Message) -> Message:
    """Little of an envelope, and other names for what is left of it."""
    names = ("infno", "msgid", "insuplc_admdvs", "mdtrtarea_admvs", "input")
    kept = {name: message[name] for name in names}
    return {**kept, "medins_code": message["fixmedins_code"], "insur_code": ""}


def as_sdk(message: Message) -> Message:
    """Times with a zone, the payload of sign-in directly under input."""
    input_ = message["input"]
    input_ = input_["signIn"] if message["infno"] == "9001" else input_
    fields = {
        "inf_time": "2020-01-04T12:35:39.123+08:00",
        "recer_sys_code": "MBS_LOCAL",
    }
    return {**message, **fields, "input": input_}


def as_guangzhou(message: Message) -> Message:
    """Fields that nobody knows; whatever is unset is empty."""
    return {**message, "recer_admdvs": REGION, "fixmedins_soft_fcty": "", "x": None}


WIRES = {
    "jilin": Wire(shape=as_jilin),
    "jiangxi": Wire(SHORT, "application/json;charset=utf-8", shape=as_jiangxi),
    "hubei": Wire(SHORT, shape=as_hubei),
    "jiangsu": Wire(SHORT, shape=as_jiangsu),
    "nanjing": Wire(SHORT, shape=as_nanjing),
    "java": Wire(SHORT, shape=as_java),
    "national-sample": Wire(SHORT, "text/plain"),
    "hainan": Wire(SHORT, shape=as_sdk, suffix="infno"),
    "inner-mongolia": Wire(SHORT, "text/html", encoding="gbk"),
    "guangzhou": Wire("/hss-call-service-interface", shape=as_guangzhou),
    "platform": Wire(shape=as_platform),
}


@dataclass
class FieldClient:
    """A client of the field at one of our tills."""

    site: Site
    wire: Wire
    code: str
    bearer: str | None
    sent: int = 0

    def message(self, infno: str, input_: Message, msgid: str | None = None) -> Message:
        """Write the plain message that a habit starts from."""
        self.sent += 1
        return {
            "infno": infno,
            "msgid": msgid
            or f"{self.code}20220301085000{id(self) % 10_000}{self.sent}",
            "mdtrtarea_admvs": REGION,
            "insuplc_admdvs": "",
            "opter": "900001",
            "opter_name": "测试经办",
            "opter_type": "1",
            "inf_time": "2022-03-01 08:50:00",
            "infver": "V1.0",
            "sign_no": "",
            "fixmedins_code": self.code,
            "fixmedins_name": "示例医院",
            "input": input_,
        }

    def post(self, message: Message) -> Message:
        """Send a message as this client writes it."""
        said = self.wire.shape(message)
        text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
        suffix = f"/{message['infno']}" if self.wire.suffix else ""
        headers = {"Content-Type": self.wire.content_type, **self.wire.headers}
        if self.bearer:
            headers["Authorization"] = f"Bearer {self.bearer}"
        reply = httpx.post(
            f"http://127.0.0.1:{self.site.ports['gateway-b']}{self.wire.path}{suffix}",
            content=text.encode(self.wire.encoding),
            headers=headers,
            timeout=20,
        )
        assert reply.status_code == 200
        return reply.json()  # type: ignore[no-any-return]

    def call(self, infno: str, input_: Message, msgid: str | None = None) -> Any:
        """Send a message that succeeds, and give its output."""
        reply = self.post(self.message(infno, input_, msgid))
        assert (reply["infcode"], reply["err_msg"]) == ("0", ""), (infno, reply)
        output = reply["output"]
        return json.loads(output) if isinstance(output, str) else output


def lines(key: Message) -> list[Message]:
    """Make one line, its price printed from a binary double."""
    line = {
        **key,
        "feedetl_sn": "pat_2_1",
        "chrg_bchno": "MZ1",
        "fee_ocur_time": DAY,
        "med_list_codg": "XA",
        "medins_list_codg": "H1",
        "det_item_fee_sumamt": 3000.0000000000005,
        "cnt": 1.0,
        "pric": 3000.0,
        "hosp_appr_flag": "0",
        "rx_circ_flag": "0",
    }
    return [line]


def visit(client: FieldClient, psn_no: str) -> None:
    """The whole way of a visit; every step of it succeeds and says what is read."""
    signed = client.call("9001", {"signIn": {"opter_no": "1", "mac": "m", "ip": "1"}})
    assert signed["signinoutb"]["sign_no"] == signed["sign_no"]
    asked = {"mdtrt_cert_no": certno(psn_no), "mdtrt_cert_type": "02"}
    person = client.call("1101", {"data": asked})
    assert person["baseinfo"]["psn_no"] == psn_no
    assert person["insuinfo"][-1]["psn_insu_stas"] == "1"
    assert client.call("5301", {"data": {"psn_no": psn_no}})["feedetail"] == []
    head = {"psn_no": psn_no, "insutype": "310", "begntime": DAY, "ipt_otp_no": "MZ1"}
    key = {"psn_no": psn_no}
    key["mdtrt_id"] = client.call("2201", {"data": head})["data"]["mdtrt_id"]
    ill = {"diag_code": "J06.900", "diag_type": "1", "diag_srt_no": "1", "extra": "1"}
    info = {**key, "med_type": "11", "begntime": DAY, "dise_codg": "J06.900"}
    fields = {"mdtrtinfo": {**info, "diseinfo": [ill]}, "diseinfo": [ill]}
    for _ in range(2):
        client.call("2203", fields)
    (row,) = client.call("2204", {"feedetail": lines(key)})["result"]
    assert row["det_item_fee_sumamt"] == 3000
    charge = {**key, "chrg_bchno": "MZ1", "medfee_sumamt": 3.0e3, "med_type": "11"}
    charge |= {"insutype": "310", "acct_used_flag": "1", "mdtrt_cert_type": "02"}
    quote = client.call("2206", {"data": dict(charge)})["setlinfo"]
    assert quote["mdtrt_cert_type"] == "02"
    message = client.message("2207", {"data": dict(charge)})
    first, second = client.post(json_copy(message)), client.post(json_copy(message))
    assert first["output"] == second["output"], (first, second)
    output = first["output"]
    settled = (json.loads(output) if isinstance(output, str) else output)["setlinfo"]
    assert settled["medins_setl_id"] == message["msgid"]
    for name in AMOUNTS:
        assert settled[name] is not None
        assert settled[name] == quote[name]
    back = {"data": {**key, "setl_id": settled["setl_id"]}}
    refund = client.call("2208", back, message["msgid"])["setlinfo"]
    assert refund["setl_id"] != settled["setl_id"]
    assert refund["pdn_cash_pay"] == -settled["psn_cash_pay"]
    nobody = client.post(client.message("YH03", {"data": {}}))
    assert (nobody["infcode"], "YH03" in nobody["err_msg"]) == ("-1", True)


def json_copy(message: Message) -> Message:
    """Copy a message, so that a habit may change what it is given."""
    return json.loads(json.dumps(message))  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
async def patients(site: Site) -> Iterator[str]:
    """Persons whom nobody else treats, one for each client."""
    names = [f"P65{number:02}" for number in range(len(WIRES) + 3)]
    await site.admit(names)
    return iter(names)


@pytest.mark.parametrize("name", list(WIRES))
def test_a_client_of_the_field_treats_a_patient(
    site: Site, patients: Iterator[str], name: str
) -> None:
    """Each client's own bytes go the whole way, from sign-in to refund."""
    till = site.till(code=OTHER)
    visit(FieldClient(site, WIRES[name], OTHER, till.log_in()), next(patients))


def test_who_signs_in_and_out_finds_it_in_each_node_that_clients_read(
    site: Site,
) -> None:
    """Two editions of one client look for `result`, the standard has another node."""
    till = site.till(code=OTHER)
    client = FieldClient(site, WIRES["guangzhou"], OTHER, till.log_in())
    signed = client.call("9001", {"signIn": {"opter_no": "1"}})
    flat = {name: signed[name] for name in ("sign_time", "sign_no")}
    assert signed["result"] == signed["signinoutb"] == flat
    said = {"signOut": {"opter_no": "1", "sign_no": flat["sign_no"]}}
    out = client.call("9002", said)
    assert out["signoutoutb"] == out["result"] == {"sign_time": out["sign_time"]}


@asynccontextmanager
async def signing_badly(site: Site, **habits: bool) -> AsyncIterator[FieldClient]:
    """Register a client that signs a constant time with nothing, with its habits."""
    hmac = {
        "transport": "hmac",
        "client_id": f"AK-{len(habits)}",
        "secret_sealed": b"x",
    }
    habits = {"unchecked_signature": True, **habits}
    await site.register(Client(fixmedins_code=OTHER, **hmac, **habits))
    signed = {"_api_name": "hssServives", "_api_version": "1.0.0"}
    signed |= {"_api_timestamp": "1", "_api_access_key": hmac["client_id"]}
    wire = Wire(SHORT, shape=as_jiangxi, headers={**signed, "_api_signature": "word"})
    try:
        yield FieldClient(site, wire, OTHER, None)
    finally:
        await site.register(by_token(OTHER))


async def test_a_client_that_signs_badly_and_reads_text_is_served_as_registered(
    site: Site, patients: Iterator[str]
) -> None:
    """A constant time, a signature of nothing, output as text, no times told."""
    habits = {"output_as_string": True, "without_times": True}
    async with signing_badly(site, **habits) as client:
        visit(client, next(patients))
        reply = client.post(client.message("9001", {"signIn": {"opter_no": "1"}}))
        assert isinstance(reply["output"], str)
        assert "refmsg_time" not in reply


async def test_a_client_that_compares_numbers_and_reads_bare_rows_is_served_so(
    site: Site, patients: Iterator[str]
) -> None:
    """`infcode` is a number, and 5204's `output` an array of the lines, empty where it
    is refused; other transactions have their nodes."""
    opened = Visit(site.till(code=OTHER), next(patients)).open()
    opened.upload()
    key = {"psn_no": opened.psn_no, "mdtrt_id": opened.mdtrt_id}
    habits = {"infcode_as_number": True, "bare_details": True, "without_times": False}
    async with signing_badly(site, **habits) as client:
        asked = ({**key}, {**key, "psn_no": "P0"})
        shown, refused = (
            client.post(client.message("5204", {"data": one})) for one in asked
        )
        other = client.post(client.message("5301", {"data": key}))
    assert (shown["infcode"], shown["err_msg"]) == (0, "")
    assert [row["feedetl_sn"] for row in shown["output"]] == ["1"]
    assert (refused["infcode"], refused["output"]) == (-1, [])
    assert (other["infcode"], other["output"]) == (0, {"feedetail": []})
