"""A file beside its message: the parts of a multipart body as one JSON message."""

import base64
import hashlib
import json
from collections.abc import AsyncGenerator
from typing import Any, Final

from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from jiesuan_services.gateway.faults import NotRead
from jiesuan_services.gateway.wire.sm import is_cipher
from jiesuan_services.gateway.wire.text import decoded, read_json

MESSAGE: Final = "jsonStr"
NODE: Final = "fsUploadIn"
UPLOAD: Final = "9101"
MOST_FIELDS: Final = 10
_BYTES: Final = "latin-1"
"""Under which a character is a byte, and every byte a character."""
NOT_MULTIPART: Final = (
    "文件上传报文应含jsonStr（报文）和一个文件两部分，请按接口规范重新发送。"
)


class BytesParser(MultiPartParser):
    """Reads texts as bytes: in which encoding they are is seen by what they say.

    A body may name any codec of Python's, slow ones and such that make no characters.
    """

    @property
    def _charset(self) -> str:
        return _BYTES

    @_charset.setter
    def _charset(self, _: str) -> None:
        """Pass over what the body says."""


def placed(input_: dict[str, Any], content: bytes) -> dict[str, Any]:
    """Return `input` with the file in its node."""
    node = input_.get(NODE)
    node = node if isinstance(node, dict) else input_
    return {NODE: {**node, "in": base64.b64encode(content).decode()}}


def merged(message: bytes, content: bytes) -> dict[str, Any] | None:
    """Return the message with the file in its node; None if there is no message.

    Clients send the whole message in ``jsonStr``, or no more than the file's name. An
    encrypted `input` stays as it is: who can open it places the file.
    """
    said = read_json(decoded(message))
    if not isinstance(said, dict):
        return None
    input_ = said.get("input")
    if not is_cipher(input_):
        input_ = read_json(input_) if isinstance(input_, str) and input_ else input_
        input_ = placed(input_ if isinstance(input_, dict) else dict(said), content)
    named = {
        "infno": said.get("infno") or UPLOAD,
        # The same file is the same message where the client names none.
        "msgid": said.get("msgid") or f"F{hashlib.sha256(content).hexdigest()[:29]}",
    }
    return {**said, **named, "input": input_}


def as_body(message: dict[str, Any]) -> bytes:
    """Write the message as if it had come so."""
    return json.dumps(message, default=str).encode()


async def with_file(
    headers: Headers, body: bytes, *, most: int
) -> tuple[bytes, bytes | None]:
    """Return a body as it is, or the message of one that carries a file, and the file.

    The file is in the message already, unless its `input` is encrypted.
    """
    if not headers.get("content-type", "").lower().startswith("multipart/form-data"):
        return body, None

    async def whole() -> AsyncGenerator[bytes, None]:
        yield body

    parser = BytesParser(
        headers, whole(), max_files=1, max_fields=MOST_FIELDS, max_part_size=most
    )
    # Bounded already: what is in memory is never written to a disk.
    parser.spool_max_size = most
    try:
        form = await parser.parse()
    except (MultiPartException, ValueError, KeyError):
        raise NotRead(NOT_MULTIPART) from None
    content = b""
    for part in form.values():
        if isinstance(part, UploadFile):
            content = await part.read()
    message = form.get(MESSAGE)
    if not isinstance(message, str):
        raise NotRead(NOT_MULTIPART)
    said = merged(message.encode(_BYTES), content)
    if said is None:
        raise NotRead(NOT_MULTIPART)
    return as_body(said), content
