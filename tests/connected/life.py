"""Days of invented people: what they ask, from a seed, the same every time."""

import random
from typing import Any

HOSPITALS = tuple(f"H4201009000{n}" for n in (1, 2, 3))
AGENCY = "/agency/429900"


def message(type_: str, id_: str, data: dict[str, Any], *, source: str) -> dict:
    """Make a request in structured mode."""
    return {
        "specversion": "1.0",
        "type": f"jiesuan.{type_}.v1",
        "source": source,
        "id": id_,
        "time": "2022-03-01T09:00:00+08:00",
        "subject": data.get("psn_no") or data["fixmedins_code"],
        "data": data,
    }


def institutions() -> list[dict]:
    """Register the hospitals, one of each tier."""
    return [
        message(
            "institution",
            f"I-{code}",
            {
                "fixmedins_code": code,
                "fixmedins_name": "测试机构",
                "admdvs": "420100",
                "fixmedins_type": "1",
                "dedc_hosp_lv": code[-1],
                "ministry_affiliated": False,
            },
            source=AGENCY,
        )
        for code in HOSPITALS
    ]


def enrolment(person: str) -> dict:
    """Enrol a person for life."""
    data = {"psn_no": person, "insutype": "310", "psn_type": "11", "brdy": "1962-01-15"}
    data |= {"insuplc_admdvs": "429900", "begndate": "2020-01-01"}
    return message("enrol", f"E-{person}", data, source=AGENCY)


def bill(
    person: str, id_: str, *, fen: int, at: str = HOSPITALS[0], kind: str = "settle"
) -> dict:
    """Ask for a settlement (or a quote) of one line."""
    line = {
        "feedetl_sn": "1",
        "fee_ocur_time": "2022-03-01T08:50:00+08:00",
        "med_list_codg": "X1",
        "pric": f"{fen // 100}.{fen % 100:02}",
        "cnt": "1",
        "det_item_fee_sumamt_fen": fen,
        "chrgitm_lv": "02",
    }
    data = {
        "psn_no": person,
        "fixmedins_code": at,
        "mdtrt_id": f"V-{id_}",
        "insutype": "310",
        "med_type": "11",
        "mdtrtarea_admvs": "420100",
        "insuplc_admdvs": "429900",
        "medfee_sumamt_fen": fen,
        "acct_used_flag": "0",
        "feedetail": [line],
    }
    return message(kind, id_, data, source=f"/medins/{at}")


class Life:
    """An endless, seeded run of requests of some people."""

    def __init__(self, seed: int, *, people: int = 300) -> None:
        self._chance = random.Random(seed)
        self._people = [f"P{n:05}" for n in range(people)]
        self._bills: list[dict] = []
        self._count = 0

    def begin(self) -> list[dict]:
        """Enrol everybody."""
        return [enrolment(person) for person in self._people]

    def more(self, count: int) -> list[dict]:
        """Go on: bills, quotes, refunds good and bad, repetitions, reports."""
        return [self._next() for _ in range(count)]

    def _next(self) -> dict:
        chance = self._chance
        self._count += 1
        id_ = f"R{self._count}"
        kind = chance.random()
        if kind < 0.6 or len(self._bills) < 20:
            return self._bill(id_, "settle" if kind < 0.57 else "quote")
        old = self._bills[-chance.randrange(1, 20)]
        person, at = old["subject"], old["data"]["fixmedins_code"]
        if kind < 0.8:
            which = "refund" if kind < 0.77 else "gap-refund"
            data = {"psn_no": person, "fixmedins_code": at, "medins_setl_id": old["id"]}
            return message(which, id_, data, source=f"/medins/{at}")
        if kind < 0.84:
            data = {"psn_no": person, "insutype": "310", "mdtrt_id": id_}
            data |= {"year": "2022", "inscp_scp_amt_fen": chance.randrange(1, 90_000)}
            return message("inpatient", id_, data, source=AGENCY)
        if kind < 0.88:
            data = {"psn_no": person, "fixmedins_code": at}
            data |= {"omsgid": chance.choice([old["id"], id_ + "x"]), "oinfno": "2207"}
            return message("compensate", id_, data, source=f"/medins/{at}")
        if kind < 0.96:
            return old
        return bill(person, old["id"], fen=1, at=at)

    def _bill(self, id_: str, kind: str) -> dict:
        chance = self._chance
        made = bill(
            chance.choice(self._people),
            id_,
            fen=chance.randrange(1, 200_000),
            at=chance.choice(HOSPITALS),
            kind=kind,
        )
        self._bills.append(made)
        return made
