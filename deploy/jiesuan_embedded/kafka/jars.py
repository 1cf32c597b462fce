"""Kafka's jars: a pinned list with SHA-256, fetched once into the user's cache."""

import hashlib
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path
from typing import Final, NamedTuple

from jiesuan_embedded.faults import MachineError

WORKERS: Final = 8
TRIES: Final = 3
SECONDS: Final = 30


class Jar(NamedTuple):
    """One pinned artefact: group, artefact, version and the digest of its jar."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def file(self) -> str:
        """The name of the jar's file."""
        return f"{self.artifact}-{self.version}.jar"


def pinned() -> list[Jar]:
    """Read the pinned list, in the order of file names."""
    text = (files("jiesuan_embedded") / "jars.lock").read_text()
    jars = []
    for line in text.splitlines():
        coordinates, digest = line.split()
        group, artifact, version = coordinates.split(":")
        jars.append(Jar(group, artifact, version, digest))
    return sorted(jars, key=lambda jar: jar.file)


def cache_home() -> Path:
    """Return the user's cache directory of jiesuan."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "jiesuan"


def class_path(cache: Path) -> list[Path]:
    """Return every jar, checked; fetch those that are missing."""
    folder = cache / "jars"
    folder.mkdir(parents=True, exist_ok=True)
    jars = pinned()
    missing = [jar for jar in jars if not _is_whole(folder / jar.file, jar.sha256)]
    if missing:
        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(lambda jar: _fetch(jar, folder), missing))
    return [folder / jar.file for jar in jars]


def _is_whole(path: Path, sha256: str) -> bool:
    return path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256


def _fetch(jar: Jar, folder: Path) -> None:
    for left in reversed(range(TRIES)):
        try:
            found = _resolve(jar, folder.parent / "maven")
            break
        except Exception as wrong:  # jgo lets through whatever its transport raises
            if not left:
                raise MachineError(
                    f"{jar.file}未能下载（{wrong}）：请检查网络和Maven设置后重新运行"
                ) from wrong
    if not _is_whole(found, jar.sha256):
        found.unlink(missing_ok=True)
        raise MachineError(f"{jar.file}与所锁定的SHA-256不符，请重新运行")
    part = folder / f".{jar.file}.{os.getpid()}"
    shutil.copyfile(found, part)
    part.rename(folder / jar.file)


def _resolve(jar: Jar, store: Path) -> Path:
    from jgo.maven import MavenContext

    context = MavenContext(repo_cache=store, timeout=SECONDS)
    project = context.project(jar.group, jar.artifact)
    found: Path = project.at_version(jar.version).artifact().resolve()
    return found
