"""The law a second time, written naively and apart from the first.

Nothing is kept but the list of what stands in a year; every amount is recomputed from
the beginning, with fractions, as overlaps of intervals on a line of in-scope fen. Reads
the wire names of the contracts and imports nothing of the law.
"""

import json
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
PARTS = (
    "fulamt_ownpay_amt_fen",
    "overlmt_amt_fen",
    "preselfpay_amt_fen",
    "inscp_scp_amt_fen",
)
CUM = (
    "ordinary_inscp_fen",
    "inscp_fen",
    "dedc_fen",
    "overcap_fen",
    "hifp_fen",
    "hifob_fen",
    "psn_part_fen",
    "setl_cnt",
)
PAYERS = (
    "fund_pay_sumamt_fen",
    "hifp_pay_fen",
    "hifob_pay_fen",
    "psn_part_amt_fen",
    "acct_pay_fen",
    "psn_cash_pay_fen",
)
Money = dict[str, int]
Asked = dict[str, Any]
Expected = dict[str, Any]


class Unpayable(Exception):
    """A reimbursable part lies above 24万 and nobody said who pays which share."""


def nearest(exact: Fraction) -> int:
    """Round to the nearest fen, halves away from zero."""
    size = int(abs(exact) + Fraction(1, 2))
    return size if exact >= 0 else -size


def overlap(low: int, high: int, *, start: int, end: int) -> int:
    """Measure how much of [low, high) lies in [start, end)."""
    return max(0, min(high, end) - max(low, start))


def split_line(line: Asked) -> tuple[int, ...]:
    """Split a line into 自费, 超限价, 先行自付 and in scope."""
    whole = line["det_item_fee_sumamt_fen"]
    if PARTS[3] in line:
        return tuple(line[name] for name in PARTS)
    approval = line.get("hosp_appr_flag")
    restricted = line.get("lmt_used_flag") == "1" and approval != "1"
    if line["chrgitm_lv"] == "03" or restricted or approval == "2":
        return (whole, 0, 0, 0)
    over = Fraction(0)
    if "pric_uplmt_amt" in line:
        above = Fraction(Decimal(line["pric"]) - Decimal(line["pric_uplmt_amt"]))
        over = max(Fraction(0), above) * abs(Fraction(Decimal(line["cnt"]))) * 100
    size = abs(whole)
    sign = 1 if whole >= 0 else -1
    beyond = min(size, nearest(over))
    ratio = Fraction(Decimal(line.get("selfpay_prop", "0.1")))
    first = nearest((size - beyond) * ratio) if line["chrgitm_lv"] == "02" else 0
    return (0, sign * beyond, sign * first, sign * (size - beyond - first))


@dataclass
class Item:
    """Something that stands in a year: a bill, or an inpatient report."""

    name: tuple[str, str]
    bill: Asked | None = None
    parts: tuple[int, ...] = ()
    day: date = date.min
    report: int = 0


