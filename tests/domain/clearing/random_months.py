"""Random months over five regions: settlements, refunds, and their clearing.

Most of what is asked is what honest parties would ask; some of it is late, wrong,
somebody else's, or asked twice.
"""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from random import Random
from typing import Any

from tests.domain.clearing.months import REGIONS, SCHEMES, Months, hospital
from tests.domain.clearing.naive_books import FIVE
from tests.domain.clearing.naive_clearing import STATES, NaiveClearing

Json = dict[str, Any]
BEGIN = datetime(2022, 1, 3, 9, tzinfo=timezone(timedelta(hours=8)))
PAYEE = ("declare", "withdraw")
ONWARD = {
    "00": ("declare",),
    "10": (*("accept",) * 12, "withdraw", "reject"),
    "20": (*("audit",) * 9, "reject"),
    "30": (*("finish-audit",) * 5, *("audit",) * 5, "reject"),
    "40": ("clear", "clear", "clear", "reject"),
    "50": ("pay",),
    "60": ("withdraw", "pay"),
    "70": ("declare",),
}
FINED = 0.25
"""How often an institution is fined where its statement might go on instead."""


class RandomMonths:
    """Lives through months; asks the trial, and keeps the naive books beside it."""

    def __init__(
        self,
        rng: Random,
        persons: int = 9,
        *,
        pace: tuple[int, ...] = (1, 5, 20, 60, 150),
        excused: float = 0.8,
    ) -> None:
        """Begin with ``pace``, the hours between two steps, and ``excused``, how often
        a declaration names an exception.
        """
        self.rng = rng
        self.pace = pace
        self.excused = excused
        self.months = Months()
        self.books = NaiveClearing()
        self.now = BEGIN
        self.settled: list[tuple[str, str, str]] = []
        self.confirmations: list[tuple[str, str, str, str]] = []
        self.months.found()
        self.persons: list[tuple[str, str, str]] = []
        for number in range(persons):
            scheme = rng.choice(("310", "310", "310", *SCHEMES))
            person = (f"PC{number}", rng.choice(REGIONS), scheme)
            self.months.enrol(person[0], person[1], scheme=scheme)
            self.persons.append(person)

    def live(self, steps: int) -> None:
        """Take so many steps."""
        for _ in range(steps):
            hours = self.rng.choice(self.pace)
            self.now += timedelta(hours=hours, minutes=self.rng.randint(0, 59))
            weights = (8, 3, 5, 5, 2, 12, 1, 1)
            (act,) = self.rng.choices(self.acts(), weights)
            act()

    def acts(self) -> tuple[Callable[[], None], ...]:
        """List what may happen."""
        return (
            self.settle,
            self.refund,
            self.draw,
            self.confirm,
            self.unconfirm,
            self.step,
            self.quota,
            self.repeat,
        )

    @property
    def time(self) -> str:
        """Say what time it is, in Beijing or elsewhere."""
        zone = timezone(timedelta(hours=self.rng.choice((8, 8, 0))))
        return self.now.astimezone(zone).isoformat()

    def settle(self) -> None:
        """A few persons are treated somewhere; one may claim instead."""
        for _ in range(self.rng.randint(1, 3)):
            person, region, scheme = self.rng.choice(self.persons)
            at = hospital(self.rng.choice(REGIONS[:2] * 3 + REGIONS), 1)
            type_ = self.rng.choice(("settle",) * 7 + ("claim",))
            answer = self.months.settle(
                person,
                region,
                at=at,
                time=self.now.isoformat(),
                fen=self.rng.choice((1, 7, 100, 12_345, 100_000)),
                scheme=scheme,
                care=self.rng.choice(("11",) * 9 + ("13",)),
                type_=type_,
            )
            assert answer["outcome"] == "decided", answer
            if type_ == "settle":
                self.settled.append((person, answer["setl_id"], at))
        self.read()

    def refund(self) -> None:
        """A settlement is taken back, the latest or one below later ones."""
        if not self.settled:
            return
        person, setl_id, at = self.rng.choice(self.settled[-20:])
        is_gap = self.rng.random() < 0.6
        self.months.refund(
            person, setl_id, at=at, time=self.now.isoformat(), gap=is_gap
        )
        self.read()

    def read(self) -> None:
        """Let the naive books hear the rows that are new, in ledger order."""
        for row in self.months.entered():
            self.books.hear(row)

    def ask(self, type_: str, source: str, *, region: str, **data: Any) -> None:
        """Ask both, and hold one against the other."""
        answer = self.months.clearing(
            type_, source, region=region, time=self.time, **data
        )
        self.compare(answer)

    def compare(self, answer: Json) -> None:
        """Hold the latest answer against what the books say."""
        message = self.months.asked[-1]
        before = self.shown(message["subject"])
        codes = self.books.decide(message)
        said = [one["code"] for one in answer.get("refusals", [])] or None
        assert said == codes, (message, answer)
        is_new = message["id"] == f"R{len(self.months.asked) - 1}"
        if codes is None and "statements" in answer and is_new:
            after = self.shown(message["subject"])
            moved = [id_ for id_ in sorted(after) if before.get(id_) != after[id_]]
            changed = [after[id_] for id_ in moved]
            assert answer["statements"] == changed
            assert answer["statement_cnt"] == len(changed)

    def shown(self, care: str) -> dict[str, Json]:
        """Show a region's statements as the books have them."""
        return {
            id_: self.books.shown(id_)
            for id_ in self.books.statements
            if id_.split(":")[2] == care
        }

    def draw(self) -> None:
        """A region draws the last month, or another one."""
        back = self.rng.choice((0, 1, 1, 1, 1, 1, 2))
        month = (self.now.replace(day=1) - timedelta(days=28 * back)).strftime("%Y%m")
        region = self.rng.choice(REGIONS)
        source = f"/agency/{self.rng.choice((region, region[:2] + '0000'))}"
        self.ask("draw", source, region=region, clr_ym=month, mdtrtarea_admvs=region)

    def confirm(self) -> None:
        """A hospital confirms some rows of a statement, perhaps with other amounts."""
        own = [id_ for id_ in self.books.statements if id_.startswith("inst")]
        if not own:
            return
        _, month, care, code, *_ = self.rng.choice(own[-4:]).split(":")
        rows = [
            row
            for row in self.books.rows.values()
            if row["fixmedins_code"] == code
            and (month in self.books.places.get(row["setl_id"], ()))
        ]
        chosen = self.rng.sample(rows, self.rng.randint(1, min(3, len(rows))))
        off = self.rng.choice((0, 0, 0, 0, 0, 0, 1))
        self.ask(
            "confirm",
            f"/medins/{code}",
            region=care,
            clr_ym=month,
            fixmedins_code=code,
            rows=[
                {
                    "setl_id": row["setl_id"],
                    "cnfm_flag": self.rng.choice("001"),
                    "medfee_sumamt_fen": row["medfee_sumamt_fen"],
                    "fund_pay_sumamt_fen": row["fund_pay_sumamt_fen"] + off,
                }
                for row in chosen
            ],
        )
        self.confirmations.append((code, care, month, self.months.asked[-1]["id"]))

    def unconfirm(self) -> None:
        """A hospital takes a confirmation back."""
        if not self.confirmations:
            return
        code, care, month, id_ = self.rng.choice(self.confirmations[-5:])
        self.ask(
            "unconfirm",
            f"/medins/{code}",
            region=care,
            clr_ym=month,
            fixmedins_code=code,
            request_id=id_,
        )

    def step(self) -> None:
        """Somebody moves a statement on, mostly the one whose turn it is."""
        if not self.books.statements:
            return
        going = [i for i, s in self.books.statements.items() if s["clr_stas"] != "60"]
        id_ = self.rng.choice(going[-12:] or list(self.books.statements))
        for _ in range(self.rng.randint(1, 5)):
            self.now += timedelta(hours=self.rng.randint(0, 3))
            self.move(id_)

    def move(self, id_: str) -> None:
        """Somebody moves this statement on."""
        state = self.books.statements[id_]["clr_stas"]
        what = self.rng.choice(ONWARD[state])
        if id_.startswith("inst") and state in STATES["fine"]:
            what = "fine" if self.rng.random() < FINED else what
        if self.rng.random() < 0.05:
            what = self.rng.choice(tuple(STATES))
        kind, _, care, party, *_ = id_.split(":")
        is_payee = what in PAYEE
        if kind == "institution":
            source = f"/medins/{party}" if is_payee else f"/agency/{care}"
        else:
            source = f"/agency/{care if is_payee else party}"
        if self.rng.random() < 0.04:
            source = f"/agency/{self.rng.choice(REGIONS)}"
        if self.rng.random() < 0.02:
            id_ = id_.replace(":11", ":41")
        self.ask(what, source, region=care, **self.content(what, id_, source))

    def content(self, what: str, id_: str, source: str) -> Json:
        """Say what a request about a statement says beyond its id."""
        data: Json = {"statement_id": id_}
        shown = self.books.shown(id_) if id_ in self.books.statements else None
        if what == "declare":
            return self.declaration(id_, source)
        if what == "audit":
            data["deductions"] = self.deductions(id_)
        if what == "fine":
            data["fines"] = self.fines()
        if what == "pay":
            off = self.rng.choice((0, 0, 0, 1))
            owed = shown["payable_fen"] if shown else 0
            data |= {"paid_fen": owed + off, "paid_on": f"{self.now:%Y-%m-%d}"}
        if what == "reject":
            data["reason"] = "资料不全"
        return data

    def declaration(self, id_: str, source: str) -> Json:
        """Declare a statement, perhaps with others of the same payee."""
        books, care = self.books, id_.split(":")[2]
        ids = [id_]
        for other, one in books.statements.items():
            is_mine = books.is_party("declare", other, source)
            is_here = other.split(":")[2] == care
            if is_mine and is_here and other != id_ and one["clr_stas"] in ("00", "70"):
                ids.append(other)
        ids = ids[: self.rng.choice((1, 1, 2, 3))]
        shown = [books.shown(one) for one in ids if one in books.statements]
        sums = {what: sum(one[what] for one in shown) for what in FIVE}
        sums["acct_pay_fen"] += self.rng.choice((0, 0, 0, 0, 0, 5))
        data: Json = {"statement_ids": ids, **sums}
        if self.rng.random() < self.excused:
            data["exception"] = "已报备"
        return data

    def deductions(self, id_: str) -> list[Json]:
        """Deduct of a row or two, now and then too much, or of a stranger."""
        rows = self.books.standing(id_) if id_ in self.books.statements else []
        if self.rng.random() < 0.05:
            rows = list(self.books.rows.values())
        chosen = [self.rng.choice(rows) for _ in range(self.rng.randint(0, 2)) if rows]
        return [
            {
                "setl_id": row["setl_id"],
                "amount_fen": self.rng.choice(
                    (1, 2, max(1, row["fund_pay_sumamt_fen"] // 2))
                ),
                "article": "第三十条",
                "reason": "超量开药",
            }
            for row in chosen
        ]

    def fines(self) -> list[Json]:
        """Fine a hospital for a thing or two, or take back what was set before."""
        return [
            {
                "amount_fen": self.rng.choice((1, 5_000, 123_456)),
                "kind": self.rng.choice(("administrative", "contractual")),
                "article": "第二十七条",
                "reason": "分解住院",
            }
            for _ in range(self.rng.randint(0, 2))
        ]

    def quota(self) -> None:
        """An insured region sets a quota."""
        care, insured = self.rng.sample(REGIONS, 2)
        answer = self.months.ask(
            "prepay.quota",
            f"/agency/{insured}",
            subject=care,
            time=self.time,
            data={
                "mdtrtarea_admvs": care,
                "insuplc_admdvs": insured,
                "insutype": self.rng.choice(SCHEMES),
                "year": self.rng.choice(("2022", "2023")),
                "quota_fen": self.rng.choice((0, 3, 50_000, 300_000)),
                "basis": self.rng.choice(("annual", "adjust", "emergency")),
            },
        )
        self.compare(answer)

    def repeat(self) -> None:
        """Something is asked again, the same or with other content."""
        asked = [one for one in self.months.asked if "clearing" in one["type"]]
        if not asked:
            return
        old = self.rng.choice(asked[-10:])
        data = dict(old["data"])
        if self.rng.random() < 0.3 and "clr_ym" in data:
            data["clr_ym"] = "202201"
        answer = self.months.ask(
            old["type"].removeprefix("jiesuan.").removesuffix(".v1"),
            old["source"],
            subject=old["subject"],
            time=self.time,
            data=data,
            id_=old["id"],
        )
        self.compare(answer)
