"""The guides to packs and checks: examples are packs, tables are complete."""

import re
from pathlib import Path

import pytest

from jiesuan_domain.policy.check import check
from jiesuan_domain.policy.loader import parse_pack
from jiesuan_domain.policy.parameters import ALL, CHECKS, PARAMETERS

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "policy-packs.md"
PAGE = GUIDE.read_text("utf-8") + GUIDE.with_name("checks.md").read_text("utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
NAMES = "|".join(ALL)
ROW = re.compile(rf"\| `({NAMES})` \| `(\w+)` \| ([^|]*)\|")


@pytest.mark.parametrize("text", EXAMPLES)
def test_an_example_is_a_pack(text: str) -> None:
    """Each example loads; it lacks nothing but the invented notices it cites."""
    found = check(parse_pack(text, "guide.yaml"), {})
    assert {one.what[:8] for one in found} <= {"没有存放文件示例"}


def test_every_parameter_stands_in_the_table() -> None:
    """The table names each parameter once, with its unit and what it varies by."""
    rows = [
        (name, unit, tuple(re.findall(r"`(\w+)`", by)))
        for name, unit, by in ROW.findall(PAGE)
    ]
    assert sorted(rows) == sorted(
        (name, spec.unit, spec.by) for name, spec in (PARAMETERS | CHECKS).items()
    )
    assert all(f"`{name}`" in PAGE for name in ALL)


def test_every_unit_is_explained() -> None:
    """Each unit that a parameter has is in the table of units."""
    for unit in {spec.unit for spec in ALL.values()}:
        assert re.search(rf"^\| (`\w+` )*`{unit}`", PAGE, re.MULTILINE)