@dataclass
class Naive:
    """One person, remembered as lists and nothing else."""

    large_ratio: Fraction | None
    tiers: dict[str, str] = field(default_factory=dict)
    enrolments: list[Asked] = field(default_factory=list)
    years: dict[str, list[Item]] = field(default_factory=dict)
    gone: set[tuple[str, str]] = field(default_factory=set)
    known: dict[tuple[str, str], Item] = field(default_factory=dict)
    barred: set[tuple[str, str]] = field(default_factory=set)

    def ask(self, asked: Asked) -> Expected:
        """Say what must come of a request."""
        data, name = asked["data"], (asked["source"], asked["id"])
        kind = asked["type"].split(".")[1]
        if name in self.barred:
            return refused("compensated-before")
        act = getattr(self, "_" + kind.replace("-", "_"))
        result: Expected = act(data, name)
        return result

    def _institution(self, data: Asked, name: tuple[str, str]) -> Expected:
        level = data["dedc_hosp_lv"]
        tier = level if level in "123" and data["fixmedins_type"] == "1" else "1"
        if tier == "3" and data["ministry_affiliated"]:
            tier = "ministry"
        self.tiers[data["fixmedins_code"]] = tier
        return {"outcome": "recorded"}

    def _enrol(self, data: Asked, name: tuple[str, str]) -> Expected:
        self.enrolments.append(data)
        return {"outcome": "decided"}

    def _qualify(self, data: Asked, name: tuple[str, str]) -> Expected:
        return {"outcome": "decided"}

    def _file(self, data: Asked, name: tuple[str, str]) -> Expected:
        return {"outcome": "decided"}

    def _inpatient(self, data: Asked, name: tuple[str, str]) -> Expected:
        items = self.years.setdefault(data["year"], [])
        amount = data["inscp_scp_amt_fen"]
        if sum(item.report for item in items) + amount < 0:
            return refused("malformed")
        items.append(Item(name, report=amount))
        return {"outcome": "decided", "cum": self.cum(items)}

    def _settle(self, data: Asked, name: tuple[str, str]) -> Expected:
        splits = [split_line(line) for line in data["feedetail"]]
        parts = tuple(sum(column) for column in zip(*splits, strict=True))
        if sum(parts) != data["medfee_sumamt_fen"] or min(parts) < 0:
            return refused("lines-do-not-add-up")
        times = [line["fee_ocur_time"] for line in data["feedetail"]]
        day = date.fromisoformat(max(times)[:10])
        item = Item(name, data, parts, day)
        items = [*self.years.get(str(day.year), []), item]
        try:
            money = self.money(items)[-1]
        except Unpayable:
            return refused("large-sum-ratio-not-configured")
        self.years[str(day.year)] = items
        self.known[name] = item
        return {"outcome": "decided", "money": money, "cum": self.cum(items)}

    def _find(self, data: Asked, source: str) -> Item | str:
        """Find what a refund names, or the reason why not."""
        id_ = data["medins_setl_id"]
        mine = self.known.get((source, id_))
        others = [item for key, item in self.known.items() if key[1] == id_]
        item = mine or (others[0] if others else None)
        if item is None:
            return "unknown-settlement"
        if mine is None:
            return "not-your-settlement"
        return "already-refunded" if item.name in self.gone else item

    def _later(self, item: Item) -> tuple[list[Item], list[Item]]:
        items = self.years[str(item.day.year)]
        at = items.index(item)
        return items[:at], items[at + 1 :]

    def _take_out(self, item: Item) -> Expected:
        """Take the newest settlement of a year out of it, or name what is newer."""
        below, later = self._later(item)
        blocking = [one.name[1] for one in reversed(later) if one.bill]
        if blocking:
            return refused("later-settlements-first", blocking=blocking)
        money = self.money([*below, item])[-1]
        self.years[str(item.day.year)] = rest = below + later
        self.gone.add(item.name)
        mirror = {name: -fen for name, fen in money.items()}
        return {"outcome": "decided", "money": mirror, "cum": self.cum(rest)}

    def _refund(self, data: Asked, name: tuple[str, str]) -> Expected:
        item = self._find(data, name[0])
        return refused(item) if isinstance(item, str) else self._take_out(item)

    def _gap_refund(self, data: Asked, name: tuple[str, str]) -> Expected:
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
        self.years[str(item.day.year)] = rest
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

    def _compensate(self, data: Asked, name: tuple[str, str]) -> Expected:
        target = (name[0], data["omsgid"])
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

    def person_on(self, day: date) -> Asked:
        """Find the enrolment of a day: the latest that had begun."""
        begun = [one for one in self.enrolments if one["begndate"] <= day.isoformat()]
        return max(begun, key=lambda one: str(one["begndate"]))

    def money(self, items: list[Item]) -> list[Money]:
        """Compute every item of a year, from the first, each on those before it."""
        ordinary = whole = 0
        made: list[Money] = []
        for item in items:
            if item.bill is None:
                whole += item.report
                made.append({})
                continue
            made.append(self.one(item, ordinary=ordinary, whole=whole))
            whole += item.parts[3]
            ordinary += item.parts[3] if item.bill["med_type"] != "14" else 0
        return made

    def one(self, item: Item, *, ordinary: int, whole: int) -> Money:
        """Compute one bill on what the year had used before it."""
        bill, scope = item.bill or {}, item.parts[3]
        who = self.person_on(item.day)
        tier = self.tiers[bill["fixmedins_code"]]
        top = ordinary + scope
        first, over = 0, 0
        percent = CHRONIC[tier] + (2 if who["psn_type"].startswith("12") else 0)
        if bill["med_type"] != "14":
            percent = ORDINARY[tier]
            cap = cap_at(date.fromisoformat(who["brdy"]), item.day)
            first = overlap(ordinary, top, start=0, end=DEDUCTIBLE)
            over = overlap(ordinary, top, start=cap, end=10**18)
        eligible = scope - first - over
        low = whole + first
        above = overlap(low, low + eligible, start=LARGE, end=10**18)
        if above and self.large_ratio is None:
            raise Unpayable
        pool = nearest(Fraction((eligible - above) * percent, 100))
        large = nearest(above * (self.large_ratio or Fraction(0)))
        return bill_money(item, first, over=over, pool=pool, large=large)

    def cum(self, items: list[Item]) -> Money:
        """Add a year up from everything that stands in it."""
        made = [one for one in self.money(items) if one]
        bills = [item for item in items if item.bill]
        ordinary = (i.parts[3] for i in bills if (i.bill or {})["med_type"] != "14")
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


