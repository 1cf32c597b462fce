"""The ratio that no text names: the town's overlay for what lies above 24万."""

from pathlib import Path
from typing import Final

LARGE_SUM: Final = """\
pack: 429900-310
parameters:
  large_sum_ratio:
    zh: 大额医疗保险支付比例
    unit: rate
    checked_on: 2026-11-22
    values:
      - from: 2022-01-01
        value: "0.9000"
        because:
          instrument: 演示统筹区配置
          article: "-"
          quote: 演示用比例：大额部分支付90%
"""


def write_overlay(folder: Path) -> Path:
    """Write the overlay into a folder of its own; give the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "large-sum.yaml").write_text(LARGE_SUM, encoding="utf-8")
    return folder
