"""The envelope of a message: what was asked, by whom, under which name."""

import hashlib
from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, ValidationError

from jiesuan_services.gateway.faults import NotRead
from jiesuan_services.gateway.wire.payload import Node, canonical, read_payload
from jiesuan_services.gateway.wire.values import MsgId, Text, read_text, shaped

_ALIASES: Final = {"fixmedins_code": "medins_code"}
"""An intermediate platform's names for what the standard calls otherwise."""
_REGION: Final = frozenset("0123456789")


def _region(value: Any) -> str | None:
    """Return a region; what is no region code says nothing: it is asked elsewhere."""
    text = read_text(value)
    return text if len(text) == 6 and set(text) <= _REGION else None


_Name = Annotated[
    str,
    BeforeValidator(read_text),
    shaped(r"^[A-Za-z0-9_.:-]{1,50}$", "应为1至50个字母、数字或_.:-"),
]
_Region = Annotated[str | None, BeforeValidator(_region)]


def read_infno(value: Any) -> str:
    """Return a transaction's number as the standard spells it: `2206a` is 2206A."""
    return read_text(value).upper()


class WireEnvelope(Node):
    """What the counter reads of an envelope; the rest of it decides nothing.

    `sign_no`, `inf_time`, `infver`, `enc_type` and the like are sent empty, stale or
    wrong by clients that work elsewhere.
    """

    infno: Annotated[
        str,
        BeforeValidator(read_infno),
        shaped(r"^[A-Za-z0-9]{1,10}$", "应为1至10个字母或数字"),
    ] = Field(title="交易编号")
    msgid: MsgId = Field(title="发送方报文ID")
    fixmedins_code: _Name | None = Field(default=None, title="定点医药机构编号")
    mdtrtarea_admvs: _Region = Field(default=None, title="就医地医保区划")
    insuplc_admdvs: _Region = Field(default=None, title="参保地医保区划")
    opter: Text | None = Field(default=None, title="经办人")
    cainfo: Annotated[str, BeforeValidator(read_text)] | None = Field(
        default=None, title="数字签名信息"
    )


class _Whole(Node):
    envelope: WireEnvelope


def read_envelope(said: Mapping[str, Any], *, path_infno: str | None) -> WireEnvelope:
    """Return the envelope of a message; the body's infno counts before the path's."""
    given = {name: value for name, value in said.items() if name != "input"}
    if path_infno is not None and not given.get("infno"):
        given["infno"] = path_infno
    for name, alias in _ALIASES.items():
        if not given.get(name) and given.get(alias):
            given[name] = given[alias]
    try:
        return read_payload({"envelope": given}, _Whole).envelope
    except NotRead as wrong:
        raise NotRead(wrong.sentence.replace("envelope.", "")) from None
    except ValidationError as wrong:
        raise NotRead("报文信封不符合接口规范，请检查后重新发送。") from wrong


def digest_of(said: Any) -> str:
    """Return the digest that names the content of a message: SHA-256 of its `input`."""
    return hashlib.sha256(canonical(said)).hexdigest()
