"""Files on the wire: their bytes, their names, and the message beside them."""

import base64
import json

import pytest
from starlette.datastructures import Headers

from jiesuan_services.gateway.faults import NotRead
from jiesuan_services.gateway.serving.multipart import merged, with_file
from jiesuan_services.gateway.transactions.files.upload_9101 import Input9101
from jiesuan_services.gateway.wire.payload import read_payload


@pytest.mark.parametrize("said", ["aGn/", "aGn/\n", [104, 105, -1], [104, 105, 255]])
def test_a_file_s_bytes_come_as_base64_or_as_numbers(said: object) -> None:
    """Base64 text and arrays of signed or unsigned bytes are the same file."""
    given = {"fsUploadIn": {"in": said, "filename": "对账.zip"}}
    assert read_payload(given, Input9101).fsUploadIn.content == b"hi\xff"


@pytest.mark.parametrize(
    "name",
    ["../a.zip", "/etc/passwd", "a\\b.zip", "..", ".hidden", "a\nb", "C:a", "n" * 201],
)
def test_a_file_s_name_leads_nowhere(name: str) -> None:
    """A name with a path, a control character or a leading dot is refused."""
    with pytest.raises(NotRead, match="文件名"):
        read_payload({"fsUploadIn": {"in": "aGk=", "filename": name}}, Input9101)


@pytest.mark.parametrize("said", ["?", [256], [-129], [1.5], ["a"], 5])
def test_what_is_no_file_is_refused(said: object) -> None:
    """Neither Base64 nor bytes: the sentence names the field."""
    with pytest.raises(NotRead, match="文件数据"):
        read_payload({"fsUploadIn": {"in": said, "filename": "a.zip"}}, Input9101)


def test_the_file_beside_a_message_takes_its_place_in_it() -> None:
    """The whole message or the file's name alone stands in jsonStr."""
    node = {"filename": "a.zip", "fixmedins_code": "H1"}
    whole = {"infno": "9101", "msgid": "M1", "input": {"fsUploadIn": node}}
    for said in (whole, {**whole, "input": json.dumps(whole["input"])}, node):
        made = merged(json.dumps(said).encode(), b"hi")
        assert made is not None
        assert (made["infno"], len(made["msgid"]) <= 30) == ("9101", True)
        file = made["input"]["fsUploadIn"]
        assert base64.b64decode(file["in"]) == b"hi"
        assert file["filename"] == "a.zip"
    assert merged(b"[]", b"") is None


PART = b'--b\r\nContent-Disposition: form-data; name="jsonStr"\r\n\r\n%s\r\n--b--\r\n'


@pytest.mark.parametrize("charset", ["", "; charset=utf-8", "; charset=idna"])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
async def test_a_text_beside_a_file_is_read_in_its_own_encoding(
    charset: str, encoding: str
) -> None:
    """Whatever the body says of its texts, Chinese of a Windows machine arrives."""
    headers = Headers({"content-type": f"multipart/form-data; boundary=b{charset}"})
    said = json.dumps({"filename": "对账.zip"}, ensure_ascii=False)
    body, _ = await with_file(headers, PART % said.encode(encoding), most=1_000)
    assert json.loads(body)["input"]["fsUploadIn"]["filename"] == "对账.zip"


async def test_a_text_is_decoded_once() -> None:
    """A codec that takes hours for ten megabytes is not asked, and none of Python's."""
    long = PART % (b"x-" + b"a" * 10_000_000)
    for charset in ("punycode", "raw_unicode_escape"):
        kind = f"multipart/form-data; boundary=b; charset={charset}"
        for body in (long, PART % rb"\ud800"):
            with pytest.raises(NotRead, match="不是合法的JSON"):
                await with_file(Headers({"content-type": kind}), body, most=20_000_000)
