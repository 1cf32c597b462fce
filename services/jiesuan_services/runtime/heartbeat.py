"""What a process says of itself, once a second, for `jiesuan status`."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

STALE_SECONDS: Final = 5.0
REFUSED: Final = "refused"
"""Said by a process that ended over something that it will not work with."""


class Heartbeat:
    """A small file that is replaced whole."""

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"{name}.json"
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
        part = self._path.with_suffix(".part")
        part.write_text(json.dumps(said))
        part.rename(self._path)

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


def beats(folder: Path) -> dict[str, dict[str, Any]]:
    """Read what every process last said; one that fell silent is marked."""
    said: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.json")):
        one = json.loads(path.read_text())
        one["silent_for"] = round(max(0.0, time.time() - one.pop("at")), 1)
        if one["silent_for"] > STALE_SECONDS and one["state"] != REFUSED:
            one["state"] = "silent"
        said[path.stem] = one
    return said
