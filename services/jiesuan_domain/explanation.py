"""Why each fen: the compact steps of a block, spelled out with article and text."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from jiesuan_domain.benefit.ordinary import cap_for
from jiesuan_domain.facts import Block, Step
from jiesuan_domain.policy.model import Because, Rules
from jiesuan_domain.policy.words import percent
from jiesuan_events.glossary import wire_name
from jiesuan_events.money import WHOLE, yuan


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
        "年度累计超过{value}元的{amount_in}元，大额医疗保险支付{amount_out}元",
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


_TELL_VALUE: Final = frozenset(
    name for name, rule in RULES.items() if "{value}" in rule.text
)
_TELL_IN: Final = frozenset(
    name for name, rule in RULES.items() if "{amount_in}" in rule.text
)
_WIRE: Final = {name: wire_name(rule.field) for name, rule in RULES.items()}


def value_of(block: Block, parameter: str, *, rules: Rules | None) -> str:
    """Write the value of a parameter as it was for this settlement."""
    if parameter in ("outpatient_ratio", "chronic_ratio", "inpatient_ratio"):
        whole, _, rest = block.pool_rate.partition(".")
        return percent(int(whole) * WHOLE + int(rest))
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
    """Write where a rule stands: instrument and article."""
    if because is None:
        return "-"
    return f"{because.instrument} {because.article}"


def spell_out(block: Block, step: Step, *, rules: Rules | None) -> dict[str, Any]:
    """Spell one compact step out for an answer: field, rule, article, amounts, text."""
    rule = RULES[step.rule]
    because = None if rules is None else rules.because(rule.parameter)
    text = rule.text.format(
        amount_in=yuan(step.amount_in) if step.rule in _TELL_IN else "",
        amount_out=yuan(step.amount_out),
        value=value_of(block, rule.parameter, rules=rules)
        if step.rule in _TELL_VALUE
        else "",
    )
    return {
        "field": _WIRE[step.rule],
        "rule": step.rule,
        "article": article(because),
        "in_fen": step.amount_in,
        "out_fen": step.amount_out,
        "zh": text,
    }


def explain(block: Block, rules: Rules | None) -> list[dict[str, Any]]:
    """Spell every step of a block out, in the order of the computation."""
    return [spell_out(block, step, rules=rules) for step in block.steps]


def sums_by_field(block: Block) -> Iterator[tuple[str, int]]:
    """Add the steps up by the field they feed: each must be the field itself."""
    sums: dict[str, int] = {}
    for step in block.steps:
        field = RULES[step.rule].field
        sums[field] = sums.get(field, 0) + step.amount_out
    yield from sums.items()
