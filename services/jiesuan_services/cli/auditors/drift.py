"""`jiesuan drift PSN_NO`: what stands against what it should be, from the log."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from jiesuan_services.cli.console import print_json, print_table, servers_of
from jiesuan_services.cli.options import (
    data_option,
    json_option,
    packs_option,
    settings_from,
)

if TYPE_CHECKING:
    from jiesuan_domain.policy.model import Packs
    from jiesuan_ledger.log.port import Log

POOL: Final = ("insuplc_admdvs", "insutype", "year")
COLUMNS: Final = (
    ("insuplc_admdvs", "参保地"),
    ("insutype", "险种"),
    ("year", "年度"),
    ("setl_id", "结算ID"),
    ("fixmedins_code", "机构"),
    ("service_day", "费用日"),
    ("old_fen", "基金已付"),
    ("new_fen", "基金应付"),
    ("moved_fen", "差额"),
)
FUND: Final = "fund_pay_sumamt_fen"


@click.command(
    help=(
        "逐年重新计算，列出已结算与应结算的差异。"
        "\n\n"
        "只有抽退了前面的结算、而后面的保持原金额时，两者才会不同。"
    ),
)
@click.argument("psn_no")
@data_option
@packs_option
@json_option
def drift(psn_no: str, *, data: Path | None, as_json: bool) -> None:
    """Show what stands against what it should be, each year decided again.

    They differ where an earlier settlement was taken out and later ones kept theirs.
    """
    from jiesuan_ledger.log.port import LogError
    from jiesuan_services.runtime.bootstrap import packs_of

    packs = packs_of(settings_from(data))
    try:
        said = asyncio.run(_look_up(psn_no, servers_of(data).kafka, packs=packs))
    except (LogError, OSError) as wrong:
        raise click.ClickException(str(wrong)) from wrong
    if as_json:
        print_json(said)
        return
    rows = [
        {
            **one,
            "old_fen": one["as_settled"][FUND],
            "new_fen": one["should_be"][FUND],
            "moved_fen": one["moved"][FUND],
        }
        for one in said["drift"]
    ]
    print_table("已结算与应结算的差异（元）", COLUMNS, rows=rows)
    for one in said["refused"]:
        pool = " ".join(one[name] for name in POOL)
        click.echo(f"{pool}：{one['message']}")


async def _look_up(psn_no: str, kafka: str, *, packs: "Packs") -> dict[str, Any]:
    from jiesuan_ledger.log.kafka import KafkaLog, count_partitions

    log = KafkaLog(kafka, producer=None)
    await log.start()
    try:
        partitions = await count_partitions(kafka)
        return await drift_of(psn_no, log, packs=packs, partitions=partitions)
    finally:
        await log.stop()


async def drift_of(
    psn_no: str, log: "Log", *, packs: "Packs", partitions: int
) -> dict[str, Any]:
    """Decide each year of a person again: what differs, and what could not be."""
    from jiesuan_domain.in_force import InForce
    from jiesuan_domain.requests.drift import drift as drift_in
    from jiesuan_services.audit.person import person_of

    person = await person_of(log, psn_no, partitions=partitions)
    found: list[dict[str, Any]] = []
    refused: list[dict[str, Any]] = []
    for pool in sorted(person.years):
        page = dict(zip(POOL, pool, strict=True))
        again = drift_in(person, pool, in_force=InForce(packs, {}))
        if isinstance(again, tuple):
            refused += [
                {**page, "code": o.code.value, "message": o.message} for o in again
            ]
            continue
        found += [
            {
                **page,
                "setl_id": one.settled.settlement_id,
                "medins_setl_id": one.settled.sender_settlement_id,
                "fixmedins_code": one.settled.institution_id,
                "service_day": one.settled.service_day,
                "as_settled": one.as_settled,
                "should_be": one.should_be,
                "moved": one.moved,
            }
            for one in again
        ]
    return {"psn_no": psn_no, "drift": found, "refused": refused}
