"""A verification by several processes that is told to stop."""

import asyncio
import socket
import time
from multiprocessing import active_children
from pathlib import Path

import pytest

from jiesuan_services.audit.verifying.kept import Kept
from jiesuan_services.audit.verifying.verify import side_by_side

SECONDS = 10
"""A broker that says nothing is waited for four times as long."""


async def test_who_stops_waits_for_no_process(tmp_path: Path) -> None:
    """Stopped while its processes wait for a broker, it ends them and is done."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        kafka = f"127.0.0.1:{silent.getsockname()[1]}"
        work = asyncio.create_task(
            side_by_side(
                kafka, Kept(tmp_path), ends=[1, 1, 1], progress=lambda *_: None
            )
        )
        while True:
            await asyncio.sleep(0.05)
            if active_children():
                break
        began = time.monotonic()
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
    assert time.monotonic() - began < SECONDS
    assert active_children() == []
