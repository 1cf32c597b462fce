"""Facts of every kind as the law enters them, and what may be wrong with a value."""

import json
from pathlib import Path
from typing import Any

from jiesuan_domain.in_force import InForce
from jiesuan_services.clerk.clerk import Clerk
from jiesuan_services.clerk.handled import NewEntry
from jiesuan_services.clerk.trial import MemoryPersons
from jiesuan_services.intake.read import Malformed, read_line
from jiesuan_services.runtime.packs import load_packs

CASES = Path(__file__).parents[1] / "acceptance" / "cases"
STRANGE: tuple[Any, ...] = (
    None,
    "",
    "x" * 300,
    "\u0000",
    "结算",
    0,
    1,
    -1,
    2**53,
    -(2**63),
    10**40,
    1.5,
    True,
    [],
    {},
    "2022-02-30",
    "2022-03-01",
    "2022-03-01T09:00:00+08:00",
    "0.80001",
    "1.0000",
    1.0,
    "best",
    "9",
    "MMXXII",
    "abc",
    "yesterday",
    "x" * 50,
    "x" * 51,
    "x\ny",
    "２０２２",
    "20220301",
    "2022-03-01T09:00:00",
    "2022-13-01T09:00:00+08:00",
    "A" * 64,
    "a" * 64,
    [1],
)


BILL = {
    "insutype": "310",
    "med_type": "11",
    "mdtrtarea_admvs": "420100",
    "insuplc_admdvs": "429900",
    "medfee_sumamt_fen": 100_000,
    "acct_used_flag": "0",
    "feedetail": [
        {
            "feedetl_sn": "1",
            "fee_ocur_time": "2022-03-01T08:50:00+08:00",
            "med_list_codg": "X1",
            "pric": "1000",
            "cnt": "1",
            "det_item_fee_sumamt_fen": 100_000,
            "chrgitm_lv": "01",
        }
    ],
}
HOSPITAL = "H42010090001"
PERSON = {"psn_no": "PV12a"}
AT = {**PERSON, "fixmedins_code": HOSPITAL}
SCHEME = {**PERSON, "insutype": "310"}
OTHERS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("settle", "", {**AT, **BILL, "mdtrt_id": "V1"}),
    ("settle", "", {**AT, **BILL, "mdtrt_id": "V2", "invono": "1"}),
    ("claim", "agency", {**AT, **BILL, "mdtrt_id": "V3", "manl_reim_rea": "补报"}),
    ("gap-refund", "", {**AT, "medins_setl_id": "other-0"}),
    ("admit", "", {**AT, "mdtrt_id": "V4", "begntime": "2022-04-01T08:00:00+08:00"}),
    ("discharge", "", {**AT, "mdtrt_id": "V4", "endtime": "2022-04-02T08:00:00+08:00"}),
    (
        "inpatient",
        "agency",
        {**SCHEME, "mdtrt_id": "V4", "year": "2022", "inscp_scp_amt_fen": 5},
    ),
    (
        "file",
        "agency",
        {
            **SCHEME,
            "filing_type": "posted",
            "rloc_admdvs": "510100",
            "begndate": "2022-01-01",
        },
    ),
    (
        "file",
        "agency",
        {
            **SCHEME,
            "filing_type": "referred",
            "rloc_admdvs": "510100",
            "begndate": "2022-02-01",
            "enddate": "2022-06-30",
            "refl_fixmedins_code": HOSPITAL,
        },
    ),
    (
        "unfile",
        "agency",
        {**SCHEME, "rloc_admdvs": "510100", "enddate": "2022-05-01", "memo": "-"},
    ),
    ("designate", "agency", {**SCHEME, **AT, "begndate": "2022-01-01"}),
    (
        "designate",
        "agency",
        {
            **SCHEME,
            **AT,
            "opsp_dise_code": "M00500",
            "begndate": "2022-01-01",
            "enddate": "2022-06-30",
        },
    ),
    ("undesignate", "agency", {**SCHEME, **AT, "enddate": "2022-05-01", "memo": "-"}),
    (
        "inpatient",
        "agency",
        {
            **SCHEME,
            "mdtrt_id": "V5",
            "year": "2022",
            "inscp_scp_amt_fen": 5,
            "insuplc_admdvs": "420100",
        },
    ),
    ("settle", "", {**AT, **BILL, "mdtrt_id": "V6"}),
    (
        "qualify",
        "agency",
        {**SCHEME, "opsp_dise_code": "M00500", "begndate": "2022-01-01"},
    ),
    (
        "disqualify",
        "agency",
        {**SCHEME, "opsp_dise_code": "M00500", "enddate": "2022-05-01", "memo": "-"},
    ),
)


def others() -> list[str]:
    """Ask for what the worked cases do not: one line each."""
    return [
        json.dumps(
            {
                "specversion": "1.0",
                "type": f"jiesuan.{kind}.v1",
                "source": "/agency/000000" if by else f"/medins/{HOSPITAL}",
                "id": f"other-{number}",
                "time": "2022-03-01T09:00:00+08:00",
                "subject": PERSON["psn_no"],
                "data": data,
            }
        )
        for number, (kind, by, data) in enumerate(OTHERS)
    ]


def every_fact() -> list[tuple[str, dict]]:
    """Facts of every kind, one of each shape."""
    found: dict[tuple[str, frozenset[str]], dict] = {}
    clerk = Clerk(
        in_force=InForce(load_packs(), {}),
        persons=MemoryPersons(),
        partitions=1,
        writer="-",
    )
    lines = [*(CASES / "public_refunds.jsonl").read_text().splitlines(), *others()]
    lines += (CASES / "public_b.jsonl").read_text().splitlines()
    for line in lines:
        asked = read_line(line)
        assert not isinstance(asked, Malformed)
        if asked.type == "jiesuan.institution.v1":
            clerk.register(asked, recorded_at=asked.time)
            continue
        ruled = clerk.rule(asked, recorded_at=asked.time)
        if isinstance(ruled, NewEntry):
            body = json.loads(ruled.entry.value)
            found[ruled.entry.type, frozenset(body)] = body
    return [(type_, body) for (type_, _), body in found.items()]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List every place inside a JSON value."""
    found = [path] if path else []
    if isinstance(value, dict):
        for key, inner in value.items():
            found += places(inner, (*path, key))
    if isinstance(value, list):
        for key, inner in enumerate(value):
            found += places(inner, (*path, key))
    return found
