"""tlog-proof@v1: equal to Go's, strict, and leading to the root."""

from typing import Any

import pytest

from jiesuan_services.audit.tree.merkle import leaf_hash, root_of_inclusion
from jiesuan_services.audit.tree.notes.proof import InclusionProof, read_proof
from jiesuan_services.audit.tree.text import FormatError


def test_a_proof_is_another_implementation_s(
    note_vectors: Any, tree_vectors: Any
) -> None:
    """Go's text reads, writes back the same, and proves leaf 12,345 of 70,000."""
    proof = read_proof(note_vectors["proof"])
    assert proof.text == note_vectors["proof"]
    assert (proof.index, proof.checkpoint) == (12_345, note_vectors["checkpoint"])
    leaf = leaf_hash(bytes.fromhex(note_vectors["leaf"]))
    root = root_of_inclusion(leaf, proof.index, size=70_000, proof=proof.path)
    assert root.hex() == tree_vectors["roots"]["70000"]


def test_the_only_leaf_needs_no_path() -> None:
    """A proof without hashes has an empty line after its index."""
    proof = InclusionProof(0, (), "a\n1\nb\n\n— c d\n")
    assert proof.text == "c2sp.org/tlog-proof@v1\nindex 0\n\na\n1\nb\n\n— c d\n"
    assert read_proof(proof.text) == proof


HASH = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"


@pytest.mark.parametrize(
    "text",
    [
        "c2sp.org/tlog-proof@v2\nindex 0\n\nnote",
        "c2sp.org/tlog-proof@v1\nextra YQ==\nindex 0\n\nnote",
        "c2sp.org/tlog-proof@v1\nindex 00\n\nnote",
        "c2sp.org/tlog-proof@v1\nindex  0\n\nnote",
        "c2sp.org/tlog-proof@v1\nindex 0\nYQ==\n\nnote",
        "c2sp.org/tlog-proof@v1\nindex 0",
        "c2sp.org/tlog-proof@v1\n\nindex 0\n",
        "c2sp.org/tlog-proof@v1\r\nindex 0\n\nnote",
        f"c2sp.org/tlog-proof@v1\nindex 0\n{HASH * 64}\nnote",
        "",
    ],
)
def test_a_proof_has_one_text(text: str) -> None:
    """Another header, extra data, odd numbers and endless paths are refused."""
    with pytest.raises(FormatError):
        read_proof(text)
