"""The static AppCDS archive: made once per jars and Java, it halves Kafka's start.

Run as a process of its own after the first start: it takes ten seconds of one core.
Asked to stop, it leaves nothing behind, and the next start makes the archive.
"""

import contextlib
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from jiesuan_embedded.faults import MachineError
from jiesuan_embedded.kafka.jars import class_path
from jiesuan_embedded.kafka.java import QUIET, java
from jiesuan_embedded.kafka.server import HEAP, Kafka, archive_of, joined
from jiesuan_embedded.ports import answers, free_port
from jiesuan_embedded.process import try_lock

SECONDS: Final = 120
POLL_SECONDS: Final = 0.1


def make(cache: Path, scratch: Path) -> None:
    """Make the archive unless it is there or somebody is at it."""
    target = archive_of(cache, java())
    target.parent.mkdir(parents=True, exist_ok=True)
    with (target.parent / "lock").open("w") as lock:
        if not try_lock(lock) or target.exists():
            return
        with _emptied(scratch):
            part = target.with_suffix(".part")
            _dump(part, cache, classes=_list_classes(scratch, cache))
            part.rename(target)


@contextlib.contextmanager
def _emptied(folder: Path) -> Iterator[None]:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _dump(archive: Path, cache: Path, *, classes: Path) -> None:
    subprocess.run(
        [
            java(),
            *QUIET,
            *HEAP,
            "-Xshare:dump",
            f"-XX:SharedClassListFile={classes}",
            f"-XX:SharedArchiveFile={archive}",
            "-cp",
            joined(class_path(cache)),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=SECONDS,
        check=True,
    )


def _list_classes(folder: Path, cache: Path) -> Path:
    """Start a broker of its own for a moment and note what it loads."""
    classes = folder / "classes.lst"
    port = free_port(set())
    kafka = Kafka(
        folder / "kafka",
        cache,
        port=port,
        controller=free_port({port}),
        jvm=("-Xshare:off", f"-XX:DumpLoadedClassList={classes}"),
    )
    # A child of ours, not a detached server: it must not outlive us.
    with subprocess.Popen(
        kafka.prepare(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as broker:
        try:
            _wait(broker, port)
            broker.terminate()
            broker.wait(SECONDS)
        finally:
            broker.kill()
    return classes


def _wait(broker: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + SECONDS
    while not answers(port):
        if broker.poll() is not None or time.monotonic() > until:
            raise MachineError("列出所用类的Kafka没有启动成功")
        time.sleep(POLL_SECONDS)


def _leave(signum: int, frame: object) -> None:
    raise SystemExit(128 + signum)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _leave)
    make(Path(sys.argv[1]), Path(sys.argv[2]))
