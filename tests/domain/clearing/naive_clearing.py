"""What §10 says of each request, once more: the codes against it, or what it does."""

from datetime import datetime
from typing import Any

from tests.domain.clearing.naive_books import FIVE, Books, kinds, name
from tests.domain.clearing.naive_days import beijing, counted, months_apart

Json = dict[str, Any]
Codes = list[str]
ORDER = [
    "malformed",
    "duplicate-different",
    "month-not-over",
    "already-drawn",
    "not-yet-readable",
    "nothing-to-draw",
    "unknown-statement",
    "not-your-statement",
    "unknown-confirmation",
    "wrong-state",
    "not-in-statement",
    "carried-too-long",
    "amounts-differ",
    "sums-differ",
    "deduction-too-large",
    "too-late",
    "not-the-full-amount",
]
STATES = {
    "declare": ("00", "70"),
    "withdraw": ("10",),
    "accept": ("10",),
    "audit": ("20", "30"),
    "finish-audit": ("30",),
    "clear": ("40",),
    "pay": ("50",),
    "reject": ("10", "20", "30", "40"),
    "fine": ("30", "40", "50", "60", "70"),
}
NEXT = {
    "declare": "10",
    "withdraw": "00",
    "accept": "20",
    "audit": "30",
    "finish-audit": "40",
    "clear": "50",
    "pay": "60",
    "reject": "70",
}


def acts_for(source: str, region: str) -> bool:
    """Whether a source is an agency of a region."""
    _, what, code = source.split("/")
    while what == "agency" and code.endswith("00"):
        code = code[:-2]
    return what == "agency" and region.startswith(code)


