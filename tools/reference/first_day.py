"""The block of the README that shows what `jiesuan try --explain` prints."""

from typing import Final

from click.testing import CliRunner
from tools.reference.exists import ROOT

from jiesuan_services.cli import main

README: Final = ROOT / "README.md"
EXAMPLE: Final = ROOT / "examples" / "first-day.jsonl"
OPENED: Final = "```text\n"
CLOSED: Final = "```\n"


def corrected(page: str) -> str:
    """Return the README with the example's output as it is printed now."""
    before, opened, rest = page.partition(OPENED)
    assert opened, "README.md shows the first day in its first block of text"
    _, _, after = rest.partition(CLOSED)
    return f"{before}{OPENED}{printed()}{CLOSED}{after}"


def printed() -> str:
    """Return what the command prints of the example."""
    asked = EXAMPLE.read_bytes()
    shown = CliRunner().invoke(main, ["try", "--explain"], input=asked)
    assert shown.exit_code == 0, shown.output
    return shown.output
