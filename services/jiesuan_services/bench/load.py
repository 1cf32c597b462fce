"""Requests by the hundred thousand: made fast, the same for every run."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

import orjson

from jiesuan_events.entries.partition import partition_of
from jiesuan_events.words.topics import REQUESTS
from jiesuan_ledger.log.kafka import KafkaLog
from jiesuan_ledger.log.record import Record
from jiesuan_services.client.sending import to_record

INSTITUTION: Final = "H42010090001"
AGENCY: Final = "/agency/429900"
AT_ONCE: Final = 20_000
TIME: Final = "2022-03-01T09:00:00+08:00"
FIRST_DAY: Final = date(2022, 1, 1)
MINUTES: Final = 59 * 24 * 60
"""January and February: all before the requests are sent."""
STEP: Final = 1_439
"""A day but for a minute, and prime: every minute is taken before one is again."""


def institution() -> dict[str, Any]:
    """The one hospital of the benchmark."""
    return {
        "specversion": "1.0",
        "type": "jiesuan.institution.v1",
        "source": AGENCY,
        "id": "I1",
        "time": TIME,
        "subject": INSTITUTION,
        "data": {
            "fixmedins_code": INSTITUTION,
            "fixmedins_name": "测试机构",
            "admdvs": "420100",
            "fixmedins_type": "1",
            "dedc_hosp_lv": "1",
            "ministry_affiliated": False,
        },
    }


def enrol(person: str) -> Record:
    """A person's enrolment."""
    data = {
        "psn_no": person,
        "insutype": "310",
        "psn_type": "11",
        "insuplc_admdvs": "429900",
        "brdy": "1977-01-15",
        "begndate": "2020-01-01",
    }
    return record(
        "jiesuan.enrol.v1", AGENCY, person=person, id_=f"E-{person}", data=data
    )


def settle(person: str, number: int) -> Record:
    """A settlement of three lines, at a minute of its own.

    Equal bills of one minute would be what the checks after the fact look for: every
    one would be found, and compared with all of that day before it.
    """
    line = {
        "fee_ocur_time": fee_time(number),
        "med_list_codg": "X1",
        "pric": "10.000000",
        "cnt": "1.0000",
        "det_item_fee_sumamt_fen": 1000,
    }
    data = {
        "psn_no": person,
        "fixmedins_code": INSTITUTION,
        "mdtrt_id": f"V{number}",
        "insutype": "310",
        "med_type": "11",
        "mdtrtarea_admvs": "420100",
        "insuplc_admdvs": "429900",
        "medfee_sumamt_fen": 3000,
        "acct_used_flag": "0",
        "feedetail": [
            {"feedetl_sn": "1", **line, "chrgitm_lv": "01"},
            {"feedetl_sn": "2", **line, "chrgitm_lv": "02"},
            {"feedetl_sn": "3", **line, "chrgitm_lv": "03"},
        ],
    }
    source = f"/medins/{INSTITUTION}"
    return record(
        "jiesuan.settle.v1",
        source,
        person=person,
        id_=f"S-{person}-{number}",
        data=data,
    )


def fee_time(number: int) -> str:
    """Return the minute of a bill: the next number is of the next day, nearly."""
    days, minute = divmod(number * STEP % MINUTES, 24 * 60)
    day = FIRST_DAY + timedelta(days)
    return f"{day}T{minute // 60:02}:{minute % 60:02}:00+08:00"


def record(
    type_: str, source: str, *, person: str, id_: str, data: dict[str, Any]
) -> Record:
    """A request in binary mode."""
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_type", type_.encode()),
        ("ce_source", source.encode()),
        ("ce_id", id_.encode()),
        ("ce_time", TIME.encode()),
        ("ce_subject", person.encode()),
    ]
    return Record(person.encode(), orjson.dumps(data), headers)


class Loader:
    """Writes requests to their partitions, in large batches."""

    def __init__(self, log: KafkaLog, partitions: int) -> None:
        self._log = log
        self._partitions = partitions
        self._places: dict[str, int] = {}

    def place(self, person: str) -> int:
        """Return a person's partition, remembered."""
        found = self._places.get(person)
        if found is None:
            found = self._places[person] = partition_of(person, self._partitions)
        return found

    async def register(self, message: dict[str, Any] | None = None) -> None:
        """Register the hospital, or another."""
        message = message or institution()
        place = partition_of(message["subject"], self._partitions)
        pending = await self._log.append(REQUESTS, place, [to_record(message)])
        await pending.done()

    async def write(self, records: Iterator[tuple[str, Record]]) -> int:
        """Write requests; give how many."""
        count = 0
        waiting: dict[int, list[Record]] = {}
        for person, one in records:
            waiting.setdefault(self.place(person), []).append(one)
            count += 1
            if count % AT_ONCE == 0:
                await self._flush(waiting)
        await self._flush(waiting)
        return count

    async def _flush(self, waiting: dict[int, list[Record]]) -> None:
        for partition, records in waiting.items():
            pending = await self._log.append(REQUESTS, partition, records)
            await pending.done()
        waiting.clear()


def persons(count: int, *, prefix: str) -> list[str]:
    """Invent persons."""
    return [f"{prefix}{number:07d}" for number in range(count)]
