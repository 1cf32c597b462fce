"""What `person`, `clearing` and `rebuild` share: the database, JSON, tables."""

import codecs
import json
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime
from decimal import Decimal
from io import TextIOWrapper
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, TypeVar

import click

from jiesuan_events.words.instants import BEIJING, moment
from jiesuan_services.cli.options import settings_from
from jiesuan_services.runtime.bootstrap import Misconfigured

if TYPE_CHECKING:
    from jiesuan_embedded import Servers

WIDE: Final = 1_000
"""Columns of what is no terminal: nothing has to be folded there."""
TIMES: Final = ("at", "happened_at", "recorded_at")

T = TypeVar("T")
Row = Mapping[str, Any]


def servers_of(data: Path | None) -> "Servers":
    """Say where the servers of a data directory, or of the environment, are."""
    from jiesuan_services.supervisor.stack import Stack

    return Stack(settings_from(data), 1).servers()


async def ask(dsn: str, question: Callable[[Any], Awaitable[T]]) -> T:
    """Ask the read models, or say in one line why they cannot be reached."""
    from jiesuan_projections import connect

    try:
        connection = await connect(dsn)
    except OSError as down:
        raise Misconfigured("连不上PostgreSQL：请用jiesuan up启动") from down
    try:
        return await question(connection)
    finally:
        await connection.close()


def write_in_utf8(*streams: Any) -> None:
    """Let streams take any character, whatever the locale or PYTHONIOENCODING says."""
    for stream in streams:
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8")


def is_ascii(stream: Any) -> bool:
    """Whether a stream takes ASCII alone: it takes no Chinese."""
    return codecs.lookup(getattr(stream, "encoding", None) or "utf-8").name == "ascii"


@contextmanager
def whole(path: Path) -> Iterator[IO[bytes]]:
    """Open a file to be written: whoever reads meets the whole of it or none.

    What is no file of its own, as a pipe, is written to as it is.
    """
    if path.exists() and not path.is_file():
        with path.open("wb") as file:
            yield file
        return
    place = path.resolve()
    new = place.with_name(f".{place.name}.new")
    try:
        with new.open("wb") as file:
            yield file
            file.close()
            new.replace(place)
    except BaseException as wrong:
        _take_away(new)
        if isinstance(wrong, OSError) and wrong.filename in (None, str(new)):
            wrong.filename = str(path)
        raise


def _take_away(new: Path) -> None:
    with suppress(OSError):
        new.unlink()


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file: whoever reads meets the whole of it or none."""
    with whole(path) as file:
        file.write(content.encode() if isinstance(content, str) else content)


def print_json(value: Any) -> None:
    """Print for a program: one JSON object."""
    click.echo(json.dumps(value, ensure_ascii=False, default=_plain))


def _plain(value: Any) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    assert isinstance(value, Decimal), f"no column is a {type(value).__name__}"
    return str(value)


def yuan(fen: int) -> str:
    """Write fen as yuan for people: 123456 becomes 1,234.56."""
    whole, cents = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{whole:,}.{cents:02}"


def print_table(
    title: str, columns: Sequence[tuple[str, str]], *, rows: Sequence[Row]
) -> None:
    """Print rows for a person: (wire name, heading); amounts in yuan, to the right.

    Nothing is cut off: what a terminal has no room for is folded.
    """
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    for name, heading in columns:
        is_number = name.endswith(("_fen", "_cnt"))
        table.add_column(
            heading, justify="right" if is_number else "left", overflow="fold"
        )
    for row in rows:
        table.add_row(*(_cell(name, row[name]) for name, _ in columns))
    width = None if sys.stdout.isatty() else WIDE
    Console(width=width).print(table if rows else f"{title}: 无")


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if name in TIMES:
        return beijing(value)
    return yuan(value) if name.endswith("_fen") else str(value)


def beijing(at: datetime | str) -> str:
    """Write an instant for people: Beijing time, to the second."""
    try:
        whole = moment(at) if isinstance(at, str) else at
    except ValueError:
        # Damaged in the log: shown as it stands there.
        return str(at)
    return f"{whole.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"
