"""What docs/ says of the code is what the code says."""

from pathlib import Path

import pytest
from tools.reference.__main__ import pages
from tools.reference.exists import ROOT
from tools.reference.pages import refusals

from jiesuan_events.words.codes import RefusalCode

PAGES = dict(pages())


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_page_is_stale(path: Path) -> None:
    """Each generated page is what `make docs` would write now."""
    assert path.read_text("utf-8") == PAGES[path], "run make docs"


def test_no_page_is_left_over() -> None:
    """docs/reference holds generated pages alone."""
    assert set((ROOT / "docs" / "reference").iterdir()) <= set(PAGES)


def test_every_refusal_code_has_an_example() -> None:
    """Each code is given to some line of examples/refusals.jsonl, or cannot be."""
    said = set(refusals.examples())
    lacking = {code.value for code in RefusalCode} - said - set(refusals.WITHOUT)
    assert said.isdisjoint(refusals.WITHOUT)
    assert lacking == set(), "add a line to examples/refusals.jsonl, then make docs"
