"""Checkpoints: equal to Go's, three lines, named as their key."""

from typing import Any

import pytest

from jiesuan_services.audit.tree.notes.checkpoint import (
    TreeHead,
    opened_checkpoint,
    read_tree_head,
    signed_checkpoint,
)
from jiesuan_services.audit.tree.notes.keys import (
    SignerKey,
    read_signer_key,
)
from jiesuan_services.audit.tree.notes.note import signed_note
from jiesuan_services.audit.tree.text import FormatError


def test_a_checkpoint_is_another_implementation_s(
    note_vectors: Any, tree_vectors: Any
) -> None:
    """The head of 70,000 leaves is signed byte for byte as Go signs it."""
    key = read_signer_key(note_vectors["signer"])
    root = bytes.fromhex(tree_vectors["roots"]["70000"])
    head = TreeHead(key.name, 70_000, root)
    assert signed_checkpoint(head, key) == note_vectors["checkpoint"]
    assert opened_checkpoint(note_vectors["checkpoint"], key.verifier) == head


def test_the_published_checkpoint_is_read(note_vectors: Any) -> None:
    """The example of the specification has the head that it shows."""
    text = note_vectors["published"]["cosigned"].split("\n\n")[0] + "\n"
    head = read_tree_head(text)
    assert (head.origin, head.size) == ("example.com/behind-the-sofa", 20_852_163)
    assert head.text == text


ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="


@pytest.mark.parametrize(
    "text",
    [
        f"a\n1\n{ROOT}",
        f"a\n1\n{ROOT}\nextension\n",
        f"\n1\n{ROOT}\n",
        f"a b\n1\n{ROOT}\n",
        f"a\n01\n{ROOT}\n",
        f"a\n-1\n{ROOT}\n",
        f"a\n1\n{ROOT[:-1]}\n",
        f"a\n1\n{ROOT[4:]}\n",
        "a\n1\n",
    ],
)
def test_a_head_has_one_text(text: str) -> None:
    """Three lines, a decimal size, 32 bytes of root, and no extension."""
    with pytest.raises(FormatError):
        read_tree_head(text)


def test_a_key_signs_its_own_log_alone(note_vectors: Any) -> None:
    """A checkpoint under another origin is neither signed nor believed."""
    key = read_signer_key(note_vectors["signer"])
    head = TreeHead("another.invalid/log", 1, bytes(32))
    with pytest.raises(FormatError, match="不符"):
        signed_checkpoint(head, key)
    with pytest.raises(FormatError, match="不符"):
        opened_checkpoint(signed_note(head.text, key), key.verifier)


def test_a_replaced_key_is_not_believed(note_vectors: Any) -> None:
    """A checkpoint signed by another key of the same name does not open."""
    key = read_signer_key(note_vectors["signer"])
    other = SignerKey(key.name, key.type, bytes(32))
    note = signed_checkpoint(TreeHead(key.name, 1, bytes(32)), other)
    with pytest.raises(FormatError, match="没有密钥"):
        opened_checkpoint(note, key.verifier)
