"""The comments of tables and columns, written once: in the DDL, beside what they say.

A line ``-- 中文 · english`` above a table, view or column becomes its comment in the
database. A view that selects ``s.*`` takes over the comments of the table it selects.
"""

import re
from collections.abc import Iterator
from typing import Final

_COMMENT: Final = re.compile(r"\s*-- (.+ · .+)$")
_TABLE: Final = re.compile(r"^CREATE TABLE IF NOT EXISTS (\w+) \($")
_VIEW: Final = re.compile(r"^CREATE OR REPLACE VIEW (\w+) AS$")
_COLUMN: Final = re.compile(r'  ("?\w+"?)\s+\S')
_SELECTED: Final = re.compile(r'(?:.*\bAS |.*\.)?("?\w+"?),?$')
_ALL_OF: Final = re.compile(r"(?:SELECT )?\w+\.\*\s*")
_FROM: Final = re.compile(r"FROM (\w+)\b")


def with_comments(ddl: str) -> str:
    """Return DDL followed by the statements that comment what it creates."""
    return f"{ddl.rstrip()}\n" + "".join(f"{one}\n" for one in _statements(ddl))


def _statements(ddl: str) -> Iterator[str]:
    columns: dict[str, dict[str, str]] = {}
    kind, name, said = "", "", ""
    takes_all = False
    for line in ddl.splitlines():
        comment = _COMMENT.match(line)
        opened = _TABLE.match(line) or _VIEW.match(line)
        if comment:
            said = comment.group(1)
            continue
        if opened:
            kind, name = ("TABLE" if "TABLE" in line else "VIEW"), opened.group(1)
            columns[name], takes_all = {}, False
            yield f"COMMENT ON {kind} {name} IS {_quoted(said)};"
        elif kind == "VIEW" and _ALL_OF.fullmatch(line):
            takes_all = True
        elif takes_all and (source := _FROM.match(line)):
            columns[name] = dict(columns[source.group(1)])
            takes_all = False
        elif name and said:
            found = _COLUMN.match(line) if kind == "TABLE" else _SELECTED.match(line)
            assert found is not None, f"a comment above no column: {line!r}"
            columns[name][found.group(1)] = said
        said = ""
        if name and line.rstrip().endswith(";"):
            for column, text in columns[name].items():
                yield f"COMMENT ON COLUMN {name}.{column} IS {_quoted(text)};"
            kind, name = "", ""


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
