"""`jiesuan statements YYYYMM`, `jiesuan statement ID`: who owes whom what."""

import asyncio
from pathlib import Path
from typing import Any, Final

import click

from jiesuan_events.words.codes import CLEARING_STATES, FINE_KINDS
from jiesuan_services.cli.console import ask, print_json, print_table, servers_of
from jiesuan_services.cli.options import data_option, json_option
from jiesuan_services.cli.regions.months import MONTH_WORD, month_of

COLUMNS: Final = (
    ("statement_id", "清算单"),
    ("payer", "付款方"),
    ("payee", "收款方"),
    ("state", "状态"),
    ("setl_cnt", "笔数"),
    ("fund_pay_sumamt_fen", "基金支付"),
    ("deducted_fen", "扣款"),
    ("recovered_fen", "追回"),
    ("payable_fen", "应拨付"),
    ("paid_fen", "已拨付"),
    ("marks", "标记"),
)
FACTS: Final = (
    ("payer", "付款方"),
    ("payee", "收款方"),
    ("state", "状态"),
    ("reason", "驳回原因"),
    ("setl_cnt", "结算笔数"),
    ("refd_cnt", "其中退费"),
    ("medfee_sumamt_fen", "医疗费总额"),
    ("fund_pay_sumamt_fen", "基金支付"),
    ("acct_pay_fen", "个人账户（另行结算）"),
    ("psn_cash_pay_fen", "个人现金"),
    ("deducted_fen", "扣款"),
    ("recovered_fen", "追回"),
    ("payable_fen", "应拨付"),
    ("paid_fen", "已拨付"),
    ("drawn_on", "清分日"),
    ("declare_by", "申报期限"),
    ("latest_on", "最迟申报日"),
    ("declared_on", "申报日"),
    ("exception", "特殊情况报备"),
    ("hard_stop", "清算截止日"),
    ("paid_on", "拨付日"),
    ("marks", "标记"),
    ("digest", "明细摘要"),
)
ROWS: Final = (
    ("setl_id", "结算ID"),
    ("medins_setl_id", "机构单号"),
    ("fixmedins_code", "机构"),
    ("service_day", "费用日"),
    ("confirmed", "确认"),
    ("medfee_sumamt_fen", "总额"),
    ("fund_pay_sumamt_fen", "基金支付"),
    ("deducted_fen", "扣款"),
    ("carried_from", "结转自"),
    ("carried_to", "结转至"),
)
DEDUCTIONS: Final = (
    ("setl_id", "结算ID"),
    ("amount_fen", "扣款"),
    ("article", "依据"),
    ("reason", "原因"),
    ("in_force", "有效"),
)
FINES: Final = (
    ("amount_fen", "金额"),
    ("kind", "类型"),
    ("article", "依据"),
    ("reason", "原因"),
    ("fined_on", "入账日"),
)
POSTINGS: Final = (
    ("what", "事项"),
    ("setl_id", "结算ID"),
    ("debit", "借"),
    ("credit", "贷"),
    ("amount_fen", "金额"),
)
POSTED_FOR: Final = {
    "care": "医疗费",
    "deduction": "扣款退回",
    "recovery": "追回退回",
    "payment": "拨付",
    "fine": "处罚",
}
ACCOUNTS: Final = {
    "fund": "基金支出",
    "due": "应付",
    "bank": "银行存款",
    "fine-due": "应缴处罚款",
    "fines": "处罚收入",
}
FLAGS: Final = {None: "未确认", "0": "结转", "1": "已确认"}


def in_words(row: dict[str, Any]) -> dict[str, Any]:
    """Add to a statement who pays whom, its state, and what it is marked with."""
    is_region = row["kind"] == "region"
    marks = (
        ("逾期申报", row["late"]),
        ("特殊情况", row["exception"] is not None),
        ("逾期清算", row["overdue"]),
    )
    return {
        **row,
        "payer": row["insuplc_admdvs"] if is_region else row["mdtrtarea_admvs"],
        "payee": row["mdtrtarea_admvs"] if is_region else row["fixmedins_code"],
        "state": CLEARING_STATES[row["clr_stas"]],
        "marks": "、".join(word for word, holds in marks if holds),
    }


