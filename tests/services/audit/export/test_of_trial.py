"""What a trial decided becomes an export that verifies and can live on."""

import asyncio
import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner
from tests.domain.clearing.months import overlays
from tests.domain.clearing.random_months import RandomMonths

from jiesuan_events.words.topics import CLEARING, LEDGER
from jiesuan_ledger.log.memory import MemoryLog
from jiesuan_services.audit.export.check import check_export
from jiesuan_services.audit.export.read import open_export
from jiesuan_services.audit.export.restore import restore_export
from jiesuan_services.audit.tree.notes.keys import read_verifier_key
from jiesuan_services.cli import main


@pytest.fixture(scope="module")
def random_months() -> RandomMonths:
    """Random months that a trial decided."""
    life = RandomMonths(Random(15))
    life.live(120)
    return life


def tried(random_months: RandomMonths, folder: Path) -> Any:
    """Run `jiesuan try --ledger` over the months."""
    packs = folder / "packs"
    packs.mkdir()
    for name, text in overlays().items():
        (packs / name).write_text(text, "utf-8")
    lines = "".join(json.dumps(one) + "\n" for one in random_months.months.asked)
    words = ["try", "--packs", str(packs), "--ledger", str(folder / "ledger")]
    done = CliRunner().invoke(main, words, input=lines)
    assert done.exit_code == 0, done.output
    return done


async def test_a_trial_is_exported_as_it_was_decided(
    random_months: RandomMonths, tmp_path: Path
) -> None:
    """Checked with the key that is printed, it restores to the entries of the trial."""
    done = await asyncio.to_thread(tried, random_months, tmp_path)
    key = read_verifier_key(done.stderr.strip())
    export = open_export(tmp_path / "ledger", key)
    check_export(export)
    log = MemoryLog()
    await restore_export(log, export)
    entered = [
        answer["data"]["entry"]["hash"]
        for answer in random_months.months.answers
        if answer["data"]["outcome"] == "decided" and answer["data"]["psn_no"]
    ]
    ids = [dict(one.headers)["ce_id"].decode() for one in log.partitions[LEDGER, 0][1:]]
    assert ids == entered
    months = random_months.months.trial.clearing.entries
    cleared = [dict(one.headers)["ce_id"] for one in log.partitions[CLEARING, 0]]
    assert cleared == [one.hash.hex().encode() for one in months]
    writers = {dict(one.headers)["writer"] for one in log.partitions[LEDGER, 0][1:]}
    assert writers == {b"try"}


def test_the_answers_are_those_without_a_ledger(
    random_months: RandomMonths, tmp_path: Path
) -> None:
    """Standard output is the same, byte for byte; the key is its owner's alone."""
    done = tried(random_months, tmp_path)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert answers == random_months.months.answers
    assert (tmp_path / "ledger.key").stat().st_mode & 0o777 == 0o600
