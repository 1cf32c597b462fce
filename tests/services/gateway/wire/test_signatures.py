"""Who signed: the gateway's HMAC headers, and SM2 with SM3 over SM4."""

import base64
from datetime import timedelta
from string import ascii_letters, digits

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from gmssl_pyx import sm2_key_generate, sm2_sign

from jiesuan_services.gateway.faults import NotAllowed, NotRead
from jiesuan_services.gateway.wire.signature import (
    SIGNATURE,
    WINDOW,
    check_signature,
    signature_of,
)
from jiesuan_services.gateway.wire.sm import (
    check_signed,
    decrypt,
    encrypt,
    is_cipher,
    read_public_key,
)
from jiesuan_services.gateway.wire.values import read_moment

NOW = read_moment("2022-03-01 09:00:00")
CLIENT = "0123456789abcdef"
BASE64 = f"{ascii_letters}{digits}+/"
HEADERS = {
    "_api_name": "fixed-service-name",
    "_api_version": "1.0.0",
    "_api_timestamp": "1646096400000",
    "_api_access_key": "AK",
}


def signed(secret: bytes = b"SK", **changed: str) -> dict[str, str]:
    """Sign the headers."""
    headers = {**HEADERS, **changed}
    return {**headers, SIGNATURE: signature_of(secret, headers)}


def test_the_signature_is_the_documented_one() -> None:
    """HMAC-SHA1 over the four names in order, as computed with `openssl dgst`."""
    assert signature_of(b"SK", HEADERS) == "P3FDwzgkcHwDIQ7ENwUlKVYADfQ="


def test_a_good_signature_passes() -> None:
    """The secret's own signature passes, in milliseconds, seconds or as a date."""
    for stamp in ("1646096400000", "1646096400", "20220301090000"):
        check_signature(signed(_api_timestamp=stamp), b"SK", now=NOW)


@pytest.mark.parametrize(
    "headers",
    [
        signed(b"other"),
        {**signed(), "_api_version": "2"},
        {**HEADERS},
        {**signed(), SIGNATURE: ""},
        {**signed(), SIGNATURE: "签名"},
        signed(_api_timestamp="yesterday"),
    ],
)
def test_another_s_signature_does_not(headers: dict[str, str]) -> None:
    """Another secret, another header, none: refused with what to do."""
    with pytest.raises(NotAllowed, match="请"):
        check_signature(headers, b"SK", now=NOW)


def test_a_stale_signature_does_not_pass() -> None:
    """A signature is good for a day before and after it was made."""
    check_signature(signed(), b"SK", now=NOW + WINDOW)
    for off in (WINDOW + timedelta(seconds=1), -WINDOW - timedelta(seconds=1)):
        with pytest.raises(NotAllowed, match="时间戳"):
            check_signature(signed(), b"SK", now=NOW + off)


def test_sm4_is_the_standard_s() -> None:
    """GB/T 32907's own example comes out of the cipher that is used."""
    block = bytes.fromhex("0123456789abcdeffedcba9876543210")
    cipher = Cipher(algorithms.SM4(block), modes.ECB()).encryptor()
    assert cipher.update(block).hex() == "681edf34d206965e86b3e94f536e4246"


def test_what_is_encrypted_is_decrypted() -> None:
    """Texts of every length come back; white space in Base64 says nothing."""
    for size in range(40):
        text = b"x" * size
        assert decrypt(encrypt(text, CLIENT) + "\n", CLIENT) == text


@pytest.mark.parametrize("said", ["", "?", "AAAA", "A" * 24, "{}"])
def test_what_cannot_be_decrypted_is_refused(said: str) -> None:
    """What is no ciphertext of this client is refused in words."""
    with pytest.raises(NotRead, match="国密密钥"):
        decrypt(said, CLIENT)


def test_no_first_letter_makes_ciphertext_plain() -> None:
    """Whatever letter Base64 begins with, it is told from the texts of JSON."""
    letters = set()
    for number in range(1000):
        said = encrypt(b'{"data":{"acct_used_flag":"1"}}', f"jiesuan-clnt{number:04}")
        letters.add(said[0])
        assert is_cipher(said)
        assert is_cipher(f"\n{said}")
    assert letters == set(BASE64)
    for text in ("", " ", "null", " null\n", '{"data":{}}', "[]", " [{}]"):
        assert not is_cipher(text)
    assert not is_cipher({"data": {}})


def test_a_client_without_a_key_cannot_encrypt() -> None:
    """The key is the client's id: of another length it is none."""
    with pytest.raises(NotRead, match="16个字符"):
        decrypt("AAAA", "short")


def raw_signature(public: bytes, private: bytes, text: bytes) -> str:
    """Sign as the client does: r‖s in Base64."""
    r, s = decode_dss_signature(sm2_sign(private, public, text))
    return base64.b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).decode()


def test_sm2_signatures_are_told_apart() -> None:
    """The key's signature over the text passes; any other text, key or form not."""
    public, private = sm2_key_generate()
    good = raw_signature(public, private, b'{"data":{}}')
    assert len(good) == 88
    check_signed(b'{"data":{}}', good, public_key=public)
    other, _ = sm2_key_generate()
    for text, cainfo, key in (
        (b'{"data":{} }', good, public),
        (b'{"data":{}}', good, other),
        (b'{"data":{}}', None, public),
        (b'{"data":{}}', "A" * 88, public),
        (b'{"data":{}}', "签名", public),
    ):
        with pytest.raises(NotAllowed, match="SM2签名"):
            check_signed(text, cainfo, public_key=key)


def test_public_keys_are_read_in_every_form() -> None:
    """Hex with and without 04, Base64 and PEM name the same key."""
    public, _ = sm2_key_generate()
    point = b"\x04" + public
    prefix = "3059301306072a8648ce3d020106082a811ccf5501822d034200"
    info = bytes.fromhex(prefix) + point
    pem = f"-----BEGIN PUBLIC KEY-----\n{base64.b64encode(info).decode()}\n-----END"
    for text in (
        public.hex(),
        point.hex().upper(),
        base64.b64encode(public).decode() + "\n",
        base64.b64encode(point).decode(),
        pem,
    ):
        assert read_public_key(text) == public


@pytest.mark.parametrize("text", ["", "abc", "00" * 64, "密钥"])
def test_what_is_no_public_key_is_refused(text: str) -> None:
    """A point off the curve or no point at all is no key."""
    with pytest.raises(ValueError, match="不是SM2公钥"):
        read_public_key(text)
