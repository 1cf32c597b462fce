"""`jiesuan due`: a late item shows up, one in time does not, and nobody guesses."""

import asyncio
import json
from typing import Any

import pytest
from click.testing import CliRunner

from jiesuan_services.cli.analysts.due import due

HOSPITAL = "/medins/H42010090001"
HOME = {"psn_type": "11", "insuplc_admdvs": "429900", "brdy": "1980-01-01"}


class Office:
    """Read models in the making, and the command that is asked of them."""

    def __init__(self, log: Any, retold: Any, env: dict[str, str]) -> None:
        self.log = log
        self.retold = retold
        self.env = env
        self.answers = 0

    def enrolled(self, *persons: str, region: str = "429900") -> None:
        """Enrol persons at home from 2022 on."""
        for person in persons:
            self.log.fact(
                person,
                "enrolled",
                {
                    **HOME,
                    "insutype": "310",
                    "insuplc_admdvs": region,
                    "begndate": "2022-01-01",
                },
            )

    def claimed(self, person: str, setl_id: str, *, at: str, **block: Any) -> None:
        """Record the claim of a bill at a moment."""
        self.log.recorded_at = at
        made = self.log.block(
            setl_id, **{"total": 100, "pool": 80, "pay_loc": "1", **block}
        )
        body = {**made, "cum": self.log.cum(person, made), "manl_reim_rea": "未开通"}
        self.log.fact(person, "claimed", body)

    def qualified(self, person: str, *, at: str, seen: str) -> None:
        """Record a disease that a hospital recognised on a day."""
        self.log.recorded_at = at
        self.log.fact(
            person,
            "qualified",
            {
                "insutype": "310",
                "opsp_dise_code": "M00500",
                "begndate": at[:10],
                "hosp_ide_date": seen,
            },
        )

    async def refused(
        self,
        person: str,
        *,
        at: str,
        code: str = "no-filing",
        id_: str = "R1",
        type_: str = "settle",
        source: str = HOSPITAL,
    ) -> None:
        """Record a refusal, as the answers tell it."""
        self.answers += 1
        await self.retold.connection.execute(
            "INSERT INTO refusal VALUES "
            "(0, $1, $2::text::timestamptz, $3, $4, $5, $6, $7, $8, '', false, '[]')",
            self.answers,
            at,
            source,
            id_,
            f"jiesuan.{type_}.v1",
            person,
            code,
            [code],
        )

    async def ask(self, on: str, *options: str) -> Any:
        """Retell what was recorded and run the command."""
        await self.retold.ledger(self.log.records)
        words = ["--on", on, *options]
        return await asyncio.to_thread(CliRunner().invoke, due, words, env=self.env)

    async def late(self, on: str) -> list[dict[str, Any]]:
        """Return the command's list for a day."""
        done = await self.ask(on, "--json")
        assert done.exit_code == 0, done.output
        said = json.loads(done.output)
        assert said["on"] == on
        rows: list[dict[str, Any]] = said["late"]
        return rows


@pytest.fixture
def office(log: Any, retold: Any, servers: Any) -> Office:
    """An agency's office with empty books."""
    env = {
        "JIESUAN_PG": retold.dsn,
        "JIESUAN_KAFKA": servers.kafka,
        "COLUMNS": "200",
    }
    return Office(log, retold, env)


async def test_a_bill_refused_over_national_day_is_late_on_the_11th(
    office: Office,
) -> None:
    """Refused on 30 September 2022, it is to be uploaded by 10 October, and is not."""
    office.enrolled("P0001")
    await office.refused("P0001", at="2022-09-30T09:00:00+08:00")
    assert await office.late("2022-10-10") == []
    [row] = await office.late("2022-10-12")
    assert row == {
        "clock": "upload",
        "psn_no": "P0001",
        "responsible": "H42010090001",
        "subject": "R1",
        "since": "2022-09-30",
        "due": "2022-10-10",
        "done": None,
        "workdays_late": 2,
        "code": "no-filing",
        "article": "鄂医保发〔2022〕50号 三（四）",
    }


async def test_a_bill_settled_after_all_is_not_late(office: Office) -> None:
    """What the institution settled for the person after a refusal needs no upload."""
    office.enrolled("P0001", "P0002")
    await office.refused("P0001", at="2022-09-30T09:00:00+08:00")
    await office.refused("P0002", at="2022-09-30T09:00:00+08:00")
    office.log.recorded_at = "2022-09-30T09:05:00+08:00"
    office.log.settle("P0001", "S1")
    office.log.settle("P0002", "S2", fixmedins_code="H42010090002")
    assert [row["psn_no"] for row in await office.late("2022-10-11")] == ["P0002"]


