"""The static AppCDS archive: made once per jars and Java, it halves Kafka's start.

Run as a process of its own after the first start: it takes ten seconds of one core.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from jiesuan_embedded.jars import class_path
from jiesuan_embedded.java import java
from jiesuan_embedded.kafka import HEAP, Kafka, archive_of
from jiesuan_embedded.ports import free_port

SECONDS: Final = 120


def make(cache: Path) -> None:
    """Make the archive unless it is there."""
    binary = java()
    target = archive_of(cache, binary)
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    path = os.pathsep.join(map(str, class_path(cache)))
    with tempfile.TemporaryDirectory(prefix="jiesuan-cds-") as folder:
        classes = _list_classes(Path(folder), cache)
        part = target.with_suffix(f".{os.getpid()}")
        subprocess.run(
            [
                binary,
                *HEAP,
                "-Xshare:dump",
                f"-XX:SharedClassListFile={classes}",
                f"-XX:SharedArchiveFile={part}",
                "-cp",
                path,
            ],
            capture_output=True,
            timeout=SECONDS,
            check=True,
        )
        part.rename(target)


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
    kafka.begin()
    try:
        kafka.wait()
    finally:
        kafka.stop()
    return classes


if __name__ == "__main__":
    make(Path(sys.argv[1]))
