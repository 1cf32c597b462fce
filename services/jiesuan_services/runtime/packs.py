"""The edge where policy packs are read from files: shipped ones and overlays."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from jiesuan_domain.policy.loader import PackError, load, overlaid, parse_pack
from jiesuan_domain.policy.model import Pack, Packs


def shipped_texts(folder: str, suffix: str) -> dict[str, str]:
    """Read the texts that ship with the law: ``packs``, ``notices``, ``sentences``."""
    root = files("jiesuan_domain.policy").joinpath(*folder.split("/"))
    return {
        item.name: item.read_text(encoding="utf-8")
        for item in sorted(root.iterdir(), key=lambda item: item.name)
        if item.name.endswith(suffix)
    }


def overlay_texts(folder: Path | None, suffix: str = ".yaml") -> dict[str, str]:
    """Read every overlay (or other text) of a folder, in the order of their names."""
    if folder is None:
        return {}
    if not folder.is_dir():
        raise PackError(f"{folder}: 没有这个目录，请检查--packs或JIESUAN_PACKS")
    return {
        str(path): read_text(path)
        for path in sorted(folder.iterdir())
        if path.suffix == suffix and path.is_file()
    }


def read_text(path: Path) -> str:
    """Read a file as UTF-8, or say which file is not."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as wrong:
        raise PackError(f"{path}: 不是UTF-8文本，请另存为UTF-8") from wrong
    except OSError as wrong:
        raise PackError(f"{path}: 读不了这个文件，请检查路径和权限") from wrong


def load_packs(overlays: Path | None = None) -> Packs:
    """Load the shipped packs with a folder of overlays merged over them."""
    return _load(overlay_texts(overlays))


def pack_in(file: Path, overlays: Path | None = None) -> Pack:
    """Return what a file makes as one more overlay; of a canonical pack that itself."""
    name, text = str(file), read_text(file)
    id_ = overlaid(text, name)
    if id_ is None:
        return parse_pack(text, name)
    region, _, scheme = id_.rpartition("-")
    made = _load({**overlay_texts(overlays), name: text}).find(region, scheme)
    assert made is not None, "the file is an overlay of it"
    return made


def _load(overlays: Mapping[str, str]) -> Packs:
    return load(
        shipped_texts("packs", ".yaml")
        | shipped_texts("packs/checks", ".yaml")
        | shipped_texts("packs/clearing", ".yaml"),
        overlays,
        sentences=shipped_texts("sentences", ".yaml"),
    )


def stored_notices(overlays: Path | None = None) -> dict[str, str]:
    """Read the notices by the name of their instrument; a folder may add its own."""
    texts = shipped_texts("notices", ".txt") | overlay_texts(overlays, ".txt")
    return {Path(name).stem: text for name, text in texts.items()}
