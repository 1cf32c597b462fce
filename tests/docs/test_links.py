"""Pages that people find: every link leads somewhere, every page has a way to it."""

import re
from pathlib import Path

import pytest
from tests.architecture.test_imports import MAY_IMPORT, OURS
from tests.docs.pages import README, ROOT, anchors, links, pages, slug

from jiesuan_services.cli import main

PAGES = pages()
DECISION = re.compile(r"\d{4}-[a-z0-9-]+\.md")


def name(page: Path) -> str:
    """Return the path of a page from the root."""
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page is a file or a folder, its anchor a heading."""
    for target, anchor in links(page):
        assert target.exists(), target
        assert not anchor or anchor in anchors(target), f"{target}#{anchor}"


def test_every_page_is_reached_from_the_readme() -> None:
    """Whoever follows links from the README comes to every page."""
    seen: set[Path] = set()
    waiting = [README]
    while waiting:
        page = waiting.pop()
        if page in seen:
            continue
        seen.add(page)
        waiting += [to for to, _ in links(page) if to.suffix == ".md"]
    assert {name(page) for page in PAGES if page not in seen} == set()


def test_the_readme_names_every_command() -> None:
    """Each command that `jiesuan --help` lists stands in the README."""
    said = README.read_text("utf-8")
    named = set(re.findall(r"`jiesuan ([a-z-]+)", said))
    for row in re.findall(r"^\| `jiesuan .*?\|", said, re.MULTILINE):
        named |= set(re.findall("[a-z-]+", row))
    missing = {one for one, command in main.commands.items() if not command.hidden}
    assert missing - named == set()


def test_the_architecture_page_says_who_may_import_whom() -> None:
    """Its table allows what the tests of the architecture allow, package by package."""
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    _, _, below = page.partition("## Who may import whom")
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \|", below, re.MULTILINE)
    said = {package: set(re.findall(r"`(\w+)`", cell)) for package, cell in rows}
    assert said.keys() == OURS
    assert {name: said[name] for name in MAY_IMPORT} == MAY_IMPORT


def test_decisions_are_numbered_once() -> None:
    """Every decision has a number of its own and says it in its title."""
    folder = ROOT / "docs" / "decisions"
    records = sorted(page for page in folder.glob("*.md") if page.name != "README.md")
    assert len({page.name[:4] for page in records}) == len(records)
    for page in records:
        assert DECISION.fullmatch(page.name)
        title = page.read_text("utf-8").splitlines()[0]
        assert title.startswith(f"# {page.name[:4]}. ")


def test_anchors_are_made_as_hosts_make_them() -> None:
    """Marks of code are dropped, spaces become hyphens, dots vanish."""
    assert slug("## `jiesuan.gap-refund.v1` 隔笔退费".removeprefix("## ")) == (
        "jiesuangap-refundv1-隔笔退费"
    )
