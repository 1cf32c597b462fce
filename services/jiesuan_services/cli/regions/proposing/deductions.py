"""`jiesuan deduction-proposal ID`: what an audit may deduct; nothing is deducted."""

import asyncio
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from jiesuan_events.clearing.requests import MAX_ROWS
from jiesuan_events.words.codes import SEVERITIES
from jiesuan_services.cli.console import ask, print_json, print_table, servers_of, yuan
from jiesuan_services.cli.options import (
    data_option,
    json_option,
    packs_option,
    settings_from,
)

if TYPE_CHECKING:
    from jiesuan_domain.policy.model import Packs

REQUEST: Final = "jiesuan.clearing.audit.v1"
MOST_WORDS: Final = 500
AUDITED_IN: Final = ("20", "30")
COLUMNS: Final = (
    ("setl_id", "结算ID"),
    ("medins_setl_id", "机构单号"),
    ("fixmedins_code", "机构"),
    ("severity_zh", "程度"),
    ("fund_pay_sumamt_fen", "基金支付"),
    ("deducted_fen", "已扣"),
    ("amount_fen", "建议扣款"),
    ("reason", "原因"),
)


def deductions(
    found: Iterable[dict[str, Any]], *, article: str
) -> Iterator[dict[str, Any]]:
    """Return one deduction a row: what is left of its fund payment, and every reason.

    A row of which nothing is left to deduct is none; no more than a request may hold.
    """
    by_row: dict[str, list[dict[str, Any]]] = {}
    for one in found:
        by_row.setdefault(one["setl_id"], []).append(one)
    made = 0
    for findings in by_row.values():
        first = findings[0]
        left = max(first["fund_pay_sumamt_fen"], 0) - first["deducted_fen"]
        if left <= 0 or made == MAX_ROWS:
            continue
        made += 1
        reason = "；".join(dict.fromkeys(one["zh"] for one in findings))
        yield {
            **first,
            "amount_fen": left,
            "article": article,
            "reason": reason[:MOST_WORDS],
            "severity_zh": SEVERITIES[first["severity"]],
        }


def _article(packs: "Packs", day: date) -> str:
    """Return the article by which audits deduct, as the pack of clearing cites it."""
    from jiesuan_domain.clearing.deadlines import PACK

    pack = packs.find(*PACK)
    assert pack is not None, "the pack of clearing ships"
    because = pack.on(day).because("clearing_deduction_rule")
    assert because is not None, "the rule of deductions is cited"
    return f"{because.instrument} {because.article}"


@click.command(
    "deduction-proposal",
    help="事后核查发现的、清算单中的结算：建议的审核扣款；只是建议，不会自动扣。",
)
@click.argument("statement_id", metavar="ID")
@data_option
@packs_option
@json_option
def deduction_proposal(statement_id: str, *, data: Path | None, as_json: bool) -> None:
    """Propose what an audit may deduct of a statement; nothing is deducted by it."""
    from jiesuan_events.clearing.requests import Audit
    from jiesuan_projections.read_models.clearing.queries import by_id, found_in
    from jiesuan_services.runtime.bootstrap import packs_of

    dsn = servers_of(data).pg
    known = asyncio.run(ask(dsn, lambda on: by_id(on, statement_id)))
    if known is None:
        raise click.ClickException(
            f"没有清算单{statement_id}：请用jiesuan statements YYYYMM查看该月的编号。"
        )
    row = known["statement"]
    article = _article(packs_of(settings_from(data)), row["drawn_on"])
    found = asyncio.run(ask(dsn, lambda on: found_in(on, statement_id)))
    proposed = list(deductions(found, article=article))
    names = ("setl_id", "amount_fen", "article", "reason")
    asked = [{name: one[name] for name in names} for one in proposed]
    request = {"statement_id": statement_id, "deductions": asked}
    Audit.model_validate(request)
    if as_json:
        print_json(
            {
                "statement_id": statement_id,
                "clr_stas": row["clr_stas"],
                "findings": found,
                "request": {"type": REQUEST, "data": request},
            }
        )
        return
    print_table(f"{statement_id} 建议扣款（元）", COLUMNS, rows=proposed)
    total = sum(one["amount_fen"] for one in proposed)
    click.echo(f"依据：{article}；合计{yuan(total)}元。只是建议：没有扣任何款。")
    if row["clr_stas"] not in AUDITED_IN:
        click.echo("这张清算单现在不在审核中，受理后才能审核扣款。")
