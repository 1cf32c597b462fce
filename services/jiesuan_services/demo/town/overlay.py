"""What no notice names and the town needs: the share above 24万, the city's law."""

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
CITY_LAW: Final = """\
pack: 420100-310
parameters:
  outpatient_deductible:
    unit: fen
    values:
      - from: 2022-01-01
        value: 70000
        because: {instrument: 演示统筹区配置, article: "-", quote: 演示用起付线700元}
  outpatient_cap:
    unit: fen
    by: [age]
    values:
      - from: 2022-01-01
        value: [{value: 350000}]
        because: {instrument: 演示统筹区配置, article: "-", quote: 演示用限额3500元}
  outpatient_ratio:
    unit: rate
    by: [tier]
    values:
      - from: 2022-01-01
        value:
          primary: "0.8000"
          secondary: "0.7000"
          tertiary: "0.6000"
          ministry: "0.5000"
        because: {instrument: 演示统筹区配置, article: "-", quote: 演示用支付比例}
"""


def write_overlay(folder: Path) -> Path:
    """Write the overlays into a folder of their own; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "large-sum.yaml").write_text(LARGE_SUM, encoding="utf-8")
    (folder / "city.yaml").write_text(CITY_LAW, encoding="utf-8")
    return folder
