"""Why each fen: the compact steps of a block, spelled out with article and text."""

from typing import Final, NamedTuple

from msgspec import Struct

from jiesuan_domain.asked import CLAIM_PLACE
from jiesuan_domain.benefit.chronic import limited_as
from jiesuan_domain.benefit.ordinary import cap_for
from jiesuan_domain.facts import Block, Step
from jiesuan_domain.policy.model import Because, Rules
from jiesuan_domain.policy.words import percent, source, words
from jiesuan_events.computation import FEEDS
from jiesuan_events.glossary import wire_name
from jiesuan_events.money import WHOLE, Fen, yuan


class Rule(NamedTuple):
    """The parameter whose source a rule cites, and its sentence.

    The sentence may name ``amount_in``, ``amount_out`` and ``value``.
    """

    parameter: str
    text: str


RULES: Final[dict[str, Rule]] = {
    "care-place-excluded": Rule(
        "care_place_rule",
        "{where}目录外或未获批准的费用{amount_out}元，全部由个人自费",
    ),
    "care-place-over-limit": Rule(
        "care_place_rule",
        "{where}定价上限以上的费用{amount_out}元，由个人自费",
    ),
    "care-place-upfront": Rule(
        "care_place_rule",
        "{where}目录规定的先行自付费用{amount_out}元，由个人先付",
    ),
    "catalogue-excluded": Rule(
        "scope_rule", "目录外或未获批准的费用{amount_out}元，全部由个人自费"
    ),
    "price-limit": Rule(
        "price_limit_rule", "定价上限以上的费用{amount_out}元，由个人自费"
    ),
    "class-b-upfront": Rule(
        "class_b_selfpay_prop",
        "乙类项目由个人先行自付{amount_out}元，不计入政策范围内费用",
    ),
    "outpatient-deductible": Rule(
        "outpatient_deductible",
        "年度起付线{value}元以内的{amount_out}元，由个人负担",
    ),
    "inpatient-deductible": Rule(
        "inpatient_deductible",
        "住院起付线{value}元以内的{amount_out}元，由个人负担",
    ),
    "over-cap": Rule(
        "outpatient_cap",
        "超过年度最高限额{value}元的{amount_out}元，由个人负担",
    ),
    "disease-limit": Rule(
        "disease_limits",
        "超过该病种年度基金限额{value}元的{amount_out}元，由个人负担",
    ),
    "outpatient-pool": Rule(
        "outpatient_ratio",
        "起付线以上、最高限额以内的{amount_in}元，统筹基金支付{value}，即{amount_out}元",
    ),
    "chronic-pool": Rule(
        "chronic_ratio",
        "门诊慢特病费用{amount_in}元不设起付线，统筹基金支付{value}，即{amount_out}元",
    ),
    "inpatient-pool": Rule(
        "inpatient_ratio",
        "起付线以上的{amount_in}元，统筹基金支付{value}，即{amount_out}元",
    ),
    "outpatient-person": Rule("account_rule", "其余{amount_out}元由个人按比例负担"),
    "chronic-person": Rule("account_rule", "其余{amount_out}元由个人按比例负担"),
    "inpatient-person": Rule("account_rule", "其余{amount_out}元由个人按比例负担"),
    "large-sum": Rule(
        "large_sum_threshold",
        "年度累计超过{value}元的{amount_in}元，大额医疗保险支付{ratio}，即{amount_out}元",
    ),
    "large-sum-person": Rule(
        "account_rule", "大额医疗保险未支付的{amount_out}元由个人负担"
    ),
    "employer-supplement": Rule(
        "employer_supplement_ratio",
        "政策范围内由个人负担的{amount_in}元，企业补充医疗保险支付{ratio}，"
        "即{amount_out}元",
    ),
}


_LENT: Final = {
    "class_b_selfpay_prop": "care_place_rule",
    "price_limit_rule": "care_place_rule",
}
_TELL_VALUE: Final = frozenset(
    name for name, rule in RULES.items() if "{value}" in rule.text
)
_CITES_MORE: Final = frozenset(("large-sum", "inpatient-pool")) | {
    name for name, rule in RULES.items() if rule.parameter == "care_place_rule"
}
"""Rules whose article depends on more than the parameter that they are named for."""
_TELL_WHERE: Final = frozenset(
    name for name, rule in RULES.items() if "{where}" in rule.text
)
_TELL_RATIO: Final = frozenset(
    name for name, rule in RULES.items() if "{ratio}" in rule.text
)
_TELL_IN: Final = frozenset(
    name for name, rule in RULES.items() if "{amount_in}" in rule.text
)
_OUT_ALONE: Final = {
    name: rule.text.split("{amount_out}")
    for name, rule in RULES.items()
    if rule.text.count("{") == 1 and "{amount_out}" in rule.text
}
"""What stands before and after the amount, where a sentence tells nothing else."""
_WIRE: Final = {name: wire_name(FEEDS[name]) for name in RULES}


def _away(block: Block, rules: Rules | None) -> str:
    """Say by how much inpatient care away from home lowered the ratio, if it did."""
    points = 0 if rules is None else reduced_by(block, rules)
    if not points:
        return ""
    filing = words(block.filing_type, "choice")
    return f"（{filing}，已降低{percent(points)[:-1]}个百分点）"


