"""The reply's envelope: short, always of the same shape, in the form a client reads."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec import Struct

from jiesuan_services.gateway.faults import fitted
from jiesuan_services.gateway.wire.values import write_digits

SUCCEEDED: Final = "0"
FAILED: Final = "-1"
encode: Final = msgspec.json.Encoder(decimal_format="number").encode
"""Write JSON; a decimal is a number with the decimals it has."""


class Reply(Struct, frozen=True):
    """What came of a message, before it is written in its client's form."""

    output: Mapping[str, Any]
    err_msg: str = ""

    @property
    def infcode(self) -> str:
        """Return the bare integer that clients compare as text or read as a number."""
        return FAILED if self.err_msg else SUCCEEDED


def failure(sentence: str) -> Reply:
    """Return a reply that says no, in one sentence that fits."""
    return Reply({}, fitted(sentence))


class Times(Struct, frozen=True):
    """Our name of the message, and when it came and was answered."""

    inf_refmsgid: str
    received: datetime
    responded: datetime


class ReplyForm(Struct, frozen=True, kw_only=True):
    """How a client reads replies; not said, it reads them as the standard has them."""

    written: Callable[[bytes], Any] = msgspec.Raw
    """Puts the output into another form: text, cipher."""
    infcode: Callable[[str], str | int] = str
    with_times: bool = True
    """Who reads the times as dates cannot read the standard's 17 digits."""
    bare_node: str | None = None
    """Whose rows are the whole output, without its name."""


STANDARD: Final = ReplyForm()


def write_reply(reply: Reply, times: Times, *, form: ReplyForm = STANDARD) -> bytes:
    """Write the reply in the form that its client reads."""
    node = form.bare_node
    output = reply.output if node is None else reply.output.get(node, [])
    said = {
        "refmsg_time": write_digits(times.received),
        "respond_time": write_digits(times.responded),
    }
    return encode(
        {
            "infcode": form.infcode(reply.infcode),
            "inf_refmsgid": times.inf_refmsgid,
            **(said if form.with_times else {}),
            "err_msg": reply.err_msg,
            "warn_msg": "",
            "cainfo": "",
            "signtype": "",
            "output": form.written(encode(output)),
        }
    )


def as_text(body: bytes) -> str:
    """Write the output as a string that holds its JSON."""
    return body.decode()
