"""What stands is asked for: by days, by ids, after refunds, in any spelling."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from tests.connected.counter.conftest import OTHER, Site
from tests.connected.counter.visits import DAY, Visit

from jiesuan_events.words.instants import BEIJING
from jiesuan_services.demo.counter.his import SaidNo

pytestmark = pytest.mark.connected
SPLIT = ("det_item_fee_sumamt", "preselfpay_amt", "inscp_scp_amt")


@pytest.fixture(scope="module")
async def persons(site: Site) -> list[str]:
    """Persons who are known to everybody."""
    names = [f"P82{n:02}" for n in range(6)]
    await site.admit(names)
    return names


def test_a_day_is_asked_for_whole(site: Site, persons: list[str]) -> None:
    """From a day to the same day is from its first second to its last."""
    visit = Visit(site.till(), persons[0]).open()
    day = DAY[:10]
    for begin, end in ((day, day), (day.replace("-", ""), day), (DAY, DAY)):
        span = {"psn_no": persons[0], "begntime": begin, "endtime": end}
        (one,) = visit.till.call("5201", {"data": span})["mdtrtinfo"]
        assert one["mdtrt_id"] == visit.mdtrt_id
    before = {**span, "begntime": day, "endtime": f"{day} 08:00:00"}
    assert visit.till.call("5201", {"data": before})["mdtrtinfo"] == []


def test_the_lines_of_what_was_taken_back_are_the_ledger_s(
    site: Site, persons: list[str]
) -> None:
    """5204 lists them under both ids, negative under the refund's; to no other."""
    visit = Visit(site.till(), persons[1]).open()
    lines = [visit.line(1), visit.line(2, code="XB", pric=10, det_item_fee_sumamt=10)]
    visit.upload(*lines)
    first = visit.settle(medfee_sumamt=3010)
    key = {"psn_no": persons[1], "mdtrt_id": visit.mdtrt_id}
    named = {"data": {**key, "setl_id": first["setl_id"]}}
    told = visit.till.call("5204", named)["feedetail"]
    assert [one["cnt"] for one in told] == [1, 1]
    other = {"data": {**named["data"], "mdtrt_id": "V0"}}
    with pytest.raises(SaidNo, match="未查到本机构的结算"):
        visit.till.call("5204", other)
    undone = visit.refund(first["setl_id"])
    visit.upload(visit.line(1, det_item_fee_sumamt=7, pric=7))
    for id_, sign in ((first["setl_id"], 1), (undone["setl_id"], -1)):
        asked: dict[str, Any] = {"data": {**key, "setl_id": id_}}
        rows = visit.till.call("5204", asked)["feedetail"]
        for row, one in zip(rows, told, strict=True):
            assert row["setl_id"] == id_
            for name in ("feedetl_sn", "med_list_codg", "mdtrt_id"):
                assert row[name] == one[name]
            assert [row[name] for name in SPLIT] == [sign * one[name] for name in SPLIT]
            assert "chrg_bchno" not in row
        with pytest.raises(SaidNo, match="未查到本机构的结算"):
            site.till(code=OTHER).call("5204", asked)


def test_a_refund_names_its_visit_or_none(site: Site, persons: list[str]) -> None:
    """Another visit's id beside the settlement's is refused; nothing is taken back."""
    visit = Visit(site.till(), persons[2]).open()
    visit.upload()
    setl_id = visit.settle()["setl_id"]
    data = {"psn_no": persons[2], "setl_id": setl_id}
    with pytest.raises(SaidNo, match=r"就诊ID.*不一致"):
        visit.till.call("2208", {"data": {**data, "mdtrt_id": "V0"}})
    stands = visit.till.call("5203", {"data": data})["setlinfo"]
    assert stands["refd_setl_flag"] == "0"
    undone = visit.till.call("2208", {"data": {**data, "mdtrt_id": ""}})["setlinfo"]
    assert undone["medfee_sumamt"] == Decimal("-3000.00")


def test_a_number_of_a_transaction_is_spelt_either_way(
    site: Site, persons: list[str]
) -> None:
    """2206a is 2206A, sent again it is the same message; 2601 names 2207a too."""
    visit = Visit(site.till(), persons[3]).open()
    visit.upload()
    till, msgid = visit.till, visit.till.name()
    assert till.call("2206a", visit.charge())["setlinfo"]["medfee_sumamt"] == 3000
    first, again = (
        till.call(infno, visit.charge(), msgid=msgid)["setlinfo"]["setl_id"]
        for infno in ("2207a", "2207A")
    )
    assert first == again
    undo = {"psn_no": persons[3], "omsgid": msgid, "oinfno": "2207a"}
    till.call("2601", {"data": undo})
    with pytest.raises(SaidNo, match="YH03"):
        till.call("yh03", {"data": {}})


def test_accumulators_are_of_a_year(site: Site, persons: list[str]) -> None:
    """Asked for by a month, they are the year's, and say so."""
    today = datetime.now(BEIJING)
    asked = {"psn_no": persons[2], "cum_ym": f"{DAY[:4]}03"}
    rows = site.till().call("5206", {"data": asked})["cuminfo"]
    assert {(one["year"], one["cum_ym"]) for one in rows} == {(DAY[:4], DAY[:4])}
    other = {**asked, "cum_ym": f"{today:%Y%m}"}
    assert site.till().call("5206", {"data": other})["cuminfo"] == []


@pytest.mark.parametrize("flag", ["0", "1"])
def test_a_balance_is_told_again_as_it_was_told(
    site: Site, persons: list[str], flag: str
) -> None:
    """5203 says of a settlement what 2207 said, of its refund what 2208 said."""
    visit = Visit(site.till(), persons[4]).open()
    visit.upload()
    info = visit.settle(acct_used_flag=flag)
    assert info["balc"] == (0 if flag == "1" else Decimal("500.00"))

    def told(setl_id: str) -> Decimal:
        key = {"data": {"psn_no": persons[4], "setl_id": setl_id}}
        balance: Decimal = visit.till.call("5203", key)["setlinfo"]["balc"]
        return balance

    assert told(info["setl_id"]) == info["balc"]
    refund = visit.refund(info["setl_id"])
    assert told(refund["setl_id"]) == refund["balc"] == Decimal("500.00")
