"""SQL has a name, a home and a why: statements are read from the `.sql` files."""

import re
from functools import cache
from importlib.resources import files
from typing import Final

_PACKAGE: Final = "jiesuan_services.gateway"
_NAME: Final = re.compile(r"^-- ([a-z_]+) --$", re.MULTILINE)


@cache
def script(folder: str, name: str) -> str:
    """Return a whole `.sql` file of one of the counter's rooms."""
    return (files(_PACKAGE) / folder / f"{name}.sql").read_text(encoding="utf-8")


@cache
def query(folder: str, file: str, *, name: str) -> str:
    """Return the statement of that name."""
    parts = _NAME.split(script(folder, file))
    statements = dict(zip(parts[1::2], parts[2::2], strict=True))
    return statements[name].strip()
