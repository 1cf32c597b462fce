"""Markdown, written in one way."""

from collections.abc import Iterable, Sequence
from typing import Final

NOTICE: Final = (
    "<!-- Written by `make docs` from the code; a test holds the two together. -->"
)


def page(title: str, *parts: str) -> str:
    """Return a page: its title, that it is generated, its parts."""
    return "\n\n".join((f"# {title}", NOTICE, *(part.strip() for part in parts))) + "\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; a bar within a cell is written so that it stays in its cell."""
    lines = [_row(heads), "|" + "---|" * len(heads), *map(_row, rows)]
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
