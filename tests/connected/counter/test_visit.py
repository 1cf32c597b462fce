"""The way of a visit at the counter, on real parts."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from tests.connected.counter.conftest import (
    HOSPITAL,
    OTHER,
    PHARMACY,
    THIRD,
    Site,
    certno,
)
from tests.connected.counter.visits import DAY, Visit, bought

from jiesuan_services.demo.counter.his import SaidNo

pytestmark = pytest.mark.connected
MONEY = ("medfee_sumamt", "fund_pay_sumamt", "psn_part_amt", "acct_pay", "psn_cash_pay")


@pytest.fixture(scope="module")
async def persons(site: Site) -> list[str]:
    """Persons who are known to everybody."""
    names = [f"P9{n:03}" for n in range(40)]
    await site.admit(names)
    return names


def test_a_person_is_found_by_certificate_and_by_card(
    site: Site, persons: list[str]
) -> None:
    """Whatever type is told for it, a number finds its person, and no other does."""
    till = site.till()
    for kind, number in (
        ("02", certno(persons[0])),
        ("01", certno(persons[0])),
        ("03", f"K{certno(persons[0])}"),
    ):
        data = {"mdtrt_cert_type": kind, "mdtrt_cert_no": number}
        said = till.call("1101", {"data": data})
        assert said["baseinfo"]["psn_no"] == persons[0]
        assert said["baseinfo"]["certno"] == certno(persons[0])
        assert said["baseinfo"]["gend"] == "1"
        (row,) = said["insuinfo"]
        assert (row["insutype"], row["psn_insu_stas"]) == ("310", "1")
        assert (row["insuplc_admdvs"], row["balc"]) == ("429900", Decimal("500.00"))
    with pytest.raises(SaidNo, match="未查到"):
        till.call("1101", {"data": {"mdtrt_cert_no": "990000199901010000"}})


def test_what_a_charge_says_otherwise_is_named(site: Site, persons: list[str]) -> None:
    """Care and scheme that are not the visit's are told by name and code."""
    till = site.till()
    visit = Visit(till, persons[2]).open()
    visit.upload(visit.line(1))
    other_care = r"医疗类别急诊（13）与就诊信息的普通门诊（11）不一致"
    with pytest.raises(SaidNo, match=other_care):
        till.call("2206", visit.charge(med_type="13"))
    other_scheme = (
        "险种城乡居民基本医疗保险（390）与挂号的职工基本医疗保险（310）不一致"
    )
    with pytest.raises(SaidNo, match=other_scheme):
        till.call("2206", visit.charge(insutype="390"))


def test_the_way_of_a_visit(site: Site, persons: list[str]) -> None:
    """From registration to refund: split, quote, money, mirror, and every query."""
    till = site.till()
    visit = Visit(till, persons[1]).open()
    assert till.call("5301", {"data": {"psn_no": persons[1]}}) == {"feedetail": []}
    lines = [
        visit.line(1),
        visit.line(2, code="XB", det_item_fee_sumamt=37.04, cnt=3.0, pric=12.345678),
        visit.line(3, code="XZ", det_item_fee_sumamt="0.3", cnt=3, pric=0.1),
    ]
    split = visit.upload(*lines)
    assert [row["chrgitm_lv"] for row in split] == ["01", "02", "03"]
    assert [row["inscp_scp_amt"] for row in split] == [3000, 27, 0]
    assert split[1]["overlmt_amt"] == Decimal("7.04")
    assert split[2]["fulamt_ownpay_amt"] == Decimal("0.30")
    charge = visit.charge(medfee_sumamt=3037.34, acct_used_flag="1")
    quote = till.call("2206", charge)["setlinfo"]
    settled = till.call("2207", charge)
    info = settled["setlinfo"]
    assert {name: quote[name] for name in MONEY} == {name: info[name] for name in MONEY}
    assert info["fund_pay_sumamt"] == Decimal("438.90")
    assert info["acct_pay"] == Decimal("500.00")
    assert info["balc"] == 0
    paid = sum(row["fund_payamt"] for row in settled["setldetail"])
    assert paid == info["fund_pay_sumamt"] + info["acct_pay"] + info["hosp_part_amt"]
    key = {"psn_no": persons[1], "setl_id": info["setl_id"], "mdtrt_id": visit.mdtrt_id}
    stands = till.call("5203", {"data": key})["setlinfo"]
    assert stands["refd_setl_flag"] == "0"
    assert stands["medfee_sumamt"] == info["medfee_sumamt"]
    assert len(till.call("5204", {"data": key})["feedetail"]) == 3
    refund = visit.refund(info["setl_id"])
    assert refund["setl_id"] != info["setl_id"]
    for name in MONEY:
        assert refund[name] == -info[name]
    assert refund["pdn_cash_pay"] == refund["psn_cash_pay"]
    assert refund["balc"] == Decimal("500.00")
    assert till.call("5203", {"data": key})["setlinfo"]["refd_setl_flag"] == "1"
    till.call("2202", {"data": {**key, "ipt_otp_no": "MZ1"}})
    with pytest.raises(SaidNo, match="已撤销"):
        visit.upload()


