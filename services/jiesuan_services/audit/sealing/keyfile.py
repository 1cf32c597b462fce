"""The key that seals: a file that its owner alone may read, and never exported."""

import os
import secrets
import tempfile
from pathlib import Path
from typing import Final

from jiesuan_services.audit.tree.notes.keys import (
    NOTE,
    SignerKey,
    is_key_name,
    read_signer_key,
)
from jiesuan_services.audit.tree.text import HASH_BYTES, FormatError

KEY_FILE: Final = "seal.key"


class SealRefused(RuntimeError):
    """Something that cannot be sealed or proven: why, and what to do."""


def create_key(file: Path, origin: str) -> SignerKey:
    """Make a key of the origin's name; a file that is there is never replaced."""
    if not is_key_name(origin):
        raise SealRefused(f"账本来源“{origin}”不能含空格或加号，请改 JIESUAN_ORIGIN")
    key = SignerKey(origin, NOTE, secrets.token_bytes(HASH_BYTES))
    file.parent.mkdir(parents=True, exist_ok=True)
    writing, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        # mkstemp makes what its owner alone may read; a link appears whole or not.
        with os.fdopen(writing, "w") as opened:
            opened.write(f"{key.text}\n")
            opened.flush()
            os.fsync(opened.fileno())
        os.link(name, file)
    finally:
        os.unlink(name)
    return key


def load_key(file: Path) -> SignerKey | None:
    """Return the key of a file, or None where there is no file."""
    try:
        text = file.read_text("ascii")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as wrong:
        raise SealRefused(f"封存密钥文件 {file} 无法读取，请检查权限与内容") from wrong
    try:
        return read_signer_key(text.removesuffix("\n"))
    except FormatError as wrong:
        raise SealRefused(f"封存密钥文件 {file} 有误：{wrong}") from wrong
