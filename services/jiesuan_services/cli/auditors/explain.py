"""`jiesuan explain ID`: why each fen, in Chinese, with articles; or why refused."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jiesuan_services.cli.console import ask, print_json, servers_of
from jiesuan_services.cli.looking import looked
from jiesuan_services.cli.names import names_in, reference
from jiesuan_services.cli.options import (
    data_option,
    json_option,
    packs_option,
    reason_option,
    settings_from,
)

if TYPE_CHECKING:
    from jiesuan_domain.policy.model import Packs
    from jiesuan_embedded import Servers
    from jiesuan_ledger.log.port import Log


@click.command(
    help=(
        "说明一笔结算或退费的每一分钱由谁支付、依据哪一条。"
        "\n\n"
        "SETL_ID也可以是被拒绝请求的编号：说明为什么被拒绝。"
    ),
)
@click.argument("setl_id")
@reason_option
@data_option
@packs_option
@json_option
def explain(
    setl_id: str, *, reason: str | None, data: Path | None, as_json: bool
) -> None:
    """Say why each fen of a settlement or refund was paid, and by which article.

    SETL_ID may also be the sender's id of a request that was refused: then say why.
    """
    from jiesuan_ledger.log.port import LogError
    from jiesuan_services.cli.pages.explanation import NotExplained
    from jiesuan_services.cli.pages.refusal import refusal_page
    from jiesuan_services.cli.pages.settlement import console, page
    from jiesuan_services.runtime.bootstrap import packs_of

    packs = packs_of(settings_from(data))
    try:
        said = asyncio.run(look_up(setl_id, servers_of(data), packs=packs))
    except (NotExplained, LogError, OSError) as wrong:
        raise click.ClickException(str(wrong)) from wrong
    psn_no = said.get("psn_no")
    looked(data, "explain", psn_no=psn_no, detail=setl_id, why=reason)
    if as_json:
        print_json(said)
    elif "refused" in said:
        console().print(refusal_page(setl_id, said["refused"]))
    else:
        console().print(page(said))


async def look_up(
    setl_id: str, servers: "Servers", *, packs: "Packs"
) -> dict[str, Any]:
    """Find a settlement's place in the read models and explain its entry in Kafka.

    What is no settlement but was refused is explained from the answers.
    """
    from jiesuan_ledger.log.kafka import KafkaLog

    row = await ask(servers.pg, lambda on: _place(on, setl_id))
    if "refused" in row:
        return row
    log = KafkaLog(servers.kafka, producer=None)
    await log.start()
    try:
        said = await explain_entry(
            setl_id, log, at=(row["partition"], row["offset"]), packs=packs
        )
    finally:
        await log.stop()
    if row["has_moved"] and not said["cum_names_its_region"]:
        # Written before pools were kept apart: what it states is over regions.
        said["cum_insuplc_admdvs"] = None
    return {**said, "taken_back_by": row["taken_back_by"]}


async def _place(connection: Any, setl_id: str) -> dict[str, Any]:
    from jiesuan_projections.read_models.refusal import queries as refusals
    from jiesuan_projections.read_models.settlement import queries
    from jiesuan_services.cli.pages.explanation import NotExplained
    from jiesuan_services.cli.pages.refusal import refusals_of

    rows = await queries.by_id(connection, setl_id)
    if not rows:
        refused = await refusals.by_request(connection, setl_id)
        if refused:
            return {"request_id": setl_id, "refused": refusals_of(refused)}
        raise NotExplained(
            f"没有结算{setl_id}，也没有这个编号的被拒绝请求：请核对编号；"
            "如果是刚办理的，请稍等（jiesuan status说明各表的进度）"
        )
    row = rows[0]
    whole = await queries.of_person(connection, row["psn_no"])
    mirrors = (one["setl_id"] for one in whole if one["init_setl_id"] == setl_id)
    has_moved = any(
        one["insuplc_admdvs"] != row["insuplc_admdvs"] and one["offset"] < row["offset"]
        for one in whole
        if (one["insutype"], one["year"]) == (row["insutype"], row["year"])
    )
    return {**row, "taken_back_by": next(mirrors, None), "has_moved": has_moved}


async def explain_entry(
    setl_id: str, log: "Log", *, at: tuple[int, int], packs: "Packs"
) -> dict[str, Any]:
    """Explain a settlement from its entry: the hash is recomputed on the way."""
    from jiesuan_events.entries.entry import EntryError
    from jiesuan_events.words.topics import LEDGER
    from jiesuan_ledger.facts import NotAFact
    from jiesuan_ledger.log.port import read_one
    from jiesuan_ledger.reader import accepted
    from jiesuan_services.cli.pages.explanation import (
        NotExplained,
        explanation,
        policies_of,
    )

    partition, offset = at
    record = await read_one(log, LEDGER, partition, offset=offset)
    try:
        found = accepted(record)
    except (EntryError, NotAFact) as wrong:
        raise NotExplained(
            f"账本分区{partition}偏移{offset}处没有账目（{wrong}）："
            "请运行jiesuan verify"
        ) from wrong
    entry, fact = found.entry, found.fact
    names = await _archive(log, packs, wanted=policies_of(fact), partition=partition)
    said = explanation(setl_id, entry, fact=fact, packs=packs, names=names)
    said["entry"] = {
        "partition": partition,
        "offset": offset,
        "version": entry.version,
        "prev_hash": entry.prev_hash.hex(),
        "hash": entry.hash.hex(),
        "cause": entry.cause,
        "recorded_at": entry.recorded_at,
    }
    return said


async def _archive(
    log: "Log", packs: "Packs", *, wanted: frozenset[str], partition: int
) -> dict[str, str]:
    """Take in the archived packs wanted, and give the names of the institutions."""
    from jiesuan_domain.policy.loader import parse_pack
    from jiesuan_ledger.ours import AcceptedPack

    found = await reference(log, partition=partition)
    missing = {sha for sha in wanted if packs.by_sha(sha) is None}
    for said in found:
        if isinstance(said, AcceptedPack) and said.sha256 in missing:
            packs.archive(parse_pack(said.text.decode(), said.sha256))
    return names_in(found)
