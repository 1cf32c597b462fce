"""The contract of the answer reads what the processes render."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from jiesuan_events.answers import (
    ANSWER_SOURCE,
    ANSWER_TYPE,
    AnsweredMoney,
    AnsweredRefused,
    read_answer,
    read_answer_line,
)
from jiesuan_events.words.codes import RefusalCode
from jiesuan_services.clerk import answers


def wire_of(line: str) -> dict[str, Any]:
    """Read a line by the contract and write it again."""
    message = read_answer_line(line)
    return message.model_dump(mode="json", by_alias=True, exclude_unset=True)


def first(heard: Any, *, having: str) -> dict[str, Any]:
    """Find the data of the first answer that has a field."""
    found = (json.loads(line)["data"] for line in heard.answers)
    return next(data for data in found if having in data)


def test_every_answer_reads_and_says_the_same(heard: Any) -> None:
    """An answer that was read and written again is the answer that was given."""
    for line in heard.answers:
        assert wire_of(line) == json.loads(line)


def test_every_kind_of_answer_is_among_the_examples(heard: Any) -> None:
    """Refusals, records, quotes and all six kinds of decision were read."""
    kinds = {type(read_answer_line(line).data).kind for line in heard.answers}
    assert kinds == {
        "refused",
        "recorded",
        "quoted",
        "noted",
        "inpatient",
        "money",
        "reversal",
        "no-reversal",
        "gap-refund",
    }


def test_an_amount_left_out_is_noticed(heard: Any) -> None:
    """An answer that leaves a zero out is no answer."""
    data = first(heard, having="setl_id")
    del data["hifmi_pay_fen"]
    with pytest.raises(ValidationError, match="hifmi_pay_fen is missing"):
        read_answer(json.dumps(data).encode())


def test_an_accumulator_left_out_is_noticed(heard: Any) -> None:
    """Accumulators say their zeros too."""
    data = first(heard, having="cum")
    del data["cum"]["hifob_fen"]
    with pytest.raises(ValidationError, match="hifob_fen is missing"):
        read_answer(json.dumps(data).encode())


def test_a_step_that_does_not_add_up_is_noticed(heard: Any) -> None:
    """An explanation that is not the computation is no answer."""
    data = first(heard, having="setl_id")
    data["setl_proc_info"][0]["out_fen"] += 1
    with pytest.raises(ValidationError, match="is not the sum of its steps"):
        read_answer(json.dumps(data).encode())


def test_an_amount_without_a_step_is_noticed(heard: Any) -> None:
    """What no step explains is no answer, either."""
    data = first(heard, having="setl_id")
    fed = data["setl_proc_info"].pop()["field"]
    with pytest.raises(ValidationError, match=f"{fed} is not the sum of its steps"):
        read_answer(json.dumps(data).encode())


def test_a_difference_that_does_not_add_up_is_noticed(heard: Any) -> None:
    """The total of a gap refund is the sum of its settlements."""
    data = first(heard, having="difference")
    data["difference"]["total"]["hifp_pay_fen"] += 1
    with pytest.raises(ValidationError, match="hifp_pay_fen is not the sum"):
        read_answer(json.dumps(data).encode())


def test_an_answer_is_typed(heard: Any) -> None:
    """Readers get amounts in our words, and the first reason of a refusal."""
    money = read_answer(json.dumps(first(heard, having="setl_id")).encode())
    assert isinstance(money, AnsweredMoney)
    assert money.total_charge == money.fund_pay_total + money.person_burden
    refused = read_answer(json.dumps(first(heard, having="refusals")).encode())
    assert isinstance(refused, AnsweredRefused)
    assert isinstance(refused.refusals[0].code, RefusalCode)


def test_the_envelope_is_that_of_the_processes() -> None:
    """Type and source of an answer are the same words on both sides."""
    assert answers.ANSWER_TYPE == ANSWER_TYPE
    assert answers.ANSWER_SOURCE == ANSWER_SOURCE
