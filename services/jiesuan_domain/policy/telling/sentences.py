"""What an answer says of each step: a pack's sentences, as they hold on one day.

A sentence may name ``amount_in``, ``amount_out``, ``value``, ``share``, ``ratio`` and
``where``.
What does not depend on the settlement is written into it once for all.
"""

from collections.abc import Mapping
from string import Formatter
from typing import Any, Final

from msgspec import Struct

from jiesuan_domain.policy.because import Because
from jiesuan_domain.policy.telling.words import percent, source
from jiesuan_events.entries.rules import BY_CARE_PLACE, RULES, Depends
from jiesuan_events.words.money import yuan

_NAMES: Final = frozenset(("amount_in", "amount_out", "value"))
UNSAID: Final = "规定"


class BadSentence(ValueError):
    """A sentence that cannot be used, and what to do about it."""


class Sentence(Struct, frozen=True, gc=False):
    """A rule's article and sentence; ``ends`` are what stands around a lone amount_out.

    The article is None where it depends on the settlement.
    """

    article: str | None
    text: str
    asks: frozenset[str]
    ends: tuple[str, str] | None


def read_sentence(rule: str, text: Any) -> str:
    """Take a sentence, or say what is wrong with it."""
    if rule not in RULES:
        raise BadSentence(f"不认识的计算步骤{rule}，请对照sentences/steps.yaml改正拼写")
    if not isinstance(text, str):
        raise BadSentence(f"{rule}: 句子应为文字，请加引号")
    try:
        names = _asked(text)
    except ValueError as wrong:
        raise BadSentence(f"{rule}: 大括号不成对，请改正句子") from wrong
    if "{{" in text or "}}" in text:
        raise BadSentence(f"{rule}: 句子里不能有成对的大括号，请删去")
    can_say = _can_say(rule)
    if not names <= can_say:
        odd = "、".join(sorted(names - can_say))
        can = "、".join(sorted(can_say))
        raise BadSentence(f"{rule}: 句子里不能用{{{odd}}}，请改用{can}")
    if "amount_out" not in names:
        raise BadSentence(f"{rule}: 句子没有说金额，请写上{{amount_out}}")
    return text


def _can_say(rule: str) -> frozenset[str]:
    """List the names that a sentence of a rule has something to put for."""
    names = _NAMES - {"value"} if RULES[rule].value is Depends.UNSAID else _NAMES
    if RULES[rule].payer is not None:
        names |= {"ratio"}
    if RULES[rule].value is Depends.RATIO:
        names |= {"share"}
    return names | {"where"} if rule in BY_CARE_PLACE else names


def _asked(text: str) -> frozenset[str]:
    """List the names in a sentence; a format or a conversion makes another name."""
    return frozenset(
        name + (f"!{how}" if how else "") + (f":{form}" if form else "")
        for _, name, form, how in Formatter().parse(text)
        if name is not None
    )


def sentences_of_day(
    sentences: Mapping[str, str],
    values: Mapping[str, Any],
    *,
    sources: Mapping[str, Because],
) -> dict[str, Sentence]:
    """Write the values of one day into a pack's sentences."""
    return {
        rule: _sentence(rule, _filled(rule, text, values=values), sources=sources)
        for rule, text in sentences.items()
    }


def _filled(rule: str, text: str, *, values: Mapping[str, Any]) -> str:
    """Write what is the same for every settlement of the day."""
    _, parameter, value, payer, _ = RULES[rule]
    if value in (Depends.DAY, Depends.UNSAID):
        amount = values.get(parameter)
        written = yuan(amount) if isinstance(amount, int) else UNSAID
        text = text.replace("{value}", written)
    ratio = None if payer is None else values.get(payer)
    return text.replace("{ratio}", "规定的比例" if ratio is None else percent(ratio))


def _sentence(rule: str, text: str, *, sources: Mapping[str, Any]) -> Sentence:
    because = sources.get(RULES[rule].cites)
    lone = RULES[rule].also is None and rule not in BY_CARE_PLACE
    asks = _asked(text)
    is_plain = asks == {"amount_out"} and text.count("{") == 1
    before, _, after = text.partition("{amount_out}")
    return Sentence(
        source(because) if because is not None and lone else None,
        text,
        asks,
        (before, after) if is_plain else None,
    )
