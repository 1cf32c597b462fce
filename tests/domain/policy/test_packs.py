"""The shipped packs, day by day: what the notices give, and nothing else."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest

from jiesuan_domain.policy.loader import parse_pack
from jiesuan_domain.policy.model import NATIONAL, Pack, Packs
from jiesuan_services.runtime.packs import load_packs

Days = Callable[[date, date], Iterator[date]]
FIRST, LAST = date(2022, 1, 1), date(2026, 12, 31)
TIERS = ("primary", "secondary", "tertiary", "ministry")
RANGES = {
    "000000-checks": (FIRST, LAST),
    "000000-clearing": (date(2021, 1, 1), date(2030, 12, 31)),
    "420100": (FIRST, LAST),
    "429900": (FIRST, LAST),
    "440700": (date(2021, 4, 30), LAST),
    "511700": (date(2023, 1, 1), date(2027, 12, 31)),
}
TEN = [
    "M00500",
    "M01600",
    "M03900",
    "M07801",
    "M08301",
    "M08302",
    "M08303",
    "M08304",
    "M08305",
    "M08306",
]
SIX_DISEASES = {*TEN, "M02101", "M00105"} - {"M03900"}


def range_of(id_: str) -> tuple[date, date]:
    """Return the days that a shipped pack claims: its own, or its region's."""
    return RANGES.get(id_) or RANGES[id_.partition("-")[0]]


def shipped(packs: Packs, id_: str) -> Pack:
    """Find a shipped pack by its name."""
    pack = packs.find(*id_.split("-"))
    assert pack is not None
    return pack


def test_the_packs_that_ship(packs: Packs) -> None:
    """One of checks, one of clearing, seven of benefits for four regions."""
    assert packs.ids() == [
        "000000-checks",
        "000000-clearing",
        "420100-310",
        "420100-390",
        "429900-310",
        "440700-310",
        "440700-390",
        "511700-310",
        "511700-390",
    ]


def test_what_no_region_says_is_national(packs: Packs) -> None:
    """A region without clocks or codes of its own has the national ones, for ever."""
    national = shipped(packs, NATIONAL)
    own = shipped(packs, "511700-310")
    assert "reverification_years" not in own.parameters
    for day in (FIRST, date(2099, 1, 1)):
        rules = own.on(day)
        assert (rules.reverification_years, rules.interruption_years) == (5, 1)
        assert rules.sources["interruption_years"].article == "第十五条"
        assert sorted(national.on(day).cross_province_diseases) == TEN


def test_67_holds_on_every_day_it_is_in_force(packs: Packs, days: Days) -> None:
    """From 2022-01-01 to 2026-12-31 each day holds the numbers of 67号 (T2, T3, T5)."""
    pack = shipped(packs, "429900-310")
    for day in days(FIRST, LAST):
        rules = pack.on(day)
        assert rules.missing == frozenset()
        assert rules.outpatient_deductible == 240_000
        assert rules.outpatient_ratio == dict(
            zip(TIERS, (8000, 7000, 6000, 5000), strict=True)
        )
        assert rules.outpatient_cap == (
            (50, 600_000),
            (70, 800_000),
            (None, 1_000_000),
        )
        assert rules.chronic_ratio == {
            "active": dict(zip(TIERS, (9000, 8500, 7800, 6500), strict=True)),
            "retired": dict(zip(TIERS, (9200, 8700, 8000, 6700), strict=True)),
        }
        assert rules.class_b_selfpay_prop == 1000
        assert rules.large_sum_threshold == 24_000_000


def test_the_rest_of_67_and_50_holds_every_day(packs: Packs, days: Days) -> None:
    """Each day holds the lists, the clocks and the gates of 67号 and 50号."""
    pack = shipped(packs, "429900-310")
    for day in days(FIRST, LAST):
        rules = pack.on(day)
        assert rules.chronic_diseases == SIX_DISEASES
        assert sorted(rules.cross_province_diseases) == TEN
        assert (rules.reverification_years, rules.interruption_years) == (5, 1)
        assert (rules.flag_working_days, rules.upload_working_days) == (5, 3)
        assert rules.filing_required == {"ordinary": True, "chronic": True}
        assert rules.gap_refund_allowed is True
        assert rules.local_area == "42"


@pytest.mark.parametrize("id_", load_packs().ids())
def test_every_day_of_the_claimed_range_has_every_parameter(
    packs: Packs, days: Days, id_: str
) -> None:
    """Each pack holds all its parameters from its first day to its last."""
    pack = shipped(packs, id_)
    first, last = range_of(id_)
    assert (pack.first_day, pack.last_day) == (first, last)
    assert [day for day in days(first, last) if pack.on(day).missing] == []


@pytest.mark.parametrize("id_", load_packs().ids())
def test_no_day_outside_the_range_has_anything(packs: Packs, id_: str) -> None:
    """The day before the first and the day after the last name everything missing."""
    pack = shipped(packs, id_)
    first, last = range_of(id_)
    for day in (first - timedelta(days=1), last + timedelta(days=1)):
        assert pack.on(day).missing == frozenset(pack.parameters)


