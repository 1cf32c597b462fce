"""A clinic's morning over HTTP, replies lost now and then; its books, the ledger's."""

import asyncio
import http.client
import json
import time
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from jiesuan_embedded.ports import answers
from jiesuan_events.words.instants import BEIJING
from jiesuan_ledger.log.kafka import KafkaLog, count_partitions, make_producer
from jiesuan_services.client.sending import Sender
from jiesuan_services.demo.claims import TownClaim
from jiesuan_services.demo.counter.his import PATH, SaidNo, Till
from jiesuan_services.demo.town.places import AGENCY, CITY, HOME
from jiesuan_services.gateway.access.registry import Client, hash_secret, register
from jiesuan_services.gateway.store.database import open_pool
from jiesuan_services.gateway.vault.loading import load
from jiesuan_services.gateway.vault.masters import vault_of
from jiesuan_services.runtime.bootstrap import Settings

PATIENTS: Final = 12
LOST_EVERY: Final = 3
REFUNDED_EVERY: Final = 4
READY_SECONDS: Final = 60.0
FEN: Final = Decimal("0.01")
AMOUNTS: Final = ("medfee_sumamt", "fund_pay_sumamt", "acct_pay")


async def morning(
    settings: Settings, *, kafka: str, pg: str, address: str
) -> TownClaim:
    """Run a morning of patients, and compare the clinic's books with the ledger."""
    run = datetime.now(BEIJING).strftime("%y%m%d%H%M%S")
    patients = [f"C{run}{number:02}" for number in range(PATIENTS)]
    # A clinic of its own, so that what 3201 counts of today is this morning alone.
    clinic = f"H{run}"
    await _announce(kafka, clinic, patients=patients)
    await _let_in(settings, clinic, pg=pg, patients=patients)
    till = Till(address, clinic, CITY, clinic, clinic)
    return await asyncio.to_thread(_work, till, patients)


async def _announce(kafka: str, clinic: str, *, patients: list[str]) -> None:
    """Register the clinic, an item and the patients, as agencies do."""
    place = {
        "fixmedins_code": clinic,
        "fixmedins_name": "柳林诊所",
        "admdvs": CITY,
        "fixmedins_type": "1",
        "dedc_hosp_lv": "1",
        "ministry_affiliated": False,
    }
    item = {
        "admdvs": CITY,
        "med_list_codg": "COUNTER-1",
        "chrgitm_lv": "01",
        "med_chrgitm_type": "09",
        "begndate": "2022-01-01",
    }
    messages = [
        _message("institution", f"{clinic}-I", data=place, subject=clinic),
        _message("catalogue", f"{clinic}-K", data=item, subject="COUNTER-1"),
    ]
    for patient in patients:
        data = {
            "psn_no": patient,
            "insutype": "310",
            "psn_type": "11",
            "insuplc_admdvs": HOME,
            "brdy": "1980-01-01",
            "begndate": "2020-01-01",
        }
        messages.append(_message("enrol", f"E-{patient}", data=data, subject=patient))
    log = KafkaLog(kafka, producer=make_producer(kafka))
    await log.start()
    try:
        partitions = await count_partitions(kafka)
        sender = Sender(log, partitions=partitions, progress=lambda done, total: None)
        await sender.send(messages)
    finally:
        await log.stop()


def _message(
    type_: str, id_: str, *, data: dict[str, Any], subject: str
) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "type": f"jiesuan.{type_}.v1",
        "source": AGENCY,
        "id": id_,
        "time": datetime.now(BEIJING).isoformat(timespec="seconds"),
        "subject": subject,
        "data": data,
    }


async def _let_in(
    settings: Settings, clinic: str, *, pg: str, patients: list[str]
) -> None:
    """Say who the patients are, and let the clinic come in."""
    lines = ["psn_no,psn_cert_type,certno,psn_name,gend,naty,brdy,balc"]
    for number, patient in enumerate(patients):
        lines.append(
            f"{patient},01,{_number(patient)},病人{number},9,01,1980-01-01,200"
        )
    pool = await open_pool(pg)
    try:
        async with pool.acquire() as on:
            await load(on, await vault_of(on, settings), lines=lines)
        client = Client(
            fixmedins_code=clinic,
            transport="token",
            client_id=clinic,
            secret_hash=hash_secret(clinic),
        )
        await register(pool, client)
    finally:
        await pool.close()


