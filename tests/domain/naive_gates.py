"""The gates a second time: every reason to refuse a bill, in the contract's order.

Reads lists of what was sent, by days, and imports nothing of the law.
"""

from dataclasses import dataclass
from datetime import date

from tests.domain.naive_bill import (
    POINTS,
    Asked,
    Item,
    World,
    is_off,
    split_line,
)
from tests.domain.naive_known import (
    Known,
    day_in,
    later_by,
    moment,
    nation_of,
    one_disease,
)

FIRST_DAY, LAST_DAY = date(2022, 1, 1), date(2026, 12, 31)
ACROSS = ("M00500", "M07801", "M01600", "M03900")
LISTED = (*ACROSS[:3], "M02101")
ORDER = (
    "unknown-institution",
    "not-enrolled",
    "enrolment-suspended",
    "policy-not-in-force",
    "mixed-years",
    "mixed-diseases",
    "third-party-liable",
    "lines-do-not-add-up",
    "inpatient-stay",
    "not-qualified",
    "reverification-required",
    "no-filing",
    "disease-not-in-list",
    "institution-not-opened",
    "institution-not-designated",
    "prescription-required",
    "already-settled",
)


@dataclass
class Look:
    """One bill before the gates."""

    known: Known
    bill: Asked
    claimed: bool
    world: World
    standing: list[Item]
    sent: date

    @property
    def day(self) -> date:
        """Return the service day: the Beijing date of the latest line."""
        return max(moment(one["fee_ocur_time"]) for one in self.lines).date()

    @property
    def lines(self) -> list[Asked]:
        """Return the lines."""
        lines: list[Asked] = self.bill["feedetail"]
        return lines

    @property
    def reach(self) -> str:
        """Return how far the care place is, as `pay_loc` does."""
        region = self.bill["mdtrtarea_admvs"]
        home = self.bill["insuplc_admdvs"]
        if region == home or region.startswith(self.world.local):
            return "2"
        return "3" if region[:2] == home[:2] else "4"

    def points(self) -> int:
        """Return the points that the filing takes off the ratio of a stay."""
        if self.bill["med_type"] != "21" or self.reach == "2":
            return 0
        if self.world.months is None:
            return 0
        filings = self.filings()
        if not filings:
            return POINTS["other-temporary"]
        return min(POINTS.get(one["filing_type"], 0) for one in filings)

    def filings(self) -> list[Asked]:
        """List the filings that count for the bill; a stay's until it is settled."""
        region = self.bill["mdtrtarea_admvs"]
        found = self.known.filings_on(self.day, region=region, world=self.world)
        if self.bill["med_type"] == "21":
            left = self._left()
            found += self.known.filings_on(left, region=region, world=self.world)
        return found

    def _left(self) -> date:
        """Return the day on which the stay ended, or else of the request."""
        bill, ended = self.bill, []
        for (visit, place), stay in self.known.stays.items():
            if place != bill["fixmedins_code"] or stay.end is None:
                continue
            mine = visit == bill["mdtrt_id"]
            if mine or stay.begin.date() <= self.day <= stay.end.date():
                ended.append((mine, stay.end.date()))
        own = [day for mine, day in ended if mine] or [day for _, day in ended]
        return own[-1] if own else self.sent

    def codes(self) -> list[str]:
        """List every reason to refuse the bill, in the contract's order."""
        bill = self.bill
        hospital = self.known.hospitals.get(bill["fixmedins_code"])
        if hospital and not self._gives(hospital):
            return ["malformed"]
        in_force = FIRST_DAY <= self.day <= LAST_DAY
        found = {
            "unknown-institution": hospital is None,
            **self._enrolled(),
            "policy-not-in-force": not in_force,
            **self._lines(),
            "inpatient-stay": bill["med_type"] != "21" and self._in_a_stay(),
            **self._qualified(),
            "third-party-liable": bill.get("trum_flag") == "1"
            and bill.get("rel_ttp_flag") == "1",
            "institution-not-designated": in_force and not self._is_chosen(),
            "already-settled": self._is_settled(),
        }
        if not self.claimed:
            found |= self._place(hospital, in_force=in_force)
        found["disease-not-in-list"] = self._unlisted(in_force=in_force)
        return [code for code in ORDER if found.get(code)]

    def _gives(self, hospital: Asked) -> bool:
        """Whether an institution of this kind gives this kind of care."""
        care = self.bill["med_type"]
        if hospital["fixmedins_type"] == "2":
            return care in ("14", "41")
        return bool(care != "41")

    def _is_chosen(self) -> bool:
        bill = self.bill
        if bill["med_type"] != "14" or self.world.chosen is None:
            return True
        chosen = self.known.chosen_on(self.day, bill["dise_codg"])
        return bill["fixmedins_code"] in chosen

    def _is_settled(self) -> bool:
        """Whether the visit is claimed, or settled and now to be claimed."""
        bill = self.bill
        return any(
            (one.bill or {})["mdtrt_id"] == bill["mdtrt_id"]
            and (one.bill or {})["fixmedins_code"] == bill["fixmedins_code"]
            and (one.claimed or self.claimed)
            for one in self.standing
            if one.bill
        )

    def _enrolled(self) -> dict[str, bool]:
        status = self.known.status_on(self.day)
        here = self.known.enrolment_on(self.day) or {}
        if here.get("insuplc_admdvs") != self.bill["insuplc_admdvs"]:
            status = ""
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
        """Whether a line is of another disease, or ordinary care of any."""
        own = self.bill.get("dise_codg", "")
        tags = [one["dise_codg"] for one in self.lines if "dise_codg" in one]
        if self.bill["med_type"] not in ("14", "15"):
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
        """Whether a qualification must be verified again."""
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
        """Whether the disease is not the region's, or not one of the ten away."""
        if self.bill["med_type"] not in ("14", "15") or not in_force:
            return False
        code = nation_of(self.bill["dise_codg"])
        if self.bill["med_type"] == "15":
            return code not in ("M03900", "M01600")
        away = self.reach == "4" and not self.claimed
        return code not in LISTED or (away and code not in ACROSS)

    def _place(self, hospital: Asked | None, *, in_force: bool) -> dict[str, bool]:
        bill, away = self.bill, self.reach == "4"
        found = {}
        if in_force:
            asked = self.reach != "2" and bill["med_type"] != "13"
            found["no-filing"] = asked and not self.filings()
            found["institution-not-opened"] = (
                away and hospital is not None and not self._opened(hospital)
            )
        found["prescription-required"] = (
            hospital is not None
            and hospital["fixmedins_type"] == "2"
            and not ("rxno" in bill and self._by_a_hospital())
        )
        return found

    def _by_a_hospital(self) -> bool:
        """Whether somebody who is no pharmacy wrote the prescription."""
        by = self.bill.get("rxfixmedins_code")
        prescriber = self.known.hospitals.get(str(by), {"fixmedins_type": "1"})
        return by is not None and prescriber["fixmedins_type"] == "1"

    def _opened(self, hospital: Asked) -> bool:
        if self.bill["med_type"] == "21":
            return True
        if self.bill["med_type"] != "14":
            return bool(hospital.get("outpatient_opened", False))
        diseases = [one["opsp_dise_code"] for one in hospital.get("opened", [])]
        return any(one_disease(self.bill["dise_codg"], one) for one in diseases)
