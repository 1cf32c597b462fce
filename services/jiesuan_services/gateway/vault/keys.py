"""The keys of the vault: one master key, one key a person, digests for look-up."""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from jiesuan_services.gateway.faults import Unavailable

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
ID_CHARACTERS: Final = 16
KEY_FILE: Final = "vault.key"
_OWNER_ONLY: Final = 0o600
SHUT: Final = (
    "平台身份库的密钥未就绪，本次结果未知，请稍候用同一报文（msgid不变）重新发送，"
    "仍不成功请联系医保经办机构。"
)
OTHER_KEY: Final = (
    "身份库中有用别的主密钥写入的记录，现有的主密钥打不开："
    "请把JIESUAN_VAULT_KEY设为写入时所用的主密钥；"
    "更换期间另设JIESUAN_VAULT_OLD_KEY为原主密钥"
)


class KeyRefused(Unavailable, RuntimeError):
    """A master key that cannot be used: which, and what to do.

    An operator reads that; a cashier reads that it is to be sent again.
    """

    def __init__(self, said: str) -> None:
        super().__init__(SHUT)
        self.args = (said,)


class MasterKey:
    """Wraps the keys of persons; never leaves the process."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise KeyRefused("身份库的主密钥应为32字节的Base64")
        self.id = hashlib.sha256(b"jiesuan vault" + key).hexdigest()[:ID_CHARACTERS]
        self._cipher = AESGCM(key)
        self._lookup = HKDF(SHA256(), KEY_BYTES, None, b"jiesuan lookup").derive(key)

    def seal(self, plain: bytes, owner: str) -> bytes:
        """Return bytes that this key alone opens, for this owner alone."""
        return _seal(self._cipher, plain, owner=owner)

    def open(self, sealed: bytes, owner: str) -> bytes:
        """Return what was sealed, or raise KeyRefused."""
        return _open(self._cipher, sealed, owner=owner)

    def digest(self, number: str) -> bytes:
        """Return the keyed digest that finds a certificate or a card."""
        said = "".join(number.split()).upper().encode()
        return hmac.new(self._lookup, said, hashlib.sha256).digest()


def _seal(cipher: AESGCM, plain: bytes, *, owner: str) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, plain, owner.encode())


def _open(cipher: AESGCM, sealed: bytes, *, owner: str) -> bytes:
    nonce, body = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        return cipher.decrypt(nonce, body, owner.encode())
    except InvalidTag:
        raise KeyRefused(OTHER_KEY) from None


def seal_person(master: MasterKey, plain: bytes, *, owner: str) -> tuple[bytes, bytes]:
    """Encrypt with a new key; return that key, wrapped, and what it encrypts."""
    key = secrets.token_bytes(KEY_BYTES)
    return master.seal(key, owner), _seal(AESGCM(key), plain, owner=owner)


def open_person(
    master: MasterKey, wrapped: bytes, *, sealed: bytes, owner: str
) -> bytes:
    """Return what was encrypted for a person."""
    return _open(AESGCM(master.open(wrapped, owner)), sealed, owner=owner)


def named_master(named: str) -> MasterKey:
    """Return the master key of a file, or that is given as Base64."""
    path = Path(named)
    return MasterKey(_of_text(path.read_text() if path.is_file() else named))


def kept_master(data: Path) -> MasterKey | None:
    """Return the data directory's own master key; None if it has none."""
    path = data / KEY_FILE
    return MasterKey(_of_text(path.read_text())) if path.exists() else None


def made_master(data: Path) -> MasterKey:
    """Make the data directory's master key: to be backed up apart from the database."""
    path = data / KEY_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}")
    part.touch(_OWNER_ONLY)
    part.write_bytes(base64.b64encode(secrets.token_bytes(KEY_BYTES)))
    # Two processes may be here at once: the first one's key is the key.
    try:
        os.link(part, path)
    except FileExistsError:
        pass
    finally:
        part.unlink()
    return MasterKey(_of_text(path.read_text()))


def _of_text(text: str) -> bytes:
    try:
        return base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise KeyRefused(
            "主密钥（JIESUAN_VAULT_KEY、JIESUAN_VAULT_OLD_KEY、--old-key）"
            "应为文件，或32字节的Base64"
        ) from None
