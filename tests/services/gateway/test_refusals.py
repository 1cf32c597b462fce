"""The ledger's no as `err_msg`: its own sentence, whole where it fits."""

from typing import Any

import pytest

from jiesuan_domain.refusals.of_request import compensated_before
from jiesuan_services.gateway.ledger.asking import unheard, unsent
from jiesuan_services.gateway.transactions.asking.outcomes import BARRED
from jiesuan_services.gateway.transactions.asking.refusal import sentence_of

HEAD = "该笔结算之后还有未退费的结算，请按时间倒序先依次退费："


def receipt(number: int) -> str:
    """Make the number of a settlement as long as they are."""
    return f"S{number:028}"


def blocked(count: int, where: str) -> dict[str, Any]:
    """Make the answer to a refund that many later settlements block."""
    named = "、".join(f"{receipt(n)}（{where}）" for n in range(min(count, 5)))
    more = f"等{count}笔" if count > 5 else ""
    details = {"blocking": [{"setl_id": receipt(n)} for n in range(count)]}
    said = {"code": "later-settlements-first", "details": details}
    return {"refusals": [{**said, "message": f"{HEAD}{named}{more}。"}]}


def test_what_blocks_is_said_in_the_ledger_s_own_words() -> None:
    """Cause, remedy, and each receipt with its institution, where they fit."""
    said = blocked(2, "示例医院（H42010000001）")
    assert sentence_of(said, {}) == said["refusals"][0]["message"]


@pytest.mark.parametrize("count", [4, 5, 6, 20])
def test_of_many_receipts_the_newest_that_fit_are_named(count: int) -> None:
    """The sentence keeps its cause and remedy, and says how many there are."""
    sentence = sentence_of(blocked(count, "示例医院（H42010000001）"), {})
    assert len(sentence) <= 200
    assert sentence.startswith(HEAD)
    assert sentence.endswith(f"）等{count}笔。")
    named = [n for n in range(count) if receipt(n) in sentence]
    assert named == [0, 1, 2]
    assert sentence.count("示例医院（H42010000001）") == len(named)


def test_a_receipt_that_fits_nowhere_is_cut() -> None:
    """An institution whose name is too long leaves cause, remedy and receipt."""
    sentence = sentence_of(blocked(6, "医" * 200), {})
    assert len(sentence) == 200
    assert sentence.startswith(f"{HEAD}{receipt(0)}（医")


@pytest.mark.parametrize(
    "type_", ["settle", "quote", "refund", "compensate", "qualify"]
)
def test_only_what_can_be_undone_is_offered_to_be_undone(type_: str) -> None:
    """2601 is named where 2207 or 2102 is not heard of, nowhere else."""
    message = {"type": f"jiesuan.{type_}.v1"}
    for sentence in (unheard(message), unsent(message)):
        assert "用同一报文" in sentence
        assert ("2601" in sentence) == (type_ == "settle")
        assert sentence.endswith("。")


def test_a_barred_message_is_told_as_the_ledger_tells_it() -> None:
    """Whether the counter or the ledger refuses it, the words are the same."""
    assert compensated_before().message == BARRED
