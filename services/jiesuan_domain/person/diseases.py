"""When two disease codes mean the same: local codes and the national ones."""

from jiesuan_domain.policy.model import Rules
from jiesuan_events.words.codes import DISEASES


def national(rules: Rules, code: str) -> str:
    """Return the national code that a local one is sent as across provinces."""
    return rules.national_codes.get(code, code)


def same_as(rules: Rules, code: str) -> frozenset[str]:
    """Return every code that names this disease: itself, its national, its local ones.

    Two local codes of one national code stay two diseases (50号二(二)).
    """
    local = (a for a, b in rules.national_codes.items() if b == code)
    return frozenset((code, national(rules, code), *local))


def is_listed(rules: Rules, code: str) -> bool:
    """Whether a code is one of the region's chronic diseases."""
    listed = rules.chronic_diseases or frozenset()
    return code in listed or national(rules, code) in listed


def called(code: str, rules: Rules | None) -> str:
    """Return a disease's name beside its code; a local one is called as its national.

    One that nobody knows a name of is its code alone.
    """
    name = DISEASES.get(code)
    if name is None and rules is not None:
        name = DISEASES.get(national(rules, code))
    return code if name is None else f"{name}（{code}）"
