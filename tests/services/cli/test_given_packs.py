"""`--packs` of the commands that ask the law about a ledger."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from jiesuan_services.cli import main
from jiesuan_services.cli.options import data_option, packs_option, settings_from

ASKING = (
    "bulletin",
    "clearing-due",
    "deduction-proposal",
    "diff 0:0 now person",
    "diff 0:0 now totals",
    "drift",
    "due",
    "explain",
    "quota-proposal",
    "rebuild",
    "verify",
)


@click.command()
@data_option
@packs_option
def told(data: Path | None) -> None:
    """Say where the overlays of a command lie."""
    click.echo(settings_from(data).packs)


@pytest.mark.parametrize("command", ASKING)
def test_it_may_be_given_to_every_command_that_asks_the_law(command: str) -> None:
    """Each command that reads policy packs takes the folder of their overlays."""
    said = CliRunner().invoke(main, [*command.split(), "--help"])
    assert said.exit_code == 0
    assert "--packs DIRECTORY" in said.output


def test_it_counts_more_than_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a command is given stands for JIESUAN_PACKS; without it that holds."""
    monkeypatch.setenv("JIESUAN_PACKS", "/kept")
    assert CliRunner().invoke(told, []).output == "/kept\n"
    assert CliRunner().invoke(told, ["--packs", "/given"]).output == "/given\n"
