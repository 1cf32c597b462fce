"""What the demo finds out after a year: asked of the tables, the log and the law."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from statistics import quantiles
from typing import Any, Final

import orjson
from msgspec import to_builtins

from jiesuan_embedded import Servers
from jiesuan_events.words.codes import ORDINARY
from jiesuan_events.words.topics import REQUESTS
from jiesuan_projections import connect
from jiesuan_services.audit.verifying.report import Report
from jiesuan_services.audit.verifying.verify import verify
from jiesuan_services.cli.auditors.explain import look_up
from jiesuan_services.cli.auditors.tables import compare
from jiesuan_services.demo import claims
from jiesuan_services.demo.claims import TownClaim, outcome
from jiesuan_services.demo.living import Ends, Lived
from jiesuan_services.demo.town.places import NAMES
from jiesuan_services.runtime.bootstrap import Settings, packs_of

CATCH_UP_SECONDS: Final = 60.0
POLL_SECONDS: Final = 0.05
CUM: Final = (
    ("ordinary_inscp_fen", "inscp_scp_amt_fen"),
    ("dedc_fen", "act_pay_dedc_fen"),
    ("overcap_fen", "overcap_amt_fen"),
    ("hifp_fen", "hifp_pay_fen"),
    ("psn_part_fen", "psn_part_amt_fen"),
)
Row = dict[str, Any]


class NotShown(RuntimeError):
    """Something that the demo shows is not there: what, and where to look."""


async def look(lived: Lived, servers: Servers, *, settings: Settings) -> dict[str, Any]:
    """Wait for the tables, then gather what is shown and what must hold."""
    connection = await connect(servers.pg)
    try:
        visible = await catch_up(connection, lived.end)
        tables = await _read(connection, lived)
    finally:
        await connection.close()
    report = await verify(servers.kafka)
    agreed = await compare(servers.pg, report)
    packs = packs_of(settings)
    found = await asyncio.to_thread(_claims, lived, report, settings=settings)
    found += [
        claims.put_aside(lived, tables.pop("letters")),
        claims.tables_agree(agreed),
        claims.crossed(tables.pop("crosser")),
        claims.moved(tables["pools"], tables.pop("mover")),
        _running_sums(tables["year"], tables["totals"]),
    ]
    explained = await look_up(tables["crossing"], servers, packs=packs)
    gap = await look_up(tables["gap"], servers, packs=packs)
    return {
        "town": lived.year.number,
        "people": lived.year.people,
        "requests": len(lived.year.posted),
        "kinds": _kinds(lived),
        "person": {"psn_no": lived.year.protagonists[0], **tables},
        "refused": _refused(lived),
        "explained": explained,
        "gap": gap,
        "figures": _figures(lived, report, visible=visible),
        "forged": asdict(lived.forged),
        "poison": [asdict(one) for one in lived.poison],
        "verify": {**to_builtins(report), "tables": agreed},
        "claims": [asdict(claim) for claim in found],
    }


def _claims(lived: Lived, report: Report, *, settings: Settings) -> list[TownClaim]:
    return [
        claims.answered(lived),
        claims.as_expected(lived),
        claims.same_again(lived),
        claims.same_in_memory(lived, packs_of(settings)),
        claims.chains_hold(report),
        claims.forgery_named(lived, report),
    ]


async def catch_up(connection: Any, ends: Ends) -> float:
    """Wait until the read models have applied every log up to its end; in seconds."""
    from jiesuan_projections.read_models.progress import queries

    began = time.monotonic()
    while True:
        rows = await queries.progress(connection)
        at = {(row["topic"], row["partition"]): row["offset"] for row in rows}
        behind = [
            f"{topic}/{partition}"
            for (topic, partition), end in ends.items()
            if at.get((topic, partition), -1) < end - 1
        ]
        if not behind:
            return time.monotonic() - began
        if time.monotonic() - began > CATCH_UP_SECONDS:
            raise NotShown(
                f"{CATCH_UP_SECONDS:.0f}秒后各表仍落后于{'、'.join(behind)}，"
                "见processes/projector.log"
            )
        await asyncio.sleep(POLL_SECONDS)


async def _read(connection: Any, lived: Lived) -> dict[str, Any]:
    from jiesuan_projections.read_models.clearing_line import queries as clearing
    from jiesuan_projections.read_models.dead_letter import queries as dead_letters
    from jiesuan_projections.read_models.person_year import queries as years
    from jiesuan_projections.read_models.settlement import queries as settlements

    hero, crosser, _, mover = lived.year.protagonists
    rows = await settlements.of_person(connection, hero)
    others = await settlements.of_person(connection, crosser)
    if not (rows and others):
        raise NotShown("结算表中没有这个小镇的人")
    month = rows[-1]["clr_ym"]
    letters = await dead_letters.first(connection, 1_000_000)
    crossers = await years.of_person(connection, crosser)
    return {
        "year": with_running_sums(rows),
        "totals": (await years.of_person(connection, hero))[0],
        "month": month,
        "clearing": await clearing.of_month(connection, month),
        "crosser": crossers[0] if crossers else None,
        "pools": await years.of_person(connection, mover),
        "mover": await settlements.of_person(connection, mover),
        "crossing": _first(others, "hifob_pay_fen"),
        "gap": _first(rows, "replaces_setl_id"),
        "letters": {
            (one["partition"], one["offset"], one["reason"])
            for one in letters
            if one["topic"] == REQUESTS
        },
    }


def _first(rows: Sequence[Row], name: str) -> str:
    """Return the id of the first row in which a column says something."""
    for row in rows:
        if row[name]:
            return str(row["setl_id"])
    raise NotShown(f"没有一笔结算有{name}，而应当有：见jiesuan person")


def with_running_sums(rows: Sequence[Row]) -> list[Row]:
    """Add to every signed row what the year comes to with it; in fen."""
    sums = {name: 0 for name, _ in CUM}
    made = []
    for row in rows:
        for name, wire in CUM:
            if name != "ordinary_inscp_fen" or row["med_type"] in ORDINARY:
                sums[name] += row[wire]
        place = NAMES.get(row["fixmedins_code"], row["fixmedins_code"])
        made.append({**row, "fixmedins_name": place, "cum": dict(sums)})
    return made


def _running_sums(rows: Sequence[Row], totals: Row) -> TownClaim:
    last = rows[-1]["cum"]
    unlike = [name for name, _ in CUM if last[name] != totals[name]]
    return TownClaim(
        "逐笔相加等于这个人的年度累计",
        not unlike,
        f"不等：{'、'.join(unlike)}"
        if unlike
        else f"{len(rows)} 行，{len(last)} 项累计",
    )


def _kinds(lived: Lived) -> list[Row]:
    """Count what was asked and what came of it, most frequent first."""
    came: dict[str, Counter[str]] = {}
    for one, record in zip(lived.year.posted, lived.answers, strict=True):
        kind = came.setdefault(one.kind, Counter())
        kind[outcome(orjson.loads(record.value or b""))] += 1
    rows = [
        {"kind": kind, "count": outcomes.total(), "outcomes": dict(outcomes)}
        for kind, outcomes in came.items()
    ]
    return sorted(rows, key=lambda row: -row["count"])


def _refused(lived: Lived) -> Row:
    """Return the refused refund of the hero, and what was asked afterwards."""
    hero = lived.year.protagonists[0]
    mine = [
        (one, orjson.loads(record.value or b""))
        for one, record in zip(lived.year.posted, lived.answers, strict=True)
        if one.message["subject"] == hero
    ]
    at = next(n for n, (one, _) in enumerate(mine) if one.kind == "skipping-refund")
    asked, answer = mine[at]
    refusal = answer["refusals"][0]
    blocking = refusal["details"]["blocking"]
    then = [
        data["init_setl_id"]
        for _, data in mine[at + 1 : at + 2 + len(blocking)]
        if data["outcome"] == "decided" and "init_setl_id" in data
    ]
    return {
        "at": asked.at,
        "institution": NAMES[asked.message["data"]["fixmedins_code"]],
        "code": refusal["code"],
        "message": refusal["message"],
        "blocking": [
            {**one, "fixmedins_name": NAMES[one["fixmedins_code"]]} for one in blocking
        ],
        "then": then,
    }


def _figures(lived: Lived, report: Report, *, visible: float) -> dict[str, float]:
    hundredths = quantiles(lived.waits, n=100)
    return {
        "bulk_requests": lived.bulk,
        "bulk_seconds": round(lived.seconds, 2),
        "requests_per_second": round(lived.bulk / lived.seconds),
        "counter_requests": len(lived.waits),
        "p50_ms": round(hundredths[49] * 1000, 1),
        "p99_ms": round(hundredths[98] * 1000, 1),
        "catch_up_seconds": round(visible, 2),
        "verify_entries": report.entries,
        "verify_per_second": round(report.entries / report.seconds),
    }
