"""Who owes whom for the three months, as a matrix that comes to nothing."""

from typing import Any

from rich.console import Console
from rich.text import Text

from jiesuan_services.cli.console import yuan
from jiesuan_services.cli.pages.settlement import grid
from jiesuan_services.demo.months.regions import NAMES

Json = dict[str, Any]


def show_months(on: Console, shown: Json) -> None:
    """Print the matrix of three months: rows pay, columns receive."""
    owed = {
        (one["insuplc_admdvs"], one["mdtrtarea_admvs"]): one["payable_fen"]
        for one in shown["owed"]
    }
    columns = range(1, len(NAMES) + 2)
    table = grid("付款方 ＼ 收款方", *NAMES.values(), "应付", title="", numbers=columns)
    for payer, name in NAMES.items():
        amounts = [owed.get((payer, payee)) for payee in NAMES]
        cells = ["·" if one is None else yuan(one) for one in amounts]
        table.add_row(name, *cells, yuan(sum(one or 0 for one in amounts)))
    balance = {one["admdvs"]: one for one in shown["balance"]}
    receivable = [balance[region]["receivable_fen"] for region in NAMES]
    table.add_row("应收", *map(yuan, receivable), yuan(sum(receivable)), style="bold")
    net = [
        balance[region]["receivable_fen"] - balance[region]["payable_fen"]
        for region in NAMES
    ]
    table.add_row("应收减应付", *map(yuan, net), yuan(sum(net)), style="bold")
    on.print(table)
    on.print(
        Text(
            f"{shown['statements']} 张清算单，其中 {shown['closed']} 个办理步骤刚刚在"
            "Kafka上完成，其余随过去两个月的账本导入。右下角为零：全部应收等于全部应付。",
            style="dim",
        )
    )
