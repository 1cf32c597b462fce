"""`jiesuan due --on DAY`: what is late by the statutory calendar.

Two limits run in working days (A26). A bill that was not settled on the spot is
uploaded within three (50号三(四)): it reaches us with its claim, and until then the
refusal of its settlement is all we know of it. A chronic disease that a hospital
recognised is flagged within five (67号第十四条): flagged is what the ledger holds.
Only what was recorded by the end of the day counts, so a day's list stays as it is.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from jiesuan_services.cli.console import ask, print_json, print_table, servers_of
from jiesuan_services.cli.options import data_option, json_option, settings_from

if TYPE_CHECKING:
    from jiesuan_domain.policy.because import Because
    from jiesuan_domain.policy.model import Packs

UPLOAD: Final = "upload"
FLAG: Final = "flag"
PARAMETER: Final = {UPLOAD: "upload_working_days", FLAG: "flag_working_days"}
NO_UPLOAD: Final = frozenset(
    {
        "duplicate-different",
        "compensated-before",
        "inpatient-stay",
        "prescription-required",
    }
)
"""Refusals that leave nothing to upload: the name was decided once, the bill belongs
to a stay, or it is a pharmacy's (the limit binds 定点医疗机构)."""
NO_FLAG: Final = frozenset(
    {"duplicate-different", "compensated-before", "disease-not-in-list"}
)
"""Refusals that leave nothing to flag: decided once, or no disease of the region."""

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
ZH: Final = {UPLOAD: "费用明细上传", FLAG: "慢特病备案标识"}


@dataclass(frozen=True, slots=True)
class Duty:
    """Something to be done within a limit: whose, since when, and when it was done."""

    clock: str
    psn_no: str
    responsible: str
    subject: str
    since: date
    done: date | None
    packs: tuple[str, ...]
    code: str | None = None


@click.command()
@click.option(
    "--on", required=True, type=click.DateTime(["%Y-%m-%d"]), help="A day, YYYY-MM-DD."
)
@data_option
@json_option
def due(on: datetime, *, data: Path | None, as_json: bool) -> None:
    """List what is late on a day: uploads and flags, in statutory working days."""
    from jiesuan_domain.duties.working_days import UnknownDay, is_working_day
    from jiesuan_services.runtime.bootstrap import packs_of

    day, packs = on.date(), packs_of(settings_from(data))
    try:
        is_working_day(day)
        duties = asyncio.run(ask(servers_of(data).pg, lambda to: _duties(to, day)))
        late = judge(duties, day, packs=packs)
    except UnknownDay as unknown:
        raise click.ClickException(str(unknown)) from unknown
    if as_json:
        print_json({"on": day, "late": late})
        return
    rows = [{**one, "what_zh": ZH[one["clock"]]} for one in late]
    still = [one for one in rows if one["done"] is None]
    after = [one for one in rows if one["done"] is not None]
    print_table(f"{day} 逾期未完成", COLUMNS, rows=still)
    print_table(f"{day} 已完成但逾期", COLUMNS, rows=after)


def judge(duties: Iterable[Duty], on: date, *, packs: "Packs") -> list[dict[str, Any]]:
    """Give the duties that are late on a day, each with its limit's last day."""
    late: list[dict[str, Any]] = []
    for duty in duties:
        limit = limit_of(duty, packs)
        found = None if limit is None else lateness(duty, limit[0], on=on)
        if limit is None or found is None:
            continue
        late.append(
            {
                "clock": duty.clock,
                "psn_no": duty.psn_no,
                "responsible": duty.responsible,
                "subject": duty.subject,
                "since": duty.since,
                **found,
                "code": duty.code,
                "article": f"{limit[1].instrument} {limit[1].article}",
            }
        )
    return late


def limit_of(duty: Duty, packs: "Packs") -> "tuple[int, Because] | None":
    """Give the limit in working days and its source; the longest of several schemes.

    A region whose notices name no limit has none.
    """
    name = PARAMETER[duty.clock]
    limits: list[tuple[int, Because]] = []
    for id_ in duty.packs:
        region, _, scheme = id_.partition("-")
        pack = packs.find(region, scheme)
        rules = None if pack is None else pack.on(duty.since)
        because = None if rules is None else rules.because(name)
        if because is not None:
            limits.append((getattr(rules, name), because))
    return max(limits, key=lambda limit: limit[0], default=None)


def lateness(duty: Duty, days: int, *, on: date) -> dict[str, Any] | None:
    """Say by how much a duty is late on a day, or None if it is in time."""
    from jiesuan_domain.duties.working_days import passed, working_days_between

    end = on if duty.done is None else duty.done
    last = passed(duty.since, days, on=end)
    if last is None:
        return None
    count = working_days_between(last, end)
    return {"due": last, "done": duty.done, "workdays_late": count}


async def _duties(connection: Any, on: date) -> list[Duty]:
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
        wanted = [(row["psn_no"], _day(row["since"])) for row in (*bills, *asked)]
        wanted += [(row["psn_no"], row["begndate"]) for row in flagged]
        enrolled = await register.in_force(
            connection,
            [person for person, _ in wanted],
            days=[day for _, day in wanted],
        )
    homes: dict[tuple[str, date], dict[str, str]] = {}
    for row in enrolled:
        found = homes.setdefault((row["psn_no"], row["day"]), {})
        found[row["insutype"]] = row["insuplc_admdvs"]
    return [
        *_refused(bills, homes, clock=UPLOAD),
        *_refused(asked, homes, clock=FLAG),
        *_claimed(claimed),
        *_flagged(flagged, homes),
    ]


def _day(instant: datetime) -> date:
    from jiesuan_events.words.instants import policy_date

    return policy_date(instant)


Homes = dict[tuple[str, date], dict[str, str]]


def _refused(rows: list[dict[str, Any]], homes: Homes, *, clock: str) -> Iterable[Duty]:
    for row in rows:
        if row["code"] in (NO_UPLOAD if clock == UPLOAD else NO_FLAG):
            continue
        since = _day(row["since"])
        schemes = homes.get((row["psn_no"], since), {})
        yield Duty(
            clock,
            row["psn_no"],
            row["request_source"].rsplit("/", 1)[-1],
            row["request_id"],
            since,
            None,
            tuple(f"{region}-{scheme}" for scheme, region in schemes.items()),
            row["code"],
        )


def _claimed(rows: list[dict[str, Any]]) -> Iterable[Duty]:
    for row in rows:
        yield Duty(
            UPLOAD,
            row["psn_no"],
            row["fixmedins_code"],
            row["setl_id"],
            row["service_day"],
            _day(row["recorded_at"]),
            (f"{row['insuplc_admdvs']}-{row['insutype']}",),
        )


def _flagged(rows: list[dict[str, Any]], homes: Homes) -> Iterable[Duty]:
    for row in rows:
        region = homes.get((row["psn_no"], row["begndate"]), {}).get(row["insutype"])
        if region is None:
            continue
        yield Duty(
            FLAG,
            row["psn_no"],
            region,
            row["opsp_dise_code"],
            row["hosp_ide_date"],
            _day(row["recorded_at"]),
            (f"{region}-{row['insutype']}",),
        )
