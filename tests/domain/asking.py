"""Requests as producers write them: small builders for the tests of the law."""

import json
from typing import Any

AGENCY = "/agency/000000"
"""It acts for every region; the cases of `agencies.yaml` say who does not."""
AGENCY_KINDS = frozenset(
    (
        "institution",
        "enrol",
        "qualify",
        "disqualify",
        "designate",
        "undesignate",
        "file",
        "unfile",
        "inpatient",
        "claim",
    )
)
PERSON = "P0001"
HOME = "429900"
PRIMARY, SECONDARY, TERTIARY, MINISTRY = (f"H4201009000{n}" for n in (1, 2, 3, 4))
PHARMACY = "P42010090005"
UNGRADED = "H42010090006"
AWAY = "H31010090001"
CLOSED_AWAY = "H31010090002"
ELSEWHERE = "H42050090001"
REGIONS = {AWAY: "310100", CLOSED_AWAY: "310100", ELSEWHERE: "420500"}
DISEASES = ("M00500", "M07801", "M01600")

Message = dict[str, Any]


def region_of(institution: str) -> str:
    """Return the region in which a test institution stands."""
    return REGIONS.get(institution, "420100")


def message(kind: str, id_: str, data: dict[str, Any], **envelope: str) -> Message:
    """Make a request in structured mode; its source follows from what it is."""
    own = f"/medins/{data.get('fixmedins_code')}"
    return {
        "specversion": "1.0",
        "type": f"jiesuan.{kind}.v1",
        "source": AGENCY if kind in AGENCY_KINDS else own,
        "id": id_,
        "time": "2022-03-01T09:00:00+08:00",
        "subject": data.get("psn_no", data.get("fixmedins_code", "")),
        "data": data,
        **envelope,
    }


def text(asked: Message) -> str:
    """Write a request as one line."""
    return json.dumps(asked, ensure_ascii=False)


def institution(code: str, *, level: str = "1", **more: Any) -> Message:
    """Register a test institution."""
    data = {
        "fixmedins_code": code,
        "fixmedins_name": f"测试机构{code[-2:]}",
        "admdvs": region_of(code),
        "fixmedins_type": "2" if code.startswith("P") else "1",
        "dedc_hosp_lv": level,
        "ministry_affiliated": False,
        **more,
    }
    return message("institution", f"reg-{code}", data)


def institutions() -> list[Message]:
    """Register one institution of every kind."""
    opened = [{"opsp_dise_code": one, "begndate": "2021-01-01"} for one in DISEASES]
    return [
        institution(PRIMARY),
        institution(SECONDARY, level="2"),
        institution(TERTIARY, level="3"),
        institution(MINISTRY, level="3", ministry_affiliated=True),
        institution(PHARMACY, level="9"),
        institution(UNGRADED, level="9"),
        institution(AWAY, level="3", opened=opened, outpatient_opened=True),
        institution(CLOSED_AWAY, level="3"),
        institution(ELSEWHERE),
    ]


def enrol(id_: str, *, birth: str = "1977-05-05", **more: Any) -> Message:
    """Enrol the test person at home."""
    data = {
        "psn_no": PERSON,
        "insutype": "310",
        "psn_type": "11",
        "insuplc_admdvs": HOME,
        "brdy": birth,
        "begndate": "2020-01-01",
        **more,
    }
    return message("enrol", id_, data)


def qualify(id_: str, disease: str, begin: str, **more: Any) -> Message:
    """Recognise a chronic disease of the test person."""
    data = {
        "psn_no": PERSON,
        "insutype": "310",
        "opsp_dise_code": disease,
        "begndate": begin,
        **more,
    }
    return message("qualify", id_, data)


def file_away(id_: str, **more: Any) -> Message:
    """File the test person's care in another province."""
    data = {
        "psn_no": PERSON,
        "insutype": "310",
        "filing_type": "long-term-resident",
        "rloc_admdvs": "310000",
        "begndate": "2021-01-01",
        **more,
    }
    return message("file", id_, data)


def inpatient(id_: str, year: str, amount: int, *, visit: str = "Z1") -> Message:
    """Report an inpatient settlement made elsewhere."""
    data = {
        "psn_no": PERSON,
        "insutype": "310",
        "mdtrt_id": visit,
        "year": year,
        "inscp_scp_amt_fen": amount,
    }
    return message("inpatient", id_, data)


def line(sn: str, amount: int, *, day: str = "2022-03-01", **more: Any) -> Message:
    """Write a line of one item at a price; 甲类 unless said otherwise."""
    return {
        "feedetl_sn": sn,
        "fee_ocur_time": f"{day}T08:50:00+08:00",
        "med_list_codg": f"X{sn}",
        "pric": f"{abs(amount) // 100}.{abs(amount) % 100:02d}",
        "cnt": "-1" if amount < 0 else "1",
        "det_item_fee_sumamt_fen": amount,
        "chrgitm_lv": "01",
        **more,
    }


def bill(
    lines: list[Message], *, at: str = PRIMARY, care: str = "11", **more: Any
) -> dict[str, Any]:
    """Gather lines into the data of a settlement."""
    data: dict[str, Any] = {
        "psn_no": PERSON,
        "fixmedins_code": at,
        "mdtrt_id": "V1",
        "insutype": "310",
        "med_type": care,
        "mdtrtarea_admvs": region_of(at),
        "insuplc_admdvs": HOME,
        "medfee_sumamt_fen": sum(one["det_item_fee_sumamt_fen"] for one in lines),
        "acct_used_flag": "0",
        "feedetail": lines,
        **more,
    }
    if at == PHARMACY:
        data |= {"rxno": "RX1", "rxfixmedins_code": PRIMARY}
    return data


def settle(id_: str, amount: int, *, day: str = "2022-03-01", **more: Any) -> Message:
    """Settle a bill of one line."""
    return message("settle", id_, bill([line("1", amount, day=day)], **more))


def undo(kind: str, id_: str, target: str, *, at: str = PRIMARY) -> Message:
    """Refund (also by gap) or compensate the settlement that was sent as a target."""
    data: dict[str, Any] = {"psn_no": PERSON, "fixmedins_code": at}
    if kind == "compensate":
        data |= {"omsgid": target, "oinfno": "2207"}
    else:
        data["medins_setl_id"] = target
    return message(kind, id_, data)
