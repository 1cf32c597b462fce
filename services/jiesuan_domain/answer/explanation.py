"""Why each fen: the compact steps of a block, spelled out with article and text."""

from typing import Final

from msgspec import Struct

from jiesuan_domain.benefit.chronic import limited_as, limits_of, towards
from jiesuan_domain.benefit.ordinary import cap_for
from jiesuan_domain.gates.needed import OF_REDUCTIONS
from jiesuan_domain.policy.because import Because
from jiesuan_domain.policy.model import Rules
from jiesuan_domain.policy.telling.sentences import UNSAID, Sentence
from jiesuan_domain.policy.telling.words import percent, source, words
from jiesuan_events.entries.rules import RULES, Depends
from jiesuan_events.words.codes import CLAIM_PLACE
from jiesuan_events.words.glossary import chinese, wire_name
from jiesuan_events.words.money import WHOLE, Fen, yuan
from jiesuan_ledger.parts.block import Block, Step

_LENT: Final = {
    "class_b_selfpay_prop": "care_place_rule",
    "price_limit_rule": "care_place_rule",
}
_AT_HOME: Final = {
    "care_place_rule": "claim_rule",
    "scope_rule": "claim_scope_rule",
    "price_limit_rule": "claim_scope_rule",
}
"""What a claim is cited for instead: the agency splits it, not the care place."""
_LIMITS: Final = {
    "chronic-pool": "disease-limit",
    "two-disease-pool": "two-disease-limit",
}
"""For each pool step, the step of the limit that cuts its result."""
_ABOVE: Final = ("large-sum", "large-sum-person")
_WIRE: Final = {name: wire_name(rule.feeds) for name, rule in RULES.items()}


def _ratio(block: Block, *, rules: Rules) -> str:
    """Write the pool's ratio, and by how much care away from home lowered it."""
    whole, _, rest = block.pool_rate.partition(".")
    share = percent(int(whole) * WHOLE + int(rest))
    points = reduced_by(block, rules)
    if not points:
        return share
    filing = words(block.filing_type, "choice")
    return f"{share}（{filing}，已降低{percent(points)[:-1]}个百分点）"


def _share(rule: str, block: Block, *, rules: Rules) -> str:
    """Write the pool's ratio, and what a reader must know to multiply with it.

    That is how much a yearly limit takes off the product, and what lies above 24万.
    """
    besides: list[str] = []
    for step in block.steps:
        into, out = yuan(abs(step.amount_in)), yuan(abs(step.amount_out))
        if step.rule == _LIMITS.get(rule):
            besides.append(f"计{into}元，其中{out}元超过年度基金限额，不予支付")
    above = next((abs(s.amount_in) for s in block.steps if s.rule in _ABOVE), 0)
    if above and rules.large_sum_threshold is not None:
        threshold = yuan(rules.large_sum_threshold)
        besides.append(f"另有{yuan(above)}元在年度累计{threshold}元以上")
    return _ratio(block, rules=rules) + "".join(f"（{one}）" for one in besides)


def _value(rule: str, block: Block, *, rules: Rules) -> str:
    """Write the value of a rule's parameter as it was for this settlement."""
    match RULES[rule].value:
        case Depends.AGE if rules.outpatient_cap is not None:
            return yuan(cap_for(block.age, rules.outpatient_cap))
        case Depends.TIER if rules.inpatient_deductible is not None:
            return yuan(rules.inpatient_deductible[block.tier])
        case Depends.DISEASE:
            limits = limits_of(rules, block.care_type) or {}
            code = limited_as(rules, towards(block.care_type, block.disease))
            return yuan(limits[code or ""])
        case Depends.RATIO:
            return _ratio(block, rules=rules)
        case _:
            return UNSAID


def article(because: Because | None) -> str:
    """Write where a rule stands; a region's own configuration has no article."""
    return "-" if because is None else source(because)


def is_claim(block: Block) -> bool:
    """Whether the agency split the bill: a claim goes by home's rules."""
    return block.payment_place == CLAIM_PLACE


def cited(rule: str, block: Block, *, rules: Rules | None) -> tuple[str, ...]:
    """Return the parameters that a step rests on, the one it is cited for first.

    What an agency splits for a claim goes by home's rules (50号三(一), 118号三(一)2);
    a pack that does not say so is cited as the packs before it (decision 0005). Where
    a region has no price ceiling or 乙类 ratio of its own, the line brought the care
    place's (50号三(二)).
    """
    parameter = RULES[rule].cites
    if rules is None:
        return (parameter,)
    if parameter not in rules.sources:
        parameter = _LENT.get(parameter, parameter)
    if is_claim(block):
        home = _AT_HOME.get(parameter, parameter)
        parameter = home if home in rules.sources else parameter
    also = RULES[rule].also
    if also is None or (also in OF_REDUCTIONS and not reduced_by(block, rules)):
        return (parameter,)
    return (parameter, also)


def reduced_by(block: Block, rules: Rules) -> int:
    """Return the points that care away from home took off the ratio (118号三(二))."""
    if block.filing_type is None:
        return 0
    return rules.inpatient_reduction(block.filing_type, block.care_region)


def _articles(rule: str, block: Block, *, rules: Rules | None) -> str:
    if rules is None:
        return "-"
    names = cited(rule, block, rules=rules)
    return "；".join([article(rules.sources.get(name)) for name in names])


def _split_at(block: Block) -> str:
    return "参保地" if is_claim(block) else "就医地"


class Explanation(Struct, frozen=True, gc=False):
    """One step as an answer spells it out, under wire names; amounts in fen."""

    field: str
    rule: str
    article: str
    in_fen: Fen
    out_fen: Fen
    zh: str


def spell_out(block: Block, step: Step, *, rules: Rules | None) -> Explanation:
    """Spell one compact step out for an answer: field, rule, article, amounts, text.

    A mirror tells the amounts of its original, and that they are taken back. Where
    the pack is not known, or says nothing of a step, the amount is given by its name.
    """
    name, out = step.rule, step.amount_out
    is_mirror = block.original_settlement_id is not None
    if is_mirror:
        out = -out
    sentence = None if rules is None else rules.sentences.get(name)
    same = None if sentence is None or is_claim(block) else sentence.article
    if sentence is None or rules is None:
        text = f"{chinese(RULES[name].feeds)}{yuan(out)}元"
    elif sentence.ends is not None:
        before, after = sentence.ends
        text = f"{before}{yuan(out)}{after}"
    else:
        text = _in_full(sentence, step, block=block, rules=rules)
    return Explanation(
        _WIRE[name],
        name,
        same or _articles(name, block, rules=rules),
        step.amount_in,
        step.amount_out,
        f"冲回：{text}" if is_mirror else text,
    )


def _in_full(sentence: Sentence, step: Step, *, block: Block, rules: Rules) -> str:
    """Write a sentence of which more depends on the settlement than one amount."""
    asks, sign = sentence.asks, 1 if block.original_settlement_id is None else -1
    return sentence.text.format(
        amount_in=yuan(sign * step.amount_in),
        amount_out=yuan(sign * step.amount_out),
        value=_value(step.rule, block, rules=rules) if "value" in asks else "",
        share=_share(step.rule, block, rules=rules) if "share" in asks else "",
        where=_split_at(block) if "where" in asks else "",
    )


def explain(block: Block, rules: Rules | None) -> list[Explanation]:
    """Spell every step of a block out, in the order of the computation."""
    return [spell_out(block, step, rules=rules) for step in block.steps]
