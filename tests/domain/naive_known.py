"""What was registered, a second time: enrolments, filings, choices, stays."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone

from tests.domain.naive_bill import NATIONAL, Asked, World

BEIJING = timezone(timedelta(hours=8))
TEMPORARY = ("referred", "emergency", "other-temporary")


def moment(text: str) -> datetime:
    """Read an instant, in Beijing."""
    return datetime.fromisoformat(text).astimezone(BEIJING)


def day_in(data: Asked, name: str) -> date | None:
    """Read a day, if it was said."""
    return date.fromisoformat(data[name]) if name in data else None


def later_by(day: date, *, years: int = 0, months: int = 0) -> date:
    """Return the same day of a later year or month (no day beyond the 28th)."""
    count = day.year * 12 + day.month - 1 + 12 * years + months
    return date(count // 12, count % 12 + 1, day.day)


def nation_of(code: str) -> str:
    """Return the national code of a local one, or the code itself."""
    return NATIONAL.get(code, code)


def one_disease(code: str, other: str) -> bool:
    """Whether two codes are one disease: the same, or one the other's nation."""
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
    filings: dict[tuple[str, str, str], Asked] = field(default_factory=dict)
    choices: dict[tuple[str, str, str], Asked] = field(default_factory=dict)
    stays: dict[tuple[str, str], Stay] = field(default_factory=dict)

    def tier(self, code: str) -> str:
        """Return the tier with which an institution counts."""
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
        """Return the status of enrolment on a day; what is neither 1 nor 2 is none."""
        one = self.enrolment_on(day)
        return "" if one is None else str(one.get("psn_insu_stas", "1"))

    def home_on(self, day: date) -> str:
        """Return the region that registrations of a day belong to; none is empty."""
        one = self.enrolment_on(day)
        if one is None and self.enrolments:
            one = self.enrolments[max(self.enrolments)]
        return "" if one is None else str(one["insuplc_admdvs"])

    def filings_on(self, day: date, *, region: str, world: World) -> list[Asked]:
        """List the filings that cover a region on a day."""
        return [
            one
            for one in self.filings.values()
            if region.startswith(stem(one["rloc_admdvs"]))
            and date.fromisoformat(one["begndate"]) <= day
            and day.isoformat() <= last_of(one, world)
            and self._insured_all_along(date.fromisoformat(one["begndate"]), day)
        ]

    def _insured_all_along(self, first: date, last: date) -> bool:
        """Whether a person was insured in one region from one day to another."""
        days = {first, last}
        for begin, one in self.enrolments.items():
            days.add(date.fromisoformat(begin))
            if "enddate" in one:
                days.add(date.fromisoformat(one["enddate"]) + timedelta(days=1))
        homes = set()
        for day in days:
            if first <= day <= last:
                if self.status_on(day) != "1":
                    return False
                homes.add((self.enrolment_on(day) or {})["insuplc_admdvs"])
        return len(homes) == 1

    def chosen_on(self, day: date, disease: str) -> set[str]:
        """List the institutions chosen for a disease on a day."""
        today = day.isoformat()
        return {
            one["fixmedins_code"]
            for one in self.choices.values()
            if one_disease(one["opsp_dise_code"], disease)
            and one["begndate"] <= today <= one.get("enddate", "9999")
            and today <= one.get("undesignated", "9999")
            and not self._moved(one["begndate"], today)
        }

    def _moved(self, first: str, last: str) -> bool:
        """Whether the region of enrolment became another after a day."""
        then = self.enrolment_on(date.fromisoformat(first))
        later = sorted(at for at in self.enrolments if first < at)
        if then is None and later:
            then = self.enrolments[later[0]]
        return any(
            self.enrolments[at]["insuplc_admdvs"] != (then or {})["insuplc_admdvs"]
            for at in later
            if at <= last
        )


def stem(region: str) -> str:
    """Return the part of a region's code that all within it begin with."""
    pairs = [region[at : at + 2] for at in (0, 2, 4)]
    while pairs and pairs[-1] == "00":
        pairs.pop()
    return "".join(pairs)


def last_of(filing: Asked, world: World) -> str:
    """Return the last day of a filing by itself (no day beyond the 28th)."""
    last = str(filing.get("enddate", "9999"))
    temporary = filing["filing_type"] in TEMPORARY
    if "enddate" not in filing and temporary and world.months:
        begin = date.fromisoformat(filing["begndate"])
        end = later_by(begin, months=world.months) - timedelta(days=1)
        last = end.isoformat()
    return min(last, str(filing.get("unfiled", "9999")))
