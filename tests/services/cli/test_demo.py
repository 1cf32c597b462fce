"""`jiesuan demo` on the real parts, twice in one data directory."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from jiesuan_services.cli import main
from jiesuan_services.demo.looking import with_running_sums


@pytest.fixture
def folder() -> Iterator[Path]:
    """A directory that PostgreSQL's user may pass: pytest's own it may not."""
    with tempfile.TemporaryDirectory(prefix="jsn-") as made:
        yield Path(made)


@pytest.mark.connected
def test_runs_twice_and_every_claim_holds(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two runs live in two towns, each with every claim true, and stop everything."""
    monkeypatch.delenv("JIESUAN_KAFKA", raising=False)
    monkeypatch.delenv("JIESUAN_PG", raising=False)
    data = str(folder)
    command = ["demo", "--requests", "1000", "--data", data]
    first = CliRunner().invoke(main, [*command, "--json"])
    assert first.exit_code == 0, first.output
    said = json.loads(first.stdout.splitlines()[-1])
    assert said["town"] == 0
    assert [claim["zh"] for claim in said["claims"] if not claim["holds"]] == []
    assert sum("三个月" in claim["zh"] for claim in said["claims"]) == 7
    forks = said["verify"]["forks"]
    assert [(one["partition"], one["offset"]) for one in forks] == [
        (said["forged"]["partition"], said["forged"]["offset"])
    ]
    second = CliRunner().invoke(main, command)
    assert second.exit_code == 0, second.output
    assert "✗" not in second.output
    assert "全程" in second.output
    assert "应收减应付" in second.output
    status = CliRunner().invoke(main, ["status", "--data", data])
    assert "看护进程    未运行" in status.output


def test_running_sums_follow_refunds() -> None:
    """What a refund takes back is gone from the sums; chronic care is not ordinary."""
    zeros = {"act_pay_dedc_fen": 0, "overcap_amt_fen": 0, "psn_part_amt_fen": 0}
    plain = {**zeros, "fixmedins_code": "H1", "med_type": "11"}
    chronic = {**zeros, "fixmedins_code": "H1", "med_type": "14"}
    rows = [
        {**plain, "inscp_scp_amt_fen": 100, "hifp_pay_fen": 80},
        {**chronic, "inscp_scp_amt_fen": 50, "hifp_pay_fen": 40},
        {**plain, "inscp_scp_amt_fen": -100, "hifp_pay_fen": -80},
    ]
    sums = [one["cum"] for one in with_running_sums(rows)]
    assert [one["ordinary_inscp_fen"] for one in sums] == [100, 100, 0]
    assert [one["hifp_fen"] for one in sums] == [80, 120, 40]
