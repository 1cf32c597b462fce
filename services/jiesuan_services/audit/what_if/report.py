"""The report of a what-if: one HTML file that a policy maker reads, with plots."""

from collections.abc import Iterable
from datetime import date
from html import escape
from typing import Any, Final

from jiesuan_events.entries.rules import RULES
from jiesuan_events.words.glossary import chinese
from jiesuan_services.audit.what_if.again import Scope

BINS: Final = (0, 100, 500, 1_000, 5_000, 10_000, 50_000, 100_000, 500_000)
"""Bounds of what a person gains or loses in a year, in yuan."""
MOST_NAMED: Final = 20
MOST_BARS: Final = 15
_WIDTH: Final = 320
_LABEL: Final = 330
_FUND: Final = "fund_pay_sumamt_fen"
_PERSON: Final = "psn_part_amt_fen"
_CASH: Final = "psn_cash_pay_fen"
PAYERS: Final = {
    _FUND: "基金支付总额",
    "hifp_pay_fen": "统筹基金",
    "hifob_pay_fen": "大额补助",
    _PERSON: "个人负担",
    _CASH: "个人现金",
}
_STYLE: Final = """
body{font:16px/1.7 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;
color:#1a1a1a;background:#fff}
table{border-collapse:collapse;margin:1rem 0}
td,th{padding:.25rem .75rem;border-bottom:1px solid #ddd;text-align:left}
td.n{text-align:right;font-variant-numeric:tabular-nums}
.gain{fill:#2b7a5b}.loss{fill:#b5482f}.gain-text{color:#2b7a5b}.loss-text{color:#b5482f}
svg text{font:12px sans-serif}
@media print{body{margin:0}}
"""


class WhatIfReport:
    """Takes the lines as they come, and keeps of them what the report shows."""

    def __init__(self, packs: str, *, scope: Scope) -> None:
        self._packs = packs
        self._scope = scope
        self._persons: dict[str, int] = {}
        self._missing: dict[str, int] = {}

    def take(self, line: dict[str, Any]) -> None:
        """Take a person's line."""
        person = line["psn_no"]
        burden = line["moved"][_PERSON]["difference"]
        self._persons[person] = self._persons.get(person, 0) + burden
        for one in line["not_computable"]:
            self._missing[one["code"]] = self._missing.get(one["code"], 0) + 1

    def extremes(self) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
        """Return whose burden grows most and whose shrinks most, with the amounts."""
        ordered = sorted(self._persons.items(), key=lambda one: (-one[1], one[0]))
        worse = [one for one in ordered if one[1] > 0][:MOST_NAMED]
        better = [one for one in reversed(ordered) if one[1] < 0][:MOST_NAMED]
        return worse, better

    def html(self, total: dict[str, Any]) -> str:
        """Return the report."""
        parts = (
            _head(self._packs, self._scope),
            _summary(total, self._persons),
            _distribution(self._persons.values()),
            _extremes(*self.extremes()),
            _bars("按计算步骤的变动", _rules(total)),
            _bars("按定点医药机构的基金支付变动", _institutions(total)),
            _method(self._missing),
        )
        body = "\n".join(parts)
        return (
            '<!doctype html>\n<html lang="zh">\n<meta charset="utf-8">\n'
            f"<title>政策试算报告</title>\n<style>{_STYLE}</style>\n{body}\n</html>\n"
        )


def _head(packs: str, scope: Scope) -> str:
    begin = "" if scope.begin == date.min else f"{scope.begin.isoformat()} 起"
    end = "" if scope.end == date.max else f"{scope.end.isoformat()} 止"
    period = " ".join(filter(None, (begin, end))) or "全部"
    region = scope.region or "全部参保地"
    return (
        "<h1>政策试算报告</h1>\n"
        f"<p>同样的结算，改用 <b>{escape(packs)}</b> 中的政策参数重新计算，"
        f"与账本中实际的金额比较。费用日期：{period}；参保地：{escape(region)}。</p>"
    )


def _summary(total: dict[str, Any], persons: dict[str, int]) -> str:
    better = sum(fen < 0 for fen in persons.values())
    worse = sum(fen > 0 for fen in persons.values())
    rows = "\n".join(
        f"<tr><td>{zh}</td>{_money(change['from'])}{_money(change['to'])}"
        f"{_money(change['difference'])}</tr>"
        for name, zh in PAYERS.items()
        for change in [total["moved"][name]]
    )
    return (
        "<h2>一、总的变动</h2>\n"
        f"<p>有变动的参保人 {total['persons']} 人，其中负担减少 {better} 人，"
        f"负担增加 {worse} 人；涉及结算 {total['settlements']} 笔。</p>\n"
        "<table><tr><th>（元）</th><th>实际</th><th>试算</th><th>变动</th></tr>\n"
        f"{rows}</table>"
    )


