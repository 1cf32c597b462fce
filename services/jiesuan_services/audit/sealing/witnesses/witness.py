"""A witness asked over HTTP, as C2SP tlog-witness says: prove growth, get a signature.

Whoever shows one tree to one and another to another cannot get both of them signed.
"""

import asyncio
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from jiesuan_services.audit.sealing.keyfile import SealRefused
from jiesuan_services.audit.tree.notes.cosignature import cosigned_at
from jiesuan_services.audit.tree.notes.keys import (
    COSIGNATURE,
    VerifierKey,
    read_verifier_key,
)
from jiesuan_services.audit.tree.text import (
    FormatError,
    base64_text,
    read_decimal,
)

TIMEOUT_SECONDS: Final = 10.0
MOST_BYTES: Final = 64 * 1024
CONFLICT: Final = 409
"""The witness knows another size than was said; its answer says which."""
TRIES: Final = 2
Prove = Callable[[int], Sequence[bytes]]
"""Proves that the tree grew out of one of a size."""


class Witness(Struct, frozen=True):
    """A second signer: the key that it is known by, and where it is asked."""

    key: VerifierKey
    url: str

    async def cosign(self, note: str, *, since: int, prove: Prove) -> str:
        """Return a checkpoint with this witness's line added, or refuse to seal."""
        size = since
        for _ in range(TRIES):
            body = _request(note, size, proof=prove(size))
            status, answer = await asyncio.to_thread(self._post, body)
            if status != CONFLICT:
                return self._cosigned(note, status, answer=answer)
            size = self._known(answer)
        raise self._refused("反复说账本大小与所知不符")

    def _post(self, body: bytes) -> tuple[int, bytes]:
        request = urllib.request.Request(
            f"{self.url}/add-checkpoint", data=body, method="POST"
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:
                return response.status, response.read(MOST_BYTES)
        except urllib.error.HTTPError as error:
            return error.code, error.read(MOST_BYTES)
        except OSError as away:
            raise self._refused("没有回应") from away

    def _known(self, answer: bytes) -> int:
        try:
            return read_decimal(answer.decode().removesuffix("\n"))
        except (FormatError, UnicodeDecodeError) as wrong:
            raise self._refused("回应无法识别") from wrong

    def _cosigned(self, note: str, status: int, *, answer: bytes) -> str:
        if status != 200:
            raise self._refused(f"拒绝签署（HTTP {status}）")
        try:
            lines = answer.decode().splitlines(keepends=True)
            ours = [line for line in lines if line.startswith(f"— {self.key.name} ")]
            cosigned = note + "".join(ours)
            cosigned_at(cosigned, self.key)
        except (FormatError, UnicodeDecodeError) as wrong:
            raise self._refused(f"的签名无效：{wrong}") from wrong
        return cosigned

    def _refused(self, why: str) -> SealRefused:
        return SealRefused(
            f"见证 {self.key.name}（{self.url}）{why}：没有它的联署不能封存，"
            "请检查见证服务，或更改 JIESUAN_WITNESSES"
        )


def _request(note: str, size: int, *, proof: Sequence[bytes]) -> bytes:
    lines = "".join(f"{base64_text(one)}\n" for one in proof)
    return f"old {size}\n{lines}\n{note}".encode()


def read_witnesses(file: Path | None) -> list[Witness]:
    """Return the witnesses that a file names, a line each: verifier key, space, URL."""
    if file is None:
        return []
    try:
        lines = file.read_text("utf-8").splitlines()
        return [_witness(line) for line in lines if line.strip()]
    except (OSError, UnicodeDecodeError, FormatError) as wrong:
        raise SealRefused(
            f"JIESUAN_WITNESSES 指明的文件 {file} 有误：{wrong}；"
            "每行应为“见证公钥 网址”"
        ) from wrong


def _witness(line: str) -> Witness:
    text, _, url = line.strip().partition(" ")
    key = read_verifier_key(text)
    if key.type != COSIGNATURE or not url.startswith(("http://", "https://")):
        raise FormatError(f"“{line[:60]}”不是见证公钥和网址")
    return Witness(key, url.rstrip("/"))
