"""A file beside its message: the parts of a multipart body as one JSON message."""

import base64
import hashlib
import json
from typing import Any, Final

from jiesuan_services.gateway.wire.text import decoded, read_json

MESSAGE: Final = "jsonStr"
NODE: Final = "fsUploadIn"
UPLOAD: Final = "9101"


def merged(message: bytes, content: bytes) -> dict[str, Any] | None:
    """Return the message with the file in its node; None if there is no message.

    Clients send the whole message in ``jsonStr``, or no more than the file's name.
    """
    said = read_json(decoded(message))
    if not isinstance(said, dict):
        return None
    input_ = said.get("input")
    input_ = read_json(input_) if isinstance(input_, str) and input_ else input_
    input_ = input_ if isinstance(input_, dict) else dict(said)
    node = input_.get(NODE)
    node = node if isinstance(node, dict) else input_
    file = {**node, "in": base64.b64encode(content).decode()}
    named = {
        "infno": said.get("infno") or UPLOAD,
        # The same file is the same message where the client names none.
        "msgid": said.get("msgid") or f"F{hashlib.sha256(content).hexdigest()[:29]}",
    }
    return {**said, **named, "input": {NODE: file}}


def as_body(message: dict[str, Any]) -> bytes:
    """Write the message as if it had come so."""
    return json.dumps(message, default=str).encode()
