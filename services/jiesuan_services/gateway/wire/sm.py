"""SM mode: `input` and `output` in SM4-ECB, `cainfo` an SM2 signature with SM3.

The mode is fixed by clients in the field; ECB and a key that is the client's id are
theirs. It hides nothing from who knows the id: transport security does that.
"""

import base64
import binascii
import re
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7
from gmssl_pyx import (
    GmsslInnerError,
    InvalidValueError,
    normalize_sm2_public_key,
    sm2_verify,
)

from jiesuan_services.gateway.faults import NotAllowed, NotRead

KEY_BYTES: Final = 16
_BLOCK_BITS: Final = 128
_SIGNATURE_BYTES: Final = 64
_POINT_BYTES: Final = 64
_HEX: Final = re.compile(r"(04)?[0-9A-Fa-f]{128}")
_PEM: Final = re.compile(r"-----BEGIN PUBLIC KEY-----(.+?)-----END", re.DOTALL)

NO_KEY: Final = "本机构的客户端编号不是16个字符，不能使用国密加密，请联系经办机构。"
NOT_DECRYPTED: Final = "input无法用本机构的国密密钥解密，请检查客户端编号和加密方法。"
NOT_SIGNED: Final = "报文的SM2签名不一致，请检查私钥和签名原文后重新发送。"
NOT_ENCRYPTED: Final = (
    "本机构按国密方式登记，收到的input未加密，请用SM4加密并附SM2签名后重新发送。"
)
NO_LONG_KEY: Final = "登记SM2公钥的机构，其编号即SM4密钥，应为16个字节"
NOT_A_KEY: Final = "不是SM2公钥：应为128位十六进制、64字节的Base64，或PEM文件"


def _cipher(client_id: str) -> "Cipher[modes.ECB]":
    key = client_id.encode()
    if len(key) != KEY_BYTES:
        raise NotRead(NO_KEY)
    return Cipher(algorithms.SM4(key), modes.ECB())


def is_cipher(said: Any) -> bool:
    """Whether `input` is encrypted: text that is no JSON, whatever `enc_type` says."""
    if not isinstance(said, str):
        return False
    # Base64 knows no bracket, but any letter may come first: `null` counts whole.
    text = said.strip()
    return text not in ("", "null") and text[0] not in "{["


def encrypt(body: bytes, client_id: str) -> str:
    """Return a reply's output as the client decrypts it."""
    padder = PKCS7(_BLOCK_BITS).padder()
    padded = padder.update(body) + padder.finalize()
    encryptor = _cipher(client_id).encryptor()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()


def decrypt(said: str, client_id: str) -> bytes:
    """Return the text of `input` that a client encrypted."""
    cipher = _cipher(client_id)
    try:
        raw = base64.b64decode("".join(said.split()), validate=True)
        decryptor = cipher.decryptor()
        padded = decryptor.update(raw) + decryptor.finalize()
        unpadder = PKCS7(_BLOCK_BITS).unpadder()
        return unpadder.update(padded) + unpadder.finalize()
    except (binascii.Error, ValueError):
        raise NotRead(NOT_DECRYPTED) from None


def check_signed(text: bytes, cainfo: str | None, *, public_key: bytes) -> None:
    """Raise NotAllowed unless `cainfo` is r‖s in Base64 over the text."""
    try:
        raw = base64.b64decode(cainfo or "", validate=True)
    except (binascii.Error, ValueError):
        raise NotAllowed(NOT_SIGNED) from None
    if len(raw) != _SIGNATURE_BYTES:
        raise NotAllowed(NOT_SIGNED)
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    try:
        good = sm2_verify(public_key, text, encode_dss_signature(r, s))
    except (GmsslInnerError, InvalidValueError, ValueError):
        good = False
    if not good:
        raise NotAllowed(NOT_SIGNED)


def read_public_key(text: str) -> bytes:
    """Return an SM2 public key, 64 bytes, from hex, Base64 or PEM; else ValueError."""
    found = _PEM.search(text)
    body = "".join((found[1] if found else text).split())
    try:
        raw = bytes.fromhex(body) if _HEX.fullmatch(body) else base64.b64decode(body)
    except (binascii.Error, ValueError):
        raise ValueError(NOT_A_KEY) from None
    if found is not None and len(raw) > _POINT_BYTES:
        # SubjectPublicKeyInfo ends in the point; what stands before names the curve.
        raw = raw[-_POINT_BYTES - 1 :]
    try:
        return bytes(normalize_sm2_public_key(raw))
    except InvalidValueError:
        raise ValueError(NOT_A_KEY) from None
