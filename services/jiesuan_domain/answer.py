"""The data of an answer, rendered from the fact alone: it can be given again."""

from operator import attrgetter
from typing import Any, Final

from jiesuan_domain import facts
from jiesuan_domain.difference import difference
from jiesuan_domain.evolve import REQUEST_OF
from jiesuan_domain.explanation import explain
from jiesuan_domain.facts import Block, Fact, SplitLine, Totals
from jiesuan_domain.mirror import MONEY
from jiesuan_domain.policy.model import Packs, Rules
from jiesuan_events.glossary import wire_name

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
_OPTIONAL: Final = tuple((name, wire_name(name)) for name in _MAYBE)
_ID_NAMES: Final = tuple(map(wire_name, _IDS))
_MONEY_NAMES: Final = tuple(map(wire_name, MONEY))
_TOTAL_NAMES: Final = tuple(map(wire_name, Totals.__struct_fields__))
_LINE_NAMES: Final = tuple(map(wire_name, SplitLine.__struct_fields__))
_ids: Final = attrgetter(*_IDS)
_money: Final = attrgetter(*MONEY)
_totals: Final = attrgetter(*Totals.__struct_fields__)
_line: Final = attrgetter(*SplitLine.__struct_fields__)


def total_fields(totals: Totals) -> dict[str, int]:
    """Render accumulators, zeros included."""
    return dict(zip(_TOTAL_NAMES, _totals(totals), strict=True))


def block_fields(block: Block, packs: Packs) -> dict[str, Any]:
    """Render a block as `contracts.md` §5 says: every field there, zero if nothing."""
    fields: dict[str, Any] = dict(zip(_ID_NAMES, _ids(block), strict=True))
    fields["service_day"] = block.service_day.isoformat()
    fields["policy"] = {"pack": block.policy.pack, "sha256": block.policy.sha256}
    for name, wire in _OPTIONAL:
        value = getattr(block, name)
        if value is not None:
            fields[wire] = value
    fields.update(zip(_MONEY_NAMES, _money(block), strict=True))
    fields["pool_prop_selfpay"] = block.pool_rate
    fields["feedetail"] = [
        dict(zip(_LINE_NAMES, _line(line), strict=True)) for line in block.lines
    ]
    fields["setl_proc_info"] = explain(block, rules_of(block, packs))
    return fields


def rules_of(block: Block, packs: Packs) -> Rules | None:
    """Find the rules that a block was decided under, by the digest it names."""
    pack = packs.by_sha(block.policy.sha256)
    return None if pack is None else pack.on(block.service_day)


def fact_fields(fact: Fact, packs: Packs) -> dict[str, Any]:
    """Render what a fact says beyond its request: money, accumulators, differences."""
    if isinstance(fact, facts.GapRefunded):
        return _gap_fields(fact, packs)
    if isinstance(fact, facts.InpatientReported):
        return {
            "insutype": fact.scheme,
            "year": fact.year,
            "cum": total_fields(fact.totals),
        }
    if isinstance(fact, facts.Compensated):
        return {"compensated": fact.compensated}
    if isinstance(fact, Block):
        fields = block_fields(fact, packs)
        fields["cum"] = total_fields(fact.totals)
        if isinstance(fact, facts.CompensatedByReversal):
            fields["compensated"] = fact.compensated
        return fields
    return {}


def _gap_fields(fact: facts.GapRefunded, packs: Packs) -> dict[str, Any]:
    return {
        "target_setl_id": fact.target_settlement_id,
        "mdtrt_id": fact.visit_id,
        "year": fact.year,
        "insutype": fact.scheme,
        "fixmedins_code": fact.institution_id,
        "reversed": [block_fields(block, packs) for block in fact.reversed],
        "resettled": [block_fields(block, packs) for block in fact.resettled],
        "cum": total_fields(fact.totals),
        "difference": difference(fact),
    }


def decided(fact: Fact, *, packs: Packs, entry: dict[str, Any]) -> dict[str, Any]:
    """Render the answer's data to the request that a fact came of."""
    return {
        "request_source": fact.request_source,
        "request_id": fact.request_id,
        "request_type": REQUEST_OF[type(fact)],
        "psn_no": fact.person_id,
        "outcome": "decided",
        "entry": entry,
        **fact_fields(fact, packs),
    }


def quoted(block: Block, totals: Totals, *, packs: Packs) -> dict[str, Any]:
    """Render a quote: as decided, without settlement id and entry."""
    fields = block_fields(block, packs)
    del fields["setl_id"]
    return {"outcome": "quoted", **fields, "cum": total_fields(totals)}
