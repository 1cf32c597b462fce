"""9101, 3202, 9102: a file uploaded, compared row by row, its result fetched."""

import asyncio
import base64
import io
import json
import zipfile
from typing import Any

import httpx
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from gmssl_pyx import sm2_key_generate, sm2_sign
from tests.connected.counter.conftest import (
    CLIENT,
    HOSPITAL,
    OTHER,
    REGION,
    Site,
    by_token,
)
from tests.connected.counter.visits import Visit

from jiesuan_services.demo.counter.his import PATH, SaidNo, Till
from jiesuan_services.gateway.access.registry import KNOWN_SECONDS
from jiesuan_services.gateway.wire import sm

pytestmark = pytest.mark.connected
COLUMNS = ("setl_id", "mdtrt_id", "psn_no", "medfee_sumamt", "fund_pay_sumamt")


def record(info: dict[str, Any], flag: str = "0") -> str:
    """Write a reply as a row of the institution's file."""
    cells = [str(info[name]) for name in (*COLUMNS, "acct_pay")]
    return "\t".join([*cells, flag]) + "\n"


def zipped(text: str) -> bytes:
    """Make the file as the standard has it."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("day.txt", text)
    return made.getvalue()


def fetch(site: Site, till: Till, number: str) -> httpx.Response:
    """Ask for a file."""
    said = till.envelope("9102", {"fsDownloadIn": {"file_qury_no": number}})
    url = f"http://127.0.0.1:{site.ports['gateway-a']}{PATH}"
    headers = {"Authorization": f"Bearer {till.token}"}
    return httpx.post(url, json=said, headers=headers, timeout=30)


def lines_of(reply: httpx.Response) -> list[list[str]]:
    """Read a result file: one client opens it by its name, whatever the archive's."""
    with zipfile.ZipFile(io.BytesIO(reply.content)) as archive:
        (name,) = archive.namelist()
        assert name == "result.txt"
        return [one.split("\t") for one in archive.read(name).decode().splitlines()]


async def test_a_day_s_rows_are_compared(site: Site) -> None:
    """Both rows of a refund, a wrong amount and a row too few: each is told."""
    persons = ["P7001", "P7002"]
    await site.admit(persons)
    till = site.till(code=OTHER)
    rows = []
    for number, psn_no in enumerate(persons):
        visit = Visit(till, psn_no).open(med_type="13")
        visit.upload(visit.line(det_item_fee_sumamt=77, pric=77))
        rows.append(visit.settle(medfee_sumamt=77, med_type="13"))
        if number == 0:
            rows.append(visit.refund(rows[0]["setl_id"]))
    even = record(rows[0]) + record(rows[1], "1") + record(rows[2])
    wrong = record({**rows[2], "medfee_sumamt": "78.00"})
    off = record(rows[0]) + wrong
    for text, differing in ((even, []), (off, ["000102", "000103"])):
        lines = _compared(site, till, text, like=rows[0])
        mine = [one for one in lines if one[0] in persons]
        classes = sorted(one[4] for one in mine if one[4] != "000000")
        assert classes == differing, lines
        assert {one[3] for one in mine} == {one["medins_setl_id"] for one in rows}


async def test_a_row_that_is_none_is_named_by_its_line(site: Site) -> None:
    """Nothing is compared: the line is named, and what it should be."""
    till = site.till(code=OTHER)
    like = {"setl_time": "2022-03-01 09:00:00", "clr_type": "11"}
    with pytest.raises(SaidNo, match="第2行：应为7列"):
        _compared(site, till, "S1\tV1\tP1\t1\t1\t0\t0\nS2\tV1\n", like=like)


def _compared(
    site: Site, till: Till, text: str, *, like: dict[str, Any]
) -> list[list[str]]:
    day = like["setl_time"][:10]
    content = base64.b64encode(zipped(text)).decode()
    node = {"in": content, "filename": "day.zip", "fixmedins_code": OTHER}
    uploaded = till.call("9101", {"fsUploadIn": node})
    assert uploaded["fixmedins_code"] == OTHER
    asked = {
        "setl_optins": REGION,
        "file_qury_no": uploaded["file_qury_no"],
        "stmt_begndate": day,
        "stmt_enddate": day,
        "clr_type": like["clr_type"],
    }
    info = till.call("3202", {"data": asked})["fileinfo"]
    assert len(info["dld_endtime"]) == 19
    reply = fetch(site, till, info["file_qury_no"])
    assert reply.headers["content-type"] == "application/octet-stream"
    return lines_of(reply)


def upload(site: Site, till: Till, said: dict[str, Any]) -> Any:
    """Send a message with a file beside it."""
    return httpx.post(
        f"http://127.0.0.1:{site.ports['gateway-a']}{PATH}",
        data={"jsonStr": json.dumps(said)},
        files={"in": ("对账.zip", b"\x00\xffhi", "application/octet-stream")},
        headers={"Authorization": f"Bearer {till.token}"},
        timeout=30,
    ).json()


def test_a_file_comes_as_multipart_and_is_nobody_else_s(site: Site) -> None:
    """The message in jsonStr with the file beside it; others do not find it."""
    till, other = site.till(), site.till(code=OTHER)
    for one in (till, other):
        one.log_in()
    node = {"filename": "对账.zip", "fixmedins_code": till.fixmedins_code}
    said = till.envelope("9101", {"fsUploadIn": node})
    reply = upload(site, till, said)
    assert reply["infcode"] == "0", reply["err_msg"]
    number = reply["output"]["file_qury_no"]
    assert fetch(site, till, number).content == b"\x00\xffhi"
    url = f"http://127.0.0.1:{site.ports['gateway-a']}{PATH}?file_qury_no={number}"
    headers = {"Authorization": f"Bearer {till.token}"}
    assert httpx.get(url, headers=headers, timeout=30).content == b"\x00\xffhi"
    assert "没有接入凭证" in httpx.get(url, timeout=30).json()["err_msg"]
    refused = fetch(site, other, number).json()
    assert (refused["infcode"], number in refused["err_msg"]) == ("-1", True)


async def test_a_file_comes_beside_an_encrypted_message(site: Site) -> None:
    """Who signs and encrypts `input` uploads so too: the file joins what was opened."""
    public, private = sm2_key_generate()
    plain = await asyncio.to_thread(by_token, HOSPITAL)
    await site.register(msgspec.structs.replace(plain, sm2_public_key=public))
    till = site.till()
    till.log_in()
    text = json.dumps({"fsUploadIn": {"filename": "对账.zip"}}).encode()
    r, s = decode_dss_signature(sm2_sign(private, public, text))
    signature = base64.b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    cainfo = signature.decode()
    said = till.envelope("9101", sm.encrypt(text, CLIENT), cainfo=cainfo)
    try:
        reply = await asyncio.to_thread(upload, site, till, said)
        assert reply["infcode"] == "0", reply["err_msg"]
        output = json.loads(sm.decrypt(reply["output"], CLIENT))
        assert output["filename"] == "对账.zip"
    finally:
        await site.register(plain)
    # So long he is still the one who encrypts.
    await asyncio.sleep(KNOWN_SECONDS + 0.1)
    assert fetch(site, till, output["file_qury_no"]).content == b"\x00\xffhi"


def test_an_incomplete_3202_is_refused_by_name(site: Site) -> None:
    """One real client sends another transaction's fields under this number."""
    asked = {"clr_type": "11", "begndate": "2022-03-01 00:00:00"}
    with pytest.raises(SaidNo, match="file_qury_no"):
        site.till().call("3202", {"data": asked})