def _distribution(differences: Iterable[int]) -> str:
    """Draw how many persons gain and lose how much, to the left and to the right."""
    gains, losses = [0] * len(BINS), [0] * len(BINS)
    for fen in differences:
        if fen:
            counts = gains if fen < 0 else losses
            counts[_bin(abs(fen))] += 1
    most = max([*gains, *losses, 1])
    rows = []
    for at, (gain, loss) in enumerate(zip(gains, losses, strict=True)):
        y = at * 26
        rows.append(
            f'<text x="{_WIDTH}" y="{y + 16}" text-anchor="middle">{_label(at)}</text>'
            + _bar(_WIDTH - 70, y, count=gain, most=most, css="gain")
            + _bar(_WIDTH + 70, y, count=loss, most=most, css="loss")
        )
    height = len(BINS) * 26
    return (
        "<h2>二、个人负担变动的分布</h2>\n"
        "<p>左为负担减少的人数，右为负担增加的人数；中间为每人合计变动（元）。</p>\n"
        f'<svg viewBox="0 0 {2 * _WIDTH} {height}" width="{2 * _WIDTH}" role="img" '
        f'aria-label="个人负担变动的分布">{"".join(rows)}</svg>'
    )


def _bar(x: int, y: int, *, count: int, most: int, css: str) -> str:
    length = round(count * (_WIDTH - 130) / most)
    left, anchor = (x - length, "end") if css == "gain" else (x, "start")
    at = x - length - 4 if css == "gain" else x + length + 4
    return (
        f'<rect class="{css}" x="{left}" y="{y + 3}" width="{length}" height="18"/>'
        f'<text x="{at}" y="{y + 16}" text-anchor="{anchor}">{count or ""}</text>'
    )


def _bin(fen: int) -> int:
    return max(at for at, bound in enumerate(BINS) if fen > bound * 100 or bound == 0)


def _label(at: int) -> str:
    if at + 1 == len(BINS):
        return f"{BINS[at]:,} 以上"
    return f"{BINS[at]:,}–{BINS[at + 1]:,}"


def _extremes(worse: list[tuple[str, int]], better: list[tuple[str, int]]) -> str:
    """Return the section on who loses and who gains most."""
    return (
        "<h2>三、变动最大的参保人</h2>\n"
        f"{_people('负担增加最多', worse)}{_people('负担减少最多', better)}"
    )


def _people(title: str, persons: list[tuple[str, int]]) -> str:
    if not persons:
        return f"<p>{title}：无</p>"
    rows = "\n".join(
        f"<tr><td>{escape(name)}</td>{_money(fen)}</tr>" for name, fen in persons
    )
    return f"<h3>{title}</h3><table>{rows}</table>"


def _rules(total: dict[str, Any]) -> list[tuple[str, int]]:
    return [(rule_name(one["rule"]), one["difference"]) for one in total["by_rule"]]


def rule_name(rule: str) -> str:
    """Return what a rule feeds, in Chinese, and its name in the contract."""
    return f"{chinese(RULES[rule].feeds)}（{rule}）" if rule in RULES else rule


def _institutions(total: dict[str, Any]) -> list[tuple[str, int]]:
    return [
        (one["fixmedins_code"], one["moved"][_FUND]["difference"])
        for one in total["by_institution"]
    ]


def _bars(title: str, changes: list[tuple[str, int]]) -> str:
    """Draw the greatest changes as bars; the rest is in the lines."""
    shown = sorted(changes, key=lambda one: (-abs(one[1]), one[0]))[:MOST_BARS]
    most = max([abs(fen) for _, fen in shown] or [1]) or 1
    rows = []
    for at, (name, fen) in enumerate(shown):
        y, length = at * 26, round(abs(fen) * 300 / most)
        css = "loss" if fen < 0 else "gain"
        rows.append(
            f'<text x="0" y="{y + 16}">{escape(name)}</text>'
            f'<rect class="{css}" x="{_LABEL}" y="{y + 3}" width="{length}" '
            'height="18"/>'
            f'<text x="{_LABEL + 6 + length}" y="{y + 16}">{_yuan(fen)}</text>'
        )
    numbers = {"按计算步骤的变动": "四", "按定点医药机构的基金支付变动": "五"}
    return (
        f"<h2>{numbers[title]}、{title}（元）</h2>\n"
        f'<svg viewBox="0 0 760 {max(1, len(shown)) * 26}" width="760" role="img" '
        f'aria-label="{title}">{"".join(rows)}</svg>'
    )


def _method(missing: dict[str, int]) -> str:
    """Say what was done and what it does not say."""
    lacking = "".join(
        f"<li>{escape(code)}：{count} 笔</li>"
        for code, count in sorted(missing.items())
    )
    return (
        "<h2>六、方法与局限</h2>\n<ul>\n"
        "<li>只重新计算仍然有效的结算，按账本中的先后次序，每笔用其费用日当天的参数。"
        "</li>\n<li>不重新审核资格、备案等条件：当时准予结算的视为仍准予，"
        "当时被拒绝的不在其中。</li>\n"
        "<li>费用明细的甲乙类划分、先行自付、超限价保持原样。</li>\n"
        "<li>期间之前的结算按实际金额计入累计，期间之后的结算不计。</li>\n"
        "<li>没有考虑参保人和机构因政策改变而改变行为。</li>\n</ul>\n"
        f"<p>无法计算（不计入任何合计）：</p><ul>{lacking or '<li>无</li>'}</ul>"
    )


def _money(fen: int) -> str:
    return f'<td class="n">{_yuan(fen)}</td>'


def _yuan(fen: int) -> str:
    whole, cents = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{whole:,}.{cents:02}"