@click.command(help="列出某月的清算单：谁付谁、多少、到哪一步。")
@click.argument("clr_ym", metavar=MONTH_WORD)
@data_option
@json_option
def statements(clr_ym: str, *, data: Path | None, as_json: bool) -> None:
    """List the statements of a month."""
    from jiesuan_projections.read_models.clearing.queries import of_month

    month = month_of(clr_ym)
    rows = asyncio.run(ask(servers_of(data).pg, lambda on: of_month(on, month)))
    if as_json:
        print_json({"clr_ym": month, "statements": rows})
        return
    show_statements(month, rows)


def show_statements(month: str, rows: list[dict[str, Any]]) -> None:
    """Show the statements of a month to people, those between regions first."""
    shown = [in_words(row) for row in rows]
    for kind, title in (("region", "异地清算"), ("institution", "机构月结")):
        of_kind = [row for row in shown if row["kind"] == kind]
        print_table(f"{month} {title}（元）", COLUMNS, rows=of_kind)


@click.command(help="查看一张清算单：金额、期限、每一笔、每一项扣款和处罚、借贷分录。")
@click.argument("statement_id", metavar="ID")
@data_option
@json_option
def statement(statement_id: str, *, data: Path | None, as_json: bool) -> None:
    """Show a statement with its rows, deductions and fines."""
    from jiesuan_projections.read_models.clearing.queries import by_id

    found = asyncio.run(ask(servers_of(data).pg, lambda on: by_id(on, statement_id)))
    if found is None:
        raise click.ClickException(
            f"没有清算单{statement_id}：请用jiesuan statements YYYYMM查看该月的编号。"
        )
    found["postings"] = postings(found)
    if as_json:
        print_json(found)
        return
    show_statement(found)


def postings(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the double-entry book of a statement as it was found; debits positive."""
    from jiesuan_domain.clearing.showing.postings import book_of
    from jiesuan_events.words.glossary import wire_name
    from jiesuan_ledger.clearing.facts import StatementRow

    row = found["statement"]
    words = StatementRow.__struct_fields__
    statement_row = StatementRow(**{word: row[wire_name(word)] for word in words})
    deducted = [(one["setl_id"], one["deducted_fen"]) for one in found["rows"]]
    fines = [one["amount_fen"] for one in found["fines"]]
    return [
        {
            "what": one.posted_for,
            "setl_id": one.settlement_id,
            "legs": [
                {"account": leg.account, "party": leg.party, "amount_fen": leg.amount}
                for leg in one.legs
            ],
        }
        for one in book_of(statement_row, deducted, fines=fines).postings
    ]


def show_statement(found: dict[str, Any]) -> None:
    """Show a statement to people: its facts, rows, deductions, fines and postings."""
    from jiesuan_services.cli.console import yuan

    row = in_words(found["statement"])
    click.echo(f"清算单 {row['statement_id']}（金额：元）")
    for name, heading in FACTS:
        value = row[name]
        if value not in (None, ""):
            said = yuan(value) if name.endswith("_fen") else value
            click.echo(f"  {heading}：{said}")
    rows = [{**one, "confirmed": FLAGS[one["cnfm_flag"]]} for one in found["rows"]]
    print_table("明细（元）", ROWS, rows=rows)
    print_table("本清算单审核的扣款（元）", DEDUCTIONS, rows=found["deductions"])
    fines = [{**one, "kind": FINE_KINDS[one["kind"]]} for one in found["fines"]]
    if fines:
        title = "处罚（元，由就医地在清算单外收取，不改变应拨付）"
        print_table(title, FINES, rows=fines)
    print_table(
        "分录（元）", POSTINGS, rows=[_in_words(one) for one in found["postings"]]
    )


def _in_words(posting: dict[str, Any]) -> dict[str, Any]:
    debit, credit = posting["legs"]
    return {
        "what": POSTED_FOR[posting["what"]],
        "setl_id": posting["setl_id"],
        "debit": f"{ACCOUNTS[debit['account']]} {debit['party']}",
        "credit": f"{ACCOUNTS[credit['account']]} {credit['party']}",
        "amount_fen": debit["amount_fen"],
    }
