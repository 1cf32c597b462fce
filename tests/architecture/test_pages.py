"""The pages that people read: their links lead somewhere, no command is forgotten."""

import re
from pathlib import Path

import pytest

from jiesuan_services.cli import main

ROOT = Path(__file__).parent.parent.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(ROOT.glob("docs/**/*.md"))]
LINK = re.compile(r"\]\(([^)#:]+)(#[^)]*)?\)")
DECISION = re.compile(r"\d{4}-[a-z0-9-]+\.md")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page is a file or a folder."""
    for target, _ in LINK.findall(page.read_text("utf-8")):
        assert (page.parent / target).exists(), target


def test_the_readme_names_every_command() -> None:
    """Each command that `jiesuan --help` lists stands in the README's table."""
    lines = (ROOT / "README.md").read_text("utf-8").splitlines()
    rows = [line.split("|")[1] for line in lines if line.startswith("| `jiesuan")]
    named = {word for row in rows for word in re.findall("[a-z][a-z-]*", row)}
    assert {name for name, one in main.commands.items() if not one.hidden} <= named


def test_decisions_are_numbered_once() -> None:
    """Every decision has a number of its own and says it in its title."""
    names = sorted(path.name for path in (ROOT / "docs" / "decisions").glob("*.md"))
    assert len({name[:4] for name in names}) == len(names)
    for name in names:
        assert DECISION.fullmatch(name)
        title = (ROOT / "docs" / "decisions" / name).read_text("utf-8").splitlines()[0]
        assert title.startswith(f"# {name[:4]}. ")
