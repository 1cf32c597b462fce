"""The guide for vendors, typed as it stands: from nothing to a first settlement."""

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.connected.counter.conftest import KEY, Site
from tests.connected.guide import BLOCK, ROOT

pytestmark = [
    pytest.mark.connected,
    pytest.mark.skipif(
        shutil.which("curl") is None, reason="the guide types curl, which is not here"
    ),
]
GUIDE = ROOT / "docs" / "guides" / "hospital-vendors.md"
UP = ".venv/bin/jiesuan up --detach\n"
PLACES = (("H42010000001", "H42010000006"), ("hospital-1", "hospital-6"))
"""The guide's hospital has a system of ours at this site."""


def typed() -> str:
    """Return what the guide has a reader type, all but starting what runs here."""
    text = "".join(BLOCK.findall(GUIDE.read_text("utf-8")))
    text = re.sub(r"^\$ ", "", text, flags=re.MULTILINE)
    assert UP in text
    for theirs, ours in (*PLACES, (UP, "")):
        text = text.replace(theirs, ours)
    return text


def test_the_guide_leads_to_a_first_settlement(site: Site, tmp_path: Path) -> None:
    """Every command ends well, and the last one settles what the guide says."""
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / ".jiesuan").mkdir()
    (tmp_path / ".jiesuan" / "gateway.port").write_text(str(site.ports["gateway-a"]))
    env = {
        **os.environ,
        "JIESUAN_KAFKA": site.machine.servers.kafka,
        "JIESUAN_PG": site.machine.servers.pg,
        "JIESUAN_VAULT_KEY": base64.b64encode(KEY).decode(),
    }
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", typed()],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    replies = [
        json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")
    ]
    assert [one["err_msg"] for one in replies] == [""] * len(replies)
    said = replies[-1]["output"]["setlinfo"]
    money = ("medfee_sumamt", "fund_pay_sumamt", "acct_pay", "psn_cash_pay")
    shown = re.search(
        r"`(\d+\.\d\d) (\d+\.\d\d) (\d+\.\d\d) (\d+\.\d\d)`", GUIDE.read_text()
    )
    assert shown is not None
    assert [f"{said[name]:.2f}" for name in money] == list(shown.groups())
    assert said["setl_id"]
