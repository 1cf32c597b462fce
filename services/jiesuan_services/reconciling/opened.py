"""The detail file, bare or the one member of a ZIP, as numbered lines of bytes."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final

from jiesuan_services.reconciling.lines import FileFault

MAX_BYTES: Final = 512 * 2**20
"""Of the text as it is read, whatever a ZIP promises."""
MAX_LINE: Final = 2_000
"""Seven columns hold far less."""
_ZIP: Final = b"PK"
_BOM: Final = b"\xef\xbb\xbf"
_CHUNK: Final = 2**20
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
)


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """Open the text of a file; what a ZIP holds is unpacked to where nobody sees it."""
    with path.open("rb") as file:
        is_zip = file.read(2) == _ZIP
        file.seek(0)
        if not is_zip:
            if path.stat().st_size > MAX_BYTES:
                raise FileFault("文件超过512 MiB，请分段对账")
            yield file
            return
        with TemporaryFile() as text:
            try:
                _unpack(file, text)
            except _BROKEN:
                raise FileFault("压缩包已损坏或加密，请重新压缩") from None
            text.seek(0)
            yield text


def _unpack(file: IO[bytes], text: IO[bytes]) -> None:
    with zipfile.ZipFile(file) as packed:
        members = packed.infolist()
        if len(members) != 1:
            raise FileFault(f"压缩包应只含一个文件，实含{len(members)}个")
        name = members[0].orig_filename
        if (
            not name.endswith(".txt")
            or any(c in name for c in "/\\:\0")
            or name[0] == "."
        ):
            raise FileFault("压缩包内的文件名应为不含路径的.txt文件名")
        with packed.open(members[0]) as source:
            _copy(source, text)


def _copy(source: IO[bytes], text: IO[bytes]) -> None:
    read = 0
    while chunk := source.read(_CHUNK):
        read += len(chunk)
        if read > MAX_BYTES:
            raise FileFault("压缩包内的文件超过512 MiB，请分段对账")
        text.write(chunk)


def numbered(text: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Return the lines with their numbers, without BOM and ends; from the start."""
    text.seek(0)
    if text.read(len(_BOM)) != _BOM:
        text.seek(0)
    number = 0
    while line := text.readline(MAX_LINE):
        number += 1
        if line.endswith(b"\n"):
            line = line[:-2] if line.endswith(b"\r\n") else line[:-1]
        elif len(line) == MAX_LINE:
            raise FileFault(f"第{number}行：过长")
        yield number, line
