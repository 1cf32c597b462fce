"""Why each fen: the compact steps of a block, spelled out with article and text."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from msgspec import Struct

from jiesuan_domain.benefit.ordinary import cap_for
from jiesuan_domain.facts import Block, Step
from jiesuan_domain.policy.model import Because, Rules
from jiesuan_domain.policy.words import percent, source, words
from jiesuan_events.glossary import wire_name
from jiesuan_events.money import WHOLE, Fen, yuan


class Rule(NamedTuple):
    """What a rule feeds, the parameter whose source it cites, and its sentence.

    The sentence may name ``amount_in``, ``amount_out`` and ``value``.
    """

    field: str
    parameter: str
    text: str


RULES: Final[dict[str, Rule]] = {
    "care-place-excluded": Rule(
        "excluded",
        "care_place_rule",
        "就医地目录外或未获批准的费用{amount_out}元，全部由个人自费",
    ),
    "care-place-over-limit": Rule(
        "over_limit",
        "care_place_rule",
        "就医地定价上限以上的费用{amount_out}元，由个人自费",
    ),
    "care-place-upfront": Rule(
        "upfront_copay",
        "care_place_rule",
        "就医地目录规定的先行自付费用{amount_out}元，由个人先付",
    ),
    "catalogue-excluded": Rule(
        "excluded", "scope_rule", "目录外或未获批准的费用{amount_out}元，全部由个人自费"
    ),
    "price-limit": Rule(
        "over_limit", "price_limit_rule", "定价上限以上的费用{amount_out}元，由个人自费"
    ),
    "class-b-upfront": Rule(
        "upfront_copay",
        "class_b_selfpay_prop",
        "乙类项目由个人先行自付{amount_out}元，不计入政策范围内费用",
    ),
    "outpatient-deductible": Rule(
        "deductible_applied",
        "outpatient_deductible",
        "年度起付线{value}元以内的{amount_out}元，由个人负担",
    ),
    "inpatient-deductible": Rule(
        "deductible_applied",
        "inpatient_deductible",
        "住院起付线{value}元以内的{amount_out}元，由个人负担",
    ),
    "over-cap": Rule(
        "over_cap",
        "outpatient_cap",
        "超过年度最高限额{value}元的{amount_out}元，由个人负担",
    ),
    "disease-limit": Rule(
        "over_cap",
        "disease_limits",
        "超过该病种年度基金限额{value}元的{amount_out}元，由个人负担",
    ),
    "outpatient-pool": Rule(
        "pool_pay",
        "outpatient_ratio",
        "起付线以上、最高限额以内的{amount_in}元，统筹基金支付{value}，即{amount_out}元",
    ),
    "chronic-pool": Rule(
        "pool_pay",
        "chronic_ratio",
        "门诊慢特病费用{amount_in}元不设起付线，统筹基金支付{value}，即{amount_out}元",
    ),
    "inpatient-pool": Rule(
        "pool_pay",
        "inpatient_ratio",
        "起付线以上的{amount_in}元，统筹基金支付{value}，即{amount_out}元",
    ),
    "outpatient-person": Rule(
        "person_share", "account_rule", "其余{amount_out}元由个人按比例负担"
    ),
    "chronic-person": Rule(
        "person_share", "account_rule", "其余{amount_out}元由个人按比例负担"
    ),
    "inpatient-person": Rule(
        "person_share", "account_rule", "其余{amount_out}元由个人按比例负担"
    ),
    "large-sum": Rule(
        "large_sum_pay",
        "large_sum_threshold",
        "年度累计超过{value}元的{amount_in}元，大额医疗保险支付{ratio}，即{amount_out}元",
    ),
    "large-sum-person": Rule(
        "person_share", "account_rule", "大额医疗保险未支付的{amount_out}元由个人负担"
    ),
    "employer-supplement": Rule(
        "employer_supplement_pay",
        "employer_supplement_ratio",
        "企业补充医疗保险支付个人负担中的{amount_out}元",
    ),
}


_LENT: Final = {
    "class_b_selfpay_prop": "care_place_rule",
    "price_limit_rule": "care_place_rule",
}
_TELL_VALUE: Final = frozenset(
    name for name, rule in RULES.items() if "{value}" in rule.text
)
_TELL_IN: Final = frozenset(
    name for name, rule in RULES.items() if "{amount_in}" in rule.text
)
_WIRE: Final = {name: wire_name(rule.field) for name, rule in RULES.items()}


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
        return percent(int(whole) * WHOLE + int(rest)) + _away(block, rules)
    if rules is None:
        return "规定"
    if parameter == "outpatient_cap" and rules.outpatient_cap is not None:
        return yuan(cap_for(block.age, rules.outpatient_cap))
    if parameter == "inpatient_deductible" and rules.inpatient_deductible is not None:
        return yuan(rules.inpatient_deductible[block.tier])
    if parameter == "disease_limits" and rules.disease_limits is not None:
        return yuan(rules.disease_limits[block.disease or ""])
    amount = getattr(rules, parameter, None)
    return yuan(amount) if isinstance(amount, int) else "规定"


def article(because: Because | None) -> str:
    """Write where a rule stands; a region's own configuration has no article."""
    return "-" if because is None else source(because)


def cited(rule: str, block: Block, *, rules: Rules | None) -> tuple[str, ...]:
    """Name the parameters that a step rests on, the one it is cited for first.

    Where a region has no price ceiling or 乙类 ratio of its own, the line brought the
    care place's (50号三(二)).
    """
    parameter = RULES[rule].parameter
    if rules is None:
        return (parameter,)
    if parameter not in rules.sources:
        parameter = _LENT.get(parameter, parameter)
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


def _large_sum_ratio(rules: Rules | None) -> str:
    if rules is None or rules.large_sum_ratio is None:
        return "规定的比例"
    return percent(rules.large_sum_ratio)


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
    name, amount_in, amount_out = step.rule, step.amount_in, step.amount_out
    rule = RULES[name]
    is_mirror = block.original_settlement_id is not None
    text = rule.text.format(
        amount_in=yuan(-amount_in if is_mirror else amount_in)
        if name in _TELL_IN
        else "",
        amount_out=yuan(-amount_out if is_mirror else amount_out),
        value=value_of(block, rule.parameter, rules=rules)
        if name in _TELL_VALUE
        else "",
        ratio=_large_sum_ratio(rules) if name == "large-sum" else "",
    )
    return Told(
        _WIRE[name],
        name,
        _articles(name, block, rules=rules),
        amount_in,
        amount_out,
        f"冲回：{text}" if is_mirror else text,
    )


def _articles(rule: str, block: Block, *, rules: Rules | None) -> str:
    """Write where everything that a step rests on stands."""
    sources = {} if rules is None else rules.sources
    names = cited(rule, block, rules=rules)
    if len(names) == 1:
        return article(sources.get(names[0]))
    return "；".join([article(sources.get(name)) for name in names])


def explain(block: Block, rules: Rules | None) -> list[Told]:
    """Spell every step of a block out, in the order of the computation."""
    return [spell_out(block, step, rules=rules) for step in block.steps]


def sums_by_field(block: Block) -> Iterator[tuple[str, int]]:
    """Add the steps up by the field they feed: each must be the field itself."""
    sums: dict[str, int] = {}
    for step in block.steps:
        field = RULES[step.rule].field
        sums[field] = sums.get(field, 0) + step.amount_out
    yield from sums.items()
