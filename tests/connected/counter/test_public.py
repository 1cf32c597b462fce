"""What anybody may ask, and that nobody learns of another."""

import http.client
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from starlette.applications import Starlette
from tests.connected.counter.conftest import HOSPITAL, KEY, OTHER, Site, certno, message

from jiesuan_services.gateway.call import Services
from jiesuan_services.gateway.ledger.asking import LedgerClient
from jiesuan_services.gateway.public.routes import OWN_BURST, PublicRoutes
from jiesuan_services.gateway.store.database import open_pool
from jiesuan_services.gateway.store.serial import Serials
from jiesuan_services.gateway.store.sql import query
from jiesuan_services.gateway.store.together.catalogue import Catalogue
from jiesuan_services.gateway.store.together.statements import Together
from jiesuan_services.gateway.store.together.visits import SeenVisits
from jiesuan_services.gateway.transactions.persons.qualifications_5301 import (
    with_last_days,
)
from jiesuan_services.gateway.vault.identities import Vault
from jiesuan_services.gateway.vault.keys import MasterKey
from jiesuan_services.runtime.packs import load_packs

pytestmark = pytest.mark.connected
PERSON = "P9701"
ANOTHER = "P9702"
UNRECORDED = "P9703"
LATER = "P9704"
QUALIFIED = """
SELECT count(*) FROM (
  SELECT psn_no FROM qualification WHERE psn_no = ANY($1::text[])
  GROUP BY psn_no HAVING count(*) = 2
) twice
"""


def get(site: Site, path: str, **headers: str) -> tuple[int, Any]:
    """Ask something."""
    link = http.client.HTTPConnection("127.0.0.1", site.ports["gateway-a"], timeout=30)
    try:
        link.request("GET", f"/public/v1/{path}", headers=headers)
        reply = link.getresponse()
        return reply.status, json.loads(reply.read())
    finally:
        link.close()


def test_institutions_are_found_by_region_and_name(site: Site) -> None:
    """A province finds its cities' institutions, those that are opened; a wrong code is
    told so."""
    for asked in ("admdvs=420000", "admdvs=420100", f"name={quote('示例')}", ""):
        status, said = get(site, f"institutions?{asked}")
        found = {one["fixmedins_code"] for one in said["institutions"]}
        assert (status, HOSPITAL in found, OTHER in found) == (200, True, False)
    assert get(site, "institutions?admdvs=110000")[1] == {"institutions": []}
    assert get(site, "institutions?dise_code=M01600")[1] == {"institutions": []}
    assert get(site, "institutions?admdvs=42")[0] == 400
    assert get(site, f"institutions?name={'x' * 60}")[0] == 400
    assert get(site, "institutions?name=%00")[0] == 400


def test_a_region_s_notice_cites_its_sources(site: Site) -> None:
    """The notice names diseases and, for each rule, instrument and article."""
    status, said = get(site, "regions/429900/notice")
    assert status == 200
    (scheme,) = said["schemes"]
    assert {"opsp_dise_code": "M01600", "opsp_dise_name": "糖尿病"} in (
        scheme["chronic_diseases"]
    )
    assert any("67号" in one["instrument"] for one in scheme["sources"])
    assert get(site, "regions/990000/notice")[0] == 404
    assert get(site, "regions/abc/notice")[0] == 400


async def test_one_s_own_qualification_is_for_oneself(site: Site) -> None:
    """A certificate's and the insured's number together open it, and it is on record.

    Of each qualification it says the day before it is due again, past or to come.
    Birth stands in the certificate's number: it is not asked for, but must be right.
    """
    await site.admit([PERSON, ANOTHER])
    data = {"psn_no": PERSON, "insutype": "310"}
    said = [
        message("qualify", f"Q-{code}", data | more, subject=PERSON)
        for code, begun in (("M01600", "2024-01-01"), ("M00500", "2020-01-01"))
        for more in [{"opsp_dise_code": code, "begndate": begun}]
    ]
    await site.submit(said)
    await site.known(QUALIFIED, [PERSON])
    before = len(await site.looks())
    own = {"X-Certno": certno(PERSON), "X-Psn-No": PERSON}
    for more in ({}, {"X-Brdy": "1980-01-01"}):
        status, said = get(site, "qualification", **own, **more)
        assert status == 200
        ends = {one["opsp_dise_code"]: one["enddate"] for one in said["qualifications"]}
        assert ends == {"M00500": "2024-12-31", "M01600": "2028-12-31"}
    assert len(await site.looks()) == before + 2
    assert get(site, "qualification", **own, **{"X-Brdy": "1980-01-02"})[0] == 404


async def test_after_its_last_day_a_pack_s_last_rules_say_what_is_due(
    site: Site,
) -> None:
    """A region whose pack has run out shows nobody a qualification without an end."""
    await site.admit([LATER])
    data = {"psn_no": LATER, "insutype": "310", "begndate": "2024-01-01"}
    said = [
        message("qualify", f"L-{code}", data | {"opsp_dise_code": code}, subject=LATER)
        for code in ("M01600", "M00500")
    ]
    await site.submit(said)
    await site.known(QUALIFIED, [LATER])
    packs = load_packs()
    pack = packs.find("429900", "310")
    assert pack is not None
    assert pack.last_day is not None
    pool = await open_pool(site.machine.servers.pg)
    try:
        after = pack.last_day + timedelta(days=1)
        rows = await with_last_days(pool, LATER, packs=packs, day=after)
    finally:
        await pool.close()
    assert [last for _, last in rows] == [date(2028, 12, 31)] * 2


