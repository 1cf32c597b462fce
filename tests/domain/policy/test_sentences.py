"""What an answer says of a step comes from the packs, and a region may say it anew."""

from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.domain import asking

from jiesuan_domain.policy.loader import PackError, load, parse_pack
from jiesuan_domain.policy.telling.diff import diff
from jiesuan_events.entries.rules import RULES
from jiesuan_services.clerk.trial import Trial
from jiesuan_services.runtime.packs import load_packs, shipped_texts

OWN = """\
pack: 429900-310
sentences:
  outpatient-deductible: 起付线{value}元，您这次用掉{amount_out}元
"""


def steps(made: Trial, amount: int = 100_000) -> list[dict[str, Any]]:
    """Settle a bill for a new person, and give what is said of its steps."""
    for one in (*asking.institutions(), asking.enrol("E1")):
        made.answer(asking.text(one), 1)
    answer = orjson.loads(made.answer(asking.text(asking.settle("S1", amount)), 1))
    explained: list[dict[str, Any]] = answer["data"]["setl_proc_info"]
    return explained


def test_every_step_has_a_sentence_that_ships() -> None:
    """Each pack that ships says something of every rule of a computation."""
    packs = load_packs()
    for id_ in packs.ids():
        pack = packs.find(*id_.split("-"))
        assert pack is not None
        assert pack.sentences.keys() == RULES.keys()


def test_a_region_says_it_in_its_own_words(tmp_path: Path) -> None:
    """A sentence of an overlay is what the answer says, with the day's values in it."""
    (tmp_path / "own.yaml").write_text(OWN, encoding="utf-8")
    (step,) = steps(Trial(load_packs(tmp_path)))
    assert step["zh"] == "起付线2400.00元，您这次用掉1000.00元"
    assert step["article"] == "鄂医保发〔2021〕67号 第八条"


def test_other_words_are_another_pack(tmp_path: Path) -> None:
    """Sentences are part of what a digest is taken over, and of what is archived."""
    (tmp_path / "own.yaml").write_text(OWN, encoding="utf-8")
    old = load_packs().find("429900", "310")
    new = load_packs(tmp_path).find("429900", "310")
    assert old is not None
    assert new is not None
    assert old.sha256 != new.sha256
    assert parse_pack(new.canonical.decode(), "archive").sentences == new.sentences


def test_a_pack_from_before_says_what_every_pack_says() -> None:
    """A pack archived without sentences keeps its digest, and tells its steps."""
    packs = load_packs()
    pack = packs.find("429900", "310")
    assert pack is not None
    body = orjson.loads(pack.canonical)
    del body["sentences"]
    old = parse_pack(orjson.dumps(body).decode(), "archive")
    assert "sentences" not in orjson.loads(old.canonical)
    packs.archive(old)
    assert packs.by_sha(old.sha256) is old
    day = date(2022, 3, 1)
    assert old.on(day).sentences == pack.on(day).sentences


def test_two_packs_may_differ_in_words_alone(tmp_path: Path) -> None:
    """Another sentence is told as a difference, from which words to which."""
    (tmp_path / "own.yaml").write_text(OWN, encoding="utf-8")
    old = load_packs().find("429900", "310")
    new = load_packs(tmp_path).find("429900", "310")
    assert old is not None
    assert new is not None
    assert diff(old, old) == ""
    assert diff(old, new) == (
        "步骤outpatient-deductible的说明由“年度起付线{value}元以内的{amount_out}元，"
        "由个人负担”改为“起付线{value}元，您这次用掉{amount_out}元”。"
    )


def test_sentences_alone_are_no_pack() -> None:
    """Sentences for a pack that nobody wrote are refused: a misspelt name is likely."""
    with pytest.raises(PackError, match=r"own\.yaml:1: 只有sentences而没有参数"):
        load({}, {"own.yaml": OWN})


def test_no_step_may_be_left_untold() -> None:
    """The sentences for all packs are refused if one is missing."""
    (text,) = shipped_texts("sentences", ".yaml").values()
    few = "\n".join(one for one in text.splitlines() if "over-cap" not in one)
    with pytest.raises(PackError, match=r"steps\.yaml:\d+: 没有写over-cap的句子"):
        load({}, {}, sentences={"steps.yaml": few})


def test_what_no_pack_says_is_given_by_its_name() -> None:
    """Without a sentence a step is told by the name of the amount that it feeds."""
    (step,) = steps(Trial(load(shipped_texts("packs", ".yaml"), {})))
    assert step["zh"] == "实际支付起付线1000.00元"
    assert step["article"] == "鄂医保发〔2021〕67号 第八条"


@pytest.mark.parametrize(
    ("wrong", "line", "says"),
    [
        ("outpatient-deductibel: x{amount_out}", 3, "不认识的计算步骤"),
        ("over-cap: 超过{amuont_out}元", 3, "不能用{amuont_out}"),
        ("over-cap: 超过{amount_out:>9}元", 3, "不能用{amount_out:>9}"),
        ("class-b-upfront: 自付{value}，即{amount_out}元", 3, "不能用{value}"),
        ("employer-supplement: 按{value}付{amount_out}元", 3, "不能用{value}"),
        ("over-cap: 超过限额", 3, "请写上{amount_out}"),
        ("over-cap: 超过{amount_out元", 3, "大括号不成对"),
        ("over-cap: 超过{{value}}{amount_out}元", 3, "不能有成对的大括号"),
        ("over-cap: 超过}}{amount_out}元", 3, "不能有成对的大括号"),
        ("over-cap: 超过{ratio}{amount_out}元", 3, "不能用{ratio}"),
        ("over-cap: 超过{where}{amount_out}元", 3, "不能用{where}"),
        ("over-cap: 7", 3, "应为文字"),
        ("over-cap: [超过]", 3, "应为文字"),
    ],
)
def test_a_sentence_that_cannot_be_used_is_refused(
    wrong: str, line: int, says: str
) -> None:
    """A sentence of no rule, of unknown names or without its amount is refused."""
    text = f"pack: 990000-310\nsentences:\n  {wrong}\n"
    with pytest.raises(PackError) as raised:
        parse_pack(text, "mine.yaml")
    assert str(raised.value).startswith(f"mine.yaml:{line}: ")
    assert says in str(raised.value)


def test_sentences_are_a_list_by_rule() -> None:
    """Anything else under `sentences` is refused with its line."""
    with pytest.raises(PackError, match=r"mine\.yaml:2: sentences应按计算步骤"):
        parse_pack("pack: 990000-310\nsentences: 无\n", "mine.yaml")
