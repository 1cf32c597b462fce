"""The auditors' guide, run from its first command to its last."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.connected.guide import ROOT, Shell, commands, masked

GUIDE = ROOT / "docs" / "guides" / "auditors.md"
CLEAN_UP = "jiesuan down --data again; jiesuan down --data books"

pytestmark = pytest.mark.connected


@pytest.fixture
def shell() -> Iterator[Shell]:
    """A shell in a folder that PostgreSQL's user may pass."""
    with tempfile.TemporaryDirectory(prefix="jsn-") as folder:
        Path(folder).chmod(0o755)
        shell = Shell(Path(folder), path=Path(sys.executable).parent)
        try:
            yield shell
        finally:
            shell.run(CLEAN_UP)
            shell.close()


def test_every_command_prints_what_the_guide_shows(shell: Shell) -> None:
    """Each command, in one shell and in order, prints the output beside it; ids, keys,
    hashes, times and addresses are another each time.
    """
    for command in commands(GUIDE.read_text("utf-8")):
        assert masked(shell.run(command.text)) == masked(command.output), command.text