def _number(patient: str) -> str:
    return f"99{patient[1:]}"


def _work(till: Till, patients: list[str]) -> TownClaim:
    """Treat everybody; what the books say is what the replies said, nothing else."""
    _wait_for(till.address)
    _wait_until_known(till)
    lost = rows = 0
    books = dict.fromkeys(AMOUNTS, Decimal(0))
    for number, patient in enumerate(patients):
        is_lost = number % LOST_EVERY == 0
        info = _treat(till, patient, is_lost=is_lost)
        lost += is_lost
        entries = [info]
        if number % REFUNDED_EVERY == 0:
            key = {name: info[name] for name in ("psn_no", "setl_id", "mdtrt_id")}
            entries.append(till.call("2208", {"data": key})["setlinfo"])
        rows += len(entries)
        for name in AMOUNTS:
            books[name] += sum(entry[name] for entry in entries)
    today = datetime.now(BEIJING).date().isoformat()
    said = _reconciled(till, books, rows=rows, day=today)
    return TownClaim(
        "诊所窗口按国家接口办理，应答丢失后重发，机构账与账本分文不差（3201对总账）",
        said["stmt_rslt"] == "0",
        f"{len(patients)}人次、{rows}笔，丢失应答{lost}次：{said['stmt_rslt_dscr']}",
    )


def _treat(till: Till, patient: str, *, is_lost: bool) -> dict[str, Any]:
    """One visit, from the certificate to the settlement."""
    number = {"mdtrt_cert_type": "02", "mdtrt_cert_no": _number(patient)}
    person = till.call("1101", {"data": number})
    now = datetime.now(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
    head = {"psn_no": person["baseinfo"]["psn_no"], "begntime": now}
    registered = {**head, "insutype": "310", "ipt_otp_no": patient}
    visit = till.call("2201", {"data": registered})["data"]["mdtrt_id"]
    key = {"psn_no": head["psn_no"], "mdtrt_id": visit}
    till.call("2203", {"mdtrtinfo": {**head, **key, "med_type": "11"}})
    line = {
        **key,
        "feedetl_sn": "1",
        "chrg_bchno": "B1",
        "fee_ocur_time": now,
        "med_list_codg": "COUNTER-1",
        "det_item_fee_sumamt": 2600.0,
        "cnt": 1.0,
        "pric": 2600.0,
    }
    till.call("2204", {"feedetail": [line]})
    charge = {**key, "chrg_bchno": "B1", "medfee_sumamt": 2600.0}
    charge["acct_used_flag"] = "1"
    till.call("2206", {"data": charge})
    message = till.envelope("2207", {"data": charge})
    if is_lost:
        _lose(till, message)
    reply = till.send(message)
    if reply["infcode"] != "0":
        raise SaidNo(reply["err_msg"])
    info: dict[str, Any] = reply["output"]["setlinfo"]
    return info


def _lose(till: Till, message: dict[str, Any]) -> None:
    """Send a message and hang up before its reply comes."""
    host, _, port = till.address.partition(":")
    link = http.client.HTTPConnection(host, int(port), timeout=5)
    headers = {"Authorization": f"Bearer {till.token}"}
    link.request("POST", PATH, json.dumps(message).encode(), headers)
    time.sleep(0.01)
    link.close()


def _reconciled(
    till: Till, books: dict[str, Decimal], *, rows: int, day: str
) -> dict[str, Any]:
    """Ask the counter to hold the day's totals against the ledger."""
    data = {
        "insutype": "310",
        "clr_type": "11",
        "stmt_begndate": day,
        "stmt_enddate": day,
        "fixmedins_setl_cnt": rows,
        **{name: str(amount.quantize(FEN)) for name, amount in books.items()},
    }
    said: dict[str, Any] = till.call("3201", {"data": data})["stmtinfo"]
    return said


def _wait_for(address: str) -> None:
    """Wait until the counter serves."""
    until = time.monotonic() + READY_SECONDS
    while not answers(int(address.rpartition(":")[2])):
        if time.monotonic() > until:
            raise OSError(f"网关{address}没有应答，见jiesuan status")
        time.sleep(0.1)


def _wait_until_known(till: Till) -> None:
    """Wait until the counter has heard of the clinic."""
    until = time.monotonic() + READY_SECONDS
    while True:
        try:
            till.log_in()
            till.call("9001", {"signIn": {"opter_no": "1"}})
        except SaidNo:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
        else:
            return