def test_what_is_missing_is_said_in_words(site: Site, persons: list[str]) -> None:
    """Each step refuses until the one before it was made, and names it."""
    till, other = site.till(), site.till(code=OTHER)
    visit = Visit(till, persons[2])
    for infno, input_ in (
        ("2204", {"feedetail": [visit.line(mdtrt_id="V404")]}),
        ("2206", visit.charge(mdtrt_id="V404")),
        ("2207", visit.charge(mdtrt_id="V404")),
    ):
        with pytest.raises(SaidNo, match=r"V404.*2201"):
            till.call(infno, input_)
    visit.open()
    with pytest.raises(SaidNo, match="2204"):
        till.call("2206", visit.charge())
    with pytest.raises(SaidNo, match="未查到本机构的就诊登记"):
        other.call("2206", visit.charge())
    visit.upload()
    for fields, words in (
        ({"medfee_sumamt": 3000.01}, "医疗费总额3000.01元"),
        ({"acct_used_flag": "2"}, "共济"),
        ({"med_type": "13"}, "2203"),
        ({"inscp_scp_amt": 1}, "符合政策范围金额1.00元"),
        ({"psn_no": persons[3]}, "不是该参保人"),
    ):
        with pytest.raises(SaidNo, match=words):
            till.call("2207", visit.charge(**fields))


def test_refunds_out_of_order_name_what_comes_first(
    site: Site, persons: list[str]
) -> None:
    """The sentence names the settlements to undo first, newest first, and where."""
    till = site.till()
    first = Visit(till, persons[4]).open()
    first.upload()
    one = first.settle()
    later = []
    for _ in range(2):
        visit = Visit(till, persons[4]).open()
        visit.upload()
        later.append(visit.settle()["setl_id"])
    with pytest.raises(SaidNo) as wrong:
        first.refund(one["setl_id"])
    text = str(wrong.value)
    assert text.startswith("该笔结算之后还有未退费的结算，请按时间倒序先依次退费：")
    assert text.index(later[1]) < text.index(later[0])
    assert text.count(HOSPITAL) == len(later)
    assert len(text) <= 200
    with pytest.raises(SaidNo, match="结算"):
        Visit(site.till(code=OTHER), persons[4], first.mdtrt_id).refund(later[1])


