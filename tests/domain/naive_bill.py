"""One bill under the naive law: split, and divided among those who pay.

Amounts are overlaps of intervals on a line of in-scope fen, with fractions.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

DEDUCTIBLE = 240_000
LARGE = 24_000_000
CAPS = ((50, 600_000), (70, 800_000), (999, 1_000_000))
ORDINARY = {"1": 80, "2": 70, "3": 60, "ministry": 50}
CHRONIC = {"1": 90, "2": 85, "3": 78, "ministry": 65}
TWO = {"1": 60, "2": 55, "3": 50, "ministry": 40}
TWO_LIMITS = {"M03900": 200_000, "M01600": 300_000}
CHRONIC_LIMITS = {"M01600": 5_000_000}
STAY = {"1": 90, "2": 87, "3": 85, "ministry": 15}
STAY_DEDUCTIBLE = {"1": 20_000, "2": 50_000, "3": 100_000, "ministry": 0}
RETIRED_MORE = 2
TIERS = {"primary": "1", "secondary": "2", "tertiary": "3", "ministry": "ministry"}
POINTS = {"referred": 10, "other-temporary": 20}
PARTS = (
    "fulamt_ownpay_amt_fen",
    "overlmt_amt_fen",
    "preselfpay_amt_fen",
    "inscp_scp_amt_fen",
)
NATIONAL = {
    "M00503": "M00500",
    "M07803": "M07801",
    "M07804": "M07801",
    "M01609": "M01600",
}
ENDLESS = 10**18
Money = dict[str, int]
Asked = dict[str, Any]


class Unpayable(Exception):
    """A reimbursable part lies above 24万 and nobody said who pays which share."""


@dataclass(frozen=True)
class World:
    """What the region has configured beyond the text."""

    large_ratio: Fraction | None = None
    supplement: Fraction | None = None
    stays: bool = False
    local: str = "42"
    months: int | None = None
    twin: bool = False
    chosen: int | None = None
    limits: bool = False

    def twin_overlay(self) -> dict[str, Any]:
        """Write the same law as the parameters of a city that has none of its own."""
        return {
            "outpatient_deductible": DEDUCTIBLE,
            "outpatient_ratio": {
                tier: rate(Fraction(ORDINARY[short], 100))
                for tier, short in TIERS.items()
            },
            "outpatient_cap": [
                {"to_age": CAPS[0][0], "value": CAPS[0][1]},
                {"to_age": CAPS[1][0], "value": CAPS[1][1]},
                {"value": CAPS[2][1]},
            ],
            "chronic_ratio": {
                group: {
                    tier: rate(Fraction(CHRONIC[short] + more, 100))
                    for tier, short in TIERS.items()
                }
                for group, more in (("active", 0), ("retired", RETIRED_MORE))
            },
            "large_sum_threshold": LARGE,
            "class_b_selfpay_prop": "0.1000",
            "chronic_diseases": ["M00500", "M07801", "M01600", "M02101"],
            "filing_required": {"ordinary": True, "chronic": True},
            **self.overlay(),
        }

    def overlay(self) -> dict[str, Any]:
        """Write it as the parameters of an overlay."""
        made: dict[str, Any] = {}
        if self.large_ratio is not None:
            made["large_sum_ratio"] = rate(self.large_ratio)
        if self.supplement is not None:
            made["employer_supplement_ratio"] = rate(self.supplement)
        if self.stays:
            made["inpatient_deductible"] = {
                tier: STAY_DEDUCTIBLE[short] for tier, short in TIERS.items()
            }
            made["inpatient_ratio"] = {
                group: {
                    tier: rate(Fraction(STAY[short] + more, 100))
                    for tier, short in TIERS.items()
                }
                for group, more in (("active", 0), ("retired", RETIRED_MORE))
            }
        if self.months is not None:
            made["temporary_filing_months"] = self.months
            made["local_area"] = self.local
            made["filing_inpatient_reduction"] = {
                filing: rate(Fraction(points, 100)) for filing, points in POINTS.items()
            }
        if self.limits:
            made["two_disease_ratio"] = {
                tier: rate(Fraction(TWO[short], 100)) for tier, short in TIERS.items()
            }
            made["two_disease_limits"] = TWO_LIMITS
            made["disease_limits"] = CHRONIC_LIMITS
        if self.chosen is not None:
            made["designation_required"] = {"chronic": True}
            made["designation_limit"] = {"chronic": self.chosen}
        return made


@dataclass
class Item:
    """Something that stands in a year: a bill, or an inpatient report.

    What a bill was settled with is kept: who the person was, the tier, the points off.
    """

    name: tuple[str, str]
    bill: Asked | None = None
    parts: tuple[int, ...] = ()
    day: date = date.min
    report: int = 0
    visit: str = ""
    who: Asked = field(default_factory=dict)
    tier: str = ""
    points: int = 0
    claimed: bool = False

    @property
    def care(self) -> str:
        """Return the kind of care, none for a report."""
        return "" if self.bill is None else str(self.bill["med_type"])

    @property
    def disease(self) -> str:
        """Return the national code of the disease that a bill names."""
        code = str((self.bill or {}).get("dise_codg", ""))
        return NATIONAL.get(code, code)


def rate(exact: Fraction) -> str:
    """Write a ratio as the wire does."""
    return f"{Decimal(exact.numerator) / Decimal(exact.denominator):.4f}"


def nearest(exact: Fraction) -> int:
    """Round to the nearest fen, halves away from zero."""
    size = int(abs(exact) + Fraction(1, 2))
    return size if exact >= 0 else -size


def overlap(low: int, high: int, *, start: int, end: int) -> int:
    """Measure how much of [low, high) lies in [start, end)."""
    return max(0, min(high, end) - max(low, start))


def is_off(line: Asked) -> bool:
    """Whether a line is more than a fen off, or is not the sum of its parts."""
    exact = Fraction(Decimal(line["pric"])) * Fraction(Decimal(line["cnt"])) * 100
    whole, parts = line["det_item_fee_sumamt_fen"], split_line(line)
    return (
        abs(nearest(exact) - whole) > 1
        or sum(parts) != whole
        or any(part * whole < 0 for part in parts)
    )


def split_line(line: Asked) -> tuple[int, ...]:
    """Split a line into 自费, 超限价, 先行自付 and in scope."""
    whole = line["det_item_fee_sumamt_fen"]
    if PARTS[3] in line:
        return tuple(line[name] for name in PARTS)
    approval = line.get("hosp_appr_flag")
    restricted = line.get("lmt_used_flag") == "1" and approval != "1"
    # A negotiated drug is 乙类 at the region's ratio, whatever else the line says.
    agreed = line.get("hi_nego_drug_flag") == "1"
    kind = "02" if agreed else line["chrgitm_lv"]
    if kind == "03" or restricted or approval == "2":
        return (whole, 0, 0, 0)
    over = Fraction(0)
    if "pric_uplmt_amt" in line:
        above = Fraction(Decimal(line["pric"]) - Decimal(line["pric_uplmt_amt"]))
        over = max(Fraction(0), above) * abs(Fraction(Decimal(line["cnt"]))) * 100
    size = abs(whole)
    sign = 1 if whole >= 0 else -1
    beyond = min(size, nearest(over))
    own = "0.1" if agreed else line.get("selfpay_prop", "0.1")
    first = nearest((size - beyond) * Fraction(Decimal(own))) if kind == "02" else 0
    return (0, sign * beyond, sign * first, sign * (size - beyond - first))


def years_old(birth: date, day: date) -> int:
    """Count the birthdays that have been kept by a day."""
    before = (day.month, day.day) < (birth.month, birth.day)
    return day.year - birth.year - before


def cap_at(birth: date, day: date) -> int:
    """Return the cap for a person's age on a day."""
    years = years_old(birth, day)
    return next(cap for age, cap in CAPS if years <= age)


