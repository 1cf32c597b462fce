"""Sentences of the contract that no name stands for, each asked of the running law."""

import json
from collections.abc import Callable
from typing import Any, Final

from jiesuan_services.clerk.trial import Trial
from jiesuan_services.runtime.packs import load_packs

AGENCY: Final = "/agency/000000"
CARE: Final = "/medins/H42010090001"


def has_nine_digits() -> bool:
    """Whether an instant may have nine digits of a second."""
    said = _enrol()
    said["time"] = "2022-01-01T09:00:00.123456789+08:00"
    return _outcomes(said) == ["decided"]


def has_depth() -> bool:
    """Whether JSON nested deeper than 64 is answered instead of ending the command."""
    said = json.dumps(_enrol()).replace('"P0001", "insutype"', "@", 1)
    line = said.replace("@", "[" * 500 + "]" * 500 + ', "insutype"')
    try:
        return "malformed" in next(iter(Trial(load_packs(None)).answers([line])))
    except (TypeError, RecursionError):
        return False


def has_sign() -> bool:
    """Whether an amount must have the sign of its quantity."""
    bill = _settle(cnt="1.0000", pric="0.004", amount=-1)
    good = _settle(cnt="1.0000", pric="10.00", amount=1000)
    bill["data"]["feedetail"] += good["data"]["feedetail"]
    bill["data"]["feedetail"][1]["feedetl_sn"] = "2"
    bill["data"]["medfee_sumamt_fen"] = 999
    return _outcomes(_hospital(), _enrol(), bill)[-1] == "lines-do-not-add-up"


PROBES: Final[dict[str, Callable[[], bool]]] = {
    "digits": has_nine_digits,
    "depth": has_depth,
    "sign": has_sign,
}


def _outcomes(*messages: dict[str, Any]) -> list[str]:
    """Return the outcome of each message, or the code of its first refusal."""
    found: list[str] = []
    lines = (json.dumps(message) for message in messages)
    for answer in Trial(load_packs(None)).answers(lines):
        data = json.loads(answer)["data"]
        is_refused = data["outcome"] == "refused"
        found.append(data["refusals"][0]["code"] if is_refused else data["outcome"])
    return found


def _message(type_: str, id_: str, *, source: str, data: dict[str, Any]) -> Any:
    return {
        "specversion": "1.0",
        "type": f"jiesuan.{type_}.v1",
        "source": source,
        "id": id_,
        "time": "2022-01-01T09:00:00+08:00",
        "subject": data.get("psn_no", data["fixmedins_code"]),
        "data": data,
    }


def _hospital() -> dict[str, Any]:
    data = {
        "fixmedins_code": "H42010090001",
        "fixmedins_name": "测试医院",
        "admdvs": "420100",
        "fixmedins_type": "1",
        "dedc_hosp_lv": "1",
        "ministry_affiliated": False,
    }
    made: dict[str, Any] = _message("institution", "I1", source=AGENCY, data=data)
    return made


def _enrol() -> dict[str, Any]:
    data = {
        "psn_no": "P0001",
        "insutype": "310",
        "psn_type": "11",
        "insuplc_admdvs": "429900",
        "brdy": "1980-01-01",
        "begndate": "2022-01-01",
    }
    message = {
        "specversion": "1.0",
        "type": "jiesuan.enrol.v1",
        "source": AGENCY,
        "id": "E1",
        "time": "2022-01-01T09:00:00+08:00",
        "subject": "P0001",
    }
    return {**message, "data": data}


def _settle(*, cnt: str, pric: str, amount: int) -> dict[str, Any]:
    line = {
        "feedetl_sn": "1",
        "fee_ocur_time": "2022-03-01T08:50:00+08:00",
        "med_list_codg": "X1",
        "pric": pric,
        "cnt": cnt,
        "det_item_fee_sumamt_fen": amount,
        "chrgitm_lv": "01",
    }
    data = {
        "psn_no": "P0001",
        "fixmedins_code": "H42010090001",
        "mdtrt_id": "V1",
        "insutype": "310",
        "med_type": "11",
        "mdtrtarea_admvs": "420100",
        "insuplc_admdvs": "429900",
        "medfee_sumamt_fen": amount,
        "acct_used_flag": "0",
        "feedetail": [line],
    }
    made: dict[str, Any] = _message("settle", "S1", source=CARE, data=data)
    return made
