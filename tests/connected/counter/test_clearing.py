"""3203-3205A, 3260-3262: a month that is over, cleared at the counter."""

import asyncio
import signal
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner
from tests.connected.conftest import until
from tests.connected.counter.conftest import (
    CLEARED,
    OTHER,
    REGION,
    TREATED,
    Site,
    certno,
)
from tests.connected.counter.past import last_month

from jiesuan_events.words.instants import BEIJING
from jiesuan_services.cli import main
from jiesuan_services.demo.counter.his import SaidNo, Till
from jiesuan_services.gateway.transactions.clearing.application_3203 import (
    NAMES_SOMEBODY,
)

pytestmark = pytest.mark.connected
Json = dict[str, Any]


@pytest.fixture(scope="module")
def month() -> str:
    """The month before this one."""
    return f"{last_month(datetime.now(BEIJING).date()):%Y%m}"


def of_agency(type_: str, id_: str, data: Json) -> Json:
    """Write a request of the care region's agency about a month."""
    return {
        "specversion": "1.0",
        "type": f"jiesuan.clearing.{type_}.v1",
        "source": f"/agency/{REGION}",
        "id": id_,
        "time": datetime.now(BEIJING).isoformat(timespec="milliseconds"),
        "subject": REGION,
        "data": data,
    }


async def accepted(site: Site, folder: Path, id_: str) -> None:
    """Accept a statement as an agency does, by `jiesuan submit`, after a slip."""
    accept = of_agency("accept", "TAKE", {"statement_id": id_})
    asked = [{**accept, "type": "jiesuan.clearing.none.v1"}, accept]
    file = folder / "asked.jsonl"
    file.write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in asked))
    servers = site.machine.servers
    env = {"JIESUAN_KAFKA": servers.kafka, "JIESUAN_PG": servers.pg}
    done = await asyncio.to_thread(
        CliRunner().invoke, main, ["submit", str(file)], env=env
    )
    assert done.exit_code == 0, done.output
    said = [orjson.loads(line)["data"]["outcome"] for line in done.stdout.splitlines()]
    assert said == ["refused", "decided"]


def states(till: Till, month: str) -> list[Json]:
    """Ask for the statements of a month; one comes bare."""
    said = till.call("3205A", {"data": {"clr_ym": month, "clr_optins": REGION}})
    rows = said.get("clr_appys", [])
    return rows if isinstance(rows, list) else [rows]


async def shows(till: Till, month: str, *, wanted: list[str]) -> None:
    """Wait for what others did: the counter waits for what it did itself."""

    async def all_shown() -> bool:
        return [row["clr_stas"] for row in states(till, month)] == wanted

    await until(all_shown, seconds=20)


SUMS = ("medfee_sumamt", "acct_pay", "fund_appy_sum", "cash_payamt")


def application(month: str, rows: list[Json], **fields: Any) -> Json:
    """Declare what 3205A says of statements, as one client does: chronic care as 11."""
    day = f"{month[:4]}-{month[4:]}"
    data = {
        "clr_type": "11",
        **{name: sum(row[name] for row in rows) for name in SUMS},
        "begndate": f"{day}-01",
        "enddate": f"{day}-28",
        "clr_optins": REGION,
        **fields,
    }
    return {"data": data}


@pytest.fixture(scope="module")
async def drawn(site: Site, month: str) -> list[Json]:
    """The two statements of the month, drawn; before that there is none to see."""
    till = site.till(code=CLEARED)
    with pytest.raises(SaidNo, match="还没有本机构的清算单"):
        till.call("3203A", application(month, []))
    with pytest.raises(SaidNo, match="尚未清分"):
        till.call("3260", named(month, startrow=1))
    await site.admit(list(TREATED))
    draw = {"clr_ym": month, "mdtrtarea_admvs": REGION}
    (answer,) = await site.submit([of_agency("draw", "DRAW", draw)])
    assert orjson.loads(answer.value)["outcome"] == "decided", answer.value

    async def is_there() -> bool:
        return len(states(till, month)) == 2

    await until(is_there, seconds=60)
    return states(till, month)


def named(month: str, **fields: Any) -> Json:
    """Return a month as 3260 to 3262 name it."""
    return {"data": {"trt_year": month[:4], "trt_month": month[4:], **fields}}


