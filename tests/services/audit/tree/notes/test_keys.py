"""Keys in the text of Go's `sumdb/note`: read, written, and refused."""

from typing import Any

import pytest

from jiesuan_services.audit.tree.notes.keys import (
    COSIGNATURE,
    NOTE,
    is_key_name,
    read_signer_key,
    read_verifier_key,
)
from jiesuan_services.audit.tree.text import FormatError

PAIRS = [
    ("signer", "verifier", NOTE),
    ("witness_signer", "witness_verifier", COSIGNATURE),
]


@pytest.mark.parametrize(("private", "public", "type_"), PAIRS)
def test_keys_are_those_of_another_implementation(
    note_vectors: Any, private: str, public: str, type_: int
) -> None:
    """A private key's public half, its id and both texts are Go's."""
    signer = read_signer_key(note_vectors[private])
    assert signer.text == note_vectors[private]
    assert signer.verifier.text == note_vectors[public]
    assert read_verifier_key(note_vectors[public]) == signer.verifier
    assert signer.verifier.type == type_


def test_the_published_key_is_read(note_vectors: Any) -> None:
    """The key pair in the documentation of `sumdb/note` belongs together."""
    published = note_vectors["published"]
    signer = read_signer_key(published["signer"])
    assert signer.verifier.text == published["verifier"]


def wrong_texts(text: str) -> dict[str, str]:
    """Return what a key's text must not be."""
    name, id_, coded = text.split("+", 2)
    return {
        "another id": f"{name}+00000000+{coded}",
        "upper case": f"{name}+{id_.upper()}+{coded}",
        "short id": f"{name}+{id_[:7]}+{coded}",
        "another name": f"{name}x+{id_}+{coded}",
        "no name": f"+{id_}+{coded}",
        "space in the name": f"a b+{id_}+{coded}",
        "no padding": f"{name}+{id_}+{coded.rstrip('=')}A",
        "a part missing": f"{name}+{id_}",
        "a line feed": f"{text}\n",
        "unknown type": f"{name}+{id_}+Ahpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    }


@pytest.mark.parametrize("what", sorted(wrong_texts("a+b+c")))
def test_a_key_that_is_not_itself_is_refused(note_vectors: Any, what: str) -> None:
    """Whoever mistypes a public key learns it before anything is verified by it."""
    with pytest.raises(FormatError):
        read_verifier_key(wrong_texts(note_vectors["verifier"])[what])


@pytest.mark.parametrize("what", sorted(wrong_texts("a+b+c")))
def test_a_broken_private_key_is_refused_unseen(note_vectors: Any, what: str) -> None:
    """A private key that does not read is refused, and the refusal does not show it."""
    text = note_vectors["signer"].removeprefix("PRIVATE+KEY+")
    with pytest.raises(FormatError) as refused:
        read_signer_key(f"PRIVATE+KEY+{wrong_texts(text)[what]}")
    assert text.split("+", 2)[2][:20] not in str(refused.value)


def test_a_public_key_does_not_sign(note_vectors: Any) -> None:
    """A public key where a private one belongs is refused."""
    with pytest.raises(FormatError, match="PRIVATE"):
        read_signer_key(note_vectors["verifier"])


def test_a_private_key_is_not_shown(note_vectors: Any) -> None:
    """The representation of a private key is its name alone."""
    signer = read_signer_key(note_vectors["signer"])
    assert repr(signer) == f"SignerKey({signer.name!r})"


@pytest.mark.parametrize(
    "name", ["", "a+b", "a b", "a\u3000b", "a\nb", "a\tb", "a\x01"]
)
def test_a_name_that_would_break_a_line_is_none(name: str) -> None:
    """Spaces of any script, plus signs and control characters name no key."""
    assert is_key_name("医保.invalid/ledger")
    assert not is_key_name(name)
