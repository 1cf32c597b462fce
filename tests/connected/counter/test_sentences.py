"""Sentences that are true of the transaction at hand: what is wrong, what to do."""

from typing import Any

import pytest
from tests.connected.counter.conftest import PHARMACY, Site
from tests.connected.counter.visits import DAY, Visit, bought

from jiesuan_services.demo.counter.his import SaidNo

pytestmark = pytest.mark.connected


@pytest.fixture(scope="module")
async def told(site: Site) -> list[str]:
    """Persons who are refused things."""
    names = [f"P75{n:02}" for n in range(4)]
    await site.admit(names)
    return names


def test_a_total_that_differs_says_what_was_uploaded(
    site: Site, told: list[str]
) -> None:
    """A batch sent in two parts holds the second: its lines and sum are said."""
    till = site.till()
    visit = Visit(till, told[0]).open()
    visit.upload(visit.line(1))
    visit.upload(visit.line(2, det_item_fee_sumamt=50, pric=50))
    for infno in ("2206", "2207"):
        with pytest.raises(SaidNo) as wrong:
            till.call(infno, visit.charge(medfee_sumamt=3050))
        said = str(wrong.value)
        assert said.startswith("医疗费总额3050.00元与各行明细的合计50.00元不符")
        assert "收费批次B1现有明细1条、合计50.00元" in said
        assert "再次上传会替换之前的明细" in said
        assert len(said) <= 200
    long = {"chrg_bchno": "批" * 64}
    visit.upload(visit.line(1, **long))
    with pytest.raises(SaidNo, match=r"替换之前的明细.*。$") as wrong:
        till.call("2206", visit.charge(medfee_sumamt=1, **long))
    visit.upload(visit.line(1), visit.line(2, det_item_fee_sumamt=50, pric=50))
    assert visit.settle(medfee_sumamt=3050)["medfee_sumamt"] == 3050


def test_a_total_of_a_purchase_speaks_of_no_upload(site: Site, told: list[str]) -> None:
    """Nothing was uploaded before a purchase: the sentence names its sums alone."""
    till = site.till(code=PHARMACY)
    for infno in ("2101", "2102"):
        with pytest.raises(SaidNo, match=r"合计100\.00元不符") as wrong:
            till.call(infno, bought(told[1], medfee_sumamt=99))
        assert "上传" not in str(wrong.value)


def test_a_line_that_is_too_large_is_refused_once_and_for_all(
    site: Site, told: list[str]
) -> None:
    """The line is named and its bound; sent again, the same message has its reply."""
    till, chemist = site.till(), site.till(code=PHARMACY)
    visit = Visit(till, told[1]).open()
    large = {"det_item_fee_sumamt": 10_000_000_000.01, "pric": 9_999_999_999}
    purchase = bought(told[1])
    purchase["drugdetail"][0].update(large)
    for client, infno, input_ in (
        (till, "2204", {"feedetail": [visit.line(7), visit.line(8, **large)]}),
        (chemist, "2102", purchase),
    ):
        message = client.envelope(infno, input_)
        first, again = client.send(message), client.send(message)
        number = "8" if infno == "2204" else "1"
        assert first["err_msg"].startswith(
            f"费用明细{number}的金额10000000000.01元过大"
        )
        assert "10000000000.00元，请核对" in first["err_msg"]
        names = ("err_msg", "inf_refmsgid")
        assert [first[name] for name in names] == [again[name] for name in names]


def test_care_that_is_not_settled_is_told_without_an_upload(
    site: Site, told: list[str]
) -> None:
    """2001, 2101 and 2102 are to be sent again: nothing of the kind was uploaded."""
    asked = {"psn_no": told[1], "insutype": "310", "med_type": "21", "begntime": DAY}
    with pytest.raises(SaidNo, match="请改用11、13、14后重新发送") as wrong:
        site.till().call("2001", {"data": asked})
    assert "上传" not in str(wrong.value)
    till = site.till(code=PHARMACY)
    for fields in ({"med_type": "11"}, {"med_type": "14"}):
        with pytest.raises(SaidNo, match="重新发送") as wrong:
            till.call("2102", bought(told[1], **fields))
        assert "上传" not in str(wrong.value)
    sent = bought(told[1])
    sent["drugdetail"][0]["pric"] = 7
    with pytest.raises(SaidNo, match="不符，请核对后重新发送"):
        till.call("2101", sent)


@pytest.mark.parametrize(
    ("flag", "words"), [("2", "不支持账户共济支付"), ("9", "acct_used_flag.*9.*0.*1")]
)
def test_an_account_flag_is_told_for_what_it_is(
    site: Site, told: list[str], flag: str, words: str
) -> None:
    """Shared accounts are not served; another value is no such flag."""
    visit = Visit(site.till(), told[2]).open()
    visit.upload()
    with pytest.raises(SaidNo, match=words) as wrong:
        visit.settle(acct_used_flag=flag)
    assert ("共济" in str(wrong.value)) == (flag == "2")


def test_a_disease_that_is_no_code_is_told_under_its_own_name(
    site: Site, told: list[str]
) -> None:
    """Chronic care of a disease in words: the field is named as the wire has it."""
    visit = Visit(site.till(), told[2]).open(med_type="14", dise_codg="糖尿病")
    visit.upload()
    for infno in ("2206", "2207"):
        with pytest.raises(SaidNo, match="病种编码dise_codg") as wrong:
            visit.till.call(infno, visit.charge(med_type="14"))
        assert "data." not in str(wrong.value)


def test_a_prescription_is_asked_for_by_its_fields(site: Site, told: list[str]) -> None:
    """What is missing is named as it is to be sent."""
    till = site.till(code=PHARMACY)
    fields: dict[str, Any] = {"rxno": "处方号", "rxfixmedins_code": "处方机构编号"}
    for name, title in fields.items():
        sent = bought(told[3])
        del sent["drugdetail"][0][name]
        with pytest.raises(SaidNo, match=f"请补充{title}（{name}）后重新发送"):
            till.call("2101", sent)
