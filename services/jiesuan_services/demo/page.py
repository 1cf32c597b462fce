"""The demo as something to read."""

from typing import Any, Final

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from jiesuan_events.words.regions import called
from jiesuan_services.cli.console import yuan
from jiesuan_services.cli.pages.settlement import console, grid, page
from jiesuan_services.cli.pages.settlement import difference as difference_table
from jiesuan_services.demo.living import COUNTER_RATE
from jiesuan_services.demo.months.page import show_months
from jiesuan_services.demo.town.places import CITY, NAMES

KINDS: Final = {
    "institution": "登记机构",
    "enrolment": "参保登记",
    "qualification": "门慢特备案",
    "filing": "异地就医备案",
    "moving": "换参保地",
    "ordinary": "普通门诊结算",
    "emergency": "急诊结算",
    "chronic": "门诊慢特病结算",
    "pharmacy": "药店购药结算",
    "quote": "预结算",
    "inpatient": "住院费用通报",
    "refund": "退费（按倒序）",
    "skipping-refund": "退费（跳过后面的）",
    "gap-refund": "隔笔退费",
    "compensation": "冲正",
    "duplicate": "同一请求重发",
    "duplicate-different": "同号不同内容",
    "malformed": "字段拼错",
    "no-prescription": "药店无处方",
    "unqualified": "未备案的慢特病",
    "unregistered": "未登记的机构",
    "unfiled": "未备案的异地就医",
}
SHORT: Final = {"11": "普通", "13": "急诊", "14": "慢特病", "41": "药店"}
OUTCOMES: Final = {
    "decided": "已记账",
    "recorded": "已登记",
    "quoted": "已试算",
}

YEAR_COLUMNS: Final = (
    "费用日",
    "机构",
    "类别",
    "总额",
    "范围内",
    "起付线",
    "超限额",
    "统筹",
    "个人",
    "普通累计",
    "起付累计",
    "统筹累计",
)
TEXT_COLUMNS: Final = ("费用日", "机构", "类别")
WIDE: Final = 114
INSTANT: Final = 0.1
CLEARING: Final = (
    ("结算", "setl_cnt"),
    ("退费", "refd_cnt"),
    ("总额", "medfee_sumamt_fen"),
    ("统筹", "hifp_pay_fen"),
    ("大额", "hifob_pay_fen"),
    ("账户", "acct_pay_fen"),
    ("现金", "psn_cash_pay_fen"),
)
POOLS: Final = (
    "setl_cnt",
    "ordinary_inscp_fen",
    "dedc_fen",
    "overcap_fen",
    "hifp_fen",
    "psn_part_fen",
)
ONLY_WIDE: Final = ("机构", "范围内", "超限额", "起付累计", "大额", "账户")
"""Columns that a narrow terminal does without; the commands named at the end do not."""


def show(shown: dict[str, Any]) -> None:
    """Print everything."""
    on = console()
    _kinds(on, shown)
    _year(on, shown["person"])
    _refused(on, shown["refused"])
    _chapter(on, "隔笔退费：退中间一笔，后面的按原日规定重新结算")
    on.print(difference_table(shown["gap"]))
    _chapter(on, "一笔结算的解释：门慢特，这一笔跨过了24万元")
    on.print(page(shown["explained"]))
    _move(on, shown["person"]["pools"])
    _clearing(on, shown["person"])
    first, *_, last = shown["months"]["months"]
    _chapter(on, f"谁欠谁：{first}至{last}三个月的异地清算（元）")
    show_months(on, shown["months"])
    _figures(on, shown["figures"])
    _verify(on, shown)
    _claims(on, shown)
    _next(on, shown)


def _chapter(on: Console, title: str) -> None:
    on.print()
    on.rule(f"[bold]{title}", align="left", style="cyan")


def _kinds(on: Console, shown: dict[str, Any]) -> None:
    _chapter(
        on,
        f"小镇 {shown['town']} 的一年：{shown['people']:,} 人，"
        f"{shown['requests']:,} 条请求",
    )
    table = grid("请求", "条数", "结果", title="", numbers=(1,))
    for row in shown["kinds"]:
        outcomes = "，".join(
            OUTCOMES.get(name, f"拒绝 {name}") for name in row["outcomes"]
        )
        if row["kind"] == "duplicate":
            outcomes = "与第一次相同的应答，不再记账"
        table.add_row(KINDS[row["kind"]], f"{row['count']:,}", outcomes)
    table.add_row("读不懂的消息", str(len(shown["poison"])), "死信，原样保存")
    table.add_row("伪造的账目", "1", "不接续任何人的账目链：记录、指出、不采用")
    on.print(table)


