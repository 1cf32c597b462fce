"""Manifests: every file under one signature, in one text."""

import json
from typing import Any

import pytest

from jiesuan_services.audit.tree.files.manifest import (
    Listed,
    Manifest,
    check_manifest,
    read_manifest,
    signed_manifest,
)
from jiesuan_services.audit.tree.notes.keys import SignerKey, read_signer_key
from jiesuan_services.audit.tree.text import FormatError

MANIFEST = Manifest(
    "0123456789abcdef0123456789abcdef",
    {0: (5, 4), 1: (1, 0)},
    {
        "ledger-0-0.jsonl.gz": Listed("ab" * 32, 5),
        "ledger-1-0.jsonl.gz": Listed("ab" * 32, 1),
        "reference.jsonl.gz": Listed("cd" * 32, 0),
        "tile/0/000.p/6": Listed("ef" * 32),
    },
    1,
    "note\n",
)
DATA = MANIFEST.text.encode()


@pytest.fixture
def key(note_vectors: Any) -> SignerKey:
    """A key that seals."""
    return read_signer_key(note_vectors["signer"])


def test_a_signed_manifest_is_read_as_written(key: SignerKey) -> None:
    """What is written reads as itself under the note of its key."""
    note = signed_manifest(DATA, MANIFEST.ledger_id, key=key)
    assert check_manifest(DATA, note, key=key.verifier) == MANIFEST
    assert MANIFEST.partitions == 2


def test_the_note_says_format_ledger_and_digest(key: SignerKey) -> None:
    """The signed text is three lines, the last one the digest of the file."""
    note = signed_manifest(b"{}", "l1", key=key)
    empty = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert note.startswith(f"jiesuan-export/1\nl1\n{empty}\n\n— {key.name} ")


def test_another_manifest_is_not_signed_for(key: SignerKey) -> None:
    """A note for other bytes, or for another ledger, does not cover a manifest."""
    other = signed_manifest(DATA + b" ", MANIFEST.ledger_id, key=key)
    with pytest.raises(FormatError, match="所签的不是"):
        check_manifest(DATA, other, key=key.verifier)
    elsewhere = signed_manifest(DATA, "another", key=key)
    with pytest.raises(FormatError, match="所签的不是"):
        check_manifest(DATA, elsewhere, key=key.verifier)


@pytest.mark.parametrize(
    "change",
    [
        {"format": "jiesuan-export/2"},
        {"ledger_id": ""},
        {"ledger_id": "a\nb"},
        {"partitions": 3},
        {"ledger": {"0": {"count": 5, "last_offset": 5}, "1": {}}},
        {"ledger": {"0": {"count": 5, "last_offset": 5}}},
        {"files": []},
        {"files": {"../ledger": {"sha256": "ab" * 32}}},
        {"files": {"/ledger": {"sha256": "ab" * 32}}},
        {"files": {"tile//0": {"sha256": "ab" * 32}}},
        {"files": {"tile/.": {"sha256": "ab" * 32}}},
        {"files": {"a\\b": {"sha256": "ab" * 32}}},
        {"files": {"seals.jsonl": {"sha256": "ab" * 32}}},
        {"files": {"checkpoint": {"sha256": "ab" * 32, "count": 3}}},
        {"files": {"checkpoint": {"sha256": "AB" * 32}}},
        {"seals": -1},
        {"checkpoint": 7},
        {"more": 1},
    ],
)
def test_what_is_no_manifest_is_refused(change: dict[str, Any]) -> None:
    """Sums that do not agree, names that lead elsewhere, other fields: refused."""
    assert read_manifest(DATA) == MANIFEST
    with pytest.raises(FormatError):
        read_manifest(json.dumps({**json.loads(DATA), **change}).encode())
