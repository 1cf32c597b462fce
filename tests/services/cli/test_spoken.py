"""What commands say to people: Chinese sentences and yuan, never fen."""

import re
from typing import Any

import click
import pytest
from click.testing import CliRunner

from jiesuan_ledger.reader import ForkReason
from jiesuan_services.cli import main
from jiesuan_services.cli.auditors.verify import FORKS
from jiesuan_services.cli.auditors.verify import lines as verified
from jiesuan_services.cli.pages.status import lines as running

CHINESE = re.compile("[\u4e00-\u9fff]")
REPORT: dict[str, Any] = {
    "ledger_id": "L1",
    "entries": 12,
    "persons": 3,
    "seconds": 0.5,
    "writers": {"try": 12},
    "seals": 2,
    "sealed": 11,
    "clearing_entries": 5,
    "years": {"2022": {"count": 2, "total_charge": 388_000, "fund_pay": 93_100}},
    "forks": [{"partition": 1, "offset": 7, "reason": "does-not-follow"}],
    "wrong": ["分区 0：偏移 3 至 4 的记录缺失"],
    "warnings": [],
    "read_from": {0: 0, 1: 0},
    "tables": {"rows": 2, "differences": []},
    "sound": False,
}


def test_verify_speaks_chinese_and_yuan() -> None:
    """A report says counts, sums in yuan, each fork with its place and reason."""
    assert verified(REPORT) == [
        "账本 L1：12 条账目，3 人，每秒 24 条",
        "  12 条由 try 写入",
        "  2 次封存成立，覆盖 11 条记录",
        "  清算 5 条，逐条重算",
        "  2022年：有效结算 2 笔，费用总额 3,880.00 元，基金支付 931.00 元",
        "分叉：分区 1 偏移 7，不接在该人上一条账目之后（does-not-follow）",
        "不符：分区 0：偏移 3 至 4 的记录缺失",
        "各表与账本一致（2 行结算）",
        "账本有问题，见上。",
    ]


def test_every_reason_of_a_fork_is_said_in_chinese() -> None:
    """No reader gives a reason that `verify` cannot say."""
    assert {reason.value for reason in ForkReason} == set(FORKS)


def test_status_speaks_chinese() -> None:
    """Each process says what it does, how far behind it is, and what it refused."""
    said = {
        "data": "/srv/jiesuan",
        "supervisor": 41,
        "servers": {"kafka": {"address": "127.0.0.1:9092", "pid": 42}},
        "processes": {
            "decider-0": {
                "state": "deciding",
                "since": 0,
                "restarts": 2,
                "last_error": "KeyError: 'cause'（退出码 1）",
                "partitions": {"0": {"lag": 3, "lag_seconds": 7.2, "strangers": 1}},
            },
            "projector": {"state": "refused", "error": "表属于另一版本"},
            "sealer": {"state": "sealed 12 records", "since": 1_000_000_000.0},
        },
        "dead_letters": 4,
        "warnings": ["集群的设置太大"],
        "standing": [
            {"process": "projector", "why": "已拒绝运行：表属于另一版本"},
            {"process": "decider-1", "partition": "5", "offset": 17, "why": "读不懂"},
        ],
    }
    assert running(said) == [
        "数据目录    /srv/jiesuan",
        "kafka       127.0.0.1:9092，进程号 42",
        "看护进程    进程号 41",
        "decider-0   正在办理，一小时内重启 2 次，还有 3 条待办理，最久已等 7 秒，"
        "略过外来记录 1 条",
        "            KeyError: 'cause'（退出码 1）",
        "projector   已拒绝运行",
        "            表属于另一版本",
        "sealer      已封存 12 条记录，自 09-09 09:46:40",
        "死信        4 条",
        "提醒        集群的设置太大",
        "停住        projector 已拒绝运行：表属于另一版本",
        "停住        decider-1 5 偏移 17 读不懂",
    ]