async def test_rows_are_confirmed_and_taken_back(
    site: Site, drawn: list[Json], month: str
) -> None:
    """Every row of the month is listed, confirmed, left for later, and taken back."""
    till = site.till(code=CLEARED)
    rows = till.call("3260", named(month, startrow=1))["data"]
    assert [row["certno"] for row in rows] == [certno(one) for one in TREATED]
    assert [row["medfee_sumamt"] for row in rows] == [100, 200, 300, 400]
    assert till.call("3260", named(month, startrow=0))["data"] == rows
    assert till.call("3260", named(month, startrow=3))["data"] == rows[2:]
    assert till.call("3260", named(month, startrow=5))["data"] == []
    looks = [orjson.loads(one) for one in await site.looks()]
    assert {one["psn_no"] for one in looks if "3260" in one["detail"]} == set(TREATED)

    detail = [
        {**row, "cnfm_flag": flag} for row, flag in zip(rows, "1101", strict=True)
    ]
    sent = {**named(month, totalrow=4), "detail": detail}
    wrong = [{**detail[0], "optins_pay_sumamt": "1.00"}]
    with pytest.raises(SaidNo, match="金额与账本不一致"):
        till.call("3261", {**sent, "detail": wrong})
    for other in ({**detail[0], "cnfm_flag": "0"}, {**detail[0], "medfee_sumamt": 1}):
        with pytest.raises(SaidNo, match="报文字段detail有误：同一结算只能确认一次"):
            till.call("3261", {**sent, "detail": [detail[0], other]})
    msgid = till.name()
    till.call("3261", {**sent, "detail": [*detail, detail[0]]}, msgid=msgid)
    shown = till.call("3260", named(month, startrow=1))["data"]
    assert [row["cnfm_flag"] for row in shown] == ["1", "1", "0", "1"]
    assert states(till, month)[0]["medfee_sumamt"] == 300
    till.call("3262", named(month, otransid=msgid))
    assert states(till, month) == drawn
    with pytest.raises(SaidNo, match="没有可撤销的确认"):
        till.call("3262", named(month, otransid=msgid))
    with pytest.raises(SaidNo, match="没有可撤销的确认回退1："):
        till.call("3262", named(month, otransid="回退1"))


def test_lines_of_a_month_are_the_ledger_s(
    site: Site, drawn: list[Json], month: str
) -> None:
    """5204 lists what was never uploaded here: the item, its amount, its split; by the
    settlement, or by the visit alone."""
    till = site.till(code=CLEARED)
    row = till.call("3260", named(month, startrow=2))["data"][0]
    key = {"psn_no": row["psn_no"], "mdtrt_id": row["mdtrt_id"]}
    for asked in ({**key, "setl_id": row["setl_sn"]}, key):
        (line,) = till.call("5204", {"data": asked})["feedetail"]
        assert (line["med_list_codg"], line["det_item_fee_sumamt"]) == ("XA", 200)
        assert line["setl_id"] == row["setl_sn"]


def test_what_is_drawn_is_undeclared(site: Site, drawn: list[Json], month: str) -> None:
    """The standard's number of that state finds what we show as 00."""
    asked = {"data": {"clr_ym": month, "clr_stas": "0"}}
    assert site.till(code=CLEARED).call("3205A", asked)["clr_appys"] == drawn


def test_where_there_is_no_statement_there_is_no_row(
    site: Site, drawn: list[Json], month: str
) -> None:
    """The client that sends 3205A reads an object or nothing: an array breaks it."""
    asked = {"data": {"clr_ym": month, "clr_stas": "60"}}
    assert site.till(code=CLEARED).call("3205A", asked) == {}


async def decided(
    site: Site, type_: str, id_: str, statement: str, **more: str
) -> None:
    """Ask as the agency does, and hear that it was decided."""
    asked = of_agency(type_, id_, {"statement_id": statement, **more})
    (answer,) = await site.submit([asked])
    assert orjson.loads(answer.value)["outcome"] == "decided", answer.value


