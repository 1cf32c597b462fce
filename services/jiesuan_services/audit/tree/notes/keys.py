"""Keys of signed notes, in the text form of Go's `sumdb/note`.

``name+hash+base64`` verifies, ``PRIVATE+KEY+name+hash+base64`` signs; the hash is
the key id, four bytes over the name, the type of signature and the public key.
"""

from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from msgspec import Struct

from jiesuan_services.audit.tree.text import (
    HASH_BYTES,
    FormatError,
    base64_text,
    read_base64,
)

NOTE: Final = 0x01
"""An Ed25519 signature over the text of a note."""

COSIGNATURE: Final = 0x04
"""A witness's Ed25519 signature over the text and a time."""

KEY_ID_BYTES: Final = 4
_PRIVATE: Final = "PRIVATE+KEY+"


class VerifierKey(Struct, frozen=True):
    """A public key, who holds it and what it signs."""

    name: str
    type: int
    public: bytes

    @property
    def id(self) -> bytes:
        """The four bytes that a signature names its key by."""
        said = self.name.encode() + b"\n" + bytes([self.type]) + self.public
        return sha256(said).digest()[:KEY_ID_BYTES]

    @property
    def text(self) -> str:
        """The key as others are given it."""
        return f"{self.name}+{self.id.hex()}+{_tail(self.type, self.public)}"

    def has_signed(self, message: bytes, signature: bytes) -> bool:
        """Whether a signature is this key's over a message."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


class SignerKey(Struct, frozen=True):
    """A private key: the seed of an Ed25519 key, never shown."""

    name: str
    type: int
    seed: bytes

    def __repr__(self) -> str:
        return f"SignerKey({self.name!r})"

    @property
    def verifier(self) -> VerifierKey:
        """The public half."""
        public = self._private.public_key().public_bytes_raw()
        return VerifierKey(self.name, self.type, public)

    @property
    def text(self) -> str:
        """The key as its file holds it."""
        known = f"{self.name}+{self.verifier.id.hex()}"
        return f"{_PRIVATE}{known}+{_tail(self.type, self.seed)}"

    def sign(self, message: bytes) -> bytes:
        """Return the signature over a message; the same each time."""
        return self._private.sign(message)

    @property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def is_key_name(name: str) -> bool:
    """Whether a key can be called so: no space, no plus, no control character."""
    return bool(name) and not any(
        letter == "+" or letter.isspace() or letter < " " for letter in name
    )


def read_verifier_key(text: str) -> VerifierKey:
    """Return the public key that a text holds."""
    name, id_, type_, public = _parts(text)
    key = VerifierKey(name, type_, public)
    if key.id.hex() != id_:
        raise FormatError(f"公钥 {name} 的指纹与其内容不符")
    return key


def read_signer_key(text: str) -> SignerKey:
    """Return the private key that a text holds; no error ever shows it."""
    if not text.startswith(_PRIVATE):
        raise FormatError("私钥应以 PRIVATE+KEY+ 开头")
    name, id_, type_, seed = _parts(text.removeprefix(_PRIVATE))
    key = SignerKey(name, type_, seed)
    if key.verifier.id.hex() != id_:
        raise FormatError(f"私钥 {name} 的指纹与其内容不符")
    return key


def _parts(text: str) -> tuple[str, str, int, bytes]:
    """Return name, key id, type and key of a text of either kind."""
    parts = text.split("+", 2)
    if len(parts) != 3 or not is_key_name(parts[0]):
        raise FormatError("密钥应写作 名称+指纹+base64")
    name, id_, coded = parts
    data = read_base64(coded, length=1 + HASH_BYTES)
    if data[0] not in (NOTE, COSIGNATURE):
        raise FormatError(f"密钥 {name} 的签名类型 {data[0]} 不受支持")
    return name, id_, data[0], data[1:]


def _tail(type_: int, key: bytes) -> str:
    return base64_text(bytes([type_]) + key)
