"""What `jiesuan status` hears of a process that will not work."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from jiesuan_ledger.genesis import LedgerRefused
from jiesuan_services.runtime.heartbeat import STALE_SECONDS, Heartbeat, beats


def aged(folder: Path, name: str) -> None:
    """Let the last word of a process lie further back than any beat."""
    path = folder / f"{name}.json"
    said = json.loads(path.read_text())
    said["at"] = time.time() - 10 * STALE_SECONDS
    path.write_text(json.dumps(said))


def test_a_refusal_is_the_last_word(tmp_path: Path) -> None:
    """A process that refused its ledger says why for as long as it is gone."""
    heartbeat = Heartbeat(tmp_path, "decider-0")
    heartbeat.beat("deciding")
    with pytest.raises(LedgerRefused), heartbeat.naming(LedgerRefused):
        raise LedgerRefused("its tail is lost")
    aged(tmp_path, "decider-0")
    said = beats(tmp_path)["decider-0"]
    assert (said["state"], said["error"]) == ("refused", "its tail is lost")


def test_a_process_that_fell_over_is_silent(tmp_path: Path) -> None:
    """What is no refusal leaves no word: the process is marked as silent."""
    heartbeat = Heartbeat(tmp_path, "decider-0")
    heartbeat.beat("deciding")
    with pytest.raises(OSError, match="gone"), heartbeat.naming(LedgerRefused):
        raise OSError("gone")
    aged(tmp_path, "decider-0")
    assert beats(tmp_path)["decider-0"]["state"] == "silent"


def test_who_works_again_is_not_refused(tmp_path: Path) -> None:
    """The next beat takes the place of a refusal."""
    heartbeat = Heartbeat(tmp_path, "decider-0")
    with pytest.raises(LedgerRefused), heartbeat.naming(LedgerRefused):
        raise LedgerRefused("its tail is lost")
    heartbeat.beat("deciding")
    assert beats(tmp_path)["decider-0"]["state"] == "deciding"
    assert "error" not in beats(tmp_path)["decider-0"]


def test_a_file_that_cannot_be_written_ends_no_process(tmp_path: Path) -> None:
    """What cannot be written is logged; the next beat is written again."""
    heartbeat = Heartbeat(tmp_path / "beats", "gateway")
    (tmp_path / "beats").rmdir()
    with capture_logs() as logged:
        heartbeat.beat("serving")
        heartbeat.gone()
    assert [one["event"] for one in logged] == ["heartbeat.unwritten"]
    (tmp_path / "beats").mkdir()
    heartbeat.beat("serving")
    assert beats(tmp_path / "beats")["gateway"]["state"] == "serving"


def test_two_of_one_name_write_beside_each_other(tmp_path: Path) -> None:
    """Whose word is renamed last counts; nobody takes the other's half-written file."""
    script = f"""
from pathlib import Path
from jiesuan_services.runtime.heartbeat import Heartbeat
one = Heartbeat(Path({str(tmp_path)!r}), "gateway")
for number in range(300): one.beat("serving", number=number)
"""
    both = [subprocess.Popen([sys.executable, "-c", script]) for _ in range(2)]
    assert [one.wait(timeout=60) for one in both] == [0, 0]
    assert beats(tmp_path)["gateway"]["number"] == 299
    assert [one.name for one in tmp_path.iterdir()] == ["gateway.json"]