async def test_a_number_alone_tells_nothing_of_its_owner(site: Site) -> None:
    """With his number and birth alone, or another's number, nobody reads of a person.

    Unknown and another's are answered alike, and nobody was looked at.
    """
    await site.admit([PERSON, ANOTHER])
    before = len(await site.looks())
    number = {"X-Certno": certno(PERSON)}
    assert get(site, "qualification", **number, **{"X-Brdy": "1980-01-01"})[0] == 401
    wrong = [{**number, "X-Psn-No": one} for one in (ANOTHER, "P0000")]
    wrong += [{"X-Certno": "990000199901010002", "X-Psn-No": PERSON}]
    replies = [get(site, "qualification", **one) for one in wrong]
    assert [status for status, _ in replies] == [404, 404, 404]
    assert [said for _, said in replies] == [replies[0][1]] * len(replies)
    assert len(await site.looks()) == before
    assert get(site, "qualification")[0] == 401


async def test_a_wildcard_in_a_name_is_a_character(site: Site) -> None:
    """Who looks for a per cent sign finds no institution that has none."""
    for sign in ("%25", "_", "%5c"):
        assert get(site, f"institutions?name={sign}")[1] == {"institutions": []}


async def test_an_opened_disease_is_found_among_any_number(site: Site) -> None:
    """The one place of six hundred that has it opened is found, on its days alone."""
    opened = {"M00500": ("2020-01-01", None), "M00101": ("2020-01-01", "2020-12-31")}
    said = [
        {"opsp_dise_code": code, "begndate": begun, "enddate": ended}
        for code, (begun, ended) in opened.items()
    ]
    places = [
        (f"H9900{n:05}", "远方医院", "990000", "1", "2", True, "[]") for n in range(600)
    ]
    places[-1] = (*places[-1][:-1], json.dumps(said))
    pool = await open_pool(site.machine.servers.pg)
    try:
        async with pool.acquire() as on:
            await on.executemany(query("store", "reference", name="put_place"), places)
        for code, found in (("M00500", ["H990000599"]), ("M00101", []), ("M01", [])):
            _, reply = get(site, f"institutions?admdvs=990000&dise_code={code}")
            rows = reply["institutions"]
            assert [one["fixmedins_code"] for one in rows] == found
    finally:
        await pool.execute("DELETE FROM place WHERE admdvs = '990000'")
        await pool.close()


async def test_only_what_is_opened_on_the_day_is_listed(site: Site) -> None:
    """Without a disease an institution is found that is opened for ordinary care, or
    has a disease opened today; five hundred that are not do not crowd it out."""
    days = {"begun": ("2020-01-01", None), "over": ("2020-01-01", "2020-12-31")}
    days["ahead"] = ("2999-01-01", None)
    opened = {
        state: json.dumps(
            [{"opsp_dise_code": "M00500", "begndate": begun, "enddate": ended}]
        )
        for state, (begun, ended) in days.items()
    }
    places = [
        (f"H9800{n:05}", "远方医院", "980000", "1", "2", ordinary, said)
        for n, (ordinary, said) in enumerate(
            [(False, "[]")] * 500
            + [(False, opened[state]) for state in ("over", "ahead", "begun")]
            + [(True, "[]"), (True, opened["over"])]
        )
    ]
    pool = await open_pool(site.machine.servers.pg)
    try:
        async with pool.acquire() as on:
            await on.executemany(query("store", "reference", name="put_place"), places)
        _, reply = get(site, "institutions?admdvs=980000")
        found = [one["fixmedins_code"] for one in reply["institutions"]]
        assert found == ["H980000502", "H980000503", "H980000504"]
    finally:
        await pool.execute("DELETE FROM place WHERE admdvs = '980000'")
        await pool.close()


async def test_no_qualification_is_shown_that_is_not_on_record(site: Site) -> None:
    """While Kafka is away the asker is told to come later, not that he asks too often;
    who does ask too often is told that."""
    await site.admit([UNRECORDED])
    pool = await open_pool(site.machine.servers.pg)
    together = Together(pool)
    services = Services(
        pool=pool,
        together=together,
        visits=SeenVisits(together),
        serials=Serials(pool),
        catalogue=Catalogue(pool),
        ledger=LedgerClient("127.0.0.1:9"),
        vault=Vault(MasterKey(KEY)),
        packs=load_packs(),
        now=lambda: datetime.now(UTC),
    )
    routes = httpx.ASGITransport(Starlette(routes=PublicRoutes(services).routes()))
    own = {"X-Certno": certno(UNRECORDED), "X-Psn-No": UNRECORDED}
    try:
        async with httpx.AsyncClient(transport=routes, base_url="http://x") as asker:
            said = [
                await asker.get("/public/v1/qualification", headers=own)
                for _ in range(int(OWN_BURST) + 1)
            ]
    finally:
        together.end()
        await pool.close()
    assert {one.status_code for one in said[:-1]} == {503}
    assert (said[-1].status_code, "过于频繁" in said[-1].text) == (429, True)