@pytest.mark.parametrize("code", ["inpatient-stay", "duplicate-different"])
async def test_a_refusal_that_leaves_nothing_to_upload_is_not_late(
    office: Office, code: str
) -> None:
    """The last word on a name counts: what belongs to a stay is not the bill's."""
    office.enrolled("P0001")
    await office.refused("P0001", at="2022-09-30T09:00:00+08:00")
    await office.refused("P0001", at="2022-09-30T09:01:00+08:00", code=code)
    await office.refused("P0001", at="2022-09-30T09:02:00+08:00", type_="quote")
    assert await office.late("2022-10-31") == []


async def test_a_claim_is_late_after_three_working_days(office: Office) -> None:
    """Of two bills of 30 September the one claimed on the 10th is in time."""
    at = {"service_day": "2022-09-30"}
    office.claimed("P0001", "S1", at="2022-10-10T23:59:59+08:00", **at)
    office.claimed("P0002", "S2", at="2022-10-11T00:00:00+08:00", **at)
    [row] = await office.late("2022-12-01")
    assert (row["subject"], row["due"], row["done"], row["workdays_late"]) == (
        "S2",
        "2022-10-10",
        "2022-10-11",
        1,
    )
    assert await office.late("2022-10-10") == []


async def test_a_flag_is_late_after_five_working_days(office: Office) -> None:
    """Recognised on 30 September, a disease is flagged by 12 October."""
    office.enrolled("P0001", "P0002")
    office.qualified("P0001", at="2022-10-12T10:00:00+08:00", seen="2022-09-30")
    office.qualified("P0002", at="2022-10-13T10:00:00+08:00", seen="2022-09-30")
    office.qualified("P0001", at="2022-11-30T10:00:00+08:00", seen="2022-09-30")
    [row] = await office.late("2022-12-01")
    assert (row["clock"], row["psn_no"], row["responsible"], row["subject"]) == (
        "flag",
        "P0002",
        "429900",
        "M00500",
    )
    assert (row["due"], row["done"]) == ("2022-10-12", "2022-10-13")
    assert row["article"] == "鄂医保发〔2021〕67号 第十四条"


async def test_a_flag_that_was_refused_is_still_to_be_set(office: Office) -> None:
    """A refused recognition is late until one is entered; an unlisted disease never."""
    office.enrolled("P0001", "P0002", "P0003")
    agency = {"type_": "qualify", "source": "/agency/429900"}
    for person, code in (
        ("P0001", "malformed"),
        ("P0002", "malformed"),
        ("P0003", "disease-not-in-list"),
    ):
        at = "2022-09-30T09:00:00+08:00"
        await office.refused(person, at=at, code=code, **agency)
    office.qualified("P0002", at="2022-10-08T10:00:00+08:00", seen="2022-10-08")
    assert await office.late("2022-10-12") == []
    [row] = await office.late("2022-10-13")
    assert (row["psn_no"], row["responsible"]) == ("P0001", "429900")


async def test_a_region_without_a_limit_has_nothing_late(office: Office) -> None:
    """118号 names no number of days for uploads, so 达州 has no limit."""
    office.enrolled("P0001", region="511700")
    await office.refused("P0001", at="2023-03-01T09:00:00+08:00")
    assert await office.late("2023-06-01") == []


async def test_a_days_list_stays_as_it_is(office: Office) -> None:
    """What is recorded later changes no earlier day's list."""
    office.enrolled("P0001")
    await office.refused("P0001", at="2022-09-30T09:00:00+08:00")
    before = await office.late("2022-10-12")
    office.log.recorded_at = "2022-10-13T09:00:00+08:00"
    office.log.settle("P0001", "S1")
    assert await office.late("2022-10-12") == before
    assert await office.late("2022-10-13") == []


async def test_late_items_are_readable(office: Office) -> None:
    """For people, open items stand before those done late, headings in Chinese."""
    office.enrolled("P0001")
    await office.refused("P0001", at="2022-09-30T09:00:00+08:00")
    done = await office.ask("2022-10-12")
    assert done.exit_code == 0, done.output
    assert "2022-10-12 逾期未完成" in done.output
    assert "费用明细上传" in done.output
    assert "2022-10-12 已完成但逾期: 无" in done.output


@pytest.mark.parametrize("on", ["2003-12-31", "2099-01-01"])
async def test_a_day_that_the_calendar_does_not_know_is_an_error(
    office: Office, on: str
) -> None:
    """The command names the day and what the calendar knows; it lists nothing."""
    done = await office.ask(on)
    assert done.exit_code == 1
    assert f"法定工作日历没有{on}的安排" in done.output
