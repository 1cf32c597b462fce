"""The rules that bills are looked over by, and their values of each day from a pack."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, Final, NamedTuple

from jiesuan_domain.policy.model import Dated, Packs
from jiesuan_events.words.codes import SEVERITIES, Severity
from jiesuan_ledger.parts.checked import Finding

PACK: Final = ("000000", "checks")
LOOKBACK_DAYS: Final = 92
"""How far apart two bills may lie to be held against each other: the 84 days of a long
prescription, a week, and the day itself (A65)."""
DAYS_REMEMBERED: Final = 1_024

Called = Callable[[str], str]
"""What an institution is called in a sentence, by its code (docs/decisions/0022)."""


def by_code(institution_id: str) -> str:
    """Call an institution by its code alone: the ledger knows no more of it."""
    return institution_id


class CheckRule(NamedTuple):
    """A rule: the parameter it goes by, how sure it is, and its name in Chinese."""

    parameter: str
    severity: Severity
    zh: str


CHECK_RULES: Final[dict[str, CheckRule]] = {
    "stay-over-settlement": CheckRule(
        "stay_over_settlement", "violation", "住院期间的门诊费用"
    ),
    "enrolment-over-settlement": CheckRule(
        "enrolment_over_settlement", "violation", "参保终止、暂停或转移后的费用"
    ),
    "qualification-over-settlement": CheckRule(
        "qualification_over_settlement", "violation", "门诊慢特病资格终止后的费用"
    ),
    "claimed-and-settled": CheckRule(
        "claimed_and_settled", "violation", "既直接结算又手工报销的就诊"
    ),
    "visit-reported-twice": CheckRule(
        "visit_reported_twice", "suspicion", "重复报送的住院"
    ),
    "same-bill-twice": CheckRule(
        "same_bill_twice", "suspicion", "同一机构同日重复的单据"
    ),
    "same-time-elsewhere": CheckRule(
        "same_time_elsewhere_minutes", "suspicion", "同一时间在两家机构就诊"
    ),
    "prescription-settled-twice": CheckRule(
        "prescription_settled_twice", "suspicion", "同一处方重复结算"
    ),
    "item-of-other-sex": CheckRule("items_for_one_sex", "suspicion", "性别不符的项目"),
    "item-of-younger-age": CheckRule(
        "item_youngest_age", "suspicion", "低于适用年龄的项目"
    ),
    "item-of-older-age": CheckRule(
        "item_oldest_age", "suspicion", "高于适用年龄的项目"
    ),
    "quantity-beyond-days": CheckRule(
        "item_most_a_day", "suspicion", "超出周期天数的用量"
    ),
    "supply-too-long": CheckRule("supply_days_limit", "suspicion", "超长配药"),
    "supply-overlaps": CheckRule("supply_overlap_days", "suspicion", "提前重复配药"),
}


def finding(rule: str, of: str | None, *, other: str | None = None, zh: str) -> Finding:
    """Return what a rule has found of a settlement, or of it and another."""
    severity = CHECK_RULES[rule].severity
    assert severity in SEVERITIES
    return Finding(rule, of, other, severity, zh)


class Checks:
    """The values of the rules, from the pack in force; a rule without one rests."""

    def __init__(self, packs: Packs) -> None:
        pack = packs.find(*PACK)
        dated: dict[str, Dated] = {} if pack is None else pack.parameters
        self._dated = {
            rule: dated[row.parameter]
            for rule, row in CHECK_RULES.items()
            if row.parameter in dated
        }
        self.on = lru_cache(DAYS_REMEMBERED)(self._on)
        """Return the values of a day by rule; one that rests is not among them."""

    def _on(self, day: date) -> Mapping[str, Any]:
        dated = {rule: values.on(day) for rule, values in self._dated.items()}
        return {
            rule: one.value
            for rule, one in dated.items()
            if one is not None and one.value is not False
        }
