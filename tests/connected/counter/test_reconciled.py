"""3201, 3202, 5203: a day of ordinary, chronic and emergency care at one hospital."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from tests.connected.counter.conftest import (
    CHRONIC,
    PLACES,
    REGION,
    Site,
    message,
    qualified,
)
from tests.connected.counter.test_files import fetch, lines_of, record, zipped
from tests.connected.counter.visits import Visit

from jiesuan_services.demo.counter.his import SaidNo, Till
from jiesuan_services.gateway.access.registry import Client, hash_secret
from jiesuan_services.gateway.store.database import open_pool

pytestmark = pytest.mark.connected
CODE = "H42010000011"
PERSONS = ("P8101", "P8102", "P8103", "P8104")
"""Of whom the third has a chronic disease, and the last an accident."""
CALLED = "SELECT name_by_sender($1, $2)"
Info = dict[str, Any]


@dataclass
class Day:
    """What the hospital did today: two bills, a refund of the second, two others."""

    till: Till
    rows: list[Info] = field(default_factory=list)
    msgid: str = ""
    """Of the second bill, and of its refund."""
    early: Info = field(default_factory=dict)
    """What 3201 said of totals of nothing before there was chronic care."""

    @property
    def span(self) -> dict[str, str]:
        """Return the day as messages name it."""
        day = self.rows[0]["setl_time"][:10]
        return {"stmt_begndate": day, "stmt_enddate": day}

    def totals(self, medfee: float, count: int, **fields: str) -> Info:
        """Ask 3201, under 11, for totals of which the funds paid nothing."""
        data = {
            "insutype": "310",
            "clr_type": "11",
            **self.span,
            "medfee_sumamt": medfee,
            "fund_pay_sumamt": 0,
            "acct_pay": 0,
            "fixmedins_setl_cnt": count,
            **fields,
        }
        return self.till.call("3201", {"data": data})["stmtinfo"]  # type: ignore[no-any-return]

    def results(self, site: Site, text: str) -> list[list[str]]:
        """Ask 3202, under 11, and fetch the result."""
        files = {"in": list(zipped(text)), "filename": "day.zip"}
        number = self.till.call("9101", {"fsUploadIn": files})["file_qury_no"]
        data = {"clr_type": "11", "file_qury_no": number, **self.span}
        info = self.till.call("3202", {"data": data})["fileinfo"]
        return lines_of(fetch(site, self.till, info["file_qury_no"]))


def charged(till: Till, psn_no: str, *, yuan: int, **kind: str) -> Info:
    """Bring a visit to its charge; the person has it all to pay."""
    visit = Visit(till, psn_no).open(**kind)
    visit.upload(visit.line(code="XZ", det_item_fee_sumamt=yuan, pric=yuan))
    med_type = kind.get("med_type", "11")
    return visit.charge(medfee_sumamt=yuan, med_type=med_type)


@pytest.fixture(scope="module")
async def day(site: Site) -> Day:
    """A hospital is registered, and has its day."""
    place = {
        "fixmedins_code": CODE,
        "fixmedins_name": "示例医院",
        "admdvs": REGION,
        "fixmedins_type": "1",
        "dedc_hosp_lv": "2",
        "ministry_affiliated": False,
    }
    await site.submit([message("institution", f"I-{CODE}", place, subject=CODE)])
    known = {"secret_hash": hash_secret("s3cret"), "password_hash": hash_secret("pw")}
    client = {"fixmedins_code": CODE, "client_id": CODE, "username": "u1"}
    await site.register(Client(transport="token", **client, **known))
    await site.known(PLACES, [CODE])
    await site.admit(list(PERSONS))
    await site.submit([qualified(PERSONS[2], date(2021, 1, 1))])
    return lived(Day(site.till(code=CODE)))


def lived(day: Day) -> Day:
    """Settle, settle and refund under one msgid, settle chronic and emergency care."""
    till, day.msgid = day.till, day.till.name()
    charge = charged(till, PERSONS[0], yuan=77)
    day.rows.append(till.call("2207", charge)["setlinfo"])
    charge = charged(till, PERSONS[1], yuan=88)
    second = till.call("2207", charge, msgid=day.msgid)["setlinfo"]
    undo = {"psn_no": PERSONS[1], "setl_id": second["setl_id"]}
    undone = till.call("2208", {"data": undo}, msgid=day.msgid)["setlinfo"]
    day.rows += [second, undone]
    day.early = day.totals(0, 0)
    charge = charged(till, PERSONS[2], yuan=100, **CHRONIC)
    day.rows.append(till.call("2207", charge)["setlinfo"])
    charge = charged(till, PERSONS[3], yuan=60, med_type="13")
    day.rows.append(till.call("2207", charge)["setlinfo"])
    return day


def classes(lines: list[list[str]]) -> dict[str, str]:
    """Return the class of every row."""
    return {one[2]: one[4] for one in lines}


def test_a_file_is_held_against_what_its_rows_name(site: Site, day: Day) -> None:
    """Rows of ordinary care, or none at all: ordinary care is what they are of."""
    ids = [one["setl_id"] for one in day.rows]
    even = day.results(site, record(day.rows[0]))
    lacking = dict.fromkeys(ids[1:3], "000102")
    assert classes(even) == {ids[0]: "000000", **lacking}
    assert classes(day.results(site, "")) == {ids[0]: "000102", **lacking}


@pytest.mark.parametrize("number", [3, 4], ids=["chronic", "emergency"])
def test_a_file_of_other_care_comes_under_ordinary(
    site: Site, day: Day, number: int
) -> None:
    """As one client sends its totals: even, or different, but nobody else's rows."""
    row = day.rows[number]
    assert classes(day.results(site, record(row))) == {row["setl_id"]: "000000"}
    off = record({**row, "medfee_sumamt": "100.01"})
    assert classes(day.results(site, off)) == {row["setl_id"]: "000103"}


