"""Three invented regions, a hospital in each, and what their funds pay."""

from pathlib import Path
from typing import Final

NAMES: Final = {"990100": "东湖市", "990200": "南桥市", "980100": "穗城市"}
"""Regions by code; none of them exists."""
SCHEME: Final = "310"
_VALUES: Final = {
    "outpatient_deductible": ("fen", "0"),
    "outpatient_ratio": ("rate", '"0.8000"'),
    "outpatient_cap": ("fen", "900000000"),
    "filing_required": ("flag", "false"),
}
_BECAUSE: Final = '{instrument: 演示统筹区配置, article: "-", quote: 演示用}'


def hospital(region: str) -> str:
    """Return the id of the hospital of a region.

    >>> hospital("990100")
    'H99010000001'
    """
    return f"H{region}00001"


def agency(region: str) -> str:
    """Return what an agency's requests say they come from."""
    return f"/agency/{region}"


def write_packs(folder: Path) -> Path:
    """Write an overlay for each region; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for region in NAMES:
        values = {**_VALUES, "local_area": ("text", f'"{region}"')}
        lines = [f"pack: {region}-{SCHEME}", "parameters:"]
        for name, (unit, value) in values.items():
            from_ = f"{{from: 2020-01-01, value: {value}, because: {_BECAUSE}}}"
            lines += [f"  {name}:", f"    unit: {unit}", f"    values: [{from_}]"]
        text = "\n".join(lines) + "\n"
        (folder / f"{region}.yaml").write_text(text, "utf-8")
    return folder