def _year(on: Console, person: dict[str, Any]) -> None:
    _chapter(on, f"一个人的一年：{person['psn_no']}，退休，糖尿病门慢特（元）")
    shown = [
        at
        for at, name in enumerate(YEAR_COLUMNS)
        if on.width >= WIDE or name not in ONLY_WIDE
    ]
    names = [YEAR_COLUMNS[at] for at in shown]
    amounts = [at for at, name in enumerate(names) if name not in TEXT_COLUMNS]
    table = grid(*names, title="", numbers=amounts, gap=1)
    for row in person["year"]:
        cells = _year_cells(row)
        table.add_row(*(cells[at] for at in shown), style=_year_style(row))
    on.print(table)
    totals = person["totals"]
    on.print(
        Text(
            f"年度：有效 {totals['setl_cnt']} 笔，统筹支付 {yuan(totals['hifp_fen'])}，"
            f"个人负担 {yuan(totals['psn_part_fen'])}。"
            "红色为退费行，灰色为后来被退回的结算；累计随退费回落。",
            style="dim",
        )
    )


def _year_cells(row: dict[str, Any]) -> list[str]:
    mark = "退" if row["init_setl_id"] else ("重" if row["replaces_setl_id"] else "")
    cum = row["cum"]
    return [
        f"{row['service_day']:%m-%d}{mark}",
        row["fixmedins_name"],
        SHORT[row["med_type"]],
        yuan(row["medfee_sumamt_fen"]),
        yuan(row["inscp_scp_amt_fen"]),
        _or_dot(row["act_pay_dedc_fen"]),
        _or_dot(row["overcap_amt_fen"]),
        _or_dot(row["hifp_pay_fen"]),
        yuan(row["psn_part_amt_fen"]),
        yuan(cum["ordinary_inscp_fen"]),
        yuan(cum["dedc_fen"]),
        yuan(cum["hifp_fen"]),
    ]


def _or_dot(fen: int) -> str:
    return yuan(fen) if fen else "·"


def _year_style(row: dict[str, Any]) -> str:
    if row["init_setl_id"]:
        return "red"
    return "" if row["stands"] else "dim"


def _refused(on: Console, refused: dict[str, Any]) -> None:
    _chapter(on, "一次被拒绝的退费：顺序不对")
    on.print(
        f"{refused['at']:%Y-%m-%d %H:%M}  {refused['institution']} 申请退费，"
        f"被拒绝（{refused['code']}）："
    )
    on.print(Padding(Text(refused["message"], style="yellow"), (0, 0, 0, 2)))
    table = grid("次序", "先退这一笔", "机构", "机构的结算编号", title="")
    for number, one in enumerate(refused["blocking"], 1):
        table.add_row(
            str(number), one["setl_id"], one["fixmedins_name"], one["medins_setl_id"]
        )
    on.print(table)
    on.print(
        f"随后按此次序先退这 {len(refused['blocking'])} 笔，再退原来那一笔："
        f"{len(refused['then'])} 笔退费都已记账。",
        style="dim",
    )


def _move(on: Console, pools: list[dict[str, Any]]) -> None:
    _chapter(on, "换参保地的一年：起付线、限额在新参保地从头累计（元）")
    headings = ("有效笔数", "普通累计", "起付线", "超限额", "统筹", "个人")
    table = grid("参保地", *headings, title="", numbers=range(1, len(headings) + 1))
    names = list(POOLS)
    for pool in sorted(pools, key=lambda one: str(one["insuplc_admdvs"])):
        values = [pool[name] for name in names]
        table.add_row(called(pool["insuplc_admdvs"]), *_amounts(names, values))
    on.print(table)
    on.print("迁出之后退原参保地的一笔，只从原参保地的累计里退。", style="dim")


