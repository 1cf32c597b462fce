"""`jiesuan up --detach`: for whom it waits."""

import time
from pathlib import Path

import pytest

from jiesuan_services.runtime.bootstrap import read_settings
from jiesuan_services.runtime.heartbeat import Heartbeat
from jiesuan_services.supervisor.stack import Stack
from jiesuan_services.supervisor.waiting import not_serving

SERVING = {
    "decider-0": "deciding",
    "projector": "projecting",
    "clearing": "clearing",
    "gateway": "serving",
}


def stack_of(data: Path) -> Stack:
    """Return a stack of one decider whose servers are somewhere else."""
    named = {
        "JIESUAN_DATA": str(data),
        "JIESUAN_KAFKA": "127.0.0.1:1",
        "JIESUAN_PG": "postgresql://nobody@127.0.0.1:1/nothing",
    }
    return Stack(read_settings(named), 1)


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ("refused", "已拒绝运行：密钥不对"),
        ("not sealing", "不能封存：密钥不对"),
    ],
)
def test_who_refuses_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: str, why: str
) -> None:
    """Once the others serve, who refuses is named at once: waiting mends nothing."""
    for name, serves in SERVING.items():
        Heartbeat(tmp_path / "beats", name).beat(serves)
    Heartbeat(tmp_path / "beats", "sealer").beat(state, error="密钥不对")
    monkeypatch.setattr(time, "sleep", lambda _: pytest.fail("it was waited for"))
    assert not_serving(stack_of(tmp_path)) == {"sealer": why}


def test_who_still_starts_is_waited_for(tmp_path: Path) -> None:
    """Who has said nothing yet may serve in a moment, whoever else refuses."""
    for name, serves in SERVING.items() - {("gateway", "serving")}:
        Heartbeat(tmp_path / "beats", name).beat(serves)
    Heartbeat(tmp_path / "beats", "sealer").beat("refused", error="密钥不对")
    late = not_serving(stack_of(tmp_path), seconds=0.5)
    assert late == {"gateway": "还没有报告", "sealer": "已拒绝运行：密钥不对"}
