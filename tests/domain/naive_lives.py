"""Lives for the two laws: with stays in hospital, and with all that the gates stop."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random

from tests.domain import asking
from tests.domain.asking import Message
from tests.domain.strategies import Life, beginnings, day_of

UNKNOWN = "H42010099999"
PLACES = (asking.CLOSED_AWAY, asking.ELSEWHERE, asking.AWAY)
FILING_TYPES = (
    "retired-settled",
    "long-term-resident",
    "posted",
    "referred",
    "emergency",
    "other-temporary",
)
FILED = ("310000", "310100", "420500")
UNLISTED_AWAY = "M02101"
UNLISTED = "M99900"
LOCAL = ("M07803", "M07804", "M01609")
YEARS = (2022, 2023)
TWIN = "420100"
AGENCIES = ("/agency/429900", "/agency/420100", "/agency/420000", "/agency/310000")
CHOSEN = (asking.PRIMARY, asking.SECONDARY, asking.PHARMACY, asking.AWAY)


@dataclass
class StayingLife(Life):
    """A life in which some bills are those of a stay in hospital."""

    def bill(self) -> Message:
        """Draw a settlement; now and then of a stay."""
        made = super().bill()
        data = made["data"]
        if data["fixmedins_code"] != asking.PHARMACY and self.once_in(6):
            data["med_type"] = "21"
            data.pop("dise_codg", None)
        elif data["fixmedins_code"] != asking.PHARMACY and self.once_in(6):
            data["med_type"] = "15"
            data["dise_codg"] = self.random.choice(("M03900", "M01600", "M01609"))
        return made

    def once_in(self, times: int) -> bool:
        """Draw a yes, once in so many times."""
        return self.random.randint(1, times) == 1


@dataclass
class StoppedLife(StayingLife):
    """A life that runs into the gates: bills bent, and registrations in between."""

    stays: list[tuple[str, str, str]] = field(default_factory=list)
    region: str = asking.HOME

    def begin(self) -> Iterator[Message]:
        """Draw who the person is: recognised early or late, filed or not."""
        random = self.random
        yield asking.enrol("E1", birth=random.choice(("1972-02-29", "1951-06-15")))
        for disease in (*asking.DISEASES, UNLISTED_AWAY):
            begin = random.choice(("2018-03-05", "2019-08-20", "2022-01-01"))
            yield asking.qualify(f"Q{disease}", disease, begin)
        for place in CHOSEN:
            for disease in (*asking.DISEASES, UNLISTED_AWAY):
                yield self.designate(place, disease, "2020-03-05")
        if random.randint(0, 1):
            yield self.file()

    def next(self) -> Message:
        """Draw the next request."""
        if not self.once_in(4):
            return super().next()
        draw = self.random.choice(
            (
                self.enrol,
                self.qualify,
                self.disqualify,
                self.file,
                self.file,
                self.unfile,
                self.choose,
                self.undesignate,
                self.admit,
                self.leave,
            )
        )
        made = draw()
        if made["source"].startswith("/agency/") and self.once_in(6):
            made["source"] = self.random.choice(AGENCIES)
        return made

    def day(self) -> str:
        """Draw a day on which all months have a same day."""
        day = day_of(self.random, self.random.choice(YEARS))
        return min(day, day[:8] + "28")

    def enrol(self) -> Message:
        """Draw an enrolment that changes, suspends, or ends."""
        more = {"begndate": self.day(), "psn_type": self.random.choice(("11", "1210"))}
        if self.once_in(2):
            more["psn_insu_stas"] = self.random.choice(("1", "2", "4"))
        if self.once_in(3):
            more["enddate"] = more["begndate"][:4] + "-12-28"
        self.region = self.random.choice((asking.HOME, asking.HOME, TWIN))
        more["insuplc_admdvs"] = self.region
        return asking.enrol(self.id(), birth="1972-02-29", **more)

    def qualify(self) -> Message:
        """Draw a recognition, of a listed disease or not, with an end or without."""
        disease = self.random.choice(
            (*asking.DISEASES, *LOCAL, UNLISTED_AWAY, UNLISTED)
        )
        more = {"enddate": "2023-06-28"} if self.once_in(3) else {}
        begin = self.random.choice((self.day(), "2018-03-05", "2019-08-20"))
        more = {} if begin > "2023-06-28" else more
        return asking.qualify(self.id(), disease, begin, **more)

    def disqualify(self) -> Message:
        """Draw the end of a recognition."""
        data = {
            "psn_no": asking.PERSON,
            "insutype": "310",
            "opsp_dise_code": self.random.choice((*asking.DISEASES, *LOCAL, UNLISTED)),
            "enddate": self.day(),
        }
        return asking.message("disqualify", self.id(), data)

    def file(self) -> Message:
        """Draw a filing, of any type, with an end or without."""
        begin = self.day()
        more = {"enddate": begin[:4] + "-12-28"} if self.once_in(3) else {}
        return asking.file_away(
            self.id(),
            rloc_admdvs=self.random.choice(FILED),
            begndate=begin,
            filing_type=self.random.choice(FILING_TYPES),
            **more,
        )

    def unfile(self) -> Message:
        """Draw the end of filings of a place."""
        data = {
            "psn_no": asking.PERSON,
            "insutype": "310",
            "rloc_admdvs": self.random.choice(FILED),
            "enddate": self.day(),
        }
        return asking.message("unfile", self.id(), data)

    def designate(self, place: str, disease: str, begin: str, **more: str) -> Message:
        """Choose an institution for a disease."""
        data = {
            "psn_no": asking.PERSON,
            "insutype": "310",
            "fixmedins_code": place,
            "opsp_dise_code": disease,
            "begndate": begin,
            **more,
        }
        return asking.message("designate", self.id(), data)

    def choose(self) -> Message:
        """Draw a choice of an institution, with an end or without."""
        begin = self.day()
        more = {"enddate": begin[:4] + "-12-28"} if self.once_in(2) else {}
        place = self.random.choice((*CHOSEN, asking.TERTIARY, asking.MINISTRY))
        disease = self.random.choice((*asking.DISEASES, *LOCAL))
        return self.designate(place, disease, begin, **more)

    def undesignate(self) -> Message:
        """Draw the end of a choice."""
        data = {
            "psn_no": asking.PERSON,
            "insutype": "310",
            "fixmedins_code": self.random.choice((*CHOSEN, asking.TERTIARY)),
            "opsp_dise_code": self.random.choice((*asking.DISEASES, *LOCAL)),
            "enddate": self.day(),
        }
        return asking.message("undesignate", self.id(), data)

    def report(self) -> Message:
        """Draw an inpatient report, of a region or of wherever home is."""
        made = super().report()
        if self.once_in(2):
            made["data"]["insuplc_admdvs"] = self.random.choice((asking.HOME, TWIN))
        return made

    def admit(self) -> Message:
        """Draw an admission."""
        place = self.random.choice((asking.SECONDARY, asking.AWAY, asking.ELSEWHERE))
        stay = (f"Z{self.count}", place, f"{self.day()}T08:50:00+08:00")
        self.stays.append(stay)
        return self._stay("admit", stay, begntime=stay[2])

    def leave(self) -> Message:
        """Draw a discharge: of a stay, before it began, or of none."""
        begin = f"{self.day()}T00:50:00Z"
        none = (f"none{self.count}", asking.SECONDARY, begin)
        stay = self.random.choice([*self.stays[-2:], none])
        end = self.random.choice((self.day() + stay[2][10:], stay[2]))
        return self._stay("discharge", stay, endtime=end)

    def _stay(self, kind: str, stay: tuple[str, str, str], **time: str) -> Message:
        data = {
            "psn_no": asking.PERSON,
            "mdtrt_id": stay[0],
            "fixmedins_code": stay[1],
            **time,
        }
        return asking.message(kind, self.id(), data)

    def bill(self) -> Message:
        """Draw a bill, bent in one way or another, or not."""
        made = super().bill()
        data = made["data"]
        data["insuplc_admdvs"] = self.region
        data["mdtrt_id"] = f"V{self.random.randint(1, 9)}"
        if self.once_in(8):
            data["insuplc_admdvs"] = self.random.choice((asking.HOME, TWIN))
        if self.once_in(3):
            bend = self.random.choice(
                (
                    _place,
                    _years,
                    _tag,
                    _drop,
                    _sum,
                    _care,
                    _time,
                    _disease,
                    _injury,
                    _kind,
                    _visit_of(self.stays),
                )
            )
            bend(made["data"], self.random)
        return self._sent(made)

    def _sent(self, made: Message) -> Message:
        """Send it by whoever may: the institution, or the agency for a claim."""
        data = made["data"]
        kind = self.random.choice(("settle", "settle", "settle", "claim", "quote"))
        if kind == "claim":
            data["manl_reim_rea"] = "未能直接结算"
        at = data["feedetail"][0]["fee_ocur_time"][:10] + "T23:00:00+08:00"
        at = self.random.choice((at, "2022-06-28T09:00:00+08:00"))
        made.update(asking.message(kind, made["id"], data, time=at))
        return made

    def undoing(self, kind: str) -> Message:
        """Draw an undoing; that of a claim comes from the agency or not."""
        made = super().undoing(kind)
        if kind != "compensate" and self.once_in(3):
            made["source"] = asking.AGENCY
        return made


def _place(data: Message, random: Random) -> None:
    place = random.choice((*PLACES, UNKNOWN))
    data["fixmedins_code"] = place
    data["mdtrtarea_admvs"] = asking.region_of(place)
    if data["med_type"] == "41":
        data["med_type"] = "11"


def _injury(data: Message, random: Random) -> None:
    data["trum_flag"] = random.choice(("0", "1", "1"))
    data["rel_ttp_flag"] = random.choice(("0", "1", "1"))


def _kind(data: Message, random: Random) -> None:
    """Ask a pharmacy for what it does not give, or with its own prescription."""
    data["fixmedins_code"] = asking.PHARMACY
    data["mdtrtarea_admvs"] = asking.region_of(asking.PHARMACY)
    by = random.choice((asking.PHARMACY, asking.PRIMARY, UNKNOWN))
    data |= {"rxno": "RX1", "rxfixmedins_code": by}
    if data["med_type"] == "11":
        data["med_type"] = random.choice(("11", "41", "41"))


def _visit_of(stays: list[tuple[str, str, str]]) -> Callable[[Message, Random], None]:
    """Make a bill that of a known stay away from home, where there is one."""

    def bend(data: Message, random: Random) -> None:
        if stays:
            data["mdtrt_id"] = random.choice(stays)[0]
        data["fixmedins_code"] = random.choice((asking.AWAY, asking.ELSEWHERE))
        data["mdtrtarea_admvs"] = asking.region_of(data["fixmedins_code"])
        data["med_type"] = "21"
        data.pop("dise_codg", None)

    return bend


def _years(data: Message, random: Random) -> None:
    line = random.choice(data["feedetail"])
    year = random.choice(("2021", "2022", "2023"))
    line["fee_ocur_time"] = year + line["fee_ocur_time"][4:]


def _tag(data: Message, random: Random) -> None:
    codes = (*asking.DISEASES, *LOCAL)
    random.choice(data["feedetail"])["dise_codg"] = random.choice(codes)


def _drop(data: Message, random: Random) -> None:
    data.pop(random.choice(("rxno", "rxfixmedins_code")), None)


def _sum(data: Message, random: Random) -> None:
    line = random.choice(data["feedetail"])
    line["det_item_fee_sumamt_fen"] += random.choice((-2, -1, 1, 2))


def _care(data: Message, random: Random) -> None:
    data["med_type"] = random.choice(("11", "13", "41"))
    data.pop("dise_codg", None)


def _time(data: Message, random: Random) -> None:
    line = random.choice(data["feedetail"])
    when = random.choice(("-12-31T16:30:00Z", "-12-31T15:59:59Z", "-01-01T00:00:00Z"))
    line["fee_ocur_time"] = line["fee_ocur_time"][:4] + when


def _disease(data: Message, random: Random) -> None:
    data["med_type"] = "14"
    data["dise_codg"] = random.choice((UNLISTED_AWAY, UNLISTED, *LOCAL))


def staying(random: Random, *, most: int = 24) -> Iterator[Message]:
    """Draw a life with stays."""
    yield from beginnings(random)
    drawn = StayingLife(random)
    for _ in range(random.randint(2, most)):
        yield drawn.next()


def stopped(random: Random, *, most: int = 30) -> Iterator[Message]:
    """Draw a life that runs into the gates."""
    drawn = StoppedLife(random)
    yield from drawn.begin()
    for _ in range(random.randint(2, most)):
        yield drawn.next()
