"""`docs/decisions/README.md`: the list of decisions, by number."""

from typing import Final

from tools.reference.exists import ROOT

FOLDER: Final = ROOT / "docs" / "decisions"
HEAD: Final = """# Decisions

Each says what was decided, why, what follows and what it costs. A new one takes the
next number and says the same four things; one that no longer holds says by which it was
replaced.

"""


def render() -> str:
    """Return the page."""
    titles = [
        (path.name, path.read_text("utf-8").partition("\n")[0].removeprefix("# "))
        for path in sorted(FOLDER.glob("[0-9]*.md"))
    ]
    return HEAD + "".join(f"- [{title}]({name})\n" for name, title in titles)
