"""The gates a second time: every reason to refuse a bill, in the contract's order.

Reads lists of what was sent, by days, and imports nothing of the law.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone

from tests.domain.naive_bill import POINTS, Asked, Item, World, is_off, split_line

BEIJING = timezone(timedelta(hours=8))
FIRST_DAY, LAST_DAY = date(2022, 1, 1), date(2026, 12, 31)
ACROSS = ("M00500", "M07801", "M01600", "M03900")
LISTED = (*ACROSS[:3], "M02101")
NATIONAL = {
    "M00503": "M00500",
    "M07803": "M07801",
    "M07804": "M07801",
    "M01609": "M01600",
}
ORDER = (
    "unknown-institution",
    "not-enrolled",
    "enrolment-suspended",
    "policy-not-in-force",
    "mixed-years",
    "mixed-diseases",
    "lines-do-not-add-up",
    "inpatient-stay",
    "not-qualified",
    "reverification-required",
    "no-filing",
    "disease-not-in-list",
    "institution-not-opened",
    "prescription-required",
)
TEMPORARY = ("referred", "emergency", "other-temporary")
HOME = "429900"


def moment(text: str) -> datetime:
    """Read an instant, in Beijing."""
    return datetime.fromisoformat(text).astimezone(BEIJING)


def day_in(data: Asked, name: str) -> date | None:
    """Read a day, if it was said."""
    return date.fromisoformat(data[name]) if name in data else None


def later_by(day: date, *, years: int = 0, months: int = 0) -> date:
    """Give the same day of a later year or month (no day beyond the 28th)."""
    count = day.year * 12 + day.month - 1 + 12 * years + months
    return date(count // 12, count % 12 + 1, day.day)


def nation_of(code: str) -> str:
    """Give the national code of a local one, or the code itself."""
    return NATIONAL.get(code, code)


def one_disease(code: str, other: str) -> bool:
    """Tell whether two codes are one disease: the same, or one the other's nation."""
    return code == other or code == nation_of(other) or other == nation_of(code)


@dataclass
class Stay:
    """A stay in hospital, until someone says that it ended."""

    begin: datetime
    end: datetime | None = None


@dataclass
class Known:
    """What was registered of hospitals and of the person."""

    hospitals: dict[str, Asked] = field(default_factory=dict)
    enrolments: dict[str, Asked] = field(default_factory=dict)
    qualifications: dict[tuple[str, str], Asked] = field(default_factory=dict)
    filings: list[Asked] = field(default_factory=list)
    stays: dict[tuple[str, str], Stay] = field(default_factory=dict)

    def tier(self, code: str) -> str:
        """Give the tier with which an institution counts."""
        one = self.hospitals[code]
        level = str(one["dedc_hosp_lv"])
        tier = level if level in "123" and one["fixmedins_type"] == "1" else "1"
        return "ministry" if tier == "3" and one["ministry_affiliated"] else tier

    def enrolment_on(self, day: date) -> Asked | None:
        """Find the enrolment of a day: the latest that had begun, if it lasts."""
        begun = [one for at, one in self.enrolments.items() if at <= day.isoformat()]
        if not begun:
            return None
        latest = max(begun, key=lambda one: str(one["begndate"]))
        end = day_in(latest, "enddate")
        return None if end is not None and end < day else latest

    def status_on(self, day: date) -> str:
        """Give the status of enrolment on a day; what is neither 1 nor 2 is none."""
        one = self.enrolment_on(day)
        return "" if one is None else str(one.get("psn_insu_stas", "1"))

    def filing_on(self, day: date, *, region: str, world: World) -> Asked | None:
        """Find the filing that covers a region on a day: the one that began last."""
        found: Asked | None = None
        for one in self.filings:
            where = one["rloc_admdvs"]
            while where.endswith("00"):
                where = where[:-2]
            begin = date.fromisoformat(one["begndate"])
            end = day_in(one, "enddate")
            if end is None and one["filing_type"] in TEMPORARY and world.months:
                end = later_by(begin, months=world.months) - timedelta(days=1)
            lasts = begin <= day and (end is None or day <= end)
            if not (region.startswith(where) and lasts):
                continue
            if found is None or one["begndate"] >= found["begndate"]:
                found = one
        return found