def test_what_the_notices_leave_open_is_absent(packs: Packs) -> None:
    """No shipped pack has a large-sum ratio, a city no ratios and no caps."""
    for id_ in packs.ids():
        assert shipped(packs, id_).on(date(2023, 6, 1)).large_sum_ratio is None
    for id_ in ("420100-310", "420100-390", "440700-310", "511700-390"):
        rules = shipped(packs, id_).on(date(2023, 6, 1))
        assert rules.outpatient_deductible is None
        assert rules.outpatient_ratio is None
        assert rules.outpatient_cap is None
        assert rules.chronic_ratio is None
        assert rules.large_sum_threshold is None
        assert rules.class_b_selfpay_prop is None


def test_clearing_holds_what_27_gives(packs: Packs, days: Days) -> None:
    """Declared by the 20th, two months' delay, cleared in the first quarter (27号)."""
    pack = shipped(packs, "000000-clearing")
    for day in days(*RANGES["000000-clearing"]):
        rules = pack.on(day)
        assert rules.clearing_declare_day == 20
        assert rules.clearing_delay_months == 2
        assert rules.clearing_close_months == 3
        assert rules.clearing_redeclare_days == 20
        assert rules.clearing_recording_days == 3


@pytest.mark.parametrize("scheme", ["310", "390"])
def test_dazhou_holds_what_118_gives(packs: Packs, scheme: str) -> None:
    """达州 files all but ordinary care, for six months, and takes 10 or 20 points."""
    rules = shipped(packs, f"511700-{scheme}").on(date(2023, 1, 1))
    assert rules.temporary_filing_months == 6
    assert rules.stay_extends_filing is True
    assert rules.filing_required == {
        "ordinary": False,
        "chronic": True,
        "inpatient": True,
    }
    assert rules.local_area == "5117"
    points = {
        (filing, region): rules.inpatient_reduction(filing, region)
        for filing in ("long-term-resident", "emergency", "referred", "other-temporary")
        for region in ("510100", "500000", "420100")
    }
    assert {key: one for key, one in points.items() if one} == {
        ("referred", "420100"): 1000,
        ("other-temporary", "510100"): 2000,
        ("other-temporary", "500000"): 2000,
        ("other-temporary", "420100"): 2000,
    }


@pytest.mark.parametrize("scheme", ["310", "390"])
def test_jiangmen_lists_what_its_notice_names(packs: Packs, scheme: str) -> None:
    """江门 lists the codes of the five diseases that the notice names, no more."""
    rules = shipped(packs, f"440700-{scheme}").on(date(2021, 4, 30))
    assert rules.chronic_diseases == frozenset(TEN)
    assert rules.filing_required is None


@pytest.mark.parametrize("scheme", ["310", "390"])
def test_a_hubei_city_holds_what_50_gives(packs: Packs, scheme: str) -> None:
    """武汉 wants filings for chronic care, and leaves its own list to its overlay."""
    rules = shipped(packs, f"420100-{scheme}").on(FIRST)
    assert rules.filing_required == {"chronic": True}
    assert rules.gap_refund_allowed is True
    assert rules.chronic_diseases is None


def test_local_codes_lead_to_national_ones(packs: Packs) -> None:
    """Both kinds of dialysis are sent as M07801, and every target is one of the ten."""
    for id_ in packs.ids()[2:]:
        codes = shipped(packs, id_).on(date(2023, 6, 1)).national_codes
        assert codes == {
            "M00503": "M00500",
            "M07803": "M07801",
            "M07804": "M07801",
            "M01609": "M01600",
        }
        assert set(codes.values()) <= set(TEN)


def test_every_value_names_its_source(packs: Packs) -> None:
    """Each parameter in force gives the instrument, the article and the sentence."""
    pack = shipped(packs, "429900-310")
    rules = pack.on(FIRST)
    for name in pack.parameters:
        because = rules.because(name)
        assert because is not None
        assert because.instrument in ("鄂医保发〔2021〕67号", "鄂医保发〔2022〕50号")
    cited = rules.because("outpatient_cap")
    assert cited is not None
    assert cited.article == "第九条"


def test_a_pack_reads_back_from_its_canonical_form(packs: Packs) -> None:
    """The archived form of a pack is the same pack: same digest, same rules."""
    for id_ in packs.ids():
        pack = shipped(packs, id_)
        again = parse_pack(pack.canonical.decode(), "archive")
        assert again.sha256 == pack.sha256
        assert again.on(date(2023, 6, 1)) == pack.on(date(2023, 6, 1))


def test_a_day_is_resolved_once(packs: Packs) -> None:
    """Two days of one period give the very same rules."""
    pack = shipped(packs, "429900-310")
    assert pack.on(FIRST) is pack.on(LAST)


def test_a_pack_is_found_by_its_digest(packs: Packs) -> None:
    """A pack of today, and an archived one, are found by what a decision names."""
    mine = load_packs()
    pack = shipped(mine, "429900-310")
    assert mine.by_sha(pack.sha256) is pack
    old = parse_pack(pack.canonical.decode().replace("240000", "250000"), "old")
    assert mine.by_sha(old.sha256) is None
    mine.archive(old)
    assert mine.by_sha(old.sha256) is old
    assert mine.find("429900", "310") is pack
