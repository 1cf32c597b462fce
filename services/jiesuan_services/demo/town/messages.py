"""The town's requests as messages, and what should come of each."""

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Any, Final

from jiesuan_services.demo.town.places import HOME, PHARMACIES, TownInstitution

BEIJING: Final = timezone(timedelta(hours=8))
FIRST_ENROLMENT: Final = date(2020, 1, 1)
Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Posted:
    """One request of the year: when, why, and the outcome it should have.

    ``expects`` is an outcome, or the code of the refusal that counts.
    """

    at: datetime
    kind: str
    expects: str
    message: Message


@dataclass(frozen=True, slots=True)
class Someone:
    """An invented person; ``disease`` is the chronic one that is recognised, if any.

    ``home`` is the region of enrolment; who moves is somebody else from then on.
    """

    id: str
    born: date
    category: str
    disease: str | None = None
    home: str = HOME


@dataclass(frozen=True, slots=True)
class TownVisit:
    """Where a bill arises, as what kind of care, and its amounts by class in fen."""

    place: TownInstitution
    care: str
    amounts: tuple[tuple[str, int], ...]
    ceiling_fen: int | None = None
    disease: str | None = None
    balance_fen: int | None = None
    prescribed: bool = True


def stamp(day: date, minute: int) -> datetime:
    """Return the instant of a minute of a day, in Beijing."""
    return datetime(day.year, day.month, day.day, tzinfo=BEIJING) + timedelta(
        minutes=minute
    )


def price(fen: int) -> str:
    """Write a price as the interface wants it.

    >>> price(12345)
    '123.450000'
    """
    return f"{fen // 100}.{fen % 100:02}0000"


@dataclass(slots=True)
class Registrar:
    """Writes messages; every one gets its own number within the town."""

    town: int
    rng: random.Random
    written: int = field(default=0)

    def person(self, number: int) -> str:
        """Return the id of a person of this town."""
        return f"T{self.town}-P{number:04}"

    def write(
        self, type_: str, source: str, *, subject: str, at: datetime, data: Message
    ) -> Message:
        """Write one message under a new name."""
        self.written += 1
        origin = source.rsplit("/", 1)[-1]
        return {
            "specversion": "1.0",
            "type": f"jiesuan.{type_}.v1",
            "source": source,
            "id": f"{origin}-T{self.town}-{self.written:06}",
            "time": at.isoformat(),
            "subject": subject,
            "data": data,
        }

    def agency(
        self, type_: str, person: Someone, *, at: datetime, data: Message
    ) -> Message:
        """Write a message of the agency of a person's region."""
        whole = {"psn_no": person.id, "insutype": "310", **data}
        source = f"/agency/{person.home}"
        return self.write(type_, source, subject=person.id, at=at, data=whole)

    def enrol(
        self, person: Someone, at: datetime, *, begins: date = FIRST_ENROLMENT
    ) -> Message:
        """Enrol a person from a day on, from birth at the earliest."""
        data = {
            "psn_type": person.category,
            "insuplc_admdvs": person.home,
            "brdy": person.born.isoformat(),
            "begndate": max(person.born, begins).isoformat(),
        }
        return self.agency("enrol", person, at=at, data=data)

    def qualify(self, person: Someone, at: datetime) -> Message:
        """Recognise a person's chronic disease."""
        begin = max(date(at.year - 1, 7, 1), person.born)
        data = {"opsp_dise_code": person.disease, "begndate": begin.isoformat()}
        return self.agency("qualify", person, at=at, data=data)

    def settle(
        self, person: Someone, visit: TownVisit, *, at: datetime, type_: str = "settle"
    ) -> Message:
        """Bill a visit."""
        lines = [
            self._line(number, amount, at=at, visit=visit)
            for number, amount in enumerate(visit.amounts, 1)
        ]
        data: Message = {
            "psn_no": person.id,
            "fixmedins_code": visit.place.code,
            "mdtrt_id": f"T{self.town}-V{self.written + 1:06}",
            "insutype": "310",
            "med_type": visit.care,
            "mdtrtarea_admvs": visit.place.region,
            "insuplc_admdvs": person.home,
            "medfee_sumamt_fen": sum(fen for _, fen in visit.amounts),
            "acct_used_flag": "0" if visit.balance_fen is None else "1",
            "feedetail": lines,
        }
        if visit.balance_fen is not None:
            data["balc_fen"] = visit.balance_fen
        if visit.disease is not None:
            data["dise_codg"] = visit.disease
        if visit.place in PHARMACIES and visit.prescribed:
            data["rxno"] = f"RX{self.written + 1:06}"
            data["rxfixmedins_code"] = "H42010090001"
        return self.write(
            type_, visit.place.source, subject=person.id, at=at, data=data
        )

    def _line(
        self, number: int, amount: tuple[str, int], *, at: datetime, visit: TownVisit
    ) -> Message:
        class_, fen = amount
        line: Message = {
            "feedetl_sn": str(number),
            "fee_ocur_time": (at - timedelta(minutes=12)).isoformat(),
            "med_list_codg": f"X{class_}{self.rng.randrange(1000):03}",
            "pric": price(fen),
            "cnt": "1.0000",
            "det_item_fee_sumamt_fen": fen,
            "chrgitm_lv": class_,
        }
        if class_ == "02" and visit.ceiling_fen is not None:
            line["pric_uplmt_amt"] = price(visit.ceiling_fen)
        return line

    def take_back(
        self, settled: Message, at: datetime, *, type_: str = "refund"
    ) -> Message:
        """Ask to take a settlement back, named by its sender's id."""
        data = settled["data"]
        return self.write(
            type_,
            settled["source"],
            subject=settled["subject"],
            at=at,
            data={
                "psn_no": data["psn_no"],
                "fixmedins_code": data["fixmedins_code"],
                "medins_setl_id": settled["id"],
            },
        )

    def compensate(self, settled: Message, at: datetime) -> Message:
        """Undo a settlement whose outcome the sender does not know."""
        data = settled["data"]
        return self.write(
            "compensate",
            settled["source"],
            subject=settled["subject"],
            at=at,
            data={
                "psn_no": data["psn_no"],
                "fixmedins_code": data["fixmedins_code"],
                "omsgid": settled["id"],
                "oinfno": "2207",
            },
        )

    def report_inpatient(self, person: Someone, fen: int, *, at: datetime) -> Message:
        """Report an inpatient settlement made elsewhere."""
        data = {
            "mdtrt_id": f"T{self.town}-Z{self.written + 1:06}",
            "year": str(at.year),
            "inscp_scp_amt_fen": fen,
        }
        return self.agency("inpatient", person, at=at, data=data)

    def file(self, person: Someone, region: str, *, at: datetime) -> Message:
        """File long-term residence in another region."""
        data = {
            "filing_type": "long-term-resident",
            "rloc_admdvs": region,
            "begndate": at.date().isoformat(),
        }
        return self.agency("file", person, at=at, data=data)