def value_of(block: Block, parameter: str, *, rules: Rules | None) -> str:
    """Write the value of a parameter as it was for this settlement."""
    if parameter in ("outpatient_ratio", "chronic_ratio", "inpatient_ratio"):
        whole, _, rest = block.pool_rate.partition(".")
        told = percent(int(whole) * WHOLE + int(rest))
        return told if block.filing_type is None else told + _away(block, rules)
    if rules is None:
        return "规定"
    if parameter == "outpatient_cap" and rules.outpatient_cap is not None:
        return yuan(cap_for(block.age, rules.outpatient_cap))
    if parameter == "inpatient_deductible" and rules.inpatient_deductible is not None:
        return yuan(rules.inpatient_deductible[block.tier])
    if parameter == "disease_limits" and rules.disease_limits is not None:
        return yuan(rules.disease_limits[limited_as(rules, block.disease) or ""])
    amount = getattr(rules, parameter, None)
    return yuan(amount) if isinstance(amount, int) else "规定"


def article(because: Because | None) -> str:
    """Write where a rule stands; a region's own configuration has no article."""
    return "-" if because is None else source(because)


def is_claim(block: Block) -> bool:
    """Tell whether the agency split the bill: a claim goes by home's rules."""
    return block.payment_place == CLAIM_PLACE


def cited(rule: str, block: Block, *, rules: Rules | None) -> tuple[str, ...]:
    """Name the parameters that a step rests on, the one it is cited for first.

    What an agency splits for a claim goes by home's rules (50号三(一), 118号三(一)2).
    Where a region has no price ceiling or 乙类 ratio of its own, the line brought the
    care place's (50号三(二)).
    """
    parameter = RULES[rule].parameter
    if rules is None:
        return (parameter,)
    if parameter not in rules.sources:
        parameter = _LENT.get(parameter, parameter)
    if parameter == "care_place_rule" and is_claim(block):
        parameter = "claim_rule" if "claim_rule" in rules.sources else parameter
    if rule == "large-sum":
        return (parameter, "large_sum_ratio")
    if rule == "inpatient-pool" and reduced_by(block, rules):
        return (parameter, "filing_inpatient_reduction")
    return (parameter,)


def reduced_by(block: Block, rules: Rules) -> int:
    """Give the points that care away from home took off the ratio (118号三(二))."""
    if block.filing_type is None:
        return 0
    return rules.inpatient_reduction(block.filing_type, block.care_region)


def _articles(rule: str, block: Block, *, rules: Rules | None) -> str:
    if rules is None:
        return "-"
    because = rules.sources.get(RULES[rule].parameter)
    if because is not None and rule not in _CITES_MORE:
        return source(because)
    names = cited(rule, block, rules=rules)
    return "；".join([article(rules.sources.get(name)) for name in names])


def _split_at(block: Block) -> str:
    return "参保地" if is_claim(block) else "就医地"


def _second_ratio(rule: str, rules: Rules | None) -> str:
    """Write the ratio of the payers that come after the pool (67号第二十三条)."""
    ratio = None
    if rule == "large-sum" and rules is not None:
        ratio = rules.large_sum_ratio
    elif rule == "employer-supplement" and rules is not None:
        ratio = rules.employer_supplement_ratio
    return "规定的比例" if ratio is None else percent(ratio)


class Told(Struct, frozen=True, gc=False):
    """One step as an answer spells it out, under wire names; amounts in fen."""

    field: str
    rule: str
    article: str
    in_fen: Fen
    out_fen: Fen
    zh: str


def spell_out(block: Block, step: Step, *, rules: Rules | None) -> Told:
    """Spell one compact step out for an answer: field, rule, article, amounts, text.

    A mirror tells the amounts of its original, and that they are taken back.
    """
    name = step.rule
    text = _sentence(block, step, rules=rules)
    return Told(
        _WIRE[name],
        name,
        _articles(name, block, rules=rules),
        step.amount_in,
        step.amount_out,
        text if block.original_settlement_id is None else f"冲回：{text}",
    )


def _sentence(block: Block, step: Step, *, rules: Rules | None) -> str:
    """Tell a step's amounts; a mirror's are those of its original."""
    name, amount_in, amount_out = step.rule, step.amount_in, step.amount_out
    if block.original_settlement_id is not None:
        amount_in, amount_out = -amount_in, -amount_out
    if name in _OUT_ALONE:
        before, after = _OUT_ALONE[name]
        return f"{before}{yuan(amount_out)}{after}"
    rule = RULES[name]
    return rule.text.format(
        amount_in=yuan(amount_in) if name in _TELL_IN else "",
        amount_out=yuan(amount_out),
        value=value_of(block, rule.parameter, rules=rules)
        if name in _TELL_VALUE
        else "",
        where=_split_at(block) if name in _TELL_WHERE else "",
        ratio=_second_ratio(name, rules) if name in _TELL_RATIO else "",
    )


def explain(block: Block, rules: Rules | None) -> list[Told]:
    """Spell every step of a block out, in the order of the computation."""
    return [spell_out(block, step, rules=rules) for step in block.steps]
