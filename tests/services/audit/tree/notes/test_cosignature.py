"""Cosignatures: a second signer's word on a checkpoint, as Go makes and checks it."""

from typing import Any

import pytest

from jiesuan_services.audit.tree.notes.cosignature import cosigned, cosigned_at
from jiesuan_services.audit.tree.notes.keys import (
    SignerKey,
    read_signer_key,
    read_verifier_key,
)
from jiesuan_services.audit.tree.text import FormatError


def test_a_cosignature_is_another_implementation_s(note_vectors: Any) -> None:
    """At the same second the witness's line is byte for byte Go's."""
    witness = read_signer_key(note_vectors["witness_signer"])
    at = note_vectors["cosigned_at"]
    note = cosigned(note_vectors["checkpoint"], witness, at=at)
    assert note == note_vectors["cosigned"]
    assert cosigned_at(note, witness.verifier) == at


def test_another_time_or_text_is_not_cosigned(note_vectors: Any) -> None:
    """A witness's line says one checkpoint at one second, and no other."""
    witness = read_verifier_key(note_vectors["witness_verifier"])
    note = note_vectors["cosigned"]
    for other in (note.replace("70000", "70001"), note_vectors["checkpoint"]):
        with pytest.raises(FormatError):
            cosigned_at(other, witness)
    line = note.splitlines()[-1]
    at = line.rindex("AAAA")
    later = f"{line[: at + 4]}{'B' if line[at + 4] != 'B' else 'C'}{line[at + 5 :]}"
    with pytest.raises(FormatError, match="不符"):
        cosigned_at(note.replace(line, later), witness)


def test_a_cosignature_of_no_time_is_refused(note_vectors: Any) -> None:
    """A line too short for a time and a signature is none."""
    witness = read_verifier_key(note_vectors["witness_verifier"])
    short = note_vectors["checkpoint"] + "— witness.invalid/w1 URmV7gAAAAAAAAAA\n"
    with pytest.raises(FormatError, match="格式"):
        cosigned_at(short, witness)


def test_a_log_s_key_is_no_witness(note_vectors: Any) -> None:
    """The key of the log neither cosigns nor counts as a witness."""
    key = read_signer_key(note_vectors["signer"])
    with pytest.raises(FormatError, match="不是见证私钥"):
        cosigned(note_vectors["checkpoint"], key, at=1)
    with pytest.raises(FormatError, match="不是见证公钥"):
        cosigned_at(note_vectors["cosigned"], key.verifier)


def test_another_witness_is_not_taken_for_it(note_vectors: Any) -> None:
    """A witness of the same name with another key is a stranger."""
    witness = read_signer_key(note_vectors["witness_signer"])
    other = SignerKey(witness.name, witness.type, bytes(32))
    note = cosigned(note_vectors["checkpoint"], other, at=1)
    with pytest.raises(FormatError, match="没有密钥"):
        cosigned_at(note, witness.verifier)