def test_a_long_name_stands_apart_from_what_is_said() -> None:
    """A gateway that goes by its port is as long as the column, and has its space."""
    said = {"data": "", "supervisor": 41, "dead_letters": None}
    said |= {"processes": {"gateway-8081": {"state": "serving"}}}
    said |= {"warnings": [], "standing": []}
    assert running(said)[-1] == "gateway-8081 正在服务"


def commands(group: click.Group, before: str = "") -> dict[str, click.Command]:
    """Return every command that is listed, by its whole name."""
    found: dict[str, click.Command] = {}
    for name, command in group.commands.items():
        if command.hidden:
            continue
        found[f"{before}{name}"] = command
        if isinstance(command, click.Group):
            found |= commands(command, f"{before}{name} ")
    return found


@pytest.mark.parametrize("name", commands(main))
def test_every_command_explains_itself_in_chinese(name: str) -> None:
    """`--help` says in Chinese what a command does and what each option is for."""
    command = commands(main)[name]
    options = (one for one in command.params if isinstance(one, click.Option))
    texts = [command.help or "", *(option.help or "" for option in options)]
    assert [text for text in texts if not CHINESE.search(text)] == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--nothing", "没有选项--nothing，请用--help查看"),
        ("nothing", "没有命令nothing，请用--help查看"),
        ("policy nothing", "没有命令nothing，请用--help查看"),
        ("due", "缺少--on，请补上"),
        ("due --on", "--on后面要有一个值"),
        ("due --on 2022-2-30", "--on：2022-2-30不是YYYY-MM-DD的日期"),
        ("due --on=2022-01-01 --json=1", "--json后面不带值"),
        ("person", "缺少PSN_NO，请补上"),
        ("person P1 P2", "多出P2，请去掉"),
        ("up --deciders x", "--deciders：x不是数字"),
        ("up --deciders 0", "--deciders：0不在1<=x<=64之内"),
        ("findings --severity x", "--severity：x不是'violation', 'suspicion'"),
        ("submit /nothing", "FILE：/nothing：没有这个文件或目录，请核对路径"),
        ("submit /", "FILE：/：是目录，不是文件，请核对路径"),
        ("identity load /nothing", "FILE：没有/nothing，请核对路径"),
        ("identity load /", "FILE：/是目录，不是文件，请核对路径"),
        (
            "try --ledger /proc/version",
            "--ledger：/proc/version是文件，不是目录，请核对路径",
        ),
        ("clearing 2022", "月份写作YYYYMM，如202203。"),
    ],
)
def test_words_that_cannot_be_taken_are_told_in_chinese(words: str, said: str) -> None:
    """What click cannot read is named in Chinese, with exit code 2."""
    done = CliRunner().invoke(main, words.split())
    *_, sentence = done.stderr.splitlines()
    assert (done.exit_code, sentence) == (2, f"错误：{said}")
    assert re.findall("Usage|Try|Error", done.stderr) == []


def test_words_that_cannot_be_taken_are_told_below_the_usage() -> None:
    """How a command is called, and where more is said, stands before what is wrong."""
    done = CliRunner().invoke(main, ["person"])
    assert done.stderr.splitlines() == [
        "用法：main person [选项] PSN_NO",
        "用main person --help查看用法。",
        "",
        "错误：缺少PSN_NO，请补上",
    ]


@pytest.mark.parametrize("command", [main, *commands(main).values()])
def test_the_frame_of_help_is_chinese(command: click.Command) -> None:
    """Around our words, help says nothing in click's English."""
    said = CliRunner().invoke(command, ["--help"]).stdout
    assert said.startswith("用法：")
    assert "\n选项：\n" in said
    assert re.search("-h, --help +显示本说明后退出。", said)
    frame = r"Usage|Options|Commands|Show|required|default:|OPTIONS|COMMAND|ARGS"
    assert re.findall(frame, said) == []
