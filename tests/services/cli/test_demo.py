"""`jiesuan demo` on the real parts, twice in one data directory."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from jiesuan_services.cli import main


@pytest.mark.connected
def test_runs_twice_and_every_claim_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two runs live in two towns, each with every claim true, and stop everything."""
    monkeypatch.delenv("JIESUAN_KAFKA", raising=False)
    monkeypatch.delenv("JIESUAN_PG", raising=False)
    data = str(tmp_path / "d")
    command = ["demo", "--requests", "1000", "--data", data]
    first = CliRunner().invoke(main, [*command, "--json"])
    assert first.exit_code == 0, first.output
    said = json.loads(first.stdout.splitlines()[-1])
    assert said["town"] == 0
    assert [claim["zh"] for claim in said["claims"] if not claim["holds"]] == []
    forks = said["verify"]["forks"]
    assert [(one["partition"], one["offset"]) for one in forks] == [
        (said["forged"]["partition"], said["forged"]["offset"])
    ]
    second = CliRunner().invoke(main, command)
    assert second.exit_code == 0, second.output
    assert "✗" not in second.output
    assert "全程" in second.output
    status = CliRunner().invoke(main, ["status", "--data", data])
    assert "supervisor  not running" in status.output
