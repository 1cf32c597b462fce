"""A figure: what was measured, against what, and what it must be."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value with its baseline; ``must`` bounds the ratio or the value."""

    figure: str
    value: float
    unit: str
    baseline: str
    baseline_value: float | None
    must: str
    holds: bool
    low: float
    high: float

    @property
    def ratio(self) -> float | None:
        """Value over baseline."""
        return None if not self.baseline_value else self.value / self.baseline_value

    def wire(self) -> dict[str, Any]:
        """Render for `--json`."""
        ratio = self.ratio
        return {
            "figure": self.figure,
            "value": round(self.value, 3),
            "unit": self.unit,
            "baseline": self.baseline,
            "baseline_value": None
            if self.baseline_value is None
            else round(self.baseline_value, 3),
            "ratio": None if ratio is None else round(ratio, 3),
            "must": self.must,
            "holds": self.holds,
            "range": [round(self.low, 3), round(self.high, 3)],
        }


def at_least(
    name: str,
    values: Sequence[float],
    *,
    unit: str,
    baseline: str,
    over: float,
    ratio: float,
) -> Figure:
    """A figure whose median must be at least a ratio of its baseline."""
    value = median(values)
    return Figure(
        name,
        value,
        unit,
        baseline,
        over,
        f">= {ratio} x",
        value >= ratio * over,
        min(values),
        max(values),
    )


def within(
    name: str,
    values: Sequence[float],
    *,
    unit: str,
    baseline: str,
    over: float,
    ratio: float,
) -> Figure:
    """A figure whose median may be at most a ratio of its baseline."""
    value = median(values)
    return Figure(
        name,
        value,
        unit,
        baseline,
        over,
        f"<= {ratio} x",
        value <= ratio * over,
        min(values),
        max(values),
    )


def at_most(
    name: str,
    values: Sequence[float],
    *,
    unit: str,
    bound: float,
    baseline: str = "固定上限",
) -> Figure:
    """A figure whose median must stay within a bound."""
    value = median(values)
    return Figure(
        name,
        value,
        unit,
        baseline,
        bound,
        f"<= {bound:g} {unit}",
        value <= bound,
        min(values),
        max(values),
    )
