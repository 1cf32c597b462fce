"""PostgreSQL refuses to run as root: the user it runs as instead, and his access."""

import os
import pwd
import shutil
import sys
from pathlib import Path
from typing import Final

from jiesuan_embedded.faults import MachineError

PASS: Final = 0o001
OWNERS: Final = 0o500
USUAL_UID: Final = 65534


def unprivileged() -> int | None:
    """Return the uid to drop to when root starts the server; None otherwise."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("nobody").pw_uid
    except KeyError:
        return USUAL_UID


def let_pass(folder: Path) -> None:
    """See that every folder above a server's lets the unprivileged user through.

    Root's home is closed on most machines. He may pass then, not look around; a
    server that could read every file of root's would be the worse way. What is
    opened beyond the data directory, the folder's parent, is said aloud.
    """
    for above in (folder, *folder.parents):
        mode = above.stat().st_mode
        if mode & PASS:
            continue
        if above.stat().st_uid != 0 or above == Path("/"):
            raise MachineError(
                f"PostgreSQL以普通用户运行，而{above}不让其他用户通过："
                "请对它执行chmod o+x，或另设JIESUAN_DATA"
            )
        above.chmod(mode | PASS)
        if above not in (folder, folder.parent):
            sys.stderr.write(f"{above}: made passable (o+x) for PostgreSQL's user\n")


def readable(package: Path, copy: Path) -> Path:
    """Return a package that everybody can read: a copy of it where he can't."""
    libraries = package.with_name(f"{package.name}.libs")
    parts = [part for part in (package, libraries) if part.exists()]
    if all(_is_open(part) for part in parts):
        return package
    whole = copy / ".whole"
    if not whole.exists():
        shutil.rmtree(copy, ignore_errors=True)
        for part in parts:
            shutil.copytree(part, copy / part.name, symlinks=True)
        _open(copy)
        whole.touch()
    return copy / package.name


def _is_open(part: Path) -> bool:
    return all(folder.stat().st_mode & PASS for folder in part.parents) and all(
        path.stat().st_mode == _opened(path) for path in (part, *part.rglob("*"))
    )


def _open(copy: Path) -> None:
    for path in (copy, *copy.rglob("*")):
        path.chmod(_opened(path))


def _opened(path: Path) -> int:
    """Let everybody read and run what its owner may."""
    mode = path.stat().st_mode
    return mode | (mode & OWNERS) >> 3 | (mode & OWNERS) >> 6
