"""`jiesuan gateway pause`: what is announced reaches every sender whole."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from jiesuan_services.cli import main
from jiesuan_services.gateway.counter import MOST_PAUSE, PAUSED
from jiesuan_services.gateway.faults import fitted

UNTIL = "2099-01-01T08:00:00+08:00"


def announce(message: str, data: Path) -> Result:
    """Announce something where no server is."""
    command = ["gateway", "pause", "--until", UNTIL, "--message", message]
    return CliRunner().invoke(main, [*command, "--data", str(data / "none")])


@pytest.mark.parametrize("more", [1, 1_000])
def test_a_sentence_that_would_lose_its_time_is_refused(
    tmp_path: Path, more: int
) -> None:
    """The command says how long it may be, and announces nothing."""
    said = announce("停" * (MOST_PAUSE + more), tmp_path)
    assert said.exit_code == 2
    assert f"--message最多{MOST_PAUSE}字" in said.output


def test_the_longest_sentence_is_told_with_its_time(tmp_path: Path) -> None:
    """It is not refused for its length, and nothing of it is cut."""
    longest = "停" * MOST_PAUSE
    assert "--message" not in announce(longest, tmp_path).output
    told = PAUSED.format(longest, "2099-01-01 08:00")
    assert fitted(told) == told
    assert fitted(PAUSED.format(f"{longest}停", "2099-01-01 08:00")) != told
