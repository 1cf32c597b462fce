"""`python -m tools.reference`: write what follows from the code; `--check` only looks.

It sets the marks of `docs/contracts.md`, shows the first day in the README, lists the
decisions and writes the pages of `docs/reference`.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
from tools.reference import decisions, first_day, marks
from tools.reference.pages import (
    commands,
    events,
    glossary,
    parameters,
    passages,
    refusals,
    tables,
)

from jiesuan_services.gateway.documents.files import documents

FOLDER: Final = "docs/reference"
PAGES: Final = {
    "commands": commands.render,
    "events": events.render,
    "glossary": glossary.render,
    "parameters": parameters.render,
    "passages": passages.render,
    "refusals": refusals.render,
    "tables": tables.render,
}
ROOT: Final = Path(__file__).parents[2]


def pages() -> Iterator[tuple[Path, str]]:
    """Return every page that follows from the code, with what it must say."""
    contract = marks.CONTRACT.read_text("utf-8")
    yield marks.CONTRACT, marks.corrected(contract)
    readme = first_day.README.read_text("utf-8")
    yield first_day.README, first_day.corrected(readme)
    yield decisions.FOLDER / "README.md", decisions.render()
    for name, render in PAGES.items():
        yield ROOT / FOLDER / f"{name}.md", render()
    for file, text in documents().items():
        yield ROOT / FOLDER / file, text


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a page is stale.")
def main(check: bool) -> None:
    """Write the reference pages and the marks of the contract."""
    stale: list[str] = []
    for path, wanted in pages():
        if path.is_file() and path.read_text("utf-8") == wanted:
            continue
        stale.append(str(path.relative_to(ROOT)))
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted, "utf-8")
    for name in stale:
        click.echo(f"{'stale' if check else 'written'}: {name}")
    sys.exit(1 if check and stale else 0)


if __name__ == "__main__":
    main()
