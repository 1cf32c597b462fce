"""Overlays as a region writes them: one parameter, one value, from 2022 on."""

import json
from pathlib import Path
from typing import Any

from jiesuan_domain.policy.parameters import ALL
from jiesuan_services.clerk.trial import Trial
from jiesuan_services.runtime.packs import load_packs

BECAUSE = {"instrument": "统筹区配置", "article": "-", "quote": "-"}


def shape(name: str) -> dict[str, Any]:
    """Return how a parameter is written: its unit, and what it varies by."""
    spec = ALL[name]
    return {"unit": spec.unit, **({"by": list(spec.by)} if spec.by else {})}


def write_overlay(
    folder: Path, parameters: dict[str, Any], *, pack: str = "429900-310"
) -> None:
    """Write one overlay file; YAML reads JSON."""
    body = {
        name: {
            **shape(name),
            "values": [{"from": "2022-01-01", "value": value, "because": BECAUSE}],
        }
        for name, value in parameters.items()
    }
    path = folder / f"{pack}.yaml"
    path.write_text(json.dumps({"pack": pack, "parameters": body}, ensure_ascii=False))


def trial(
    folder: Path | None = None, *, pack: str = "429900-310", **parameters: Any
) -> Trial:
    """Make a trial under the shipped packs, with these parameters laid over them."""
    if folder is None:
        return Trial(load_packs())
    write_overlay(folder, parameters, pack=pack)
    return Trial(load_packs(folder))
