"""Random lives: a person's years of bills, reports, refunds and second thoughts.

Everything is drawn from a `random.Random`: a seeded one where speed counts, the one
that hypothesis controls (and shrinks) where the smallest counter-example counts.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from hypothesis import strategies as st
from tests.domain import asking
from tests.domain.asking import Message

PLACES = (
    asking.PRIMARY,
    asking.SECONDARY,
    asking.TERTIARY,
    asking.MINISTRY,
    asking.PHARMACY,
    asking.UNGRADED,
    asking.AWAY,
)
EDGES = (1, 239_999, 240_000, 240_001, 360_000, 600_000, 800_000, 1_000_001)
YEARS = (2022, 2023)
MOSTLY = (2022, 2022, 2022, 2023)
randoms = st.randoms(use_true_random=False)


def amount(random: Random) -> int:
    """Draw an amount: petty, ordinary, at an edge of the law, or huge; fen."""
    kind = random.randint(0, 9)
    if kind == 0:
        return random.randint(0, 30)
    if kind <= 5:
        return random.randint(1, 400_000)
    if kind <= 7:
        return random.choice(EDGES) + random.randint(-1, 1)
    return random.randint(1, 26_000_000) if kind == 8 else 24_000_000


def day_of(random: Random, year: int) -> str:
    """Draw a day of a year."""
    return (date(year, 1, 1) + timedelta(days=random.randint(0, 364))).isoformat()


def given_split(random: Random, sn: str, total: int, *, day: str) -> Message:
    """Draw a line that the care place has split."""
    parts = [0, 0, 0]
    left = abs(total)
    for at in range(3):
        parts[at] = random.randint(0, left) if random.randint(0, 1) else 0
        left -= parts[at]
    sign = -1 if total < 0 else 1
    names = ("fulamt_ownpay_amt_fen", "overlmt_amt_fen", "preselfpay_amt_fen")
    split = {name: sign * part for name, part in zip(names, parts, strict=True)}
    return asking.line(sn, total, day=day, inscp_scp_amt_fen=sign * left, **split)


def catalogue_line(random: Random, sn: str, total: int, *, day: str) -> Message:
    """Draw a line that the catalogue splits."""
    more: dict[str, str] = {"chrgitm_lv": random.choice(("01", "01", "02", "03"))}
    if random.randint(0, 2) == 0:
        ceiling = random.randint(0, abs(total) + 10)
        more["pric_uplmt_amt"] = f"{ceiling // 100}.{ceiling % 100:02d}"
    if random.randint(0, 3) == 0:
        more["selfpay_prop"] = random.choice(("0", "0.0500", "0.3333", "1"))
    if random.randint(0, 5) == 0:
        more["lmt_used_flag"] = "1"
        more["hosp_appr_flag"] = random.choice(("0", "1", "2"))
    if random.randint(0, 4) == 0:
        more["hi_nego_drug_flag"] = random.choice(("0", "1"))
    return asking.line(sn, total, day=day, **more)


def quantity_line(random: Random, sn: str, *, day: str) -> Message:
    """Draw a line with a fine price and quantity; its sum may be off by a fen."""
    price, count = random.randint(0, 10**9), random.randint(1, 10**5)
    fen = (2 * price * count + 10**8) // (2 * 10**8)
    more = {"chrgitm_lv": random.choice(("01", "02"))}
    if random.randint(0, 1):
        ceiling = random.randint(0, 10**9)
        more["pric_uplmt_amt"] = f"{ceiling // 10**6}.{ceiling % 10**6:06d}"
    made = asking.line(sn, max(0, fen + random.randint(-1, 1)), day=day, **more)
    made["pric"] = f"{price // 10**6}.{price % 10**6:06d}"
    made["cnt"] = f"{count // 10**4}.{count % 10**4:04d}"
    return made


def bill_lines(random: Random, *, day: str) -> list[Message]:
    """Draw one to four lines; the last may take some of the first back (退药)."""
    lines: list[Message] = []
    for at in range(random.choice((1, 1, 2, 3))):
        sn = str(at + 1)
        kind = random.randint(0, 3)
        if kind == 0:
            lines.append(given_split(random, sn, amount(random), day=day))
        elif kind == 1:
            lines.append(quantity_line(random, sn, day=day))
        else:
            lines.append(catalogue_line(random, sn, amount(random), day=day))
    if random.randint(0, 7) == 0:
        back = -random.randint(0, 500)
        lines.append(asking.line(str(len(lines) + 1), back, day=day))
        lines.append(asking.line(str(len(lines) + 1), 500, day=day))
    return lines


@dataclass
class Life:
    """One person's requests as they are drawn: what stands, and what was undone."""

    random: Random
    sent: list[Message] = field(default_factory=list)
    undone: list[Message] = field(default_factory=list)
    count: int = 0

    def id(self) -> str:
        """Return the next request's id."""
        self.count += 1
        return f"R{self.count}"

    def bill(self) -> Message:
        """Draw a settlement: any care, any place, any day of two years."""
        random = self.random
        day = day_of(random, random.choice(MOSTLY))
        more: dict[str, str | int] = {"at": random.choice(PLACES)}
        care = random.choice(("11", "11", "13", "14"))
        if care == "11" and more["at"] == asking.PHARMACY:
            care = "41"
        if care == "14":
            more["dise_codg"] = random.choice(asking.DISEASES)
        if random.randint(0, 2) == 0:
            more |= {"acct_used_flag": "1", "balc_fen": amount(random)}
        lines = bill_lines(random, day=day)
        data = asking.bill(lines, care=care, **more)  # type: ignore[arg-type]
        made = asking.message("settle", self.id(), data)
        self.sent.append(made)
        return made

    def undoing(self, kind: str) -> Message:
        """Draw the undoing of a settlement: one that stands, a past one, a stranger."""
        random = self.random
        stale = bool(self.undone) and random.randint(0, 5) == 0
        pool = self.undone if stale else self.sent
        newest = kind != "gap-refund" and random.randint(0, 2) > 0
        one = pool[-1] if newest else random.choice(pool)
        if one in self.sent and (newest or kind == "gap-refund"):
            self.sent.remove(one)
            self.undone.append(one)
        target = one["id"] if random.randint(0, 29) else "never-sent"
        at = one["data"]["fixmedins_code"]
        if random.randint(0, 29) == 0:
            at = asking.PRIMARY
        return asking.undo(kind, self.id(), target, at=at)

    def report(self) -> Message:
        """Draw an inpatient report, now and then one taken back."""
        fen = self.random.choice((1_000_000, 12_000_000, 23_500_000, 24_000_000))
        sign = -1 if self.random.randint(0, 4) == 0 else 1
        year, visit = str(self.random.choice(YEARS)), self.random.choice(("Z1", "Z2"))
        return asking.inpatient(self.id(), year, sign * fen, visit=visit)

    def next(self) -> Message:
        """Draw the next request."""
        kind = self.random.randint(0, 19)
        if kind <= 11 or not self.sent:
            return self.bill()
        if kind <= 13:
            return self.report()
        if kind <= 15:
            return self.undoing("refund")
        if kind <= 18:
            return self.undoing("gap-refund")
        return self.undoing("compensate")


def beginnings(random: Random) -> Iterator[Message]:
    """Draw who the person is: birthdays that cross a cap, a retirement half-way."""
    birth = date(
        random.choice((1951, 1952, 1971, 1972, 1990)),
        random.randint(1, 12),
        random.randint(1, 28),
    ).isoformat()
    yield asking.enrol("E1", birth=birth)
    if random.randint(0, 1):
        begin = day_of(random, random.choice(YEARS))
        yield asking.enrol("E2", birth=birth, psn_type="1210", begndate=begin)
    for disease in asking.DISEASES:
        for year in YEARS:
            yield asking.qualify(f"Q{disease}{year}", disease, f"{year}-01-01")
    yield asking.file_away("F1")


def life(random: Random, *, most: int = 24) -> Iterator[Message]:
    """Draw a whole life: who one is, then bills, reports and undoings."""
    yield from beginnings(random)
    drawn = Life(random)
    for _ in range(random.randint(2, most)):
        yield drawn.next()