@dataclass
class Look:
    """One bill before the gates."""

    known: Known
    bill: Asked
    claimed: bool
    world: World
    standing: list[Item]

    @property
    def day(self) -> date:
        """Give the service day: the Beijing date of the latest line."""
        return max(moment(one["fee_ocur_time"]) for one in self.lines).date()

    @property
    def lines(self) -> list[Asked]:
        """Give the lines."""
        lines: list[Asked] = self.bill["feedetail"]
        return lines

    @property
    def reach(self) -> str:
        """Tell how far the care place is, as `pay_loc` does."""
        region = self.bill["mdtrtarea_admvs"]
        if region == HOME or region.startswith(self.world.local):
            return "2"
        return "3" if region[:2] == HOME[:2] else "4"

    def points(self) -> int:
        """Give the points that the filing takes off the ratio of a stay."""
        if self.bill["med_type"] != "21" or self.reach == "2":
            return 0
        if self.world.months is None:
            return 0
        region = self.bill["mdtrtarea_admvs"]
        filing = self.known.filing_on(self.day, region=region, world=self.world)
        kind = "other-temporary" if filing is None else filing["filing_type"]
        return POINTS.get(kind, 0)

    def codes(self) -> list[str]:
        """List every reason to refuse the bill, in the contract's order."""
        bill = self.bill
        hospital = self.known.hospitals.get(bill["fixmedins_code"])
        if hospital and bill["med_type"] == "41" and hospital["fixmedins_type"] != "2":
            return ["malformed"]
        in_force = FIRST_DAY <= self.day <= LAST_DAY
        found = {
            "unknown-institution": hospital is None,
            **self._enrolled(),
            "policy-not-in-force": not in_force,
            **self._lines(),
            "inpatient-stay": bill["med_type"] != "21" and self._in_a_stay(),
            **self._qualified(),
        }
        if not self.claimed:
            found |= self._place(hospital, in_force=in_force)
        found["disease-not-in-list"] = self._unlisted(in_force=in_force)
        return [code for code in ORDER if found.get(code)]

    def _enrolled(self) -> dict[str, bool]:
        status = self.known.status_on(self.day)
        return {
            "not-enrolled": status not in ("1", "2"),
            "enrolment-suspended": status == "2",
        }

    def _lines(self) -> dict[str, bool]:
        years = {moment(one["fee_ocur_time"]).year for one in self.lines}
        care = self.bill["med_type"]
        columns = zip(*[split_line(one) for one in self.lines], strict=True)
        parts = [sum(column) for column in columns]
        return {
            "mixed-years": care != "21" and len(years) > 1,
            "mixed-diseases": care != "21" and self._is_mixed(),
            "lines-do-not-add-up": sum(parts) != self.bill["medfee_sumamt_fen"]
            or min(parts) < 0
            or any(is_off(one) for one in self.lines),
        }

    def _is_mixed(self) -> bool:
        """Tell whether a line is of another disease, or ordinary care of any."""
        own = self.bill.get("dise_codg", "")
        tags = [one["dise_codg"] for one in self.lines if "dise_codg" in one]
        if self.bill["med_type"] != "14":
            return bool(own or tags)
        return not all(one_disease(own, tag) for tag in tags)

    def _in_a_stay(self) -> bool:
        times = [moment(one["fee_ocur_time"]) for one in self.lines]
        return any(
            stay.begin <= at and (stay.end is None or at < stay.end)
            for stay in self.known.stays.values()
            for at in times
        )

    def _qualified(self) -> dict[str, bool]:
        bill, day = self.bill, self.day
        if bill["med_type"] != "14":
            return {}
        latest: dict[str, Asked] = {}
        for (disease, begin), one in self.known.qualifications.items():
            is_over = one.get("revoked", "9999") < day.isoformat()
            if begin > day.isoformat() or is_over:
                continue
            if one_disease(disease, bill["dise_codg"]):
                other = latest.get(disease, one)
                latest[disease] = max(other, one, key=lambda each: each["begndate"])
        if not latest:
            return {"not-qualified": True}
        due = [self._is_due(one) for one in latest.values()]
        return {"reverification-required": all(due)}

    def _is_due(self, latest: Asked) -> bool:
        """Tell whether a qualification must be verified again."""
        bill, day = self.bill, self.day
        begin, end = date.fromisoformat(latest["begndate"]), day_in(latest, "enddate")
        treated = [
            one.day
            for one in self.standing
            if one.care == "14"
            and one_disease((one.bill or {})["dise_codg"], bill["dise_codg"])
            and begin <= one.day <= day
        ]
        paused = bool(treated) and day >= later_by(max(treated), years=1)
        over = end is not None and day > end
        return over or paused or day >= later_by(begin, years=5)

    def _unlisted(self, *, in_force: bool) -> bool:
        """Tell whether the disease is not the region's, or not one of the ten away."""
        if self.bill["med_type"] != "14" or not in_force:
            return False
        code = nation_of(self.bill["dise_codg"])
        away = self.reach == "4" and not self.claimed
        return code not in LISTED or (away and code not in ACROSS)

    def _place(self, hospital: Asked | None, *, in_force: bool) -> dict[str, bool]:
        bill, away = self.bill, self.reach == "4"
        found = {}
        if in_force:
            region = bill["mdtrtarea_admvs"]
            filing = self.known.filing_on(self.day, region=region, world=self.world)
            asked = self.reach != "2" and bill["med_type"] != "13"
            found["no-filing"] = asked and filing is None
            found["institution-not-opened"] = (
                away and hospital is not None and not self._opened(hospital)
            )
        found["prescription-required"] = (
            hospital is not None
            and hospital["fixmedins_type"] == "2"
            and not ("rxno" in bill and "rxfixmedins_code" in bill)
        )
        return found

    def _opened(self, hospital: Asked) -> bool:
        if self.bill["med_type"] == "21":
            return True
        if self.bill["med_type"] != "14":
            return bool(hospital.get("outpatient_opened", False))
        diseases = [one["opsp_dise_code"] for one in hospital.get("opened", [])]
        return any(one_disease(self.bill["dise_codg"], one) for one in diseases)
