"""The reasons of a fork have the names of the enum, wherever they are listed."""

import re

import pytest
from tests.docs.pages import ROOT

from jiesuan_ledger.reader import ForkReason

LISTS = {
    "projections/jiesuan_projections/read_models/fork/tables.sql": "原因：([^·]*)",
    "docs/concepts.md": r"\*\*Fork\.\*\*(.*?)\n\n",
    "docs/guides/analysts.md": r"Reasons in `fork`:([^.]*)\.",
}
"""Where the reasons are listed, and what of the file is the list."""
NAME = re.compile("[a-z]+(?:-[a-z]+)+")


@pytest.mark.parametrize("file", LISTS)
def test_every_reason_is_listed(file: str) -> None:
    """A list of the reasons of a fork has each that a reader gives, and no other."""
    text = (ROOT / file).read_text("utf-8")
    found = re.search(LISTS[file], text, re.DOTALL)
    assert found is not None, "the list has moved"
    assert set(NAME.findall(found[1])) == {reason.value for reason in ForkReason}