async def test_what_is_taken_in_while_it_is_withdrawn_is_told_one_by_one(
    site: Site, drawn: list[Json], month: str
) -> None:
    """Of two statements withdrawn together, one of which the agency took in before the
    counter could see it: the reply names what was withdrawn, and what was not and why;
    sent again it is the same reply."""
    till = site.till(code=CLEARED)
    number = till.call("3203", application(month, drawn))["result"]["clr_appy_evt_id"]
    await shows(till, month, wanted=["10", "10"])
    chronic = f"institution:{month}:{REGION}:{CLEARED}:310:14"
    message = till.envelope("3204", {"data": {"clr_appy_evt_id": number}})
    projector = site.processes["projector"]
    projector.send_signal(signal.SIGSTOP)
    try:
        await decided(site, "accept", "RACE", chronic)
        said = await asyncio.to_thread(till.send, message)
    finally:
        projector.send_signal(signal.SIGCONT)
    assert said["infcode"] == "-1"
    assert said["err_msg"].startswith(
        "已撤销清算单310:11（险种:清算类别），其余未撤销："
    )
    assert f"清算单{chronic}现为“已受理”" in said["err_msg"]
    await shows(till, month, wanted=["00", "20"])
    shown = states(till, month)[0]
    assert (shown["clr_type"], shown["clr_stas"]) == ("11", "00")
    again = await asyncio.to_thread(till.send, message)
    assert again["err_msg"] == said["err_msg"]
    await decided(site, "reject", "BACK", chronic, reason="重新申报")
    await shows(till, month, wanted=["00", "70"])


def test_a_memo_that_names_somebody_is_not_written_down(
    site: Site, drawn: list[Json], month: str
) -> None:
    """Of an application with a mobile phone's number in its memo nothing comes."""
    till = site.till(code=CLEARED)
    before = states(till, month)
    named = application(month, drawn, memo="补传，电话13900000000")
    with pytest.raises(SaidNo) as no:
        till.call("3203", named)
    assert no.value.args == (NAMES_SOMEBODY,)
    assert states(till, month) == before


async def test_a_month_is_applied_for_withdrawn_and_taken_in(
    site: Site, drawn: list[Json], month: str, tmp_path: Path
) -> None:
    """Wrong sums are told, right ones declared once; a declared month is withdrawn
    until the agency has taken it in; nobody else sees or moves it."""
    till, other = site.till(code=CLEARED), site.till("gateway-b", code=OTHER)
    shown = [(row["clr_type"], row["clr_stas"], row["psntime"]) for row in drawn]
    assert shown == [("11", "00", 3), ("14", "00", 1)]
    off = application(month, drawn, cash_payamt=Decimal("0.01"))
    with pytest.raises(SaidNo, match="现金支付金额申报"):
        till.call("3203A", off)
    right = application(month, drawn)
    right["data"] |= {"setlym": month, "psntime": 4}
    message = till.envelope("3203", right)
    first, again = till.send(message), till.send(message)
    assert first["err_msg"] == ""
    assert first["output"] == again["output"]
    number = first["output"]["result"]["clr_appy_evt_id"]
    declared = [
        (row["clr_stas"], row["clr_appy_evt_id"]) for row in states(till, month)
    ]
    assert declared == [("10", number)] * 2
    with pytest.raises(SaidNo, match="已申报"):
        till.call("3203", right)
    with pytest.raises(SaidNo, match="没有本机构的清算申请"):
        other.call("3204", {"data": {"clr_appy_evt_id": number}})
    assert states(other, month) == []
    till.call("3204A", {"data": {"clr_apply_evt_id": number, "clr_optins": REGION}})
    assert [row["clr_stas"] for row in states(till, month)] == ["00", "00"]
    newer = till.call("3203A", application(month, drawn))["result"]["clr_appy_evt_id"]
    with pytest.raises(SaidNo, match="代替"):
        till.call("3204", {"data": {"clr_appy_evt_id": number}})
    id_ = f"institution:{month}:{REGION}:{CLEARED}:310:14"
    await accepted(site, tmp_path, id_)
    await shows(till, month, wanted=["10", "20"])
    with pytest.raises(SaidNo, match="受理"):
        till.call("3204", {"data": {"clr_appy_evt_id": newer}})
    assert [row["clr_stas"] for row in states(till, month)] == ["10", "20"]
    alone = till.call("3205A", {"data": {"clr_ym": month, "clr_stas": "20"}})
    assert alone["clr_appys"]["clr_type"] == "14"
