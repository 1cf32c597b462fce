"""The shipped packs against their notices, and what a malformed pack is told."""

from datetime import date, timedelta

import pytest

from jiesuan_domain.policy.check import check
from jiesuan_domain.policy.loader import PackError, load, parse_pack
from jiesuan_domain.policy.model import Pack
from jiesuan_domain.policy.show import diff, show
from jiesuan_services.packs import load_packs, shipped_texts

FIRST, LAST = date(2022, 1, 1), date(2026, 12, 31)

OVERLAY = """
pack: 429900-310
parameters:
  large_sum_ratio:
    unit: rate
    values:
      - from: 2022-01-01
        value: "0.9000"
        because: {instrument: 统筹区配置, article: "-", quote: "-"}
"""


def shipped(id_: str) -> Pack:
    """Give a shipped pack."""
    region, scheme = id_.split("-")
    pack = load_packs().find(region, scheme)
    assert pack is not None
    return pack


def test_every_day_of_the_claimed_range_has_the_numbers_of_the_notice() -> None:
    """From 2022-01-01 to 2026-12-31 each day holds what 67号 says, and no day else."""
    pack = shipped("429900-310")
    day = FIRST
    while day <= LAST:
        rules = pack.on(day)
        assert not rules.missing
        assert rules.outpatient_deductible == 240_000
        assert rules.outpatient_ratio == {
            "primary": 8000,
            "secondary": 7000,
            "tertiary": 6000,
            "ministry": 5000,
        }
        assert rules.outpatient_cap == (
            (50, 600_000),
            (70, 800_000),
            (None, 1_000_000),
        )
        assert rules.chronic_ratio is not None
        for tier, rate in rules.chronic_ratio["active"].items():
            assert rules.chronic_ratio["retired"][tier] == rate + 200
        assert rules.large_sum_threshold == 24_000_000
        assert rules.large_sum_ratio is None
        day += timedelta(days=1)
    for outside in (FIRST - timedelta(days=1), LAST + timedelta(days=1)):
        assert pack.on(outside).missing == frozenset(pack.parameters)


@pytest.mark.parametrize("id_", load_packs().ids())
def test_every_quotation_stands_in_its_notice(id_: str) -> None:
    """Every shipped value quotes its notice word for word, on every day one value."""
    assert check(shipped(id_), shipped_texts("notices", ".txt")) == []


def test_a_falsified_quotation_is_found() -> None:
    """A quotation that the notice does not hold is named."""
    texts = shipped_texts("packs", ".yaml")
    false = texts["429900-310.yaml"].replace("先行自付10%后", "先行自付12%后")
    findings = check(parse_pack(false, "false"), shipped_texts("notices", ".txt"))
    assert [one.parameter for one in findings] == ["class_b_selfpay_prop"]


def test_an_overlay_is_merged_and_changes_the_digest() -> None:
    """An overlay's parameter is merged over the pack's and enters its SHA-256."""
    plain = shipped("429900-310")
    packs = load(shipped_texts("packs", ".yaml"), {"overlay.yaml": OVERLAY})
    merged = packs.find("429900", "310")
    assert merged is not None
    assert merged.on(FIRST).large_sum_ratio == 9000
    assert merged.on(FIRST).outpatient_deductible == 240_000
    assert merged.sha256 != plain.sha256


def test_an_overlay_without_a_pack_is_the_pack() -> None:
    """A region that no notice covers is what its overlay says."""
    alone = load({}, {"x.yaml": OVERLAY.replace("429900-310", "990000-310")})
    pack = alone.find("990000", "310")
    assert pack is not None
    assert pack.on(FIRST).outpatient_ratio is None


def test_a_pack_reads_back_from_its_canonical_form() -> None:
    """The archived form of a pack is the same pack: same digest, same rules."""
    pack = shipped("429900-310")
    again = parse_pack(pack.canonical.decode(), "archive")
    assert again.sha256 == pack.sha256
    assert again.on(FIRST) == pack.on(FIRST)


@pytest.mark.parametrize(
    ("wrong", "line", "says"),
    [
        ('value: "0.9000"', 8, "large_sum_ratio: 比例应为带引号的小数"),
        ("unit: rate", 5, "large_sum_ratio: 单位应为rate"),
        ("  large_sum_ratio:", 5, "不认识的参数large_sum_ration"),
        ("from: 2022-01-01", 7, "from应为日期"),
        ("pack: 429900-310", 2, "不认识的字段"),
    ],
)
def test_a_malformed_pack_names_file_line_and_remedy(
    wrong: str, line: int, says: str
) -> None:
    """A pack that cannot be used says in which file and line, and what to do."""
    mends = {
        'value: "0.9000"': "value: 0.9",
        "unit: rate": "unit: fen",
        "  large_sum_ratio:": "  large_sum_ration:",
        "from: 2022-01-01": "from: soon",
        "pack: 429900-310": "pack: 429900-310\nother: 1",
    }
    with pytest.raises(PackError) as raised:
        parse_pack(OVERLAY.replace(wrong, mends[wrong]), "mine.yaml")
    assert str(raised.value).startswith("mine.yaml:")
    assert says in str(raised.value)
    assert abs(int(str(raised.value).split(":")[1]) - line) <= 1


def test_what_differs_is_said_in_chinese() -> None:
    """The difference of two packs names the parameter and both values."""
    packs = load(shipped_texts("packs", ".yaml"), {"overlay.yaml": OVERLAY})
    merged = packs.find("429900", "310")
    assert merged is not None
    assert list(diff(shipped("429900-310"), merged)) == [
        "新增大额医疗保险支付比例：2022-01-01起90%"
    ]


def test_a_day_is_shown_with_its_sources() -> None:
    """Showing a day gives each value with instrument, article and quotation."""
    lines = list(show(shipped("429900-310"), FIRST))
    assert any(
        "普通门诊起付线：2400.00元（鄂医保发〔2021〕67号 第八条" in line
        for line in lines
    )
