"""The edge where policy packs are read from files: shipped ones and overlays."""

from importlib.resources import files
from pathlib import Path

from jiesuan_domain.policy.loader import PackError, load
from jiesuan_domain.policy.model import Packs


def shipped_texts(folder: str, suffix: str) -> dict[str, str]:
    """Read the texts that ship with the law: ``packs`` or ``notices``."""
    root = files("jiesuan_domain.policy") / folder
    return {
        item.name: item.read_text(encoding="utf-8")
        for item in sorted(root.iterdir(), key=lambda item: item.name)
        if item.name.endswith(suffix)
    }


def overlay_texts(folder: Path | None) -> dict[str, str]:
    """Read every overlay of a folder, in the order of their names."""
    if folder is None:
        return {}
    if not folder.is_dir():
        raise PackError(f"{folder}: 没有这个目录，请检查--packs或JIESUAN_PACKS")
    return {
        str(path): path.read_text(encoding="utf-8")
        for path in sorted(folder.glob("*.yaml"))
    }


def load_packs(overlays: Path | None = None) -> Packs:
    """Load the shipped packs with a folder of overlays merged over them."""
    return load(shipped_texts("packs", ".yaml"), overlay_texts(overlays))