def cap_at(birth: date, day: date) -> int:
    """Give the cap for the birthdays that have been kept by a day."""
    years = day.year - birth.year
    if (day.month, day.day) < (birth.month, birth.day):
        years -= 1
    return next(cap for age, cap in CAPS if years <= age)


def bill_money(item: Item, first: int, *, over: int, pool: int, large: int) -> Money:
    """Write one bill's amounts under their wire names."""
    bill = item.bill or {}
    fund = pool + large
    burden = sum(item.parts) - fund
    account = min(bill["balc_fen"], burden) if bill["acct_used_flag"] == "1" else 0
    return {
        "medfee_sumamt_fen": sum(item.parts),
        "fulamt_ownpay_amt_fen": item.parts[0],
        "overlmt_selfpay_fen": item.parts[1],
        "preselfpay_amt_fen": item.parts[2],
        "inscp_scp_amt_fen": item.parts[3],
        "act_pay_dedc_fen": first,
        "overcap_amt_fen": over,
        "hifp_pay_fen": pool,
        "hifob_pay_fen": large,
        "ratio_selfpay_fen": item.parts[3] - first - over - fund,
        "fund_pay_sumamt_fen": fund,
        "psn_part_amt_fen": burden,
        "acct_pay_fen": account,
        "psn_cash_pay_fen": burden - account,
    }


def refused(code: str, **more: Any) -> Expected:
    """Expect a refusal by its first code."""
    return {"outcome": "refused", "code": code, **more}


def differences(expected: Expected, answer: str) -> list[str]:
    """Name everything in which an answer is not what was expected of it."""
    data = json.loads(answer)["data"]
    found: list[str] = []

    def hold(what: str, wanted: Any, got: Any) -> None:
        if wanted != got:
            found.append(f"{what}: wanted {wanted}, got {got}")

    def hold_money(what: str, wanted: Money, got: Any) -> None:
        hold(what, wanted, {name: got.get(name) for name in wanted})

    hold("outcome", expected["outcome"], data["outcome"])
    if expected["outcome"] == "refused" and data["outcome"] == "refused":
        first = data["refusals"][0]
        hold("code", expected["code"], first["code"])
        if "blocking" in expected and "blocking" in first["details"]:
            ids = [one["medins_setl_id"] for one in first["details"]["blocking"]]
            hold("blocking", expected["blocking"], ids)
    if found:
        return found
    hold_money("money", expected.get("money", {}), data)
    hold_money("cum", expected.get("cum", {}), data.get("cum", {}))
    hold("compensated", expected.get("compensated"), data.get("compensated"))
    for name in ("reversed", "resettled"):
        for wanted, got in zip(expected.get(name, []), data.get(name, []), strict=True):
            hold_money(name, wanted, got)
    if "total" in expected:
        hold("total", expected["total"], data["difference"]["total"])
    return found
