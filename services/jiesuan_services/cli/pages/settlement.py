"""The explanation as a page: what a patient understands and an auditor can check."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from jiesuan_events.words.codes import BENEFIT_LEVELS, CARE_TYPES, PAYMENT_PLACES
from jiesuan_events.words.glossary import WORDS
from jiesuan_events.words.instants import BEIJING
from jiesuan_services.cli.console import yuan

ZH: Final = dict(WORDS.values())
KINDS: Final = {
    "settled": "结算",
    "claimed": "手工报销",
    "refunded": "退费",
    "compensated": "冲正",
    "gap-reversed": "隔笔退费中的撤销",
    "gap-resettled": "隔笔退费后的重新结算",
}
MIRRORS: Final = ("refunded", "compensated", "gap-reversed")
IDENTITIES: Final = (
    (
        "medfee_sumamt_fen",
        (
            ("fulamt_ownpay_amt_fen", "全自费"),
            ("overlmt_selfpay_fen", "超限价"),
            ("preselfpay_amt_fen", "先行自付"),
            ("inscp_scp_amt_fen", "政策范围内"),
        ),
        "费用总额",
    ),
    (
        "inscp_scp_amt_fen",
        (
            ("act_pay_dedc_fen", "起付线"),
            ("overcap_amt_fen", "超限额"),
            ("hifp_pay_fen", "统筹基金"),
            ("hifob_pay_fen", "大额"),
            ("ratio_selfpay_fen", "按比例自付"),
        ),
        "政策范围内",
    ),
    (
        "medfee_sumamt_fen",
        (
            ("fund_pay_sumamt_fen", "基金支付"),
            ("acct_pay_fen", "个人账户"),
            ("psn_cash_pay_fen", "个人现金"),
            ("hosp_part_amt_fen", "医院负担"),
        ),
        "费用总额",
    ),
)
CUM: Final = (
    ("ordinary_inscp_fen", "普通门诊政策范围内（起付线、限额按此计）"),
    ("inscp_fen", "全部政策范围内（24万按此计）"),
    ("dedc_fen", "已付起付线"),
    ("overcap_fen", "超过限额"),
    ("hifp_fen", "统筹基金已支付"),
    ("hifob_fen", "大额已支付"),
    ("psn_part_fen", "个人已负担"),
)
MOVED: Final = (
    ("fund_pay_sumamt_fen", "基金支付"),
    ("hifp_pay_fen", "统筹"),
    ("hifob_pay_fen", "大额"),
    ("psn_part_amt_fen", "个人负担"),
    ("acct_pay_fen", "账户"),
    ("psn_cash_pay_fen", "现金"),
)
PLAIN_WIDTH: Final = 118
"""Columns where the output is no terminal: a table of Chinese needs this much."""


def console() -> Console:
    """Return the console of the commands that write pages."""
    made = Console(highlight=False)
    return made if made.is_terminal else Console(highlight=False, width=PLAIN_WIDTH)


def page(said: dict[str, Any]) -> Group:
    """Render an explanation."""
    parts: list[RenderableType] = [
        _title(said),
        Padding(_summary(said), (0, 0, 1, 2)),
        _steps(said),
        _identities(said["settlement"], adds_up=said["steps_add_up"]),
    ]
    if len(said["settlement"]["feedetail"]) > 1:
        parts.append(_lines(said["settlement"]["feedetail"]))
    parts += [_sources(said["sources"]), _totals(said)]
    if "difference" in said:
        parts.append(difference(said))
    parts.append(_proof(said))
    return Group(*parts)


def grid(*columns: str, title: str, numbers: Sequence[int] = (), gap: int = 2) -> Table:
    """Make a table without boxes; ``numbers`` are the columns of amounts."""
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=None,
        header_style="dim",
        padding=(0, gap, 0, 0),
    )
    for at, column in enumerate(columns):
        is_number = at in numbers
        table.add_column(
            column,
            justify="right" if is_number else "left",
            no_wrap=is_number,
            overflow="fold",
        )
    return table


def _title(said: dict[str, Any]) -> Text:
    one = said["settlement"]
    place = said["fixmedins_name"] or one["fixmedins_code"]
    disease = f" {one['dise_codg']}" if one["dise_codg"] else ""
    return Text.assemble(
        (f"{KINDS[said['kind']]} {said['setl_id']}", "bold cyan"),
        f"  {one['service_day']}  {place}（{BENEFIT_LEVELS[one['dedc_hosp_lv']]}）  "
        f"{CARE_TYPES[one['med_type']]}{disease}  {PAYMENT_PLACES[one['pay_loc']]}",
    )


def _summary(said: dict[str, Any]) -> Text:
    one = said["settlement"]
    text = Text()
    if said["kind"] in MIRRORS:
        text.append(
            f"退回的是结算 {one['init_setl_id']}：每一项金额与原结算相等、符号相反。"
            f"退还个人 {yuan(-one['psn_part_amt_fen'])} 元，"
            f"退还基金 {yuan(-one['fund_pay_sumamt_fen'])} 元。"
        )
    else:
        if "replaces_setl_id" in one:
            text.append(
                f"因隔笔退费，本笔替代结算 {one['replaces_setl_id']}，"
                "按其费用发生日的规定重新计算。\n"
            )
        if "manl_reim_rea" in said:
            text.append(f"手工报销，未能直接结算的原因：{said['manl_reim_rea']}。\n")
        text.append(f"费用总额 {yuan(one['medfee_sumamt_fen'])} 元：医保基金支付 ")
        text.append(f"{yuan(one['fund_pay_sumamt_fen'])} 元", "bold green")
        text.append("，个人负担 ")
        text.append(f"{yuan(one['psn_part_amt_fen'])} 元", "bold yellow")
        text.append(
            f"（个人账户 {yuan(one['acct_pay_fen'])}，"
            f"现金 {yuan(one['psn_cash_pay_fen'])}）。"
        )
    if said.get("taken_back_by"):
        text.append(f"\n这笔结算后来已被 {said['taken_back_by']} 退回。", "bold red")
    return text


def _steps(said: dict[str, Any]) -> Table:
    table = grid("项目", "金额（元）", "为什么", "依据", title="每一分钱", numbers=(1,))
    for step in said["setl_proc_info"]:
        row = (ZH[step["field"]], yuan(step["out_fen"]), step["zh"], step["article"])
        table.add_row(*row)
    return table


def _identities(one: dict[str, Any], *, adds_up: bool) -> Padding:
    text = Text(style="dim")
    for whole, parts, name in IDENTITIES:
        shown = [f"{zh} {yuan(one[wire])}" for wire, zh in parts if one[wire]]
        holds = one[whole] == _sum(one, whole, parts=parts)
        mark = "✓" if holds else "✗ 不平"
        right = " + ".join(shown) or "0.00"
        text.append(f"核对  {name} {yuan(one[whole])} = {right}  {mark}\n")
    mark = "✓" if adds_up else "✗ 不符"
    text.append(f"核对  各项目等于其各步之和  {mark}")
    return Padding(text, 0)


def _sum(one: dict[str, Any], whole: str, *, parts: tuple[tuple[str, str], ...]) -> int:
    return sum(one[wire] for wire, _ in parts if wire != whole)


def _lines(lines: list[dict[str, Any]]) -> Padding:
    table = grid(
        "序号",
        "目录编码",
        "金额",
        "全自费",
        "超限价",
        "先行自付",
        "范围内",
        title="费用明细的分割（元）",
        numbers=(2, 3, 4, 5, 6),
    )
    for line in lines:
        table.add_row(
            line["feedetl_sn"],
            line["med_list_codg"],
            yuan(line["det_item_fee_sumamt_fen"]),
            yuan(line["fulamt_ownpay_amt_fen"]),
            yuan(line["overlmt_amt_fen"]),
            yuan(line["preselfpay_amt_fen"]),
            yuan(line["inscp_scp_amt_fen"]),
        )
    return Padding(table, (1, 0, 0, 0))


def _sources(sources: list[dict[str, str]]) -> Padding:
    table = grid("出处", "原文", title="依据的原文")
    for source in sources:
        where = f"{source['instrument']} {source['article']}".removesuffix(" -")
        quote = source["quote"]
        said = "（通知没有规定，由统筹区配置）" if quote == "-" else f"“{quote}”"
        table.add_row(where, said)
    return Padding(table, (1, 0, 0, 0))


def _totals(said: dict[str, Any]) -> Padding:
    before, after = said["cum_before"], said["cum_after"]
    one = said["settlement"]
    whole = "，整笔隔笔退费前后" if "difference" in said else ""
    region = said["cum_insuplc_admdvs"]
    pool = "各参保地合计" if region is None else f"参保地 {region}"
    table = grid(
        "累计",
        "之前",
        "本次",
        "之后",
        title=f"{one['year']} 年度累计（{pool}，险种 {one['insutype']}，元{whole}）",
        numbers=(1, 2, 3),
    )
    for wire, zh in CUM:
        moved = after[wire] - before[wire]
        style = None if moved else "dim"
        table.add_row(
            zh, yuan(before[wire]), _signed(moved), yuan(after[wire]), style=style
        )
    count = after["setl_cnt"] - before["setl_cnt"]
    table.add_row(
        "有效结算笔数", str(before["setl_cnt"]), f"{count:+}", str(after["setl_cnt"])
    )
    return Padding(table, (1, 0, 0, 0))


def _signed(fen: int) -> str:
    return f"+{yuan(fen)}" if fen > 0 else yuan(fen)


def difference(said: dict[str, Any]) -> Padding:
    """Tabulate what a gap refund moves, by settlement, by institution, in all."""
    moved, names = said["difference"], said["names"]
    rows = [*moved["settlements"], moved["total"]]
    shown = [one for one in MOVED if any(row[one[0]] for row in rows)]
    table = grid(
        "结算 → 改由",
        "机构",
        *(zh for _, zh in shown),
        title=f"隔笔退费 {said['target_setl_id']} 带来的差额（新 − 旧，元）",
        numbers=range(2, 2 + len(shown)),
    )

    def moves(row: dict[str, Any]) -> list[str]:
        return [_signed(row[wire]) for wire, _ in shown]

    for row in moved["settlements"]:
        new = row["replaced_by"] or "（退费）"
        old_and_new = f"{row['setl_id']}\n→ {new}"
        table.add_row(old_and_new, names[row["fixmedins_code"]], *moves(row))
    for row in moved["institutions"]:
        place = names[row["fixmedins_code"]]
        table.add_row("机构小计", place, *moves(row), style="dim")
    table.add_row("合计", "", *moves(moved["total"]), style="bold")
    return Padding(table, (1, 0, 0, 0))


def _proof(said: dict[str, Any]) -> Padding:
    entry, policy = said["entry"], said["settlement"]["policy"]
    recorded = datetime.fromisoformat(entry["recorded_at"]).astimezone(BEIJING)
    text = Text(style="dim")
    text.append(
        f"账本 分区 {entry['partition']} 偏移 {entry['offset']}，"
        f"此人第 {entry['version']} 笔账，入账 {recorded:%Y-%m-%d %H:%M:%S}，"
        f"起因 {entry['cause']}\n"
    )
    text.append(f"本笔摘要 {entry['hash']}（由存储字节重新算得，一致）\n")
    text.append(f"前笔摘要 {entry['prev_hash']}\n")
    text.append(f"规则包   {policy['pack']} {policy['sha256']}")
    return Padding(text, (1, 0, 0, 0))
