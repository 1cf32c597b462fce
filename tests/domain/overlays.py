"""Overlays as a region writes them: one parameter, one value, from 2022 on."""

import json
from pathlib import Path
from typing import Any

from jiesuan_services.clerk.trial import Trial
from jiesuan_services.runtime.packs import load_packs

BECAUSE = {"instrument": "统筹区配置", "article": "-", "quote": "-"}
SHAPES: dict[str, dict[str, Any]] = {
    "large_sum_ratio": {"unit": "rate"},
    "large_sum_threshold": {"unit": "fen"},
    "gap_refund_allowed": {"unit": "flag"},
    "gap_refund_keeps_later": {"unit": "flag"},
    "refund_scope": {"unit": "choice"},
    "temporary_filing_months": {"unit": "months"},
    "stay_extends_filing": {"unit": "flag"},
    "local_area": {"unit": "text"},
    "chronic_diseases": {"unit": "list"},
    "filing_required": {"unit": "flag", "by": ["care"]},
    "disease_items": {"unit": "list", "by": ["disease"]},
    "disease_limits": {"unit": "fen", "by": ["disease"]},
    "outpatient_ratio": {"unit": "rate", "by": ["tier"]},
    "outpatient_cap": {"unit": "fen", "by": ["age"]},
    "outpatient_deductible": {"unit": "fen"},
    "chronic_ratio": {"unit": "rate", "by": ["group", "tier"]},
    "inpatient_ratio": {"unit": "rate", "by": ["group", "tier"]},
    "inpatient_deductible": {"unit": "fen", "by": ["tier"]},
    "employer_supplement_ratio": {"unit": "rate"},
    "filing_inpatient_reduction": {"unit": "rate", "by": ["filing"]},
    "reduction_exempt_regions": {"unit": "list"},
    "class_b_selfpay_prop": {"unit": "rate"},
    "reverification_years": {"unit": "years"},
    "interruption_years": {"unit": "years"},
    "cross_province_diseases": {"unit": "list"},
    "local_disease_codes": {"unit": "map"},
}


def write_overlay(
    folder: Path, parameters: dict[str, Any], *, pack: str = "429900-310"
) -> None:
    """Write one overlay file; YAML reads JSON."""
    body = {
        name: {
            **SHAPES[name],
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
