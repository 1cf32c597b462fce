"""Commands that look at a data directory, or end what runs there, never make one."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from tests.services.cli.test_spoken import commands

from jiesuan_services.cli import main
from jiesuan_services.reconciling.regions import COLUMNS

DAYS = "--from 2022-01-01 --until 2022-01-31"
MAKES = {"up", "demo", "import"}
"""Commands that begin a data directory where there is none."""
WORDS = {
    "as-of clearing": "now clearing 202201",
    "as-of person": "now person P1",
    "as-of statement": "now statement S1",
    "as-of statements": "now statements 202201",
    "as-of totals": "now totals",
    "bulletin": "202201 --out out.html",
    "clearing": "202201",
    "clearing-due": "--on 2022-01-01",
    "deduction-proposal": "S1",
    "diff person": "202201 202202 person P1",
    "diff totals": "202201 202202 totals",
    "drift": "P1",
    "due": "--on 2022-01-01",
    "explain": "S1",
    "export": "--out out",
    "export-view": "settlement --out out.csv",
    "gateway client": "client H1 --transport token --id x",
    "gateway pause": "pause --until 2022-01-01T00:00:00Z --message x",
    "identity erase": "erase P1 --reason x",
    "identity load": "load given",
    "identity rotate": "rotate --old-key given",
    "person": "P1",
    "quota-proposal": "2022",
    "rebuild": "settlement",
    "receipt": "S1 --out out",
    "reconcile detail": f"detail given --institution H1 {DAYS} --out out",
    "reconcile regions": "regions month.csv",
    "reconcile totals": f"totals --institution H1 {DAYS} --clr-type 11 --insutype 310"
    " --setl-cnt 1 --medfee 1 --fund-pay 1 --acct-pay 1",
    "replay": "--out out",
    "statement": "S1",
    "statements": "202201",
    "submit": "given",
    "top-up-proposal": "2022",
    "what-if": "--packs .",
}
"""What a command is given besides; a command of a group from its own name on."""


def takes_data(command: click.Command) -> bool:
    """Whether a command takes --data."""
    return any(one.name == "data" for one in command.params)


LOOKING = [name for name, one in commands(main).items() if takes_data(one)]


@pytest.mark.parametrize("name", sorted({*LOOKING} - MAKES))
def test_a_data_directory_that_is_not_there_is_not_made(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A misspelt --data is one sentence and exit code 1, and nothing is made."""
    monkeypatch.chdir(tmp_path)
    for setting in ("JIESUAN_KAFKA", "JIESUAN_PG", "JIESUAN_DATA"):
        monkeypatch.delenv(setting, raising=False)
    (tmp_path / "given").write_text("A" * 43 + "=")
    row = dict.fromkeys(COLUMNS, "0")
    (tmp_path / "month.csv").write_text(f"{','.join(row)}\n{','.join(row.values())}\n")
    words = f"{name.split(maxsplit=1)[0]} {WORDS.get(name, '')}".split()
    said = CliRunner().invoke(main, [*words, "--data", "misspelt"])
    sentence = "中没有启动过：请运行jiesuan up，或用--data指明数据目录"
    assert said.stderr.endswith(f"{tmp_path}/misspelt {sentence}\n")
    assert (said.exit_code, said.stdout) == (1, "")
    assert {one.name for one in tmp_path.iterdir()} == {"given", "month.csv"}


def test_status_makes_nothing_in_a_directory_that_is_there(tmp_path: Path) -> None:
    """Where nothing was started yet, that is what it says, and no folder is made."""
    said = CliRunner().invoke(main, ["status", "--data", str(tmp_path)])
    assert "没有进程在运行" in said.stdout
    assert (said.exit_code, list(tmp_path.iterdir())) == (1, [])


def test_down_where_nothing_was_started_is_done_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without --data there is nothing to misspell: it says so, and has not failed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JIESUAN_DATA", raising=False)
    said = CliRunner().invoke(main, ["down"])
    assert "没有要停止的" in said.stderr
    assert (said.exit_code, list(tmp_path.iterdir())) == (0, [])
