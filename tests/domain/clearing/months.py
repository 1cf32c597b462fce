"""Five invented regions, their hospitals and persons, and what is asked of a month."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.domain.clearing.naive_days import beijing

from jiesuan_domain.policy.loader import load
from jiesuan_domain.policy.model import Packs
from jiesuan_services.clerk.trial import Trial
from jiesuan_services.runtime.packs import shipped_texts

REGIONS = ("990100", "990200", "990300", "980100", "980200")
"""Three of one province, two of another; none of them exists."""
SCHEMES = ("310", "390")
_CONFIGURED = 'because: {instrument: 统筹区配置, article: "-", quote: "-"}'
_VALUES = {
    "outpatient_deductible": ("fen", "0"),
    "outpatient_ratio": ("rate", '"0.8000"'),
    "outpatient_cap": ("fen", "900000000"),
    "chronic_ratio": ("rate", '"0.9000"'),
    "class_b_selfpay_prop": ("rate", '"0.1000"'),
    "filing_required": ("flag", "false"),
    "chronic_diseases": ("list", '["M00500", "M01600"]'),
    "gap_refund_allowed": ("flag", "true"),
    "prepay_months": ("months", "2"),
    "prepay_warn_ratio": ("rate", '"0.7000"'),
    "annual_fund_budget": ("fen", "200000"),
}


def pack(region: str, scheme: str) -> str:
    """Write the overlay that is the pack of an invented region and scheme."""
    values = {**_VALUES, "local_area": ("text", f'"{region[:4]}"')}
    lines = [f"pack: {region}-{scheme}", "parameters:"]
    for name, (unit, value) in values.items():
        lines += [
            f"  {name}:",
            f"    unit: {unit}",
            f"    values: [{{from: 2020-01-01, value: {value}, {_CONFIGURED}}}]",
        ]
    return "\n".join(lines) + "\n"


def overlays() -> dict[str, str]:
    """Write the overlays of all regions, by the names of their files."""
    return {
        f"{region}-{scheme}.yaml": pack(region, scheme)
        for region in REGIONS
        for scheme in SCHEMES
    }


@cache
def packs() -> Packs:
    """Load the shipped packs with those of the invented regions."""
    return load(
        shipped_texts("packs", ".yaml") | shipped_texts("packs/clearing", ".yaml"),
        overlays(),
        sentences=shipped_texts("sentences", ".yaml"),
    )


def hospital(region: str, number: int = 1) -> str:
    """Return the id of a hospital of a region."""
    return f"H{region}{number:05}"


def bill(fen: int, time: str) -> dict[str, Any]:
    """Write a bill of one line."""
    return {
        "medfee_sumamt_fen": fen,
        "acct_used_flag": "1",
        "balc_fen": 500,
        "feedetail": [
            {
                "feedetl_sn": "1",
                "fee_ocur_time": time,
                "med_list_codg": "X1",
                "pric": f"{fen // 100}.{fen % 100:02}0000",
                "cnt": "1.0000",
                "det_item_fee_sumamt_fen": fen,
                "chrgitm_lv": "01",
            }
        ],
    }


def row_of(
    block: dict[str, Any], month: str, *, place: tuple[int, int, int]
) -> dict[str, Any]:
    """Return a settlement of an answer as the row that the view shows of it."""
    refunds = block.get("init_setl_id")
    partition, offset, seq = place
    return {
        **block,
        "init_setl_id": refunds,
        "refd_setl_flag": "1" if refunds else "0",
        "clr_ym": month,
        "partition": partition,
        "offset": offset,
        "seq": seq,
    }


def fines_of(facts: Iterable[tuple[str, bytes]]) -> list[dict[str, Any]]:
    """Return the rows of `clearing_fine` as the latest fact of each statement says."""
    latest: dict[str, dict[str, Any]] = {}
    for type_, value in facts:
        if type_ == "jiesuan.clearing.fined.v1":
            fact = json.loads(value)
            latest[fact["statement_id"]] = fact
    return [
        {"statement_id": id_, "seq": seq, **fine, "fined_on": fact["counted_on"]}
        for id_, fact in sorted(latest.items())
        for seq, fine in enumerate(fact["fines"])
    ]


@dataclass
class Months:
    """Asks one request after the other of a trial, and keeps what was said."""

    trial: Trial = field(default_factory=lambda: Trial(packs()))
    asked: list[dict[str, Any]] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)
    _read: int = 0
    _offset: int = 0

    def ask(
        self,
        type_: str,
        source: str,
        *,
        subject: str,
        time: str,
        data: dict[str, Any],
        id_: str | None = None,
    ) -> dict[str, Any]:
        """Ask, and give the data of the answer."""
        message = {
            "specversion": "1.0",
            "type": f"jiesuan.{type_}.v1",
            "source": source,
            "id": id_ or f"R{len(self.asked)}",
            "time": time,
            "subject": subject,
            "data": data,
        }
        self.asked.append(message)
        answer = json.loads(self.trial.answer(json.dumps(message), len(self.asked)))
        self.answers.append(answer)
        data_: dict[str, Any] = answer["data"]
        return data_

    def found(self, hospitals: int = 2) -> None:
        """Register hospitals in every region, opened across provinces."""
        for region in REGIONS:
            for number in range(1, hospitals + 1):
                code = hospital(region, number)
                answer = self.ask(
                    "institution",
                    f"/agency/{region}",
                    subject=code,
                    time="2021-12-01T08:00:00+08:00",
                    data={
                        "fixmedins_code": code,
                        "fixmedins_name": "测试医院",
                        "admdvs": region,
                        "fixmedins_type": "1",
                        "dedc_hosp_lv": "1",
                        "ministry_affiliated": False,
                        "outpatient_opened": True,
                        "opened": [
                            {"opsp_dise_code": "M00500", "begndate": "2020-01-01"}
                        ],
                    },
                )
                assert answer["outcome"] == "recorded", answer

    def enrol(self, person: str, region: str, *, scheme: str = "310") -> None:
        """Enrol a person."""
        answer = self.ask(
            "enrol",
            f"/agency/{region}",
            subject=person,
            time="2021-12-01T09:00:00+08:00",
            data={
                "psn_no": person,
                "insutype": scheme,
                "psn_type": "11",
                "insuplc_admdvs": region,
                "brdy": "1980-01-01",
                "begndate": "2020-01-01",
            },
        )
        assert answer["outcome"] == "decided", answer

    def settle(
        self,
        person: str,
        region: str,
        *,
        at: str,
        time: str,
        fen: int,
        scheme: str = "310",
        care: str = "11",
        type_: str = "settle",
    ) -> dict[str, Any]:
        """Settle a bill of one line at a hospital, for a person of a region."""
        data = {
            **bill(fen, time),
            "psn_no": person,
            "fixmedins_code": at,
            "mdtrt_id": f"V{len(self.asked)}",
            "insutype": scheme,
            "med_type": care,
            "mdtrtarea_admvs": at[1:7],
            "insuplc_admdvs": region,
        }
        source = f"/medins/{at}"
        if type_ == "claim":
            data["manl_reim_rea"] = "未直接结算"
            source = f"/agency/{region}"
        return self.ask(type_, source, subject=person, time=time, data=data)

    def refund(
        self, person: str, setl_id: str, *, at: str, time: str, gap: bool = False
    ) -> dict[str, Any]:
        """Take a settlement back."""
        return self.ask(
            "gap-refund" if gap else "refund",
            f"/medins/{at}",
            subject=person,
            time=time,
            data={"psn_no": person, "fixmedins_code": at, "setl_id": setl_id},
        )

    def clearing(
        self, type_: str, source: str, *, region: str, time: str, **data: Any
    ) -> dict[str, Any]:
        """Ask something about a month of a care region."""
        return self.ask(
            f"clearing.{type_}", source, subject=region, time=time, data=data
        )

    def draw(self, region: str, month: str, *, time: str) -> dict[str, Any]:
        """Draw a month of a care region."""
        return self.clearing(
            "draw",
            f"/agency/{region}",
            region=region,
            time=time,
            clr_ym=month,
            mdtrtarea_admvs=region,
        )

    def entered(self) -> list[dict[str, Any]]:
        """Return the rows that were entered since this was last asked, from answers."""
        rows: list[dict[str, Any]] = []
        for answer in self.answers[self._read :]:
            data = answer["data"]
            is_of_months = data["psn_no"] is None
            if data["outcome"] != "decided" or is_of_months:
                continue
            self._offset += 1
            blocks = [data] if "setl_id" in data else []
            blocks += [*data.get("reversed", []), *data.get("resettled", [])]
            month = f"{beijing(answer['time']):%Y%m}"
            for seq, block in enumerate(blocks):
                rows.append(row_of(block, month, place=(0, self._offset, seq)))
        self._read = len(self.answers)
        return rows

    def views(self) -> dict[str, list[dict[str, Any]]]:
        """Return the rows of every view, and the fines, which no line shows."""
        found: dict[str, list[dict[str, Any]]] = {}
        for line in self.trial.clearing_views():
            row = json.loads(line)
            found.setdefault(row.pop("view"), []).append(row)
        entries = self.trial.clearing.entries
        fines = fines_of((one.type, one.value) for one in entries)
        return {**found, "clearing_fine": fines} if fines else found
