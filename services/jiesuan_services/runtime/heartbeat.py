"""What a process says of itself, once a second, for `jiesuan status`."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import structlog

STALE_SECONDS: Final = 5.0
REFUSED: Final = "refused"
"""Said by a process that ended over something that it will not work with."""

log = structlog.get_logger()


class Heartbeat:
    """A small file that is replaced whole."""

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"{name}.json"
        # Another process may beat under the same name.
        self._part = folder / f"{name}.{os.getpid()}.part"
        self._since = time.time()

    def beat(self, state: str, **details: Any) -> None:
        """Say what the process does now."""
        said = {
            "state": state,
            "at": time.time(),
            "since": self._since,
            "said_by": os.getpid(),
            **details,
        }
        try:
            self._part.write_text(json.dumps(said))
            self._part.rename(self._path)
        except OSError as unwritten:
            # Who works must not stop over what is said of it.
            log.warning("heartbeat.unwritten", error=str(unwritten))

    @contextmanager
    def naming(self, *refusals: type[Exception]) -> Iterator[None]:
        """Write a refusal as the last state, so that `jiesuan status` shows why."""
        try:
            yield
        except refusals as refused:
            self.beat(REFUSED, error=str(refused))
            raise

    def gone(self) -> None:
        """Remove the file: the process ended in order."""
        self._path.unlink(missing_ok=True)


def forget_beat(folder: Path, name: str) -> None:
    """Remove the last word of a process that is gone."""
    (folder / f"{name}.json").unlink(missing_ok=True)


def beats(folder: Path) -> dict[str, dict[str, Any]]:
    """Read what every process last said; one that fell silent is marked."""
    said: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.json")):
        try:
            one = json.loads(path.read_text())
        except FileNotFoundError:
            continue  # It ended in order since its file was found.
        one["silent_for"] = round(max(0.0, time.time() - one.pop("at")), 1)
        if one["silent_for"] > STALE_SECONDS and one["state"] != REFUSED:
            one["state"] = "silent"
        said[path.stem] = one
    return said
