"""Files on the wire: their bytes, their names, and the message beside them."""

import base64
import json

import pytest

from jiesuan_services.gateway.faults import NotRead
from jiesuan_services.gateway.serving.multipart import merged
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
