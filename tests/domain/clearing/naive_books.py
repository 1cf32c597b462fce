"""The books of §10 once more, slowly: plain dicts, every sum made anew when asked.

Written from the page alone. It decides what was asked from the rows of the view
`settlement` that stood before it, and shows the same views.
"""

import hashlib
from datetime import date, timedelta
from typing import Any

from tests.domain.clearing.naive_days import (
    declare_by,
    hard_stop,
    latest_on,
)

Json = dict[str, Any]
FIVE = (
    "setl_cnt",
    "medfee_sumamt_fen",
    "fund_pay_sumamt_fen",
    "acct_pay_fen",
    "psn_cash_pay_fen",
)
DONE = ("40", "50", "60")


def kinds(row: Json) -> list[str]:
    """List the kinds of statement that take a row."""
    if row["insuplc_admdvs"] == row["mdtrtarea_admvs"]:
        return ["institution"]
    return ["institution", "region"]


def key(kind: str, row: Json) -> tuple[str, ...]:
    """Return what names a row's statements of a kind, whatever the month."""
    party = row["fixmedins_code" if kind == "institution" else "insuplc_admdvs"]
    care = row["mdtrtarea_admvs"]
    return (kind, care, party, row["insutype"], row["clr_type"])


def name(kind: str, month: str, row: Json) -> str:
    """Return the id of the statement of a kind and month that takes a row."""
    _, *rest = key(kind, row)
    return ":".join([kind, month, *rest])


