"""A proof that is a text (C2SP tlog-proof@v1): leaf, path and checkpoint, offline."""

from typing import Final

from msgspec import Struct

from jiesuan_services.audit.tree.text import (
    HASH_BYTES,
    FormatError,
    base64_text,
    read_base64,
    read_decimal,
)

HEADER: Final = "c2sp.org/tlog-proof@v1"
MAX_PATH: Final = 63
_INDEX: Final = "index "


class InclusionProof(Struct, frozen=True):
    """Where a leaf stands, its path to the root, and the note that signs the root."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: str

    @property
    def text(self) -> str:
        """The proof as a receipt holds it."""
        path = "".join(f"{base64_text(one)}\n" for one in self.path)
        return f"{HEADER}\n{_INDEX}{self.index}\n{path}\n{self.checkpoint}"


def read_proof(text: str) -> InclusionProof:
    """Return the proof that a text holds; extra data is refused."""
    head, blank, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    if not blank or lines[0] != HEADER:
        raise FormatError(f"证明应以 {HEADER} 开头，路径之后空一行")
    if len(lines) < 2 or not lines[1].startswith(_INDEX):
        raise FormatError("证明第二行应为 index 序号")
    if len(lines) - 2 > MAX_PATH:
        raise FormatError("包含证明过长")
    path = tuple(read_base64(line, length=HASH_BYTES) for line in lines[2:])
    return InclusionProof(read_decimal(lines[1][len(_INDEX) :]), path, checkpoint)
