"""1101: whom several numbers and a name mean together."""

import signal
from typing import Any

import pytest
from tests.connected.counter.conftest import Site, certno, message, secret_name
from tests.connected.counter.visits import Visit

from jiesuan_services.demo.counter.his import SaidNo, Till

pytestmark = pytest.mark.connected
TOKEN = {"mdtrt_cert_type": "01", "mdtrt_cert_no": "E0123456789ABCDEF"}
"""An e-token: the vault knows no such number."""
RESIDENTS = """
SELECT count(*) FROM enrolment WHERE insutype = '390' AND psn_no = ANY($1::text[])
"""


@pytest.fixture(scope="module")
async def known(site: Site) -> list[str]:
    """Two persons."""
    names = ["P7401", "P7402"]
    await site.admit(names)
    return names


def found(till: Till, **data: Any) -> str:
    """Return whom 1101 finds."""
    return str(till.call("1101", {"data": data})["baseinfo"]["psn_no"])


def test_a_token_that_is_not_known_leaves_the_certificate(
    site: Site, known: list[str]
) -> None:
    """By certno the person is found; where neither is known, nobody is."""
    till, [one, _] = site.till(), known
    assert found(till, **TOKEN, certno=certno(one)) == one
    assert found(till, **TOKEN, certno=certno(one), psn_name=secret_name(one)) == one
    for data in (TOKEN, {**TOKEN, "certno": "990000199901010000"}):
        with pytest.raises(SaidNo, match="未查到"):
            found(till, **data)


def test_numbers_and_names_of_two_persons_are_refused(
    site: Site, known: list[str]
) -> None:
    """Who is presented must be one; the sentence says which fields differ, no more."""
    till, [one, other] = site.till(), known
    card = {"mdtrt_cert_type": "03", "mdtrt_cert_no": f"K{certno(one)}"}
    assert found(till, **card, certno=certno(one)) == one
    assert found(
        till, **card, psn_name=f" {secret_name(one)[0]} {secret_name(one)[1:]}"
    )
    for field, value in (("certno", certno(other)), ("psn_name", secret_name(other))):
        with pytest.raises(SaidNo, match=rf"mdtrt_cert_no.*{field}") as wrong:
            found(till, **card, **{field: value})
        said = str(wrong.value)
        assert not any(secret_name(p) in said or certno(p) in said for p in known)


async def test_a_name_that_was_compared_is_on_record(
    site: Site, known: list[str]
) -> None:
    """That a person's name was read is noted, although the reply does not say it."""
    before = len(await site.looks())
    data = {"mdtrt_cert_no": certno(known[0]), "psn_name": "别人"}
    with pytest.raises(SaidNo, match="psn_name"):
        found(site.till(), **data)
    assert len(await site.looks()) == before + 1


async def test_a_name_is_on_record_before_it_is_compared(
    site: Site, known: list[str]
) -> None:
    """That a name was right can be told of what is said next, whatever that is; one
    message is one look."""
    till, psn_no = site.till(), known[1]
    data = {"mdtrt_cert_no": certno(psn_no), "psn_name": secret_name(psn_no)}
    visit = Visit(till, psn_no).open()
    visit.upload()
    projector = site.processes["projector"]
    projector.send_signal(signal.SIGSTOP)
    try:
        visit.settle()
        before = len(await site.looks())
        with pytest.raises(SaidNo, match="数据正在更新"):
            found(till, **data)
        assert len(await site.looks()) == before + 1
    finally:
        projector.send_signal(signal.SIGCONT)
    assert found(till, **data) == psn_no
    assert len(await site.looks()) == before + 2


@pytest.mark.parametrize("infno", ["2001", "2201"])
def test_a_certificate_s_number_is_nobody_s_psn_no(site: Site, infno: str) -> None:
    """A client that sends one for the other is told; it comes into no topic."""
    number = "990000198001010004"
    asked = {"psn_no": number, "insutype": "310", "med_type": "11", "ipt_otp_no": "1"}
    with pytest.raises(SaidNo, match="1101返回的参保人员编号") as wrong:
        site.till().call(infno, {"data": asked})
    assert number not in str(wrong.value)


def resident(psn_no: str, **fields: str) -> dict[str, Any]:
    """Enrol a person as a resident too."""
    data = {"psn_no": psn_no, "insutype": "390", "psn_type": "14", **fields}
    data |= {"insuplc_admdvs": "429900", "brdy": "1980-01-01"}
    return message("enrol", f"R-{psn_no}", data, subject=psn_no)


async def test_who_reads_the_first_enrolment_and_who_reads_the_last_both_get_one(
    site: Site,
) -> None:
    """1101 lists what holds first; of what holds, employees' insurance last."""
    both, employee, retired = names = ["P7411", "P7412", "P7413"]
    await site.admit(names)
    await site.submit(
        [
            resident(both, begndate="2020-01-01"),
            resident(employee, begndate="2019-01-01", enddate="2019-12-31"),
            resident(retired, begndate="2019-01-01", psn_insu_stas="2"),
        ]
    )
    await site.known(RESIDENTS, names)
    for psn_no, expected in (
        (both, [("390", "1"), ("310", "1")]),
        (employee, [("310", "1"), ("390", "4")]),
        (retired, [("310", "1"), ("390", "2")]),
    ):
        asked = {"data": {"mdtrt_cert_no": certno(psn_no)}}
        rows = site.till().call("1101", asked)["insuinfo"]
        assert [(one["insutype"], one["psn_insu_stas"]) for one in rows] == expected
        holding = [one["insutype"] for one in rows if one["psn_insu_stas"] == "1"]
        assert (rows[0]["psn_insu_stas"], holding[-1]) == ("1", "310")
