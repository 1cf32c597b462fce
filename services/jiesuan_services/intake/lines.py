"""The lines of a file of requests, in bounded memory however long one of them is."""

from collections.abc import Iterator
from typing import IO, Final

from jiesuan_services.intake.read import MAX_LINE_BYTES

WHITE_SPACE: Final = " \t\r\n"
"""What a line may hold and be blank: JSON's own, no other alphabet's."""


def lines_of(file: IO[bytes]) -> Iterator[bytes]:
    """Read the lines of a file; of one that is longer than is read, no more than that.

    What is left of such a line is passed over, but for the first sign that it is not
    blank.
    """
    white = WHITE_SPACE.encode()
    while line := file.readline(MAX_LINE_BYTES + 1):
        part = line
        while len(part) > MAX_LINE_BYTES and not part.endswith(b"\n"):
            part = file.readline(MAX_LINE_BYTES + 1)
            if not line.strip(white):
                line += part.strip(white)[:1]
        yield line