class NaiveClearing(Books):
    """Decides requests; an answer is the list of codes against it, or None."""

    def __init__(self) -> None:
        super().__init__()
        self.names: dict[tuple[str, ...], str] = {}
        self.paid: dict[tuple[str, ...], list[int]] = {}
        self.recorded = ""

    def decide(self, message: Json, recorded: str | None = None) -> Codes | None:
        """Decide a request, and do what it says if nothing is against it.

        In a trial it is recorded at its own time.
        """
        self.recorded = recorded or message["time"]
        what = message["type"].removeprefix("jiesuan.").removesuffix(".v1")
        what = what.removeprefix("clearing.")
        data = message["data"]
        if not self.may_ask(what, message):
            return ["malformed"]
        if what == "pay" and data["paid_on"] > str(beijing(message["time"])):
            return ["malformed"]
        if what == "fine" and data["statement_id"].startswith("region"):
            return ["malformed"]
        by = (message["subject"], message["source"], message["id"])
        said = f"{message['type']} {sorted(data.items())}"
        if by in self.names:
            return None if self.names[by] == said else ["duplicate-different"]
        rule = getattr(self, "ask_" + what.split(".")[0], None)
        against = rule(message) if rule else self.ask_statement(what, message)
        if against:
            return sorted(set(against), key=ORDER.index)
        self.names[by] = said
        return None

    def may_ask(self, what: str, message: Json) -> bool:
        """Whether the envelope fits the data."""
        source, data = message["source"], message["data"]
        ids = data.get("statement_ids", [data.get("statement_id")])
        care = data.get("mdtrtarea_admvs") or (ids[0] and ids[0].split(":")[2])
        if care and {care, *(i.split(":")[2] for i in ids if i)} != {
            message["subject"]
        }:
            return False
        if what == "draw":
            return acts_for(source, data["mdtrtarea_admvs"])
        if what == "prepay.quota":
            return acts_for(source, data["insuplc_admdvs"])
        if what in ("confirm", "unconfirm"):
            return bool(source == "/medins/" + data["fixmedins_code"])
        return what in ("declare", "withdraw") or source.startswith("/agency/")

    def ask_draw(self, message: Json) -> Codes:
        """Draw a month."""
        month, care = message["data"]["clr_ym"], message["subject"]
        day = beijing(message["time"])
        if f"{day:%Y%m}" <= month:
            return ["month-not-over"]
        if month <= self.drawn.get(care, ""):
            return ["already-drawn"]
        if not any(
            row["mdtrtarea_admvs"] == care
            and row["clr_ym"] <= month
            and self.stands(row_id) is None
            for row_id, row in self.rows.items()
        ):
            return ["nothing-to-draw"]
        drawn_on = counted(message["time"], self.recorded)
        self.draw(care, month, day=drawn_on, time=message["time"])
        return []

    def ask_confirm(self, message: Json) -> Codes:
        """Confirm rows."""
        data, month = message["data"], message["data"]["clr_ym"]
        against: Codes = []
        turns: dict[str, str | None] = {}
        for asked in data["rows"]:
            row = self.rows.get(asked["setl_id"])
            months = self.places.get(asked["setl_id"], [""])
            if (
                not row
                or months[-1] != month
                or row["mdtrtarea_admvs"] != (message["subject"])
                or row["fixmedins_code"] != data["fixmedins_code"]
            ):
                against.append("not-in-statement")
                continue
            turns[asked["setl_id"]] = asked["cnfm_flag"]
            if asked["cnfm_flag"] == "0" and months_apart(row["clr_ym"], month) >= 2:
                against.append("carried-too-long")
            for field in ("medfee_sumamt_fen", "fund_pay_sumamt_fen"):
                if asked[field] != row[field]:
                    against.append("amounts-differ")
        against += self.against_turns(turns, month, message)
        if not against:
            self.marks.append(
                {
                    "by": (message["source"], message["id"]),
                    "month": month,
                    "rows": turns,
                    "undone": False,
                }
            )
        return against

    def against_turns(self, turns: Json, month: str, message: Json) -> Codes:
        """Say what state and time have against moving rows; note who was named."""
        against: Codes = []
        named: set[str] = set()
        for row_id, flag in turns.items():
            row = self.rows[row_id]
            stood, stands = self.flag(row_id, month) != "0", flag != "0"
            for kind in kinds(row):
                id_ = name(kind, month, row)
                is_open = self.statements[id_]["clr_stas"] in ("00", "70")
                if not is_open and (stood != stands or kind == "institution"):
                    against.append("wrong-state")
                if stood or stands:
                    named.add(id_)
        against += self.against_time(named, message)
        if not against:
            for id_ in named:
                self.statements[id_]["seen"] = message["time"]
        return against

    def against_time(self, ids: Any, message: Json) -> Codes:
        """Say whether a statement was named later already."""
        now = datetime.fromisoformat(message["time"])
        times = [datetime.fromisoformat(self.statements[id_]["seen"]) for id_ in ids]
        return ["malformed"] if any(now < time for time in times) else []

    def ask_unconfirm(self, message: Json) -> Codes:
        """Roll a confirmation back."""
        data, month = message["data"], message["data"]["clr_ym"]
        by = (message["source"], data["request_id"])
        known = [mark for mark in self.marks if mark["by"] == by]
        if not known or known[0]["undone"] or known[0]["month"] != month:
            return ["unknown-confirmation"]
        moved = [i for i in known[0]["rows"] if self.places[i][-1] != month]
        known[0]["undone"] = True
        after = {i: self.flag(i, month) for i in known[0]["rows"] if i not in moved}
        known[0]["undone"] = False
        against = ["not-in-statement"] if moved else []
        against += self.against_turns(after, month, message)
        known[0]["undone"] = not against
        return against

    def ask_prepay(self, message: Json) -> Codes:
        """Set a quota."""
        data = message["data"]
        names = ("mdtrtarea_admvs", "insuplc_admdvs", "insutype", "year")
        at = tuple(data[one] for one in names)
        raises = data["quota_fen"] > self.quotas.get(at, 0)
        if data["basis"] == "emergency" and not raises:
            return ["malformed"]
        self.quotas[at] = data["quota_fen"]
        return []

    def ask_statement(self, what: str, message: Json) -> Codes:
        """Take a request about statements."""
        data = message["data"]
        ids = data.get("statement_ids") or [data["statement_id"]]
        known = [id_ for id_ in ids if id_ in self.statements]
        against = self.against_time(known, message)
        if len(known) < len(ids):
            against.append("unknown-statement")
        own = [id_ for id_ in known if self.is_party(what, id_, message["source"])]
        if len(own) < len(known):
            against.append("not-your-statement")
        states = {self.statements[id_]["clr_stas"] for id_ in own}
        if not states <= set(STATES[what]):
            against.append("wrong-state")
        if len(own) == len(ids):
            against += self.against_content(what, own, message)
        if not against:
            for id_ in ids:
                self.go_on(what, id_, message)
        return against

    @staticmethod
    def is_party(what: str, id_: str, source: str) -> bool:
        """Whether a source may ask this of a statement."""
        kind, _, care, party, *_ = id_.split(":")
        if kind == "region":
            is_payee = what in ("declare", "withdraw")
            return acts_for(source, care if is_payee else party)
        if what in ("declare", "withdraw"):
            return source == f"/medins/{party}"
        return acts_for(source, care)

    def against_content(self, what: str, ids: list[str], message: Json) -> Codes:
        """Say what is wrong with sums, days, deductions and amounts."""
        data = message["data"]
        if what == "pay" and self.statements[ids[0]]["clr_stas"] == "50":
            owed = self.shown(ids[0])["payable_fen"]
            return [] if data["paid_fen"] == owed else ["not-the-full-amount"]
        if what == "audit":
            return self.against_deductions(ids[0], data["deductions"])
        if what != "declare":
            return []
        against = []
        shown = [self.shown(id_) for id_ in ids]
        if any(sum(one[what] for one in shown) != data[what] for what in FIVE):
            against.append("sums-differ")
        day = counted(message["time"], self.recorded)
        open_ = [i for i in ids if self.statements[i]["clr_stas"] in ("00", "70")]
        too_late = any(day > self.last_day(id_) for id_ in open_)
        if too_late and data.get("exception") is None:
            against.append("too-late")
        return against

    def against_deductions(self, id_: str, deductions: list[Json]) -> Codes:
        """Say whether each row is there and pays for what is deducted of it."""
        against: Codes = []
        here = {row["setl_id"]: row for row in self.standing(id_)}
        together: dict[str, int] = {}
        for one in deductions:
            row_id = one["setl_id"]
            if row_id not in here:
                against.append("not-in-statement")
                continue
            before = sum(d["amount"] for d in self.deductions if d["setl_id"] == row_id)
            together.setdefault(row_id, before)
            together[row_id] += one["amount_fen"]
            if together[row_id] > max(0, here[row_id]["fund_pay_sumamt_fen"]):
                against.append("deduction-too-large")
        return against

    def go_on(self, what: str, id_: str, message: Json) -> None:
        """Move a statement on."""
        one, data = self.statements[id_], message["data"]
        day = counted(message["time"], self.recorded)
        if what == "fine":
            one |= {"seen": message["time"], "fines": data["fines"], "fined_on": day}
            return
        shown = self.shown(id_)
        one |= {"seen": message["time"], "clr_stas": NEXT[what], "reason": None}
        if what == "declare":
            if not one.get("met"):
                one["late"] = one["late"] or str(day) > shown["declare_by"]
                one["met"] = message["id"]
            reported = data.get("exception") or one.get("exception")
            one |= {"declared_on": str(day), "exception": reported}
            one["by"] = message["id"]
        if what == "withdraw":
            if one["met"] == one["by"]:
                one["met"] = None
            one |= {"declared_on": None, "exception": None}
        for deduction in data.get("deductions", []):
            self.deduct(id_, deduction["setl_id"], deduction["amount_fen"])
        if what == "clear":
            one["overdue"] = str(day) > shown["hard_stop"]
        if what == "reject":
            one |= {"reason": data["reason"], "rejected_on": day}
            self.take_back(id_)
        if what == "pay":
            one |= {"paid": data["paid_fen"], "paid_on": data["paid_on"]}
