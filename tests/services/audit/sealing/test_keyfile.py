"""The file of the key that seals."""

import stat
from pathlib import Path

import pytest

from jiesuan_services.audit.sealing.keyfile import SealRefused, create_key, load_key

ORIGIN = "jiesuan.invalid/0123456789abcdef0123456789abcdef"


def test_a_key_is_its_owner_s_alone(tmp_path: Path) -> None:
    """A new key is named as the log, lies under mode 0600, and reads as itself."""
    file = tmp_path / "data" / "seal.key"
    key = create_key(file, ORIGIN)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert load_key(file) == key
    assert key.name == ORIGIN


def test_two_keys_are_not_the_same(tmp_path: Path) -> None:
    """Chance makes each key."""
    one, other = (create_key(tmp_path / name, ORIGIN) for name in ("a", "b"))
    assert one.verifier.id != other.verifier.id


def test_a_key_is_never_replaced(tmp_path: Path) -> None:
    """Where a file lies, no key is made."""
    key = create_key(tmp_path / "seal.key", ORIGIN)
    with pytest.raises(FileExistsError):
        create_key(tmp_path / "seal.key", ORIGIN)
    assert load_key(tmp_path / "seal.key") == key


def test_an_origin_that_cannot_name_a_key_is_refused(tmp_path: Path) -> None:
    """A space in JIESUAN_ORIGIN is refused before a key is made."""
    with pytest.raises(SealRefused, match="JIESUAN_ORIGIN"):
        create_key(tmp_path / "seal.key", "a b")
    assert load_key(tmp_path / "seal.key") is None


@pytest.mark.parametrize("text", ["", "PRIVATE+KEY+a+b+c", "\x80", "x\n"])
def test_a_broken_file_is_named(tmp_path: Path, text: str) -> None:
    """A file that holds no key is refused by its name, without its content."""
    file = tmp_path / "seal.key"
    file.write_text(text, "latin-1")
    with pytest.raises(SealRefused, match=str(file)):
        load_key(file)