def test_a_message_twice_has_one_effect(site: Site, persons: list[str]) -> None:
    """The same bytes at both gateways, one after the other and at once: one reply."""
    tills = [site.till("gateway-a"), site.till("gateway-b")]
    for one in tills:
        one.log_in()
    for psn_no in persons[5:10]:
        visit = Visit(tills[0], psn_no).open()
        visit.upload()
        message = tills[0].envelope("2207", visit.charge(acct_used_flag="1"))
        with ThreadPoolExecutor(8) as pool:
            sent = [pool.submit(tills[n % 2].send, message) for n in range(8)]
            replies = [one.result() for one in sent]
        replies.append(tills[1].send(message))
        for reply in replies:
            assert reply["infcode"] == "0", reply["err_msg"]
            assert reply["output"] == replies[0]["output"]
            assert reply["inf_refmsgid"] == replies[0]["inf_refmsgid"]
        cum = tills[0].call("5206", {"data": {"psn_no": psn_no}})["cuminfo"]
        assert {row["cum_type_code"]: row["cum"] for row in cum}["S0000"] == 3000


def test_the_same_name_with_other_content_is_another_message(
    site: Site, persons: list[str]
) -> None:
    """Other input or another infno under one msgid is performed on its own."""
    till = site.till()
    visit = Visit(till, persons[10]).open()
    visit.upload()
    name = till.name()
    info = till.call("2207", visit.charge(), msgid=name)["setlinfo"]
    assert info["medins_setl_id"] == name
    key = {"psn_no": persons[10], "setl_id": info["setl_id"]}
    refund = till.call("2208", {"data": key}, msgid=name)["setlinfo"]
    assert refund["medins_setl_id"] == name
    visit.upload()
    again = till.call("2207", visit.charge(invono="F2"), msgid=name)["setlinfo"]
    assert again["setl_id"] != info["setl_id"]
    assert again["medins_setl_id"] == name


def test_a_settled_batch_is_not_settled_again(site: Site, persons: list[str]) -> None:
    """Another message about a settled batch is refused, and names its settlement."""
    till = site.till()
    visit = Visit(till, persons[11]).open()
    visit.upload(visit.line(det_item_fee_sumamt=10, pric=10))
    visit.upload()
    info = visit.settle()
    assert info["medfee_sumamt"] == 3000
    for act in (visit.settle, visit.upload):
        with pytest.raises(SaidNo, match=info["setl_id"]):
            act()
    second = visit.line(chrg_bchno="B2")
    visit.upload(second)
    assert visit.settle(chrg_bchno="B2")["setl_id"] != info["setl_id"]


def test_compensation_frees_what_was_settled(site: Site, persons: list[str]) -> None:
    """By either name, twice is once; a message that was never sent is barred."""
    till = site.till()
    for by in ("msgid", "inf_refmsgid"):
        visit = Visit(till, persons[12]).open()
        visit.upload()
        reply = till.send(till.envelope("2207", visit.charge()))
        name = reply["inf_refmsgid"]
        if by == "msgid":
            name = reply["output"]["setlinfo"]["medins_setl_id"]
        data = {"psn_no": persons[12], "omsgid": name, "oinfno": "2207"}
        for _ in range(2):
            assert till.call("2601", {"data": data}) == {}
        key = {"psn_no": persons[12], "setl_id": reply["output"]["setlinfo"]["setl_id"]}
        assert till.call("5203", {"data": key})["setlinfo"]["refd_setl_flag"] == "1"
        visit.upload()
        visit.settle()
    lost = till.name()
    data = {"psn_no": persons[13], "omsgid": lost, "oinfno": "2207"}
    assert till.call("2601", {"data": data}) == {}
    visit = Visit(till, persons[13]).open()
    visit.upload()
    with pytest.raises(SaidNo, match="冲正"):
        till.call("2207", visit.charge(), msgid=lost)


