"""The pages that people read, and how they are linked."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
LINK = re.compile(r"\]\(([^)#:\s]*)(?:#([^)\s]*))?\)")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


def pages() -> list[Path]:
    """List every page: README, changelog and what lies under docs/."""
    return [README, ROOT / "CHANGELOG.md", *sorted(ROOT.glob("docs/**/*.md"))]


def prose(page: Path) -> str:
    """Return what a page says outside its examples."""
    return FENCE.sub("", page.read_text("utf-8"))


def links(page: Path) -> Iterator[tuple[Path, str]]:
    """Return where a page links to within the repository: a file, an anchor."""
    for target, anchor in LINK.findall(prose(page)):
        yield (page.parent / target).resolve() if target else page, anchor


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page as its headings make them."""
    return {slug(heading) for heading in HEADING.findall(prose(page))}


def slug(heading: str) -> str:
    """Return the anchor of a heading, as hosts of repositories make it."""
    plain = re.sub(r"[`*]|\[|\]\([^)]*\)", "", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
