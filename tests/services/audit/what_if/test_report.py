"""The report of a what-if: one file of HTML, well formed, with what it must say."""

from html.parser import HTMLParser
from typing import Any

from jiesuan_services.audit.what_if.again import Scope
from jiesuan_services.audit.what_if.report import WhatIfReport

DEDUCTIBLE = """
  outpatient_deductible: {unit: fen, values: [{from: 2022-01-01, value: 60000,
    BECAUSE}, {until: 2022-12-31}]}
"""
VOID = {"meta"}


class Tags(HTMLParser):
    """Holds open tags against closed ones, and collects the text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""
        self.rects = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        """Open a tag."""
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        """Count the bars."""
        self.rects += tag == "rect"

    def handle_endtag(self, tag: str) -> None:
        """Close a tag."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Collect what is read."""
        self.text += data


async def test_a_policy_maker_reads_it(
    two_towns: Any, asked: Any, packs_with: Any
) -> None:
    """The report names gains and losses, draws them, and says method and limits."""
    *lines, last = await asked(two_towns, packs_with(DEDUCTIBLE))
    report = WhatIfReport("<draft>", scope=Scope())
    for line in lines:
        report.take(line)
    page = report.html(last["total"])
    tags = Tags()
    tags.feed(page)
    assert tags.open == []
    assert tags.rects > 10
    persons = last["total"]["persons"]
    assert f"有变动的参保人 {persons} 人" in tags.text
    for said in ("<draft>", "方法与局限", "负担减少最多", "policy-not-in-force"):
        assert said in tags.text
    fund = last["total"]["moved"]["fund_pay_sumamt_fen"]["difference"]
    assert f"{fund // 100:,}.{fund % 100:02}" in tags.text
    assert "http" not in page


def test_nothing_moves_is_said_too() -> None:
    """A what-if that moves nothing has a report, and nobody in it."""
    change = {"from": 0, "to": 0, "difference": 0}
    names = ("fund_pay_sumamt_fen", "hifp_pay_fen", "hifob_pay_fen")
    moved = dict.fromkeys((*names, "psn_part_amt_fen", "psn_cash_pay_fen"), change)
    total = {
        "persons": 0,
        "settlements": 0,
        "moved": moved,
        "by_rule": [],
        "by_institution": [],
    }
    page = WhatIfReport("packs", scope=Scope()).html(total)
    assert "有变动的参保人 0 人" in page
    assert "负担增加最多：无" in page