def test_a_row_of_another_category_is_told_so(site: Site, day: Day) -> None:
    """Among rows of ordinary care a chronic one is only theirs: the memo says why."""
    chronic = day.rows[3]
    lines = day.results(site, "".join(record(one) for one in (day.rows[0], chronic)))
    (row,) = [one for one in lines if one[2] == chronic["setl_id"]]
    today = day.span["stmt_begndate"]
    assert row[4] == "000101"
    assert row[6].startswith(f"平台于{today}按清算类别14入账"), row


def test_totals_of_nothing_are_even_where_there_is_nothing(day: Day) -> None:
    """Ordinary care has rows: what is told is theirs, not that chronic care has one."""
    for said in (day.early, day.totals(0, 0), day.totals(76, 3)):
        assert said["stmt_rslt"] == "1", said
        assert "平台77.00元" in said["stmt_rslt_dscr"]
    assert day.totals(77, 3)["stmt_rslt"] == "0"


@pytest.mark.parametrize("yuan", [100, 60], ids=["chronic", "emergency"])
def test_totals_of_other_care_come_under_ordinary(day: Day, yuan: int) -> None:
    """They are even where they agree with care of one other kind in everything."""
    assert day.totals(yuan, 1)["stmt_rslt"] == "0"
    assert "平台77.00元" in day.totals(yuan, 2)["stmt_rslt_dscr"]


def test_settlements_and_refunds_may_be_told_apart(day: Day) -> None:
    """Flag 0 is of settlements, 1 of refunds; the net is even under each."""
    for medfee, count, flag in ((165, 2, "0"), (-88, 1, "1"), (77, 3, "0"), (77, 1, 0)):
        said = day.totals(medfee, count, refd_setl_flag=flag)  # type: ignore[arg-type]
        assert said["stmt_rslt"] == "0", said
    for medfee, flag, words in ((164, "0", "平台165.00元"), (-87, "1", "平台-88.00元")):
        said = day.totals(medfee, 2, refd_setl_flag=flag)
        assert said["stmt_rslt"] == "1"
        assert words in said["stmt_rslt_dscr"]
    assert day.totals(165, 2, refd_setl_flag="")["stmt_rslt"] == "1"


async def test_a_name_is_read_where_its_message_is_forgotten(site: Site) -> None:
    """What the ledger's name has besides the sender's is left out; others are whole."""
    pool = await open_pool(site.machine.servers.pg)
    for said, name in (
        ("M1.2207.37e8f5a2", "M1"),
        ("M1.2207A.37e8f5a2", "M1"),
        ("M1.2207.37e8", "M1.2207.37e8"),
    ):
        assert await pool.fetchval(CALLED, CODE, said) == name
    await pool.close()


def test_a_row_is_called_as_its_sender_called_it(site: Site, day: Day) -> None:
    """Two messages under one msgid: both show it, whatever the ledger calls them."""
    named = {one[2]: one[3] for one in day.results(site, "")}
    for row in day.rows[1:3]:
        assert row["medins_setl_id"] == day.msgid
        key = {"psn_no": row["psn_no"], "setl_id": row["setl_id"]}
        stands = day.till.call("5203", {"data": key})["setlinfo"]
        assert stands["medins_setl_id"] == day.msgid
        assert named[row["setl_id"]] == day.msgid


def test_more_than_a_year_is_not_reconciled_at_once(site: Site, day: Day) -> None:
    """3201 and 3202 refuse a span of which years of the country would be read, and say
    how long it may be."""
    span = {"stmt_begndate": "2022-01-01", "stmt_enddate": "2023-01-02"}
    with pytest.raises(SaidNo, match=r"367天.*最多366天.*分段"):
        day.totals(0, 0, **span)
    files = {"in": list(zipped("")), "filename": "day.zip"}
    number = day.till.call("9101", {"fsUploadIn": files})["file_qury_no"]
    data = {"clr_type": "11", "file_qury_no": number, **span}
    with pytest.raises(SaidNo, match=r"367天.*最多366天.*分段"):
        day.till.call("3202", {"data": data})
