"""A receipt: one file that proves one entry with a public key alone."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from jiesuan_services.audit.tree.digest import TreeRecord, record_digest
from jiesuan_services.audit.tree.files.record_line import read_record, record_object
from jiesuan_services.audit.tree.merkle import leaf_hash, root_of_inclusion
from jiesuan_services.audit.tree.notes.checkpoint import TreeHead, opened_checkpoint
from jiesuan_services.audit.tree.notes.cosignature import cosigned_at
from jiesuan_services.audit.tree.notes.keys import VerifierKey
from jiesuan_services.audit.tree.notes.proof import InclusionProof, read_proof
from jiesuan_services.audit.tree.text import (
    FormatError,
    json_text,
    read_fields,
    read_json,
    read_string,
)

FORMAT: Final = "jiesuan-receipt/1"


class Receipt(Struct, frozen=True):
    """A record of the ledger and the proof that a checkpoint covers it."""

    record: TreeRecord
    proof: InclusionProof

    @property
    def text(self) -> str:
        """The file, ending in a line feed."""
        said = {
            "format": FORMAT,
            "record": record_object(self.record),
            "proof": self.proof.text,
        }
        return json_text(said) + "\n"


def read_receipt(data: bytes) -> Receipt:
    """Return what a receipt's file says, unchecked."""
    fields = read_fields(read_json(data), ("format", "record", "proof"))
    if fields["format"] != FORMAT:
        raise FormatError(f"格式应为 {FORMAT}")
    return Receipt(
        read_record(fields["record"]), read_proof(read_string(fields["proof"]))
    )


def check_receipt(
    receipt: Receipt, key: VerifierKey, *, witnesses: Sequence[VerifierKey] = ()
) -> TreeHead:
    """Return the head that a receipt is proven against, or raise FormatError."""
    proof = receipt.proof
    head = opened_checkpoint(proof.checkpoint, key)
    for witness in witnesses:
        cosigned_at(proof.checkpoint, witness)
    leaf = leaf_hash(record_digest(receipt.record))
    root = root_of_inclusion(leaf, proof.index, size=head.size, proof=proof.path)
    if root != head.root:
        raise FormatError("记录不在检查点所封存的账本中")
    return head