def _clearing(on: Console, person: dict[str, Any]) -> None:
    month = person["month"]
    _chapter(on, f"{month} 的清算（元，已扣除退费；按机构合计）")
    shown = [one for one in CLEARING if on.width >= WIDE or one[0] not in ONLY_WIDE]
    table = grid(
        "机构",
        *(heading for heading, _ in shown),
        title="",
        numbers=range(1, len(shown) + 1),
    )
    names = [name for _, name in shown]
    sums: dict[tuple[str, str], list[int]] = {}
    for line in person["clearing"]:
        place = (line["mdtrtarea_admvs"], line["fixmedins_code"])
        before = sums.get(place, [0] * len(names))
        sums[place] = [
            sum_ + line[name] for sum_, name in zip(before, names, strict=True)
        ]
    for (region, code), values in sorted(sums.items()):
        where = "" if region == CITY else f"（异地 {region}）"
        table.add_row(f"{NAMES.get(code, code)}{where}", *_amounts(names, values))
    whole = [sum(column) for column in zip(*sums.values(), strict=True)]
    table.add_row("合计", *_amounts(names, whole), style="bold")
    on.print(table)


def _amounts(names: list[str], values: list[int]) -> list[str]:
    return [
        yuan(value) if name.endswith("_fen") else f"{value:,}"
        for name, value in zip(names, values, strict=True)
    ]


def _figures(on: Console, figures: dict[str, float]) -> None:
    _chapter(on, "快慢（本机实测）")
    table = _plain(3)
    table.add_row(
        "吞吐",
        f"{figures['requests_per_second']:,} 条/秒",
        f"{figures['bulk_requests']:,} 条请求全部落盘并应答，"
        f"{figures['bulk_seconds']} 秒",
    )
    table.add_row(
        "时延",
        f"p50 {figures['p50_ms']} 毫秒，p99 {figures['p99_ms']} 毫秒",
        f"窗口逐笔发送 {figures['counter_requests']:,} 条，每秒 {COUNTER_RATE} 条",
    )
    table.add_row(
        "投影",
        f"{figures['catch_up_seconds']:.1f} 秒"
        if figures["catch_up_seconds"] >= INSTANT
        else "不到 0.1 秒",
        "最后一个应答之后，各表全部跟上所用的时间",
    )
    table.add_row(
        "核对",
        f"{figures['verify_per_second']:,} 笔/秒",
        f"verify 从头核对 {figures['verify_entries']:,} 笔账目的链与累计",
    )
    on.print(table)


def _plain(columns: int) -> Table:
    """Make a table without headings, whose cells are folded and never cut."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for _ in range(columns):
        table.add_column(overflow="fold")
    return table


def _verify(on: Console, shown: dict[str, Any]) -> None:
    from jiesuan_services.cli.auditors.verify import lines

    _chapter(on, "jiesuan verify")
    said = {**shown["verify"], "sound": False}
    for line in lines(said):
        on.print(Text(line, style="red" if line.startswith("FORK") else ""))
    forged = shown["forged"]
    on.print(
        Text(
            f"↑ 伪造的账目：冒充 {forged['person_id']} 的第 {forged['version']} 笔账，"
            f"位于分区 {forged['partition']} 偏移 {forged['offset']}，"
            "前笔摘要对不上，任何读者都不采用它。",
            style="yellow",
        )
    )


def _claims(on: Console, shown: dict[str, Any]) -> None:
    _chapter(on, "逐条核实")
    table = _plain(3)
    for claim in shown["claims"]:
        mark = Text("✓", "green") if claim["holds"] else Text("✗", "bold red")
        found = Text(claim["found"], style="dim" if claim["holds"] else "red")
        table.add_row(mark, claim["zh"], found)
    on.print(table)


def _next(on: Console, shown: dict[str, Any]) -> None:
    data = shown["data"]
    person = shown["person"]["psn_no"]
    on.print()
    on.print(
        f"全程 {shown['seconds']} 秒；启动的进程已全部停止，数据留在 {data}。接着看：",
    )
    for command in (
        f"jiesuan up --detach --data {data}",
        f"jiesuan person {person} --data {data}",
        f"jiesuan explain {shown['gap']['setl_id']} --data {data}",
        f"jiesuan clearing {shown['person']['month']} --data {data}",
        f"jiesuan down --data {data}",
        f"jiesuan up --detach --data {shown['months']['data']}",
        f"jiesuan statements {shown['months']['months'][0]} "
        f"--data {shown['months']['data']}",
        f"jiesuan down --data {shown['months']['data']}",
    ):
        on.print(Text(f"  .venv/bin/{command}", style="cyan"))
