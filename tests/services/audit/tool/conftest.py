"""The tool as auditors run it, and an export that it can be run on."""

import contextlib
import gzip
import io
import json
import shutil
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest


class Export:
    """A copy of an export in the hands of somebody who changes it."""

    def __init__(self, folder: Path, tool: Any, key: str) -> None:
        self.folder = folder
        self._tool = tool
        self._key = key

    def lines(self, name: str) -> list[bytes]:
        """Return the lines of a file."""
        path = self.folder / name
        data = path.read_bytes()
        data = gzip.decompress(data) if path.suffix == ".gz" else data
        return data.splitlines()

    def rewrite(self, name: str, lines: Sequence[bytes]) -> None:
        """Write a file of lines anew."""
        path = self.folder / name
        data = b"".join(line + b"\n" for line in lines)
        path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)

    def change(self, name: str, at: int, change: Callable[[Any], Any]) -> None:
        """Change one line's JSON."""
        lines = self.lines(name)
        lines[at] = json.dumps(change(json.loads(lines[at]))).encode()
        self.rewrite(name, lines)

    def list_again(self, name: str) -> None:
        """Make the manifest fit a file that no longer unpacks."""
        path = self.folder / "manifest.json"
        manifest = json.loads(path.read_bytes())
        digest = sha256((self.folder / name).read_bytes()).hexdigest()
        manifest["files"][name]["sha256"] = digest
        path.write_bytes(json.dumps(manifest).encode())

    def forge(self) -> None:
        """Make the manifest fit the files, as one without the key can."""
        path = self.folder / "manifest.json"
        manifest = json.loads(path.read_bytes())
        manifest["files"] = {}
        for file in sorted(self.folder.rglob("*")):
            name = file.relative_to(self.folder).as_posix()
            if file.is_file() and not name.startswith("manifest."):
                said: dict[str, Any] = {"sha256": sha256(file.read_bytes()).hexdigest()}
                if ".jsonl" in name:
                    said["count"] = len(self.lines(name))
                manifest["files"][name] = said
        path.write_bytes(json.dumps(manifest).encode())

    def found(self, *more: str) -> list[str]:
        """Run the tool; return what it names."""
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            code = self._tool.main(
                ["ledger", str(self.folder), "--key", self._key, *more]
            )
        lines = said.getvalue().splitlines()
        assert code == (0 if "完好" in lines[0] else 1)
        return lines


@pytest.fixture
def export(tmp_path: Path, sealed_thrice: Any, tool: Any) -> Export:
    """A copy of the export, to be changed."""
    shutil.copytree(sealed_thrice.out, tmp_path / "export")
    return Export(tmp_path / "export", tool, sealed_thrice.vkey)
