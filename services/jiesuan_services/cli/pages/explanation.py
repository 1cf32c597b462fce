"""What an explanation says of a settlement: from its entry and its pack alone."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec import to_builtins

from jiesuan_domain.answer.difference import difference
from jiesuan_domain.answer.explanation import cited
from jiesuan_domain.answer.render import render, rules_of, total_fields
from jiesuan_domain.policy.model import Packs, Rules
from jiesuan_events.entries.entry import Entry
from jiesuan_events.entries.rules import is_computed
from jiesuan_ledger.accumulators.totals import take_back
from jiesuan_ledger.facts import (
    Claimed,
    CompensatedByReversal,
    Fact,
    GapRefunded,
    Refunded,
    Settled,
)
from jiesuan_ledger.parts.block import Block, Totals

KINDS: Final = {
    Settled: "settled",
    Claimed: "claimed",
    Refunded: "refunded",
    CompensatedByReversal: "compensated",
}


class NotExplained(RuntimeError):
    """A settlement that cannot be explained: why, and what to do."""


def explanation(
    setl_id: str,
    entry: Entry,
    *,
    fact: Fact,
    packs: Packs,
    names: Mapping[str, str],
) -> dict[str, Any]:
    """Explain one settlement or mirror of an entry; amounts in fen."""
    block, kind = _find(setl_id, fact)
    rules = rules_of(block, packs)
    before, after = _totals(fact)
    fields = to_builtins(render(block, packs))
    steps = fields.pop("setl_proc_info")
    said: dict[str, Any] = {
        "setl_id": setl_id,
        "kind": kind,
        "psn_no": entry.person_id,
        "fixmedins_name": names.get(block.institution_id),
        "settlement": fields,
        "setl_proc_info": [
            {**step, "quote": _quote(step["rule"], block, rules=rules)}
            for step in steps
        ],
        "sources": list(_sources(block, rules)),
        "steps_add_up": is_computed(block, block.steps),
        "cum_insuplc_admdvs": block.insured_region,
        "cum_names_its_region": _names_region(fact),
        "cum_before": total_fields(before),
        "cum_after": total_fields(after),
    }
    if isinstance(fact, Claimed):
        said["manl_reim_rea"] = fact.claim_reason
    if isinstance(fact, GapRefunded):
        said["target_setl_id"] = fact.target_settlement_id
        said["difference"] = to_builtins(difference(fact))
        codes = {mirror.institution_id for mirror in fact.reversed}
        said["names"] = {code: names.get(code, code) for code in sorted(codes)}
    return said


def policies_of(fact: Fact) -> frozenset[str]:
    """Return the digests of the packs that a fact was decided under."""
    if isinstance(fact, GapRefunded):
        return frozenset(one.policy.sha256 for one in (*fact.reversed, *fact.resettled))
    return frozenset((fact.policy.sha256,)) if isinstance(fact, Block) else frozenset()


def _find(setl_id: str, fact: Fact) -> tuple[Block, str]:
    if isinstance(fact, GapRefunded):
        blocks = [(block, "gap-reversed") for block in fact.reversed]
        blocks += [(block, "gap-resettled") for block in fact.resettled]
        for block, kind in blocks:
            if block.settlement_id == setl_id:
                return block, kind
    elif isinstance(fact, Block) and fact.settlement_id == setl_id:
        return fact, KINDS[type(fact)]
    raise NotExplained(f"账本中{setl_id}所在的账目没有这笔结算：请运行jiesuan verify")


def _totals(fact: Fact) -> tuple[Totals, Totals]:
    """Return the accumulators before and after the fact; before is after, undone."""
    if isinstance(fact, GapRefunded):
        before = fact.totals
        for block in (*fact.resettled, *fact.reversed):
            before = take_back(before, block)
        return before, fact.totals
    assert isinstance(fact, Settled | Claimed | Refunded | CompensatedByReversal)
    return take_back(fact.totals, fact), fact.totals


def _names_region(fact: Fact) -> bool:
    """Whether a fact says whose accumulators it states; mostly there is one pool."""
    return getattr(fact, "totals_region", None) is not None


def _quote(rule: str, block: Block, *, rules: Rules | None) -> str | None:
    first = cited(rule, block, rules=rules)[0]
    because = None if rules is None else rules.because(first)
    return None if because is None else because.quote


def _sources(block: Block, rules: Rules | None) -> Iterator[dict[str, str]]:
    """Yield every passage that the computation rests on, once, in order of use."""
    seen: set[str] = set()
    for step in block.steps:
        for name in cited(step.rule, block, rules=rules):
            because = None if rules is None else rules.because(name)
            if because is None or name in seen:
                continue
            seen.add(name)
            yield {
                "parameter": name,
                "instrument": because.instrument,
                "article": because.article,
                "quote": because.quote,
            }