def percent_of(item: Item) -> int:
    """Return the pool's percentage for a bill."""
    more = RETIRED_MORE if item.who["psn_type"].startswith("12") else 0
    if item.care == "14":
        return CHRONIC[item.tier] + more
    if item.care == "15":
        return TWO[item.tier]
    if item.care == "21":
        return max(0, STAY[item.tier] + more - item.points)
    return ORDINARY[item.tier]


def limits_of(item: Item, *, ordinary: int) -> tuple[int, int]:
    """Return what of a bill is deductible and what lies over the cap."""
    scope = item.parts[3]
    if item.care in ("14", "15"):
        return 0, 0
    if item.care == "21":
        return overlap(0, scope, start=0, end=STAY_DEDUCTIBLE[item.tier]), 0
    top = ordinary + scope
    cap = cap_at(date.fromisoformat(item.who["brdy"]), item.day)
    first = overlap(ordinary, top, start=0, end=DEDUCTIBLE)
    return first, overlap(ordinary, top, start=cap, end=ENDLESS)


def limit_of(item: Item, world: World) -> int:
    """Return what the pool pays at most a year for the disease of a bill."""
    limits = {"14": CHRONIC_LIMITS, "15": TWO_LIMITS}.get(item.care, {})
    return limits.get(item.disease, ENDLESS) if world.limits else ENDLESS


def settle_item(
    item: Item, world: World, *, ordinary: int, whole: int, paid: int
) -> Money:
    """Compute one bill on what the year had used and paid for its disease before."""
    first, over = limits_of(item, ordinary=ordinary)
    eligible = item.parts[3] - first - over
    low = whole + first
    above = overlap(low, low + eligible, start=LARGE, end=ENDLESS)
    if above and world.large_ratio is None:
        raise Unpayable
    pool = nearest(Fraction((eligible - above) * percent_of(item), 100))
    beyond = max(0, pool - max(0, limit_of(item, world) - paid))
    pool, over = pool - beyond, over + beyond
    large = nearest(above * (world.large_ratio or Fraction(0)))
    borne = item.parts[3] - pool - large
    return bill_money(
        item,
        first,
        over=over,
        funds=(pool, large, nearest(borne * (world.supplement or Fraction(0)))),
        share=eligible - beyond - pool - large,
    )


def bill_money(
    item: Item, first: int, *, over: int, funds: tuple[int, int, int], share: int
) -> Money:
    """Write one bill's amounts under their wire names."""
    bill = item.bill or {}
    burden = sum(item.parts) - sum(funds)
    account = min(bill["balc_fen"], burden) if bill["acct_used_flag"] == "1" else 0
    return {
        "medfee_sumamt_fen": sum(item.parts),
        "fulamt_ownpay_amt_fen": item.parts[0],
        "overlmt_selfpay_fen": item.parts[1],
        "preselfpay_amt_fen": item.parts[2],
        "inscp_scp_amt_fen": item.parts[3],
        "act_pay_dedc_fen": first,
        "overcap_amt_fen": over,
        "hifp_pay_fen": funds[0],
        "hifob_pay_fen": funds[1],
        "hifes_pay_fen": funds[2],
        "ratio_selfpay_fen": share,
        "fund_pay_sumamt_fen": sum(funds),
        "psn_part_amt_fen": burden,
        "acct_pay_fen": account,
        "psn_cash_pay_fen": burden - account,
    }
