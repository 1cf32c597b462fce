"""By when a month is declared and cleared, by the time of the request alone."""

import pytest
from tests.domain.clearing.months import packs
from tests.domain.clearing.written_months import (
    OF_HOSPITAL,
    OF_REGION,
    WrittenMonths,
    code,
    day,
    refusal,
)

from jiesuan_domain.clearing.deadlines import Calendar


def drawn() -> WrittenMonths:
    """A month that was drawn."""
    months = WrittenMonths()
    months.begin(10_000)
    months.drawn("202201", day("2022-02-01"))
    return months


@pytest.mark.parametrize(
    ("month", "days"),
    [
        ("202201", ("2022-02-20", "2022-04-20", "2023-03-31")),
        ("202211", ("2022-12-20", "2023-02-20", "2023-03-31")),
        ("202212", ("2023-01-20", "2023-03-20", "2023-03-31")),
    ],
)
def test_the_days_of_a_month(month: str, days: tuple[str, ...]) -> None:
    """The three days of each worked month are those of 27号 二(七)."""
    found = Calendar(packs()).of(month)
    assert (
        str(found.declare_by),
        str(found.latest_on),
        str(found.hard_stop),
    ) == days


def test_the_twentieth_is_in_time() -> None:
    """Declared on the 20th a statement is not late; an hour into the 21st it is."""
    in_time, late = drawn(), drawn()
    in_time.declare(OF_REGION, "2022-02-20T23:59:59+08:00")
    late.declare(OF_REGION, "2022-02-20T17:00:00+00:00")
    assert in_time.statement(OF_REGION)["late"] is False
    assert late.statement(OF_REGION)["late"] is True
    assert late.statement(OF_REGION)["declared_on"] == "2022-02-21"


def test_after_two_more_months_only_an_exception_helps() -> None:
    """Later than the latest day is refused, unless the report is named."""
    months = drawn()
    answer = months.declare(OF_REGION, day("2022-04-21"))
    assert refusal(answer)["code"] == "too-late"
    assert refusal(answer)["details"] == {"latest_on": "2022-04-20"}
    answer = months.declare(OF_REGION, day("2022-04-21"), exception="报备〔2022〕1号")
    (row,) = answer["statements"]
    assert (row["late"], row["exception"]) == (True, "报备〔2022〕1号")


def test_a_withdrawn_declaration_met_nothing() -> None:
    """After a withdrawal the days run on, and the next declaration is the late one."""
    months = drawn()
    months.declare(OF_REGION, day("2022-02-10"), exception="报备")
    months.withdraw(OF_REGION, day("2022-02-11"))
    row = months.statement(OF_REGION)
    assert (row["clr_stas"], row["declared_on"], row["exception"]) == ("00", None, None)
    months.declare(OF_REGION, day("2022-02-21"))
    assert months.statement(OF_REGION)["late"] is True


def test_a_rejected_statement_has_twenty_days() -> None:
    """Rejected near the latest day it may be declared for twenty days, not late."""
    months = drawn()
    months.declare(OF_REGION, day("2022-02-20"))
    months.by_payer("reject", OF_REGION, day("2022-04-15"), reason="资料不全")
    assert months.statement(OF_REGION)["reason"] == "资料不全"
    answer = months.declare(OF_REGION, day("2022-05-06"))
    assert refusal(answer)["details"] == {"latest_on": "2022-05-05"}
    months.declare(OF_REGION, day("2022-05-05"))
    row = months.statement(OF_REGION)
    assert (row["clr_stas"], row["late"], row["reason"]) == ("10", False, None)
    assert row["declared_on"] == "2022-05-05"


def test_a_blank_reports_no_exception() -> None:
    """What holds no word is malformed, named by its path, and declares nothing."""
    months = drawn()
    answer = months.declare(OF_REGION, day("2022-04-21"), exception=" \u3000\n")
    assert code(answer) == "malformed"
    assert refusal(answer)["details"]["path"] == "data.exception"
    assert months.statement(OF_REGION)["clr_stas"] == "00"


def test_an_exception_stays_marked() -> None:
    """Declared again after a rejection without a report, it shows the first one."""
    months = drawn()
    months.declare(OF_REGION, day("2022-04-21"), exception="报备〔2022〕1号")
    months.by_payer("reject", OF_REGION, day("2022-04-22"), reason="资料不全")
    months.declare(OF_REGION, day("2022-04-25"))
    row = months.statement(OF_REGION)
    assert (row["late"], row["exception"]) == (True, "报备〔2022〕1号")


def test_cleared_after_the_first_quarter_is_overdue() -> None:
    """On 31 March of the next year it is not, on 1 April it is, and stays so."""
    for on, overdue in (("2023-03-31", False), ("2023-04-01", True)):
        months = drawn()
        months.in_audit(OF_REGION, "2022-02-10")
        months.cleared(OF_REGION, on)
        assert months.statement(OF_REGION)["overdue"] is overdue
        months.paid(OF_REGION, on)
        assert months.statement(OF_REGION)["overdue"] is overdue


def test_time_goes_forward_for_each_statement() -> None:
    """A request before the latest that named the statement is malformed."""
    months = drawn()
    months.declare(OF_REGION, day("2022-02-10"))
    answer = months.by_payer("accept", OF_REGION, day("2022-02-10", 8))
    assert refusal(answer)["details"]["path"] == "time"
    assert code(months.by_payer("accept", OF_REGION, day("2022-02-10"))) == "decided"
    assert code(months.declare(OF_HOSPITAL, day("2022-02-10", 8))) == "decided"


def test_a_confirmation_names_both_kinds() -> None:
    """After a confirmation of a row neither of its statements goes back in time."""
    months = drawn()
    (row,) = months.lines(OF_REGION)
    months.confirm("202201", day("2022-02-10"), **{row: "1"})
    for id_ in (OF_REGION, OF_HOSPITAL):
        answer = months.declare(id_, day("2022-02-09"))
        assert refusal(answer)["details"]["path"] == "time"


def test_a_payment_is_not_of_the_future() -> None:
    """Paid after the day of the request is malformed, whoever asks."""
    months = drawn()
    answer = months.by_payer(
        "pay", OF_REGION, day("2022-02-10"), paid_fen=1, paid_on="2022-02-11"
    )
    assert refusal(answer)["details"]["path"] == "data.paid_on"


def calendar_says(time: str, recorded: str) -> str:
    """Return the day that counts."""
    return str(Calendar(packs()).counted_on(time, recorded))


def test_what_comes_much_later_counts_when_it_came() -> None:
    """Three days' delay is forgiven; of a fourth the day of recording counts."""
    time = "2022-02-20T23:00:00+08:00"
    assert calendar_says(time, "2022-02-23T23:59:00+08:00") == "2022-02-20"
    assert calendar_says(time, "2022-02-23T16:00:00+00:00") == "2022-02-24"
