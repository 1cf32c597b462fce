"""A signed note (C2SP signed-note): a text, a blank line, lines of signatures."""

from typing import Final

from msgspec import Struct

from jiesuan_services.audit.tree.notes.keys import (
    KEY_ID_BYTES,
    NOTE,
    SignerKey,
    VerifierKey,
    is_key_name,
)
from jiesuan_services.audit.tree.text import (
    FormatError,
    base64_text,
    read_base64,
)

MAX_NOTE_CHARACTERS: Final = 1_000_000
MAX_SIGNATURES: Final = 100
_DASH: Final = "— "


class Signature(Struct, frozen=True):
    """A line of a note: who signed, with which key, and the signature."""

    name: str
    key_id: bytes
    data: bytes

    @property
    def line(self) -> str:
        """The line as it stands in the note."""
        return f"{_DASH}{self.name} {base64_text(self.key_id + self.data)}\n"

    def is_by(self, key: VerifierKey) -> bool:
        """Whether the line claims to be a key's."""
        return (self.name, self.key_id) == (key.name, key.id)


class SignedNote(Struct, frozen=True):
    """A note that was read; nothing of it is to be believed before it is checked."""

    text: str
    signatures: tuple[Signature, ...]

    def by(self, key: VerifierKey) -> Signature:
        """Return the one line that claims to be a key's."""
        found = [one for one in self.signatures if one.is_by(key)]
        if not found:
            raise FormatError(f"没有密钥 {key.name}+{key.id.hex()} 的签名")
        if len(found) > 1:
            raise FormatError(f"密钥 {key.name} 的签名不止一行")
        return found[0]


def signed_note(text: str, key: SignerKey) -> str:
    """Return a text with the signature of a key."""
    verifier = key.verifier
    signature = Signature(verifier.name, verifier.id, key.sign(text.encode()))
    return f"{text}\n{signature.line}"


def read_note(note: str) -> SignedNote:
    """Return the text and the signatures of a note, unchecked."""
    if len(note) > MAX_NOTE_CHARACTERS:
        raise FormatError("签名文本过长")
    if any(letter < " " and letter != "\n" for letter in note):
        raise FormatError("签名文本含有控制字符")
    text, blank, lines = note.rpartition("\n\n")
    if not blank or not lines.endswith("\n"):
        raise FormatError("签名文本应为正文、空行、签名行，每行以换行结束")
    split = lines[:-1].split("\n")
    if len(split) > MAX_SIGNATURES:
        raise FormatError("签名行过多")
    return SignedNote(f"{text}\n", tuple(_signature(line) for line in split))


def opened(note: str, key: VerifierKey) -> str:
    """Return the text of a note that a key has signed, else raise FormatError."""
    if key.type != NOTE:
        raise FormatError(f"公钥 {key.name} 不是签署文本的公钥")
    read = read_note(note)
    if not key.has_signed(read.text.encode(), read.by(key).data):
        raise FormatError(f"密钥 {key.name} 的签名与正文不符")
    return read.text


def _signature(line: str) -> Signature:
    name, space, coded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space or not is_key_name(name):
        raise FormatError("签名行应写作 — 名称 base64")
    data = read_base64(coded)
    if len(data) <= KEY_ID_BYTES:
        raise FormatError("签名行过短")
    return Signature(name, data[:KEY_ID_BYTES], data[KEY_ID_BYTES:])
