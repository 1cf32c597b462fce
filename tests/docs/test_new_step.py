"""The step of the law that the contributing guide adds, and takes away again."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.docs.pages import ROOT

GUIDE = ROOT / "docs" / "guides" / "contributing.md"
DIFF = re.compile(r"```diff\n(.*?)```", re.DOTALL)
EXAMPLE = ROOT / "examples" / "first-day.jsonl"
ROOMS = ("events", "services", "projections", "deploy")
MOST_PLACES = 4
OVERLAY = """\
pack: 429900-310
parameters:
  visit_fee:
    unit: fen
    values:
      - from: 2022-01-01
        value: 1000
        because: {instrument: 统筹区配置, article: "-", quote: "-"}
"""
FEE = "          10.00  每次就诊先由个人支付10.00元（统筹区配置）"


def step() -> str:
    """Return the one change that the guide shows."""
    (shown,) = DIFF.findall(GUIDE.read_text("utf-8"))
    return str(shown)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the packages, to be changed."""
    left_out = shutil.ignore_patterns("__pycache__", "*.egg-info", "build", "schemas")
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / room, ignore=left_out)
    (tmp_path / "step.diff").write_text(step(), "utf-8")
    return tmp_path


def apply(copy: Path, *how: str) -> None:
    """Apply the change to the copy, or take it back."""
    command = ["git", "apply", "-p1", "-C1", *how, "step.diff"]
    # Outside of a repository, or git would look for the files in ours.
    env = {**os.environ, "GIT_CEILING_DIRECTORIES": str(copy.parent)}
    subprocess.run(command, cwd=copy, check=True, env=env)


def explained(copy: Path, *options: str) -> list[str]:
    """Return what the copy prints of the first day."""
    paths = os.pathsep.join(str(copy / room) for room in ROOMS)
    done = subprocess.run(
        [sys.executable, "-m", "jiesuan_services", "try", "--explain", *options],
        input=EXAMPLE.read_bytes(),
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONPATH": paths, "PYTHONIOENCODING": "utf-8"},
    )
    return done.stdout.decode().splitlines()


def test_a_new_step_touches_few_places() -> None:
    """The change lies in the table of rules, in benefit/ and in policy/."""
    files = re.findall(r"^\+\+\+ b/(.*)$", step(), re.MULTILINE)
    places = {name if "entries" in name else name.split("/")[2] for name in files}
    assert places == {"events/jiesuan_events/entries/rules.py", "benefit", "policy"}
    assert len(places) < MOST_PLACES


def test_the_step_is_added_and_taken_away(copy: Path) -> None:
    """With the step every visit has its line and still adds up; without it none has."""
    before = explained(copy)
    apply(copy)
    packs = copy / "packs"
    packs.mkdir()
    (packs / "fee.yaml").write_text(OVERLAY, "utf-8")
    after = explained(copy, "--packs", str(packs))
    assert after.count(FEE) == 2
    amounts = [line.split()[0].replace(",", "") for line in after[3:10]]
    assert sum(map(float, amounts[:-1])) == float(amounts[-1]) == 3600
    apply(copy, "-R")
    assert explained(copy) == before