async def test_two_counters_never_overspend_an_account(
    site: Site, persons: list[str]
) -> None:
    """Many tills at once take from one account no more than is in it."""
    psn_no = persons[14]
    tills = [site.till(name) for name in ("gateway-a", "gateway-b")]
    visits = []
    for n in range(8):
        visit = Visit(tills[n % 2], psn_no).open()
        amount = {"det_item_fee_sumamt": 150, "pric": 150}
        visit.upload(visit.line(code="XZ", **amount))
        visits.append(visit)

    def pay(visit: Visit) -> Any:
        return visit.settle(medfee_sumamt=150, acct_used_flag="1")["acct_pay"]

    paid = await asyncio.gather(*(asyncio.to_thread(pay, one) for one in visits))
    assert sum(paid) == Decimal("500.00")
    assert sorted(paid)[-3:] == [150, 150, 150]


def test_a_pharmacy_settles_with_a_prescription(site: Site, persons: list[str]) -> None:
    """2101, 2102, 2103: refused without a prescription, settled and undone with one."""
    till = site.till(code=PHARMACY)
    sent = bought(persons[15])
    [line] = sent["drugdetail"]
    bare = {name: said for name, said in line.items() if not name.startswith("rx")}
    with pytest.raises(SaidNo, match="处方"):
        till.call("2102", {**sent, "drugdetail": bare})
    quote = till.call("2101", sent)
    said = till.call("2102", sent)
    assert quote["setlinfo"]["psn_cash_pay"] == said["setlinfo"]["psn_cash_pay"] == 100
    assert said["detlcutinfo"][0]["inscp_scp_amt"] == 100
    info = said["setlinfo"]
    key = {name: info[name] for name in ("psn_no", "setl_id", "mdtrt_id")}
    assert till.call("2103", {"data": key})["setlinfo"]["medfee_sumamt"] == -100
    with pytest.raises(SaidNo, match="定点零售药店"):
        site.till().call("2102", sent)


def test_totals_are_even_in_both_habits_of_counting(
    site: Site, persons: list[str]
) -> None:
    """Rows or net, 3201 is even when the amounts are; else it says what differs."""
    till = site.till(code=THIRD)
    for n in range(3):
        visit = Visit(till, persons[20 + n]).open()
        visit.upload()
        info = visit.settle()
    visit.refund(info["setl_id"])
    day = info["setl_time"][:10]
    data = {
        "insutype": "310",
        "clr_type": "11",
        "stmt_begndate": day,
        "stmt_enddate": day,
        "medfee_sumamt": 6000.0,
        "fund_pay_sumamt": 840.0,
        "acct_pay": 0.0,
    }
    for count, result in ((4, "0"), (2, "0"), (3, "1")):
        said = till.call("3201", {"data": {**data, "fixmedins_setl_cnt": count}})
        assert said["stmtinfo"]["stmt_rslt"] == result, said
    data["medfee_sumamt"] = 6000.01
    said = till.call("3201", {"data": {**data, "fixmedins_setl_cnt": 4}})
    assert "相差0.01元" in said["stmtinfo"]["stmt_rslt_dscr"]


def test_what_is_filed_at_the_counter_holds(site: Site, persons: list[str]) -> None:
    """2503 qualifies, 5301 and 2001 show it, a chronic visit is paid; 2504 ends it."""
    till, psn_no = site.till(), persons[30]
    asked = {"psn_no": psn_no, "insutype": "310", "med_type": "14", "begntime": DAY}
    asked |= {"dise_codg": "M01600"}
    (row,) = till.call("2001", {"data": asked})["trtinfo"]
    assert row["trt_enjymnt_flag"] == "0"
    data = {"psn_no": psn_no, "insutype": "310", "opsp_dise_code": "M01600"}
    data |= {"begndate": "2022-01-01", "enddate": "2029-12-31"}
    number = till.call("2503", {"data": data})["result"]["trt_dcla_detl_sn"]
    (shown,) = till.call("5301", {"data": {"psn_no": psn_no}})["feedetail"]
    assert shown["opsp_dise_name"] == "糖尿病"
    (row,) = till.call("2001", {"data": asked})["trtinfo"]
    assert row["trt_enjymnt_flag"] == "1"
    visit = Visit(till, psn_no).open(med_type="14", dise_codg="M01600")
    visit.upload()
    info = visit.settle(med_type="14")
    assert info["fund_pay_sumamt"] == Decimal("2550.00")
    gone = {"psn_no": psn_no, "trt_dcla_detl_sn": number, "memo": "误报"}
    till.call("2504", {"data": gone})
    assert till.call("5301", {"data": {"psn_no": psn_no}})["feedetail"] == []


