"""Overlays laid over packs: what holds on which day, and under which digest."""

from collections.abc import Callable
from datetime import date

from jiesuan_domain.policy.loader import load, parse_pack
from jiesuan_domain.policy.model import Pack, Packs

Merge = Callable[..., Pack]
DAY = date(2022, 1, 1)
BECAUSE = 'because: {instrument: 统筹区配置, article: "-", quote: "-"}'


def test_an_overlay_is_merged_and_changes_the_digest(
    packs: Packs, laid_over: Merge, overlay: str
) -> None:
    """An overlay's parameter is merged over the pack's and enters its SHA-256."""
    plain = packs.find("429900", "310")
    assert plain is not None
    merged = laid_over(overlay)
    assert merged.on(DAY).large_sum_ratio == 9000
    assert merged.on(DAY).outpatient_deductible == 240_000
    assert merged.sha256 != plain.sha256
    assert merged.title == plain.title


def deductible(*values: str) -> str:
    """Write an overlay of one parameter with these values."""
    listed = "".join(f"\n      - {value}" for value in values)
    return f"""
pack: 429900-310
parameters:
  outpatient_deductible:
    unit: fen
    values:{listed}
"""


def test_an_overlay_replaces_a_parameter_from_its_own_first_day_on(
    laid_over: Merge,
) -> None:
    """Before an overlay's first day the pack's values hold, from it on its own."""
    made = laid_over(
        f"""
pack: 429900-310
parameters:
  outpatient_ratio:
    unit: rate
    by: [tier]
    values: [{{from: 2023-01-01, value: "0.5000", {BECAUSE}}}]
"""
    )
    tiers = ("primary", "secondary", "tertiary", "ministry")
    before = dict(zip(tiers, (8000, 7000, 6000, 5000), strict=True))
    for day in (DAY, date(2022, 12, 31)):
        assert made.on(day).outpatient_ratio == before
        assert made.on(day).missing == frozenset()
    for day in (date(2023, 1, 1), date(2030, 1, 1)):
        assert made.on(day).outpatient_ratio == dict.fromkeys(tiers, 5000)


def test_an_overlay_from_the_first_day_leaves_nothing_of_the_pack(
    laid_over: Merge,
) -> None:
    """A parameter configured from its first day on is what the overlay says alone."""
    early, same = (
        f"{{from: {day}, value: 7, {BECAUSE}}}" for day in ("2021-01-01", DAY)
    )
    for value in (early, same):
        made = laid_over(deductible(value))
        assert [
            one.value for one in made.parameters["outpatient_deductible"].values
        ] == [7]


def test_days_that_nobody_gave_a_value_stay_without_one(laid_over: Merge) -> None:
    """From the end of the former values to the overlay's first day there is none."""
    first = f"{{from: 2022-01-01, value: 1, {BECAUSE}}}"
    second = f"{{from: 2023-01-01, value: 2, {BECAUSE}}}"
    former = deductible(first, "{until: 2022-06-30}", second, "{until: 2023-06-30}")
    made = laid_over(former, deductible(f"{{from: 2024-01-01, value: 3, {BECAUSE}}}"))
    days = ("2022-06-30", "2022-07-01", "2023-06-30", "2023-07-01", "2024-01-01")
    found = [made.on(date.fromisoformat(day)).outpatient_deductible for day in days]
    assert found == [1, None, 2, None, 3]


def test_what_is_merged_can_be_read_again(laid_over: Merge) -> None:
    """The archived text of a merged pack is the same pack, day for day."""
    made = laid_over(deductible(f"{{from: 2023-01-01, value: 7, {BECAUSE}}}"))
    again = parse_pack(made.canonical.decode(), "archived")
    assert again.sha256 == made.sha256
    assert again.parameters == made.parameters


def test_of_two_overlays_the_later_counts(laid_over: Merge, overlay: str) -> None:
    """Where two overlays write one parameter, the later one's stands."""
    made = laid_over(overlay, overlay.replace("0.9000", "0.8500"))
    assert made.on(DAY).large_sum_ratio == 8500


def test_the_same_content_has_the_same_digest(laid_over: Merge, overlay: str) -> None:
    """Order, spacing and comments of an overlay leave the digest alone."""
    other = """
# configured in spring
parameters:
  large_sum_ratio: {values: [{because: {quote: "-", article: "-",
    instrument: 统筹区配置}, value: '0.9000', from: "2022-01-01"}], unit: rate}
pack: 429900-310
"""
    assert laid_over(other).sha256 == laid_over(overlay).sha256


def test_an_overlay_without_a_pack_is_the_pack(overlay: str) -> None:
    """A region that no notice covers is what its overlay says."""
    found = load({}, {"x.yaml": overlay.replace("429900", "990000")})
    pack = found.find("990000", "310")
    assert pack is not None
    assert pack.on(DAY).large_sum_ratio == 9000
    assert pack.on(DAY).outpatient_ratio is None
    assert found.find("429900", "310") is None
