"""`jiesuan due --on DAY`: what is late by the statutory calendar.

What is owed and when it is late is the law's to say (`jiesuan_domain.duties`); here the
tables are asked and the list is printed. Only what was recorded by the end of the day
counts, so a day's list stays as it is.
"""

import asyncio
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from jiesuan_services.cli.console import ask, print_json, print_table, servers_of
from jiesuan_services.cli.options import (
    data_option,
    json_option,
    packs_option,
    settings_from,
)

if TYPE_CHECKING:
    from jiesuan_domain.duties.duty import Clock, Duty, Late
    from jiesuan_domain.duties.owed import Enrolments

COLUMNS: Final = (
    ("what_zh", "事项"),
    ("psn_no", "人员"),
    ("responsible", "责任方"),
    ("subject", "单据或病种"),
    ("since", "起算日"),
    ("due", "最迟"),
    ("done", "完成"),
    ("workdays_late", "逾期工作日"),
    ("code", "原拒绝原因"),
    ("article", "依据"),
)
Rows = list[dict[str, Any]]


@click.command(help="列出某日逾期的上传和标识，按法定工作日计算。")
@click.option(
    "--on", required=True, type=click.DateTime(["%Y-%m-%d"]), help="日期，YYYY-MM-DD。"
)
@data_option
@packs_option
@json_option
def due(on: datetime, *, data: Path | None, as_json: bool) -> None:
    """List what is late on a day: uploads and flags, in statutory working days."""
    from jiesuan_domain.duties.duty import late_on
    from jiesuan_domain.duties.working_days import UnknownDay, is_working_day
    from jiesuan_services.runtime.bootstrap import packs_of

    day, packs = on.date(), packs_of(settings_from(data))
    try:
        is_working_day(day)
        duties = asyncio.run(ask(servers_of(data).pg, lambda to: _duties(to, day)))
        late = list(late_on(day, duties, packs=packs))
    except UnknownDay as unknown:
        raise click.ClickException(str(unknown)) from unknown
    if as_json:
        print_json({"on": day, "late": [_row(one) for one in late]})
        return
    rows = [{**_row(one), "what_zh": one.duty.clock.zh} for one in late]
    still = [one for one in rows if one["done"] is None]
    after = [one for one in rows if one["done"] is not None]
    print_table(f"{day} 逾期未完成", COLUMNS, rows=still)
    print_table(f"{day} 已完成但逾期", COLUMNS, rows=after)


def _row(late: "Late") -> dict[str, Any]:
    duty = late.duty
    return {
        "clock": duty.clock.word,
        "psn_no": duty.person_id,
        "responsible": duty.responsible,
        "subject": duty.subject,
        "since": duty.since,
        "due": late.due,
        "done": duty.done,
        "workdays_late": late.working_days,
        "code": duty.refusal,
        "article": f"{late.because.instrument} {late.because.article}",
    }


async def _duties(connection: Any, on: date) -> "list[Duty]":
    from jiesuan_domain.duties.duty import Clock
    from jiesuan_domain.duties.owed import of_claims, of_recognitions, of_refusals
    from jiesuan_events.words.instants import BEIJING
    from jiesuan_projections.read_models.refusal import queries as refusals
    from jiesuan_projections.read_models.register import queries as register
    from jiesuan_projections.read_models.settlement import queries as settlements

    before = datetime.combine(on + timedelta(days=1), time.min, BEIJING)
    # One snapshot: a bill must not be settled between two questions.
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        bills = await refusals.open_bills(connection, before)
        asked = await refusals.open_qualifications(connection, before)
        flagged = await register.flagged(connection, before)
        claimed = await settlements.claimed(connection, before)
        persons = sorted({row["psn_no"] for row in (*bills, *asked, *flagged)})
        enrolments = _enrolments(await register.enrolments_of(connection, persons))
    return [
        *of_refusals(_refused(bills, Clock.UPLOAD), enrolments),
        *of_refusals(_refused(asked, Clock.FLAG), enrolments),
        *of_claims(_claimed(claimed)),
        *of_recognitions(_recognised(flagged), enrolments),
    ]


def _day(instant: datetime) -> date:
    from jiesuan_events.words.instants import policy_date

    return policy_date(instant)


def _enrolments(rows: Rows) -> "Enrolments":
    from jiesuan_domain.duties.owed import Enrolments
    from jiesuan_domain.person.state import Enrolment
    from jiesuan_events.words.codes import NORMAL

    return Enrolments(
        (
            row["psn_no"],
            Enrolment(
                scheme=row["insutype"],
                region=row["insuplc_admdvs"],
                category=row["psn_type"],
                birth=row["brdy"],
                begin=row["begndate"],
                end=row["enddate"],
                status=row["psn_insu_stas"] or NORMAL,
            ),
        )
        for row in rows
    )


def _refused(rows: Rows, clock: "Clock") -> Iterable[Any]:
    from jiesuan_domain.duties.owed import RefusedSince

    for row in rows:
        yield RefusedSince(
            clock=clock,
            person_id=row["psn_no"],
            source=row["request_source"],
            request_id=row["request_id"],
            since=_day(row["since"]),
            code=row["code"],
        )


def _claimed(rows: Rows) -> Iterable[Any]:
    from jiesuan_domain.duties.owed import ClaimedBill

    for row in rows:
        yield ClaimedBill(
            person_id=row["psn_no"],
            institution_id=row["fixmedins_code"],
            settlement_id=row["setl_id"],
            region=row["insuplc_admdvs"],
            scheme=row["insutype"],
            service_day=row["service_day"],
            recorded=_day(row["recorded_at"]),
        )


def _recognised(rows: Rows) -> Iterable[Any]:
    from jiesuan_domain.duties.owed import Recognised

    for row in rows:
        yield Recognised(
            person_id=row["psn_no"],
            scheme=row["insutype"],
            disease=row["opsp_dise_code"],
            begin=row["begndate"],
            identified=row["hosp_ide_date"],
            recorded=_day(row["recorded_at"]),
        )