def test_a_referral_holds_until_it_is_cancelled(site: Site, persons: list[str]) -> None:
    """2501 files care elsewhere; 2502 ends it once, by its own number alone."""
    till, psn_no = site.till(), persons[31]
    sent = {"psn_no": psn_no, "insutype": "310", "mdtrtarea_admdvs": "510100"}
    sent |= {"refl_date": "2022-02-01", "reflin_medins_name": "示例医院"}
    sent |= {"begndate": "2022-02-01", "enddate": "2029-12-31"}
    number = till.call("2501", {"refmedin": sent})["result"]["trt_dcla_detl_sn"]
    gone = {"data": {"psn_no": psn_no, "trt_dcla_detl_sn": number, "memo": "回原籍"}}
    with pytest.raises(SaidNo, match="未查到本机构的待遇申报"):
        till.call("2502", {"data": {**gone["data"], "psn_no": persons[32]}})
    till.call("2502", gone)
    with pytest.raises(SaidNo, match="参保登记"):
        till.call("2501", {"refmedin": {**sent, "begndate": "2010-01-01"}})


def test_a_designation_is_listed_until_it_is_cancelled(
    site: Site, persons: list[str]
) -> None:
    """2505 chooses an institution, 5302 lists it, 2506 ends it; a stranger's number
    and a day without enrolment are refused."""
    till, psn_no = site.till(), persons[33]
    sent = {"psn_no": psn_no, "insutype": "310", "fixmedins_code": OTHER}
    sent |= {"begndate": "2022-01-01"}
    number = till.call("2505", {"data": sent})["result"]["trt_dcla_detl_sn"]
    asked = {"data": {"psn_no": psn_no, "biz_appy_type": "03"}}
    (row,) = till.call("5302", asked)["psnfixmedin"]
    assert row["fixmedins_code"] == OTHER
    with pytest.raises(SaidNo, match="参保登记"):
        till.call("2505", {"data": {**sent, "begndate": "2010-01-01"}})
    gone = {"data": {"psn_no": psn_no, "trt_dcla_detl_sn": number}}
    with pytest.raises(SaidNo, match="未查到本机构的待遇申报"):
        site.till(code=OTHER).call("2506", gone)
    till.call("2506", gone)
    assert till.call("5302", asked)["psnfixmedin"] == []


def test_visits_are_listed_to_whom_they_were_made(
    site: Site, persons: list[str]
) -> None:
    """5201 lists a person's visits here; not elsewhere, not cancelled ones."""
    till, psn_no = site.till(), persons[34]
    first, second = (Visit(till, psn_no).open() for _ in range(2))
    span = {"psn_no": psn_no, "begntime": "2022-03-01", "endtime": "2022-03-02"}
    listed = till.call("5201", {"data": span})["mdtrtinfo"]
    assert {one["mdtrt_id"] for one in listed} == {first.mdtrt_id, second.mdtrt_id}
    assert {one["med_type"] for one in listed} == {"11"}
    named = {"psn_no": psn_no, "mdtrt_id": second.mdtrt_id, "ipt_otp_no": "MZ1"}
    till.call("2202", {"data": named})
    (left,) = till.call("5201", {"data": span})["mdtrtinfo"]
    assert left["mdtrt_id"] == first.mdtrt_id
    assert site.till(code=OTHER).call("5201", {"data": span})["mdtrtinfo"] == []
    with pytest.raises(SaidNo, match="psn_no"):
        till.call("5201", {"data": {"begntime": "2022-03-01"}})
