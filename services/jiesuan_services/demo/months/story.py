"""The three months as requests: two of them lie in the past, the rest is closed now.

Everything is decided in memory as it is written, so that each request can say what the
statements come to; what is told on Kafka must be the same.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import permutations
from typing import Any, Final

import orjson

from jiesuan_domain.policy.model import Packs
from jiesuan_events.words.instants import BEIJING, plus_months
from jiesuan_ledger.log.record import Record
from jiesuan_services.clerk.trial import Trial
from jiesuan_services.demo.months.regions import NAMES, SCHEME, agency, hospital

Json = dict[str, Any]
Keep = Callable[..., None]
FIVE: Final = (
    "setl_cnt",
    "medfee_sumamt_fen",
    "fund_pay_sumamt_fen",
    "acct_pay_fen",
    "psn_cash_pay_fen",
)
HOME, NEIGHBOUR, AFAR = NAMES
DEDUCTED: Final = 3_000
"""Fen that an audit deducts of one row."""
ROUND: Final = ("declare", "accept", "audit", "finish-audit", "clear", "pay")
PAID: Final = "60"


class Unforetold(RuntimeError):
    """A request of the story that was refused: the story is wrong."""


@dataclass(slots=True)
class ThreeMonths:
    """Requests of three months: ``past`` ones, and those that close them ``live``.

    ``special`` names the statement that was objected to, the one declared late and the
    two, of both kinds, that a deduction is in.
    """

    months: tuple[str, ...]
    past: list[Json] = field(default_factory=list)
    live: list[Json] = field(default_factory=list)
    answers: list[Json] = field(default_factory=list)
    special: dict[str, str] = field(default_factory=dict)
    views: dict[str, list[Json]] = field(default_factory=dict)


def three_months(now: datetime, packs: Packs, *, keep: Keep) -> ThreeMonths:
    """Write the months that ended a month ago; ``keep`` takes what is past."""
    first = now.astimezone(BEIJING).date().replace(day=1)
    starts = [plus_months(first, -back) for back in (4, 3, 2)]
    return _Writer(packs, starts, keep).write(now)


class _Writer:
    """Asks a trial one request after the other, and remembers every statement."""

    def __init__(self, packs: Packs, starts: list[date], keep: Keep) -> None:
        self._starts = starts
        self._keep: Keep | None = keep
        self._trial = Trial(packs, keep=self._kept)
        self._statements: dict[str, Json] = {}
        self._story = ThreeMonths(tuple(f"{one:%Y%m}" for one in starts))
        self._count = 0

    def _kept(self, topic: str, record: Record, *, time: str) -> None:
        if self._keep is not None:
            self._keep(topic, record, time=time)

    def write(self, now: datetime) -> ThreeMonths:
        """Write the past, then what closes it now."""
        self._open()
        story = self._story
        objected, late = (
            self._id("region", 1, care=AFAR, party=HOME),
            self._id("region", 2, care=HOME, party=AFAR),
        )
        deducted = self._id("institution", 0, care=NEIGHBOUR, party=hospital(NEIGHBOUR))
        mirrored = self._id("region", 0, care=NEIGHBOUR, party=HOME)
        story.special = {
            "objected": objected,
            "late": late,
            "deducted": deducted,
            "mirrored": mirrored,
        }
        for at, start in enumerate(self._starts):
            self._visits(at, start)
            self._draw(start)
            for id_ in [one for one in self._statements if self._is_of(one, start)]:
                done = {late: 0, objected: 2, deducted: 2, mirrored: 2}.get(id_, 6)
                self._go(id_, ROUND[:done], at=_noon(plus_months(start, 1), 6))
        self._keep = None
        self._close(now)
        for line in self._trial.clearing_views():
            row = orjson.loads(line)
            story.views.setdefault(row.pop("view"), []).append(row)
        return story

    def _close(self, now: datetime) -> None:
        """Close what is open: an objection, a late declaration, a deduction."""
        special = self._story.special
        objected, late = special["objected"], special["late"]
        at = now.astimezone(BEIJING)
        self._step("reject", objected, at=at, reason="申报资料不全，请补正后重新申报")
        self._go(objected, ROUND, at=at)
        report = "就医地系统升级，已于申报期限前报备"
        self._go(late, ROUND, at=at, exception=report)
        self._deduct(special["deducted"], at=at)
        for name in ("deducted", "mirrored"):
            self._go(special[name], ("audit", *ROUND[3:]), at=at)

    def _deduct(self, id_: str, *, at: datetime) -> None:
        """Deduct of the first row of an insured person of another region."""
        mirrored = self._story.special["mirrored"]
        rows = [orjson.loads(one) for one in self._trial.clearing_views()]
        row = next(
            one["setl_id"]
            for one in rows
            if one["view"] == "clearing_row" and one["statement_id"] == mirrored
        )
        deduction = {
            "setl_id": row,
            "amount_fen": DEDUCTED,
            "article": "67号 第三十条",
            "reason": "超量开药",
        }
        self._step("audit", id_, at=at, deductions=[deduction])

    def _open(self) -> None:
        """Register a hospital in each region, and enrol two persons in each."""
        at = _noon(self._starts[0], 1) - timedelta(days=30)
        for region, name in NAMES.items():
            place = {
                "fixmedins_code": hospital(region),
                "fixmedins_name": f"{name}医院",
                "admdvs": region,
                "fixmedins_type": "1",
                "dedc_hosp_lv": "1",
                "ministry_affiliated": False,
                "outpatient_opened": True,
            }
            source = agency(region)
            self._ask("institution", source, about=hospital(region), at=at, data=place)
            for number in (1, 2):
                data = {
                    "psn_no": f"Q{region}{number}",
                    "insutype": SCHEME,
                    "psn_type": "11",
                    "insuplc_admdvs": region,
                    "brdy": "1980-01-01",
                    "begndate": "2020-01-01",
                }
                self._ask("enrol", source, about=data["psn_no"], at=at, data=data)

    def _visits(self, month: int, start: date) -> None:
        """Let everybody be treated once in each other region, and some at home."""
        pairs = [*permutations(NAMES, 2), *((one, one) for one in NAMES)]
        for at, (insured, care) in enumerate(pairs):
            for number in (1, 2):
                fen = 10_000 * (at + 1) + 1_700 * month + 331 * number
                time = _noon(start, 3 + at) + timedelta(hours=number)
                data = _bill(f"Q{insured}{number}", insured, care=care, fen=fen)
                data["feedetail"][0]["fee_ocur_time"] = time.isoformat()
                source = f"/medins/{hospital(care)}"
                self._ask("settle", source, about=data["psn_no"], at=time, data=data)

    def _draw(self, start: date) -> None:
        at = _noon(plus_months(start, 1), 2)
        for care in NAMES:
            data = {"clr_ym": f"{start:%Y%m}", "mdtrtarea_admvs": care}
            self._ask("clearing.draw", agency(care), about=care, at=at, data=data)

    def _go(
        self, id_: str, steps: tuple[str, ...], *, at: datetime, **declared: str
    ) -> None:
        """Take a statement from step to step, a day's work."""
        for step in steps:
            row = self._statements[id_]
            said: Json = {}
            if step == "declare":
                said = {**{name: row[name] for name in FIVE}, **declared}
            elif step == "audit":
                said = {"deductions": []}
            elif step == "pay":
                said = {"paid_fen": row["payable_fen"], "paid_on": f"{at:%Y-%m-%d}"}
            self._step(step, id_, at=at, **said)

    def _step(self, step: str, id_: str, *, at: datetime, **said: Any) -> None:
        kind, _, care, party, *_ = id_.split(":")
        payee = f"/medins/{party}" if kind == "institution" else agency(care)
        payer = agency(care if kind == "institution" else party)
        named = {"statement_ids": [id_]} if step == "declare" else {"statement_id": id_}
        self._ask(
            f"clearing.{step}",
            payee if step == "declare" else payer,
            about=care,
            at=at,
            data={**named, **said},
        )

    def _ask(
        self, type_: str, source: str, *, about: str, at: datetime, data: Json
    ) -> None:
        self._count += 1
        message = {
            "specversion": "1.0",
            "type": f"jiesuan.{type_}.v1",
            "source": source,
            "id": f"MONTHS-{self._count:04}",
            "time": at.isoformat(),
            "subject": about,
            "data": data,
        }
        line = self._trial.answer(orjson.dumps(message).decode(), self._count)
        answer: Json = orjson.loads(line)["data"]
        if answer["outcome"] == "refused":
            raise Unforetold(f"{type_}: {answer['refusals'][0]['message']}")
        for row in answer.get("statements", ()):
            self._statements[row["statement_id"]] = row
        if self._keep is not None:
            self._story.past.append(message)
        else:
            self._story.live.append(message)
            self._story.answers.append(answer)

    def _id(self, kind: str, month: int, *, care: str, party: str) -> str:
        return f"{kind}:{self._starts[month]:%Y%m}:{care}:{party}:{SCHEME}:11"

    def _is_of(self, id_: str, start: date) -> bool:
        return id_.split(":")[1] == f"{start:%Y%m}"


def _noon(first: date, day: int) -> datetime:
    """Return noon of a day of a month, in Beijing."""
    return datetime(first.year, first.month, day, 12, tzinfo=BEIJING)


def _bill(person: str, insured: str, *, care: str, fen: int) -> Json:
    return {
        "psn_no": person,
        "fixmedins_code": hospital(care),
        "mdtrt_id": f"V{person}-{care}-{fen}",
        "insutype": SCHEME,
        "med_type": "11",
        "mdtrtarea_admvs": care,
        "insuplc_admdvs": insured,
        "medfee_sumamt_fen": fen,
        "acct_used_flag": "0",
        "feedetail": [
            {
                "feedetl_sn": "1",
                "med_list_codg": "X01001",
                "pric": f"{fen // 100}.{fen % 100:02}0000",
                "cnt": "1.0000",
                "det_item_fee_sumamt_fen": fen,
                "chrgitm_lv": "01",
            }
        ],
    }
