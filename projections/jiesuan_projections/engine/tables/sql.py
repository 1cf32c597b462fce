"""SQL has a name, a home and a why: statements are read from the `.sql` files here."""

import re
from functools import cache
from importlib.resources import files

_NAME = re.compile(r"^-- ([a-z_]+) --$", re.MULTILINE)


@cache
def tables(folder: str) -> str:
    """Give the DDL of one folder; running it twice changes nothing."""
    return _read(folder, "tables.sql")


@cache
def query(folder: str, name: str) -> str:
    """Give the statement of that name from a folder's `queries.sql`."""
    parts = _NAME.split(_read(folder, "queries.sql"))
    statements = dict(zip(parts[1::2], parts[2::2], strict=True))
    return statements[name].strip()


def _read(folder: str, name: str) -> str:
    return (
        files("jiesuan_projections.read_models")
        .joinpath(folder, name)
        .read_text(encoding="utf-8")
    )
