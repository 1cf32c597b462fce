"""The law a second time, written naively and apart from the first.

Nothing is kept but lists of what was sent and what stands in a year; every amount is
recomputed from the beginning. Reads the wire names of the contracts and imports nothing
of the law. One bill is in `naive_bill`, the gates are in `naive_gates`.
"""

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from tests.domain.naive_bill import (
    Asked,
    Item,
    Money,
    Unpayable,
    World,
    percent_of,
    rate,
    settle_item,
    split_line,
)
from tests.domain.naive_gates import FIRST_DAY, LISTED, Look
from tests.domain.naive_known import (
    Known,
    Stay,
    moment,
    nation_of,
    one_disease,
    stem,
)
from tests.domain.naive_telling import CUM, PAYERS, Expected, refused

ORDINARY_CARE = ("11", "13", "41")
Name = tuple[str, str]
Pool = tuple[str, str]
"""Region of enrolment and year."""
BEGINS = ("qualify", "file", "designate")
ENDS = ("disqualify", "unfile", "undesignate")


@dataclass
class Naive:
    """One person, remembered as lists and nothing else."""

    world: World
    facts: Known = field(default_factory=Known)
    years: dict[Pool, list[Item]] = field(default_factory=dict)
    gone: set[Name] = field(default_factory=set)
    known: dict[Name, Item] = field(default_factory=dict)
    barred: set[Name] = field(default_factory=set)
    sent: date = date.min

    def ask(self, asked: Asked) -> Expected:
        """Say what must come of a request."""
        data, name = asked["data"], (asked["source"], asked["id"])
        kind = asked["type"].split(".")[1]
        if name in self.barred:
            return refused("compensated-before")
        if not self._may(kind, data, agency=name[0]):
            return refused("malformed")
        self.sent = moment(asked["time"]).date()
        act = getattr(self, "_" + kind.replace("-", "_"))
        result: Expected = act(data, name)
        return result

    def _may(self, kind: str, data: Asked, *, agency: str) -> bool:
        """Whether an agency acts for the region that a request is about."""
        if not agency.startswith("/agency/"):
            return True
        region = ""
        if kind in ("enrol", "claim"):
            region = data["insuplc_admdvs"]
        if kind in BEGINS:
            region = self.facts.home_on(date.fromisoformat(data["begndate"]))
        if kind in ENDS:
            region = self.facts.home_on(date.fromisoformat(data["enddate"]))
        if kind == "inpatient":
            region = data.get("insuplc_admdvs", self._latest_home())
        return region.startswith(stem(agency[-6:])) or not region

    def _latest_home(self) -> str:
        enrolments = self.facts.enrolments
        latest = enrolments[max(enrolments)] if enrolments else {}
        return str(latest.get("insuplc_admdvs", ""))

    def _institution(self, data: Asked, name: Name) -> Expected:
        self.facts.hospitals[data["fixmedins_code"]] = data
        return {"outcome": "recorded"}

    def _enrol(self, data: Asked, name: Name) -> Expected:
        self.facts.enrolments[data["begndate"]] = data
        return {"outcome": "decided"}

    def _qualify(self, data: Asked, name: Name) -> Expected:
        begin = date.fromisoformat(data["begndate"])
        if self.facts.status_on(max(begin, FIRST_DAY)) not in ("1", "2"):
            return refused("not-enrolled")
        disease = data["opsp_dise_code"]
        if nation_of(disease) not in LISTED:
            return refused("disease-not-in-list")
        self.facts.qualifications[disease, data["begndate"]] = dict(data)
        return {"outcome": "decided"}

    def _disqualify(self, data: Asked, name: Name) -> Expected:
        mine = [
            one
            for (disease, _), one in self.facts.qualifications.items()
            if one_disease(disease, data["opsp_dise_code"])
        ]
        if not mine:
            return refused("not-qualified")
        for one in mine:
            one["revoked"] = min(one.get("revoked", "9999"), data["enddate"])
        return {"outcome": "decided"}

    def _file(self, data: Asked, name: Name) -> Expected:
        key = (data["filing_type"], data["rloc_admdvs"], data["begndate"])
        self.facts.filings[key] = dict(data)
        return {"outcome": "decided"}

    def _unfile(self, data: Asked, name: Name) -> Expected:
        mine = [
            one
            for one in self.facts.filings.values()
            if one["rloc_admdvs"] == data["rloc_admdvs"]
        ]
        for one in mine:
            one["unfiled"] = min(one.get("unfiled", "9999"), data["enddate"])
        return {"outcome": "decided"} if mine else refused("no-filing")

    def _designate(self, data: Asked, name: Name) -> Expected:
        place, disease = data["fixmedins_code"], data["opsp_dise_code"]
        begin = date.fromisoformat(data["begndate"])
        if self.world.chosen and self.facts.enrolment_on(begin):
            most = max(len(others) for others in self._others(data))
            if most >= self.world.chosen:
                return refused("too-many-designations")
        self.facts.choices[place, disease, data["begndate"]] = dict(data)
        return {"outcome": "decided"}

    def _others(self, data: Asked) -> list[set[str]]:
        """List who else is chosen on each day on which a choice begins."""
        begin, end = data["begndate"], data.get("enddate", "9999")
        days = {begin, *(one["begndate"] for one in self.facts.choices.values())}
        return [
            self.facts.chosen_on(date.fromisoformat(day), data["opsp_dise_code"])
            - {data["fixmedins_code"]}
            for day in days
            if begin <= day <= end
        ]

    def _undesignate(self, data: Asked, name: Name) -> Expected:
        wanted = (data["fixmedins_code"], data["opsp_dise_code"])
        mine = [one for key, one in self.facts.choices.items() if key[:2] == wanted]
        for one in mine:
            one["undesignated"] = min(one.get("undesignated", "9999"), data["enddate"])
        return {"outcome": "decided"} if mine else refused("institution-not-designated")

    def _admit(self, data: Asked, name: Name) -> Expected:
        key = (data["mdtrt_id"], data["fixmedins_code"])
        self.facts.stays[key] = Stay(moment(data["begntime"]))
        return {"outcome": "decided"}

    def _discharge(self, data: Asked, name: Name) -> Expected:
        stay = self.facts.stays.get((data["mdtrt_id"], data["fixmedins_code"]))
        if stay is None:
            return refused("unknown-admission")
        end = moment(data["endtime"])
        if end < stay.begin:
            return refused("malformed")
        stay.end = end
        return {"outcome": "decided"}

    def _inpatient(self, data: Asked, name: Name) -> Expected:
        region = data.get("insuplc_admdvs", self._latest_home())
        if not region:
            return refused("not-enrolled")
        items = self.years.setdefault((region, data["year"]), [])
        amount = data["inscp_scp_amt_fen"]
        visit = data["mdtrt_id"]
        if sum(item.report for item in items if item.visit == visit) + amount < 0:
            return refused("malformed")
        items.append(Item(name, report=amount, visit=visit))
        return {"outcome": "decided", "cum": self.cum(items)}

    def _settle(self, data: Asked, name: Name) -> Expected:
        return self._bill(data, name)

    def _claim(self, data: Asked, name: Name) -> Expected:
        return self._bill(data, name, claimed=True)

    def _quote(self, data: Asked, name: Name) -> Expected:
        return self._bill(data, name, quoted=True)

    def _bill(
        self, data: Asked, name: Name, *, claimed: bool = False, quoted: bool = False
    ) -> Expected:
        standing = [item for items in self.years.values() for item in items]
        look = Look(self.facts, data, claimed, self.world, standing, self.sent)
        codes = look.codes()
        if codes:
            return refused(*codes)
        if data["med_type"] == "21" and not self.world.stays:
            return refused("policy-not-in-force")
        if data["med_type"] == "15" and not self.world.limits:
            return refused("policy-not-in-force")
        item = self._item(look, name)
        item.claimed = claimed
        year = (data["insuplc_admdvs"], str(item.day.year))
        items = [*self.years.get(year, []), item]
        try:
            money = self.money(items)[-1]
        except Unpayable:
            return refused("large-sum-ratio-not-configured")
        rendered = {
            "money": money,
            "cum": self.cum(items),
            "said": self.said(item, money, place="1" if claimed else look.reach),
        }
        if quoted:
            return {"outcome": "quoted", **rendered}
        self.years[year] = items
        self.known[name] = item
        return {"outcome": "decided", **rendered}

    def _item(self, look: Look, name: Name) -> Item:
        splits = [split_line(line) for line in look.lines]
        return Item(
            name,
            look.bill,
            tuple(sum(column) for column in zip(*splits, strict=True)),
            look.day,
            who=self.facts.enrolment_on(look.day) or {},
            tier=self.facts.tier(look.bill["fixmedins_code"]),
            points=look.points(),
        )

    def said(self, item: Item, money: Money, *, place: str) -> dict[str, Any]:
        """Say what else an answer says of a bill."""
        before = money["act_pay_dedc_fen"] + money["overcap_amt_fen"]
        # A disease's limit binds the pool, it makes nothing ineligible.
        limited = item.care in ("14", "15")
        eligible = money["inscp_scp_amt_fen"] - (0 if limited else before)
        if money["hifob_pay_fen"] == 0:
            ratio = Fraction(percent_of(item) if eligible else 0, 100)
            more = {"pool_prop_selfpay": rate(ratio)}
        else:
            more = {}
        return {
            "year": str(item.day.year),
            "service_day": item.day.isoformat(),
            "psn_type": item.who["psn_type"],
            "pay_loc": place,
            **more,
        }

    def _find(self, data: Asked, source: str) -> Item | str:
        """Find what a refund names, or the reason why not."""
        id_ = data["medins_setl_id"]
        if data["fixmedins_code"] not in self.facts.hospitals:
            return "unknown-institution"
        mine = self.known.get((source, id_))
        others = [item for key, item in self.known.items() if key[1] == id_]
        item = mine or (others[0] if others else None)
        if item is None:
            return "unknown-settlement"
        if (
            mine is None
            or (mine.bill or {})["fixmedins_code"] != data["fixmedins_code"]
        ):
            return "not-your-settlement"
        return "already-refunded" if item.name in self.gone else item

    def _pool(self, item: Item) -> Pool:
        return (item.bill or {})["insuplc_admdvs"], str(item.day.year)

    def _later(self, item: Item) -> tuple[list[Item], list[Item]]:
        items = self.years[self._pool(item)]
        at = items.index(item)
        return items[:at], items[at + 1 :]

    def _take_out(self, item: Item) -> Expected:
        """Take the newest settlement of a year out of it, or name what is newer."""
        below, later = self._later(item)
        blocking = [one.name[1] for one in reversed(later) if one.bill]
        if blocking:
            return refused("later-settlements-first", blocking=blocking)
        money = self.money([*below, item])[-1]
        self.years[self._pool(item)] = rest = below + later
        self.gone.add(item.name)
        mirror = {name: -fen for name, fen in money.items()}
        return {"outcome": "decided", "money": mirror, "cum": self.cum(rest)}

    def _refund(self, data: Asked, name: Name) -> Expected:
        item = self._find(data, name[0])
        return refused(item) if isinstance(item, str) else self._take_out(item)

    def _gap_refund(self, data: Asked, name: Name) -> Expected:
        item = self._find(data, name[0])
        if isinstance(item, str):
            return refused(item)
        below, later = self._later(item)
        rest = below + later
        old = self.money([*below, item, *later])
        try:
            new = self.money(rest)
        except Unpayable:
            return refused("large-sum-ratio-not-configured")
        self.years[self._pool(item)] = rest
        self.gone.add(item.name)
        bills = [at for at, one in enumerate(later, len(below)) if one.bill]
        return {
            "outcome": "decided",
            "resettled": [new[at] for at in bills],
            "reversed": [
                {name: -fen for name, fen in old[at].items()}
                for at in [*(at + 1 for at in reversed(bills)), len(below)]
            ],
            "total": {
                name: sum(one.get(name, 0) for one in new)
                - sum(one.get(name, 0) for one in old)
                for name in PAYERS
            },
            "cum": self.cum(rest),
        }

    def _compensate(self, data: Asked, name: Name) -> Expected:
        if data["fixmedins_code"] not in self.facts.hospitals:
            return refused("unknown-institution")
        target = (name[0], data["omsgid"])
        if target not in self.known and self._is_claim(data):
            return refused("not-compensable")
        item = self.known.get(target)
        what = "nothing-to-reverse"
        result: Expected = {"outcome": "decided"}
        if item is not None and item.name in self.gone:
            what = "already-reversed"
        elif item is not None:
            what = "reversed"
            result = self._take_out(item)
        if result["outcome"] == "decided":
            self.barred.add(target)
            result["compensated"] = what
        return result

    def _is_claim(self, data: Asked) -> bool:
        """Whether a message names a claim of this very institution."""
        return any(
            name[1] == data["omsgid"]
            and name[0].startswith("/agency/")
            and (item.bill or {})["fixmedins_code"] == data["fixmedins_code"]
            for name, item in self.known.items()
        )

    def money(self, items: list[Item]) -> list[Money]:
        """Compute every item of a year, from the first, each on those before it."""
        ordinary = whole = 0
        paid: dict[tuple[str, str], int] = {}
        made: list[Money] = []
        for item in items:
            if item.bill is None:
                whole += item.report
                made.append({})
                continue
            towards = (item.care, item.disease)
            one = settle_item(
                item,
                self.world,
                ordinary=ordinary,
                whole=whole,
                paid=paid.get(towards, 0),
            )
            made.append(one)
            paid[towards] = paid.get(towards, 0) + one["hifp_pay_fen"]
            whole += item.parts[3]
            ordinary += item.parts[3] if item.care in ORDINARY_CARE else 0
        return made

    def cum(self, items: list[Item]) -> Money:
        """Add a year up from everything that stands in it."""
        made = [one for one in self.money(items) if one]
        bills = [item for item in items if item.bill]
        ordinary = (one.parts[3] for one in bills if one.care in ORDINARY_CARE)
        values = (
            sum(ordinary),
            sum(item.report + (item.parts[3] if item.bill else 0) for item in items),
            sum(one["act_pay_dedc_fen"] for one in made),
            sum(one["overcap_amt_fen"] for one in made),
            sum(one["hifp_pay_fen"] for one in made),
            sum(one["hifob_pay_fen"] for one in made),
            sum(one["psn_part_amt_fen"] for one in made),
            len(made),
        )
        return dict(zip(CUM, values, strict=True))
