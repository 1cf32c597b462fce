"""`docs/reference/tables.md`: every table and view for analysts, column by column."""

from tools.reference import exists
from tools.reference.text import page, table


def render() -> str:
    """Return the page."""
    parts: list[str] = []
    for relation, columns in sorted(exists.relations().items()):
        zh, _, english = columns[""].partition(" · ")
        parts.append(f"## {relation}\n\n{zh} · {english}")
        rows = [
            (f"`{column}`", *comment.split(" · ", 1))
            for column, comment in columns.items()
            if column
        ]
        if rows:
            parts.append(table(("column", "中文", "English"), rows))
    return page(
        "Tables and views",
        "PostgreSQL schema `jiesuan`, role `jiesuan_reader`. Amounts are integer fen. "
        "The same sentences stand in the database (`\\d+ jiesuan.settlement`). "
        "What the tables are for: [for analysts](../guides/analysts.md).",
        *parts,
    )
