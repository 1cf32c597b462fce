"""What `jiesuan status` hears of a process that will not work."""

import json
import time
from pathlib import Path

import pytest

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
