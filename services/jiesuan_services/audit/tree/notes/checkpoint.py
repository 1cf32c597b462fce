"""A checkpoint (C2SP tlog-checkpoint): the head of the tree, as a note's text.

Ours have three lines and no extension, so one head has one text.
"""

from msgspec import Struct

from jiesuan_services.audit.tree.notes.keys import (
    SignerKey,
    VerifierKey,
    is_key_name,
)
from jiesuan_services.audit.tree.notes.note import opened, signed_note
from jiesuan_services.audit.tree.text import (
    HASH_BYTES,
    FormatError,
    base64_text,
    read_base64,
    read_decimal,
)


class TreeHead(Struct, frozen=True):
    """Which log, how many records, and the root over all of them."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64_text(self.root)}\n"


def signed_checkpoint(head: TreeHead, key: SignerKey) -> str:
    """Return the checkpoint of a head; the key is named as the log is."""
    if head.origin != key.name:
        raise FormatError(f"封存密钥名为 {key.name}，与账本来源 {head.origin} 不符")
    return signed_note(head.text, key)


def opened_checkpoint(note: str, key: VerifierKey) -> TreeHead:
    """Return the head that a log has signed, or raise FormatError."""
    head = read_tree_head(opened(note, key))
    if head.origin != key.name:
        raise FormatError(f"检查点来源 {head.origin} 与密钥名 {key.name} 不符")
    return head


def read_tree_head(text: str) -> TreeHead:
    """Return the head that a checkpoint's text holds."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3]:
        raise FormatError("检查点正文应为三行：来源、大小、根")
    origin, size, root = lines[:3]
    if not is_key_name(origin):
        raise FormatError("检查点来源不能为空，也不能含空格或加号")
    return TreeHead(origin, read_decimal(size), read_base64(root, length=HASH_BYTES))
