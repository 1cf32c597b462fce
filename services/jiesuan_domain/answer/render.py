"""The data of an answer, rendered from the fact alone: it can be given again."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Any, Final, assert_never

import msgspec
from msgspec import UNSET, Raw, UnsetType, defstruct
from msgspec.structs import replace

from jiesuan_domain.answer.difference import difference
from jiesuan_domain.answer.explanation import explain
from jiesuan_domain.asked.asked import Asked
from jiesuan_domain.outcome import Quoted
from jiesuan_domain.person.evolve import REQUEST_OF
from jiesuan_domain.policy.model import Packs, Rules
from jiesuan_domain.requests.mirror import MONEY
from jiesuan_events.words.glossary import wire_name
from jiesuan_ledger import facts
from jiesuan_ledger.facts import Fact
from jiesuan_ledger.parts.block import Block, SplitLine, Totals
from jiesuan_ledger.parts.checked import Finding

_IDS: Final = (
    "settlement_id",
    "sender_settlement_id",
    "visit_id",
    "year",
    "scheme",
    "person_category",
    "care_type",
    "clearing_category",
    "payment_place",
    "institution_level",
    "disease",
    "institution_id",
    "care_region",
    "insured_region",
)
_MAYBE: Final = (
    "original_settlement_id",
    "original_sender_id",
    "replaces_settlement_id",
)
_BLOCKS: Final = (
    facts.Settled,
    facts.Claimed,
    facts.Refunded,
    facts.CompensatedByReversal,
)
_HEAD: Final = (
    "request_source",
    "request_id",
    "request_type",
    "psn_no",
    "outcome",
    "entry",
)
_encode: Final = msgspec.json.Encoder().encode
_NO_HEAD: Final = (UNSET,) * len(_HEAD)


def _shape(name: str, fields: Sequence[str]) -> Any:
    """Make a struct that writes its fields in this order; one left UNSET is absent."""
    return defstruct(name, [(field, Any) for field in fields], frozen=True, gc=False)


def _wires(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(map(wire_name, names))


_Rendered: Final = _shape(
    "Rendered",
    (
        *_HEAD,
        *_wires(_IDS),
        "service_day",
        "policy",
        *_wires(_MAYBE),
        *_wires(MONEY),
        "pool_prop_selfpay",
        "feedetail",
        "setl_proc_info",
        "cum",
        "compensated",
        "warnings",
    ),
)
_TOTAL_NAMES: Final = _wires(Totals.__struct_fields__)
_Totals: Final = _shape("Totals", _TOTAL_NAMES)
_Line: Final = _shape("Line", _wires(SplitLine.__struct_fields__))
_ids: Final = attrgetter(*_IDS)
_maybe: Final = attrgetter(*_MAYBE)
_money: Final = attrgetter(*MONEY)
_totals: Final = attrgetter(*Totals.__struct_fields__)
_line: Final = attrgetter(*SplitLine.__struct_fields__)


def total_fields(totals: Totals) -> dict[str, int]:
    """Render accumulators, zeros included."""
    return dict(zip(_TOTAL_NAMES, _totals(totals), strict=True))


def render(
    block: Block,
    packs: Packs,
    *,
    head: tuple[Any, ...] = _NO_HEAD,
    totals: Totals | None = None,
    compensated: str | UnsetType = UNSET,
    warnings: list[dict[str, Any]] | UnsetType = UNSET,
) -> Any:
    """Render a block as `contracts.md` §5 says: every field there, zero if nothing.

    What comes of it is to be encoded; ``head`` are the fields before the block's own.
    """
    return _Rendered(
        *head,
        *_ids(block),
        block.service_day,
        block.policy,
        *[UNSET if one is None else one for one in _maybe(block)],
        *_money(block),
        block.pool_rate,
        [_Line(*_line(line)) for line in block.lines],
        explain(block, rules_of(block, packs)),
        UNSET if totals is None else _Totals(*_totals(totals)),
        compensated,
        warnings,
    )


def rules_of(block: Block, packs: Packs) -> Rules | None:
    """Find the rules that a block was decided under, by the digest it names."""
    pack = packs.by_sha(block.policy.sha256)
    return None if pack is None else pack.on(block.service_day)


def decided(fact: Fact, *, packs: Packs, entry: dict[str, Any]) -> Any:
    """Render the answer's data to the request that a fact came of, to be encoded."""
    head = (
        fact.request_source,
        fact.request_id,
        REQUEST_OF[type(fact)],
        fact.person_id,
        "decided",
        entry,
    )
    if not isinstance(fact, _BLOCKS):
        return dict(zip(_HEAD, head, strict=True)) | _other_fields(fact, packs)
    compensated: str | UnsetType = UNSET
    if isinstance(fact, facts.CompensatedByReversal):
        compensated = fact.compensated
    return render(fact, packs, head=head, totals=fact.totals, compensated=compensated)


def _other_fields(fact: Fact, packs: Packs) -> dict[str, Any]:
    """Render what a fact that is no single block says beyond its request."""
    match fact:
        case facts.GapRefunded():
            return _gap_fields(fact, packs)
        case facts.InpatientReported():
            return {
                "insutype": fact.scheme,
                "year": fact.year,
                "cum": total_fields(fact.totals),
            }
        case facts.Compensated():
            return {"compensated": fact.compensated}
        case facts.Enrolled() | facts.Qualified() | facts.Disqualified():
            return {}
        case facts.Designated() | facts.Undesignated():
            return {}
        case facts.Filed() | facts.Unfiled() | facts.Admitted() | facts.Discharged():
            return {}
        case facts.Settled() | facts.Claimed():
            raise AssertionError("a settlement is a block")
        case facts.Refunded() | facts.CompensatedByReversal():
            raise AssertionError("a refund is a block")
        case _:
            assert_never(fact)


def _gap_fields(fact: facts.GapRefunded, packs: Packs) -> dict[str, Any]:
    return {
        "target_setl_id": fact.target_settlement_id,
        "mdtrt_id": fact.visit_id,
        "year": fact.year,
        "insutype": fact.scheme,
        "fixmedins_code": fact.institution_id,
        "reversed": [_written(block, packs) for block in fact.reversed],
        "resettled": [_written(block, packs) for block in fact.resettled],
        "cum": total_fields(fact.totals),
        "difference": difference(fact),
    }


def _written(block: Block, packs: Packs) -> Raw:
    """Write a block at once: of hundreds in one answer none waits for the others."""
    return Raw(_encode(render(block, packs)))


def quoted(asked: Asked, outcome: Quoted, *, packs: Packs) -> Any:
    """Render a quote, to be encoded: as decided, without settlement id and entry."""
    head = (asked.source, asked.id, asked.type, asked.person_id, "quoted", UNSET)
    said = [_warning(one) for one in outcome.warnings] or UNSET
    whole = render(
        outcome.block, packs, head=head, totals=outcome.totals, warnings=said
    )
    return replace(whole, setl_id=UNSET)


def _warning(one: Finding) -> dict[str, Any]:
    return {
        "rule": one.rule,
        "other_setl_id": one.other_settlement_id,
        "severity": one.severity,
        "zh": one.zh,
    }
