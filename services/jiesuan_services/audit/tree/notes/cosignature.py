"""Cosignatures (C2SP tlog-cosignature, Ed25519): a witness saw this tree at a time."""

from typing import Final

from jiesuan_services.audit.tree.notes.keys import (
    COSIGNATURE,
    SignerKey,
    VerifierKey,
)
from jiesuan_services.audit.tree.notes.note import Signature, read_note
from jiesuan_services.audit.tree.text import MAX_NUMBER, FormatError

_TIME_BYTES: Final = 8


def cosigned(note: str, key: SignerKey, *, at: int) -> str:
    """Return a checkpoint with a witness's cosignature added; ``at`` in seconds."""
    if key.type != COSIGNATURE:
        raise FormatError(f"私钥 {key.name} 不是见证私钥")
    signed = key.sign(_message(read_note(note).text, at))
    time = at.to_bytes(_TIME_BYTES, "big")
    return note + Signature(key.name, key.verifier.id, time + signed).line


def cosigned_at(note: str, key: VerifierKey) -> int:
    """Return when a witness cosigned, in seconds, or raise FormatError."""
    if key.type != COSIGNATURE:
        raise FormatError(f"公钥 {key.name} 不是见证公钥")
    read = read_note(note)
    data = read.by(key).data
    at = int.from_bytes(data[:_TIME_BYTES], "big")
    if len(data) <= _TIME_BYTES or at > MAX_NUMBER:
        raise FormatError(f"见证 {key.name} 的签名格式有误")
    if not key.has_signed(_message(read.text, at), data[_TIME_BYTES:]):
        raise FormatError(f"见证 {key.name} 的签名与正文不符")
    return at


def _message(text: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{text}".encode()
