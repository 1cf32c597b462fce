"""The page of `jiesuan status`: what runs, how far it is, where it stands and why."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from jiesuan_events.words.instants import BEIJING

STATES: Final = {
    "deciding": "正在办理",
    "projecting": "正在投影",
    "not sealing": "不能封存",
    "clearing": "正在办理清算",
    "serving": "正在服务",
    "starting": "正在启动",
    "ended": "已退出",
    "waiting for Kafka": "在等待Kafka",
    "waiting for a topic": "在等待主题恢复",
    "waiting for PostgreSQL": "在等待PostgreSQL",
    "refused": "已拒绝运行",
    "silent": "没有动静",
}
"""What a process says of itself, for a person."""


def lines(said: Mapping[str, Any]) -> list[str]:
    """Render what runs for a person."""
    running = said["supervisor"]
    made = [f"数据目录    {said['data']}"]
    for name, server in said.get("servers", {}).items():
        made.append(f"{name:<12}{_server(server)}")
    made.append(f"看护进程    {f'进程号 {running}' if running else '未运行'}")
    for name, one in said["processes"].items():
        made += _process(name, one)
    if said["dead_letters"] is not None:
        made.append(f"死信        {said['dead_letters']} 条")
    made += [f"提醒        {one}" for one in said["warnings"]]
    for one in said["standing"]:
        made.append(f"停住        {_halt(one)}")
    return made


def _process(name: str, one: Mapping[str, Any]) -> list[str]:
    parts = [_state(one["state"])]
    if one.get("since"):
        parts.append(f"自 {_instant(one['since'])}")
    if one.get("restarts"):
        parts.append(f"一小时内重启 {one['restarts']} 次")
    partitions = list(one.get("partitions", {}).values())
    behind = sum(reported.get("lag") or 0 for reported in partitions)
    if behind:
        waited = max(reported.get("lag_seconds") or 0 for reported in partitions)
        parts.append(f"还有 {behind} 条待办理，最久已等 {waited:.0f} 秒")
    strangers = (one.get("strangers") or 0) + sum(
        reported.get("strangers") or 0 for reported in partitions
    )
    if strangers:
        parts.append(f"略过外来记录 {strangers} 条")
    made = [f"{name:<11} {'，'.join(parts)}"]
    for what in ("error", "last_error"):
        if one.get(what):
            made.append(f"{'':<12}{one[what]}")
    return made


def _halt(one: Mapping[str, Any]) -> str:
    where = [str(one[part]) for part in ("process", "partition") if one.get(part)]
    if one.get("offset") is not None:
        where.append(f"偏移 {one['offset']}")
    if one.get("since"):
        where.append(f"自 {_instant(one['since'])}")
    return f"{' '.join(where)} {one['why']}".strip()


def _instant(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, BEIJING).strftime("%m-%d %H:%M:%S")


def _state(said: str) -> str:
    """Say in Chinese what a process says of itself."""
    if sealed := re.fullmatch(r"sealed (\d+) records", said):
        return f"已封存 {sealed.group(1)} 条记录"
    return STATES.get(said, said)


def _server(server: Any) -> str:
    """Say where a server is and whether it runs; one that is given is named alone."""
    if not isinstance(server, dict):
        return str(server)
    where = server.get("address") or f"端口 {server['port']}"
    runs = f"进程号 {server['pid']}" if server["pid"] else "未运行"
    return f"{where}，{runs}"
