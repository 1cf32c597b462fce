"""What the ledger entered last month: a month that is over can be cleared."""

from datetime import date, timedelta
from typing import Any

import orjson

from jiesuan_domain.in_force import InForce
from jiesuan_domain.policy.model import Packs
from jiesuan_events.requests import Institution
from jiesuan_ledger.log.record import Record
from jiesuan_services.clerk.clerk import Clerk
from jiesuan_services.clerk.handled import NewEntry
from jiesuan_services.clerk.trial import MemoryPersons
from jiesuan_services.intake.read import Malformed, read_line

Json = dict[str, Any]


def last_month(today: date) -> date:
    """Return the first day of the month before."""
    return (today.replace(day=1) - timedelta(days=1)).replace(day=1)


def bill(psn_no: str, *, place: Json, fen: int, on: date, **fields: str) -> Json:
    """Write the settlement of one line of that day."""
    time = f"{on.isoformat()}T09:00:00+08:00"
    return {
        "specversion": "1.0",
        "type": "jiesuan.settle.v1",
        "source": f"/medins/{place['fixmedins_code']}",
        "id": f"PAST-{psn_no}",
        "time": time,
        "subject": psn_no,
        "data": {
            "psn_no": psn_no,
            "fixmedins_code": place["fixmedins_code"],
            "mdtrt_id": f"V-{psn_no}",
            "insutype": "310",
            "med_type": "11",
            **fields,
            "mdtrtarea_admvs": place["admdvs"],
            "insuplc_admdvs": "429900",
            "medfee_sumamt_fen": fen,
            "acct_used_flag": "0",
            "feedetail": [
                {
                    "feedetl_sn": "1",
                    "fee_ocur_time": time,
                    "med_list_codg": "XA",
                    "pric": f"{fen // 100}.{fen % 100:02}",
                    "cnt": "1",
                    "det_item_fee_sumamt_fen": fen,
                    "chrgitm_lv": "01",
                }
            ],
        },
    }


def entered(
    messages: list[Json], *, packs: Packs, partitions: int
) -> list[tuple[str, Record]]:
    """Return the ledger's entries of requests, each recorded at its own time."""
    clerk = Clerk(
        in_force=InForce(packs, {}),
        persons=MemoryPersons(),
        partitions=partitions,
        writer="test",
    )
    made = []
    for message in messages:
        asked = read_line(orjson.dumps(message))
        assert not isinstance(asked, Malformed), asked
        if isinstance(asked.command, Institution):
            clerk.register(asked, recorded_at=asked.time)
            continue
        ruled = clerk.rule(asked, recorded_at=asked.time)
        assert isinstance(ruled, NewEntry), ruled
        made.append((message["subject"], ruled.record()))
    return made
