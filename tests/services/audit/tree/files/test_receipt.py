"""Receipts: proven by a public key alone, and found out by any flipped bit."""

import json
from typing import Any

import pytest

from jiesuan_services.audit.tree.digest import TreeRecord, record_digest
from jiesuan_services.audit.tree.files.receipt import (
    Receipt,
    check_receipt,
    read_receipt,
)
from jiesuan_services.audit.tree.merkle import inclusion_proof, leaf_hash
from jiesuan_services.audit.tree.notes.checkpoint import TreeHead, signed_checkpoint
from jiesuan_services.audit.tree.notes.cosignature import cosigned
from jiesuan_services.audit.tree.notes.keys import (
    SignerKey,
    VerifierKey,
    read_signer_key,
)
from jiesuan_services.audit.tree.notes.proof import InclusionProof
from jiesuan_services.audit.tree.text import FormatError
from jiesuan_services.audit.tree.tiles import Tiles, TileTree

RECORDS = [
    TreeRecord(0, offset, b"P0001", b'{"n":%d}' % offset, (("version", b"1"),))
    for offset in range(5)
]


@pytest.fixture
def key(note_vectors: Any) -> SignerKey:
    """A key that seals."""
    return read_signer_key(note_vectors["signer"])


@pytest.fixture
def receipt(key: SignerKey) -> Receipt:
    """The receipt of the third of five records."""
    tree = TileTree()
    for record in RECORDS:
        tree.append(leaf_hash(record_digest(record)))
    note = signed_checkpoint(TreeHead(key.name, 5, tree.root()), key)
    subtree = Tiles(5, lambda tile: dict(tree.edge())[tile]).subtree
    path = tuple(inclusion_proof(2, 5, subtree=subtree))
    return Receipt(RECORDS[2], InclusionProof(2, path, note))


def test_a_receipt_proves_its_record(receipt: Receipt, key: SignerKey) -> None:
    """What is written reads as itself and leads to the head that the key signed."""
    again = read_receipt(receipt.text.encode())
    assert again == receipt
    assert check_receipt(again, key.verifier).size == 5


def test_every_flipped_bit_is_found(receipt: Receipt, key: SignerKey) -> None:
    """No single bit of a receipt's file can be another."""
    data = receipt.text.rstrip("\n").encode()
    for bit in range(len(data) * 8):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(FormatError):
            check_receipt(read_receipt(bytes(flipped)), key.verifier)


def test_another_record_is_not_proven(receipt: Receipt, key: SignerKey) -> None:
    """A receipt whose record was exchanged proves nothing."""
    other = Receipt(RECORDS[3], receipt.proof)
    with pytest.raises(FormatError, match="不在检查点所封存的账本中"):
        check_receipt(other, key.verifier)


def test_a_witness_is_wanted_where_one_is_named(
    receipt: Receipt, key: SignerKey, note_vectors: Any
) -> None:
    """With a witness's key, a checkpoint that it has not cosigned proves nothing."""
    witness = read_signer_key(note_vectors["witness_signer"])
    seen: list[VerifierKey] = [witness.verifier]
    with pytest.raises(FormatError, match="没有密钥"):
        check_receipt(receipt, key.verifier, witnesses=seen)
    note = cosigned(receipt.proof.checkpoint, witness, at=1_700_000_000)
    proof = InclusionProof(receipt.proof.index, receipt.proof.path, note)
    assert check_receipt(Receipt(receipt.record, proof), key.verifier, witnesses=seen)


@pytest.mark.parametrize(
    "change", [{"format": "jiesuan-receipt/2"}, {"proof": None}, {"more": 1}]
)
def test_what_is_no_receipt_is_refused(
    receipt: Receipt, change: dict[str, Any]
) -> None:
    """Another format, a missing proof and an unknown field are refused."""
    with pytest.raises(FormatError):
        read_receipt(json.dumps({**json.loads(receipt.text), **change}).encode())