class Books:
    """What is known of all regions."""

    def __init__(self) -> None:
        self.rows: dict[str, Json] = {}
        self.statements: dict[str, Json] = {}
        self.drawn: dict[str, str] = {}
        self.places: dict[str, list[str]] = {}
        self.marks: list[Json] = []
        self.deductions: list[Json] = []
        self.recovered: dict[tuple[str, str], int] = {}
        self.pending: dict[tuple[str, ...], int] = {}
        self.quotas: dict[tuple[str, ...], int] = {}

    def hear(self, row: Json) -> None:
        """Take a row of the ledger in, unless it is of a claim."""
        if row["pay_loc"] != "1":
            self.rows[row["setl_id"]] = row

    def flag(self, row_id: str, month: str) -> str | None:
        """Return the latest confirmation of a row that was not rolled back."""
        flags = [
            mark["rows"][row_id]
            for mark in self.marks
            if row_id in mark["rows"] and mark["month"] == month and not mark["undone"]
        ]
        return flags[-1] if flags else None

    def stands(self, row_id: str) -> str | None:
        """Return the month in whose statements a row stands."""
        months = self.places.get(row_id, [])
        if not months or self.flag(row_id, months[-1]) == "0":
            return None
        return months[-1]

    def standing(self, id_: str) -> list[Json]:
        """List the rows that stand in a statement, in ledger order."""
        month = id_.split(":")[1]
        taken = [self.rows[row_id] for row_id in self.statements[id_]["taken"]]
        found = [row for row in taken if self.stands(row["setl_id"]) == month]
        return sorted(found, key=lambda r: (r["partition"], r["offset"], r["seq"]))

    def due(self, row: Json) -> int:
        """Return what is deducted of a row; a mirror carries the opposite."""
        whose = row["init_setl_id"] or row["setl_id"]
        amount = sum(d["amount"] for d in self.deductions if d["setl_id"] == whose)
        return -amount if row["init_setl_id"] else amount

    def on_row(self, kind: str, row: Json) -> int:
        """Return what of it counts in the statement in which the row stands."""
        return self.due(row) - self.recovered.get((kind, row["setl_id"]), 0)

    def book(self, kind: str, row: Json, amount: int) -> bool:
        """Whether a new deduction of a row must go into the next statement."""
        month = self.stands(row["setl_id"])
        if month is None:
            return False
        if self.statements[name(kind, month, row)]["clr_stas"] not in DONE:
            return False
        self.later(kind, row, amount)
        return True

    def later(self, kind: str, row: Json, amount: int) -> None:
        """Let the next statement recover an amount."""
        at = key(kind, row)
        self.pending[at] = self.pending.get(at, 0) + amount
        of_row = (kind, row["setl_id"])
        self.recovered[of_row] = self.recovered.get(of_row, 0) + amount

    def touched(self, setl_id: str) -> list[tuple[str, Json, int]]:
        """List where a deduction of a row counts: both kinds, and on its mirror."""
        row = self.rows[setl_id]
        found = [(kind, row, 1) for kind in kinds(row)]
        for other in self.rows.values():
            if other["init_setl_id"] == setl_id:
                found += [(kind, other, -1) for kind in kinds(other)]
        return found

    def deduct(self, by: str, setl_id: str, amount: int) -> None:
        """Enter a deduction."""
        went = [
            (kind, row["setl_id"])
            for kind, row, sign in self.touched(setl_id)
            if self.book(kind, row, sign * amount)
        ]
        made = {"by": by, "setl_id": setl_id, "amount": amount, "went": went}
        self.deductions.append(made)

    def take_back(self, by: str) -> None:
        """Take back the deductions of a statement's own audits."""
        for made in [d for d in self.deductions if d["by"] == by]:
            for kind, row, sign in self.touched(made["setl_id"]):
                amount = -sign * made["amount"]
                if (kind, row["setl_id"]) in made["went"]:
                    self.later(kind, row, amount)
                else:
                    self.book(kind, row, amount)
            self.deductions.remove(made)

    def draw(self, care: str, month: str, *, day: date, time: str) -> None:
        """Make the statements of a month."""
        rows = [
            row
            for row_id, row in self.rows.items()
            if row["mdtrtarea_admvs"] == care
            and row["clr_ym"] <= month
            and self.stands(row_id) is None
        ]
        for row in rows:
            self.places.setdefault(row["setl_id"], []).append(month)
            for kind in kinds(row):
                id_ = name(kind, month, row)
                if id_ not in self.statements:
                    self.statements[id_] = {
                        "statement_id": id_,
                        "clr_stas": "00",
                        "drawn_on": day,
                        "recovered": self.pending.pop(key(kind, row), 0),
                        "seen": time,
                        "taken": [],
                        "late": False,
                        "overdue": False,
                    }
                self.statements[id_]["taken"].append(row["setl_id"])
        self.drawn[care] = month

    def fines(self) -> list[Json]:
        """Show the fines of every statement as their latest request listed them."""
        return [
            {"statement_id": id_, "seq": seq, **fine, "fined_on": str(one["fined_on"])}
            for id_, one in sorted(self.statements.items())
            for seq, fine in enumerate(one.get("fines", []))
        ]

    def shown(self, id_: str) -> Json:
        """Show a statement as the page lists its columns."""
        one = self.statements[id_]
        kind, month, care, party, scheme, category = id_.split(":")
        rows = self.standing(id_)
        oldest = min([row["clr_ym"] for row in rows], default=month)
        fund = sum(row["fund_pay_sumamt_fen"] for row in rows)
        deducted = sum(self.on_row(kind, row) for row in rows)
        ids = "".join(row["setl_id"] + "\n" for row in rows)
        return {
            "statement_id": id_,
            "kind": kind,
            "clr_ym": month,
            "mdtrtarea_admvs": care,
            "insuplc_admdvs": party if kind == "region" else None,
            "fixmedins_code": party if kind == "institution" else None,
            "insutype": scheme,
            "clr_type": category,
            "clr_stas": one["clr_stas"],
            "refd_cnt": sum(row["refd_setl_flag"] == "1" for row in rows),
            **{what: sum(self.worth(row, what) for row in rows) for what in FIVE},
            "deducted_fen": deducted,
            "recovered_fen": one["recovered"],
            "payable_fen": fund - deducted - one["recovered"],
            "paid_fen": one.get("paid"),
            "declare_by": str(declare_by(month)),
            "latest_on": str(latest_on(oldest)),
            "hard_stop": str(hard_stop(oldest)),
            "drawn_on": str(one["drawn_on"]),
            "declared_on": one.get("declared_on"),
            "paid_on": one.get("paid_on"),
            "late": one["late"],
            "overdue": one["overdue"],
            "exception": one.get("exception"),
            "reason": one.get("reason"),
            "digest": hashlib.sha256(ids.encode()).hexdigest(),
        }

    @staticmethod
    def worth(row: Json, what: str) -> int:
        """Return what a row adds to one of the five sums."""
        return 1 if what == "setl_cnt" else int(row[what])

    def last_day(self, id_: str) -> date:
        """Return the day after which a declaration is too late."""
        one = self.statements[id_]
        last = date.fromisoformat(self.shown(id_)["latest_on"])
        if "rejected_on" in one:
            last = max(last, one["rejected_on"] + timedelta(days=20))
        return last
