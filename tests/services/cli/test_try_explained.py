"""`try --explain`: what came of each request, in Chinese and yuan."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.domain import asking
from tests.domain.asking import bill, line, message, undo

from jiesuan_events.catalogue import catalogue
from jiesuan_events.words.topics import CLEARING_REQUESTS as MONTHS
from jiesuan_events.words.topics import REQUESTS
from jiesuan_services.cli import main
from jiesuan_services.cli.pages.refusal import ASKED

EXAMPLES = Path(__file__).parents[3] / "examples"


def explained(*lines: str, options: tuple[str, ...] = ()) -> list[str]:
    """Return what the command prints of some requests."""
    asked = "\n".join(lines)
    shown = CliRunner().invoke(main, ["try", "--explain", *options], input=asked)
    assert shown.exit_code == 0, shown.output
    return shown.output.splitlines()


def registered(*more: asking.Message) -> list[str]:
    """Write requests behind those that register institutions and the person."""
    first = (asking.institution(asking.PRIMARY), asking.enrol("E1"))
    return [asking.text(one) for one in (*first, *more)]


def compensate(id_: str, of: str) -> asking.Message:
    """Undo a settlement whose outcome the sender does not know."""
    data = {
        "psn_no": asking.PERSON,
        "fixmedins_code": asking.PRIMARY,
        "omsgid": of,
        "oinfno": "2207",
    }
    return message("compensate", id_, data)


def test_a_refund_out_of_order_says_the_order() -> None:
    """The example ends with a refusal that names the settlement to take back first."""
    shown = explained(*(EXAMPLES / "first-day.jsonl").read_text().splitlines())
    assert shown[-3] == "5 退费 REFUND-1（P0001）：拒绝。"
    assert shown[-1] == "   请按此顺序先退：1. BILL-2（H42010090001）"


def test_every_fen_of_a_bill_is_explained() -> None:
    """The steps of the first bill add up to its charge less what the account paid."""
    shown = explained(*(EXAMPLES / "first-day.jsonl").read_text().splitlines())
    steps, whole = shown[3:8], shown[8]
    amounts = [one.split()[0].replace(",", "") for one in (*steps, whole)]
    assert sum(map(float, amounts[:-1])) == float(amounts[-1]) == 3600
    assert whole.endswith("基金支付735.00，个人负担2,865.00（账户50.00，现金2,815.00）")


def test_a_quote_is_said_not_to_be_entered() -> None:
    """A quote is explained like a settlement, and said to have left nothing."""
    shown = explained(
        *registered(message("quote", "Q1", bill([line("1", 300000)]))),
    )
    assert (
        shown[2] == "3 预结算 Q1（P0001，2022-03-01，普通门诊）：只作预结算，未入账。"
    )
    assert shown[-1].split()[0] == "3,000.00"


def test_a_gap_refund_says_what_moved() -> None:
    """Each block that is taken back or settled again is explained, then the sum."""
    bills = [message("settle", f"S{n}", bill([line("1", 300000)])) for n in (1, 2)]
    shown = explained(*registered(*bills, undo("gap-refund", "G1", "S1")))
    at = shown.index("5 隔笔退费 G1（P0001）：已入账。")
    titles = [one for one in shown[at:] if one.startswith("   撤销 ")]
    assert titles == ["   撤销 S2", "   撤销 S1"]
    assert "   重新结算 S2" in shown[at:]
    assert shown[-1] == "   合计：基金支付变动 -2,400.00 元"


def test_a_compensation_says_what_it_came_to() -> None:
    """Undone, nothing to undo, undone before: each in its own words."""
    settled = message("settle", "S1", bill([line("1", 300000)]))
    shown = explained(
        *registered(
            settled,
            compensate("K1", "S1"),
            compensate("K2", "S1"),
            compensate("K3", "S9"),
        )
    )
    titles = [one for one in shown if "冲正" in one]
    assert titles == [
        "4 冲正 K1（P0001，2022-03-01，普通门诊）：已入账，已冲回。",
        "5 冲正 K2（P0001）：已入账，此前已冲回。",
        "6 冲正 K3（P0001）：已入账，没有可冲的，编号不再可用。",
    ]


def test_a_line_that_does_not_read_is_told_too() -> None:
    """What has no envelope is a request that is refused, with its sentence."""
    shown = explained("not JSON", json.dumps({"id": "X1"}))
    assert shown[0] == "1 请求：拒绝。"
    assert shown[1].startswith("   报文字段")
    assert shown[2] == "2 请求 X1：拒绝。"


@pytest.mark.parametrize("option", ["--state", "--json"])
def test_people_and_programs_are_not_mixed(option: str) -> None:
    """What a program reads is not asked for together with what a person reads."""
    shown = CliRunner().invoke(main, ["try", "--explain", option], input="")
    assert shown.exit_code == 2
    assert "请只用一种" in shown.output


def test_every_request_has_a_name_in_chinese() -> None:
    """Each type of request of the contracts is called what it is at the counter."""
    asked = {said.type for said in catalogue() if said.topic in (REQUESTS, MONTHS)}
    assert asked == set(ASKED)


def test_a_month_is_told_by_its_statements() -> None:
    """Each statement that a request changed is named with its state and its sum."""
    lines = (EXAMPLES / "refusals.jsonl").read_text().splitlines()
    options = ("--packs", str(EXAMPLES / "refusals.packs"))
    shown = explained(*lines, options=options)
    at = next(n for n, one in enumerate(shown) if " 清算 C6（990100）" in one)
    assert shown[at + 1] == (
        "   institution:202205:990100:H99010090002:310:11：已清算，1笔，应付 500.00 元"
    )


def test_what_a_sender_writes_does_not_steer_the_terminal() -> None:
    """An id that does not read is shown on its line, its controls as numbers."""
    asked = {**asking.enrol("E1"), "id": "E1\n2 已入账\x1b[2J\u202e"}
    shown = explained(asking.text(asked))
    assert shown[0].startswith("1 参保登记 E1\\u000a2 已入账\\u001b[2J\\u202e（P")
    assert all(line.isprintable() for line in shown)
