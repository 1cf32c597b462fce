"""The data of an answer, rendered from the fact alone: it can be given again."""

from typing import Final, assert_never

import msgspec
from msgspec import UNSET, Raw, UnsetType
from msgspec.structs import astuple, replace

from jiesuan_domain.answer.difference import difference
from jiesuan_domain.answer.explanation import explain
from jiesuan_domain.answer.rendered import (
    Amounts,
    Head,
    Opening,
    Rendered,
    RenderedFact,
    RenderedGapRefund,
    RenderedLine,
    RenderedPlace,
    RenderedReport,
    RenderedSettlement,
    RenderedTotals,
    RenderedUnreversed,
    RenderedWarning,
)
from jiesuan_domain.asked.asked import Asked
from jiesuan_domain.outcome import Quoted
from jiesuan_domain.person.evolve import REQUEST_OF
from jiesuan_domain.policy.model import Packs, Rules
from jiesuan_events.words.glossary import wire_name
from jiesuan_ledger import facts
from jiesuan_ledger.facts import Fact
from jiesuan_ledger.parts.block import Block, SplitLine, Totals
from jiesuan_ledger.parts.checked import Finding

_BLOCKS: Final = (
    facts.Settled,
    facts.Claimed,
    facts.Refunded,
    facts.CompensatedByReversal,
)
_encode: Final = msgspec.json.Encoder().encode
_NO_HEAD: Final = (UNSET, UNSET, UNSET, UNSET, UNSET, UNSET)
_TOTAL_NAMES: Final = tuple(map(wire_name, RenderedTotals.__struct_fields__))


def total_fields(totals: Totals) -> dict[str, int]:
    """Render accumulators as a table, zeros included."""
    return dict(zip(_TOTAL_NAMES, astuple(totals), strict=True))


def _totals(totals: Totals) -> RenderedTotals:
    return RenderedTotals(
        totals.ordinary_in_scope,
        totals.total_in_scope,
        totals.deductible_sum,
        totals.over_cap_sum,
        totals.pool_pay_sum,
        totals.large_sum_pay_sum,
        totals.person_burden_sum,
        totals.settlement_count,
    )


def _line(line: SplitLine) -> RenderedLine:
    return RenderedLine(
        line.line_id,
        line.item,
        line.line_total,
        line.excluded,
        line.line_over_limit,
        line.upfront_copay,
        line.in_scope,
    )


def _opening(block: Block, head: Head) -> Opening:
    return (
        *head,
        block.settlement_id,
        block.sender_settlement_id,
        block.visit_id,
        block.year,
        block.scheme,
        block.person_category,
        block.care_type,
        block.clearing_category,
        block.payment_place,
        block.institution_level,
        block.disease,
        block.institution_id,
        block.care_region,
        block.insured_region,
        block.service_day,
        block.policy,
    )


def _amounts(block: Block) -> Amounts:
    return (
        block.total_charge,
        block.excluded,
        block.over_limit,
        block.upfront_copay,
        block.in_scope,
        block.deductible_applied,
        block.over_cap,
        block.pool_pay,
        block.large_sum_pay,
        block.person_share,
        block.employer_supplement_pay,
        block.catastrophic_pay,
        block.civil_servant_pay,
        block.medical_aid_pay,
        block.disabled_pay,
        block.other_pay,
        block.fund_pay_total,
        block.person_burden,
        block.account_pay,
        block.cash_pay,
        block.institution_burden,
    )


def render(
    block: Block,
    packs: Packs,
    *,
    head: Head = _NO_HEAD,
    totals: Totals | None = None,
    compensated: str | UnsetType = UNSET,
    warnings: list[RenderedWarning] | UnsetType = UNSET,
) -> RenderedSettlement:
    """Render a block as `contracts.md` §5 says: every field there, zero if nothing.

    ``head`` are the fields before the block's own.
    """
    return RenderedSettlement(
        *_opening(block, head),
        UNSET if block.original_settlement_id is None else block.original_settlement_id,
        UNSET if block.original_sender_id is None else block.original_sender_id,
        UNSET if block.replaces_settlement_id is None else block.replaces_settlement_id,
        *_amounts(block),
        block.pool_rate,
        [_line(line) for line in block.lines],
        explain(block, rules_of(block, packs)),
        UNSET if totals is None else _totals(totals),
        compensated,
        warnings,
    )


def rules_of(block: Block, packs: Packs) -> Rules | None:
    """Find the rules that a block was decided under, by the digest it names."""
    pack = packs.by_sha(block.policy.sha256)
    return None if pack is None else pack.on(block.service_day)


def decided(fact: Fact, *, packs: Packs, entry: RenderedPlace) -> RenderedFact:
    """Render the data of the answer to the request that a fact came of."""
    head = (
        fact.request_source,
        fact.request_id,
        REQUEST_OF[type(fact)],
        fact.person_id,
        "decided",
        entry,
    )
    if not isinstance(fact, _BLOCKS):
        return _without_block(fact, packs, head=head)
    compensated: str | UnsetType = UNSET
    if isinstance(fact, facts.CompensatedByReversal):
        compensated = fact.compensated
    return render(fact, packs, head=head, totals=fact.totals, compensated=compensated)


def _without_block(fact: Fact, packs: Packs, *, head: Head) -> RenderedFact:
    """Render a fact that is no single block."""
    match fact:
        case facts.GapRefunded():
            return _gap_refund(fact, packs, head=head)
        case facts.InpatientReported():
            totals = _totals(fact.totals)
            return RenderedReport(*head, fact.scheme, fact.year, totals)
        case facts.Compensated():
            return RenderedUnreversed(*head, fact.compensated)
        case facts.Enrolled() | facts.Qualified() | facts.Disqualified():
            return Rendered(*head)
        case facts.Designated() | facts.Undesignated():
            return Rendered(*head)
        case facts.Filed() | facts.Unfiled() | facts.Admitted() | facts.Discharged():
            return Rendered(*head)
        case facts.Settled() | facts.Claimed():
            raise AssertionError("a settlement is a block")
        case facts.Refunded() | facts.CompensatedByReversal():
            raise AssertionError("a refund is a block")
        case _:
            assert_never(fact)


def _gap_refund(
    fact: facts.GapRefunded, packs: Packs, *, head: Head
) -> RenderedGapRefund:
    return RenderedGapRefund(
        *head,
        target_settlement_id=fact.target_settlement_id,
        visit_id=fact.visit_id,
        year=fact.year,
        scheme=fact.scheme,
        institution_id=fact.institution_id,
        reversed=[_written(block, packs) for block in fact.reversed],
        resettled=[_written(block, packs) for block in fact.resettled],
        totals=_totals(fact.totals),
        difference=difference(fact),
    )


def _written(block: Block, packs: Packs) -> Raw:
    """Write a block at once: of hundreds in one answer none waits for the others."""
    return Raw(_encode(render(block, packs)))


def quoted(asked: Asked, outcome: Quoted, *, packs: Packs) -> RenderedSettlement:
    """Render a quote: as decided, without settlement id and entry."""
    head = (asked.source, asked.id, asked.type, asked.person_id, "quoted", UNSET)
    warnings = [_warning(one) for one in outcome.warnings] or UNSET
    whole = render(
        outcome.block, packs, head=head, totals=outcome.totals, warnings=warnings
    )
    return replace(whole, settlement_id=UNSET)


def _warning(one: Finding) -> RenderedWarning:
    return RenderedWarning(one.rule, one.other_settlement_id, one.severity, one.zh)
