"""SQL has a name, a home and a why: statements are read from the `.sql` files here."""

import re
from functools import cache
from importlib.resources import files

from jiesuan_projections.engine.tables.comments import with_comments

_NAME = re.compile(r"^-- ([a-z_]+) --$", re.MULTILINE)


@cache
def tables(folder: str) -> str:
    """Return the DDL of one folder; running it twice changes nothing."""
    return with_comments(_read(folder, "tables.sql"))


@cache
def query(folder: str, name: str) -> str:
    """Return the statement of that name from a folder's `queries.sql`."""
    return _named(_read(folder, "queries.sql"))[name]


def engine(name: str, **identifiers: str) -> str:
    """Return a statement of the engine, its identifiers quoted."""
    text = _named(files(__package__).joinpath("engine.sql").read_text("utf-8"))[name]
    quoted = {
        word: '"' + identifier.replace('"', '""') + '"'
        for word, identifier in identifiers.items()
    }
    return text.format_map(quoted) if quoted else text


@cache
def _named(text: str) -> dict[str, str]:
    parts = _NAME.split(text)
    pairs = zip(parts[1::2], parts[2::2], strict=True)
    return {name: statement.strip() for name, statement in pairs}


def _read(folder: str, name: str) -> str:
    return (
        files("jiesuan_projections.read_models")
        .joinpath(folder, name)
        .read_text(encoding="utf-8")
    )
