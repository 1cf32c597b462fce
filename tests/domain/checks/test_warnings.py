"""A quote is warned of what would be found, and is refused nothing for it."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.domain import asking
from tests.domain.asking import Message, settle
from tests.domain.checks.looking import packs_with
from tests.domain.checks.test_findings import pills, purchase

from jiesuan_events.answers import ANSWERED
from jiesuan_services.clerk.trial import Trial

ENROLLED = asking.enrol("E1", gend="1")


def quoted(*asked: Message, folder: Path | None = None, **settings: Any) -> Any:
    """Ask in order, the last as a quote, and give its answer's data."""
    made = Trial(packs_with(folder, **settings))
    *before, last = (*asking.institutions(), ENROLLED, *asked)
    for one in before:
        made.answer(asking.text(one), 1)
    quote = last | {"type": "jiesuan.quote.v1"}
    data = json.loads(made.answer(asking.text(quote), 1))["data"]
    ANSWERED.validate_python(data, by_name=False)
    return data


def test_a_quote_without_anything_to_say_says_nothing() -> None:
    """Where nothing would be found, there are no warnings."""
    assert "warnings" not in quoted(settle("S1", 100))


def test_a_quote_is_warned_of_the_bill_next_door() -> None:
    """A bill of another institution at the same time is named with its settlement."""
    data = quoted(settle("S1", 100), settle("S2", 200, at=asking.SECONDARY))
    assert data["outcome"] == "quoted"
    (warning,) = data["warnings"]
    assert (warning["rule"], warning["severity"]) == (
        "same-time-elsewhere",
        "suspicion",
    )
    assert warning["other_setl_id"].startswith("S")
    assert warning["zh"] == (
        "2022-03-01 08:50在机构测试机构01（H42010090001）、"
        "2022-03-01 08:50在机构测试机构02（H42010090002）"
        "都有费用，相隔不到15分钟，请核实。"
    )


@pytest.mark.parametrize(
    ("asked", "zh"),
    [
        pytest.param(
            (settle("S1", 100), settle("S2", 100)),
            "机构测试机构01（H42010090001）在2022-03-01对同样的1项费用结算了两次",
            id="the same bill",
        ),
        pytest.param(
            (purchase("S1", "2022-03-01"), purchase("S2", "2022-05-01")),
            "机构测试机构01（H42010090001）的处方RX1结算了两次",
            id="a prescription",
        ),
    ],
)
def test_a_warning_names_institutions_beside_their_codes(
    asked: tuple[Message, Message], zh: str
) -> None:
    """The sentence of a quote's warning calls an institution as it is registered."""
    (warning,) = quoted(*asked)["warnings"]
    assert warning["zh"] == f"{zh}，请核实。"


def test_a_quote_is_warned_of_a_prescription_used_before() -> None:
    """A purchase by a prescription that was sold two months ago is warned."""
    data = quoted(purchase("S1", "2022-03-01"), purchase("S2", "2022-05-01"))
    assert [one["rule"] for one in data["warnings"]] == ["prescription-settled-twice"]


def test_a_quote_is_warned_by_itself(tmp_path: Path) -> None:
    """What an item says of sex and days is warned without any other bill."""
    settings = {
        "items_for_one_sex": {"2": ["X1"]},
        "item_most_a_day": {"X1": "1"},
        "supply_overlap_days": 7,
    }
    asked = (pills("S1", "2022-03-01"), pills("S2", "2022-03-10"))
    rules = [
        one["rule"] for one in quoted(*asked, folder=tmp_path, **settings)["warnings"]
    ]
    assert rules == ["item-of-other-sex", "quantity-beyond-days", "supply-overlaps"]


def test_a_settlement_is_not_warned() -> None:
    """What is entered is found afterwards: its answer says no warnings."""
    made = Trial(packs_with(None))
    two = (settle("S1", 100), settle("S2", 100, at=asking.SECONDARY))
    answers = [
        json.loads(made.answer(asking.text(one), 1))["data"]
        for one in (*asking.institutions(), ENROLLED, *two)
    ]
    assert answers[-1]["outcome"] == "decided"
    assert "warnings" not in answers[-1]
