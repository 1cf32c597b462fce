"""Signed notes: equal to Go's, opened by one key, strict in every line."""

from typing import Any

import pytest

from jiesuan_services.audit.tree.notes.keys import read_signer_key, read_verifier_key
from jiesuan_services.audit.tree.notes.note import opened, read_note, signed_note
from jiesuan_services.audit.tree.text import FormatError


def test_a_note_is_another_implementation_s(note_vectors: Any) -> None:
    """Text with a blank line in it is signed byte for byte as Go signs it."""
    key = read_signer_key(note_vectors["signer"])
    note = signed_note(note_vectors["text"], key)
    assert note == note_vectors["note"]
    assert opened(note, key.verifier) == note_vectors["text"]


def test_the_published_notes_open(note_vectors: Any) -> None:
    """The documentation's note opens by its key, alone or beside another signature."""
    published = note_vectors["published"]
    key = read_verifier_key(published["verifier"])
    text = opened(published["note"], key)
    assert text.startswith("If you think cryptography is the answer")
    assert opened(published["twice"], key) == text
    assert len(read_note(published["twice"]).signatures) == 2


def test_every_flipped_bit_is_found(note_vectors: Any) -> None:
    """No single bit of a note with one signature can be another."""
    key = read_verifier_key(note_vectors["verifier"])
    note = note_vectors["note"].encode()
    for bit in range(len(note) * 8):
        flipped = bytearray(note)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises((FormatError, UnicodeDecodeError)):
            opened(flipped.decode(), key)


def broken(note: str) -> dict[str, str]:
    """Return what a note must not be."""
    text, lines = note.rsplit("\n\n", 1)
    dash, name, coded = lines.rstrip("\n").split(" ")
    spare = f"{coded[:-2]}{chr(ord(coded[-2]) + 1)}="
    return {
        "no signature": f"{text}\n\n",
        "no blank line": f"{text}\n{lines}",
        "no line feed at the end": note[:-1],
        "a blank line after": f"{note}\n",
        "a line that is no signature": f"{note}hello\n",
        "carriage returns": note.replace("\n", "\r\n"),
        "a control character": note.replace(text[0], f"{text[0]}\x01", 1),
        "another dash": note.replace("— ", "- "),
        "two spaces": f"{text}\n\n{dash} {name}  {coded}\n",
        "no name": f"{text}\n\n{dash}  {coded}\n",
        "spare bits": f"{text}\n\n{dash} {name} {spare}\n",
        "a short signature": f"{text}\n\n{dash} {name} AAAAAA==\n",
        "ours twice": f"{note}{lines}",
        "another text": f"x{note}",
        "too many lines": note + lines * 100,
        "too long": "x" * 1_000_000 + note,
    }


@pytest.mark.parametrize("what", sorted(broken("a\n\n— b cc=\n")))
def test_a_broken_note_is_refused(note_vectors: Any, what: str) -> None:
    """A note has text, a blank line and lines of signatures, ours exactly once."""
    key = read_verifier_key(note_vectors["verifier"])
    with pytest.raises(FormatError):
        opened(broken(note_vectors["note"])[what], key)


def test_a_stranger_s_note_is_refused(note_vectors: Any) -> None:
    """A note that the key has not signed does not open, and says whose is missing."""
    key = read_verifier_key(note_vectors["verifier"])
    published = note_vectors["published"]
    with pytest.raises(FormatError, match=f"没有密钥 {key.name}"):
        opened(published["note"], key)
    witness = read_verifier_key(note_vectors["witness_verifier"])
    with pytest.raises(FormatError, match="不是签署文本的公钥"):
        opened(note_vectors["cosigned"], witness)
