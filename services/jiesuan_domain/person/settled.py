"""What money changes of a person: the year of its pool, and the settlements kept."""

from collections.abc import Mapping

from msgspec.structs import replace

from jiesuan_domain.person.enrolment import home_of
from jiesuan_domain.person.state import (
    CHUNK,
    Change,
    Chunk,
    Effective,
    EffectiveClaim,
    KeptSettlement,
    Person,
    PersonYear,
    SeenRequest,
)
from jiesuan_ledger import facts
from jiesuan_ledger.accumulators.pools import Counting, PoolYear, add_up, pool_year
from jiesuan_ledger.parts.block import Block


def inpatient_reported(
    fact: facts.InpatientReported, person: Person, *, change: Change
) -> Change:
    """Remember a report: it stands on the year of its pool and counts there."""
    pool = pool_year(fact, home=home_of(person.head, fact.scheme))
    report = Effective(
        "",
        fact.request_id,
        "",
        "",
        None,
        None,
        reported=fact.in_scope,
        visit_id=fact.visit_id,
    )
    return _standing(change, person, pool=pool, fact=fact, one=report)


def _standing(
    change: Change, person: Person, *, pool: PoolYear, fact: Counting, one: Effective
) -> Change:
    """Let one more stand on the year of a fact's pool.

    The accumulators are added up; what a fact states of them is `verify`'s to check.
    """
    year = person.year_of(pool)
    newest, chunks = (*year.newest, one), year.chunks
    if len(newest) == CHUNK:
        change.chunks[*pool, chunks] = newest
        newest, chunks = (), chunks + 1
    return _with_year(
        change,
        person,
        pool=pool,
        year=PersonYear(add_up(year.totals, fact), newest, chunks),
    )


def _with_year(
    change: Change, person: Person, *, pool: PoolYear, year: PersonYear
) -> Change:
    """Change the year of a pool, and name it in the head if it is new."""
    change.years[pool] = year
    if pool in person.head.pools:
        return change
    return change.with_head(pools=(*person.head.pools, pool))


def _replaced(
    change: Change,
    person: Person,
    *,
    pool: PoolYear,
    fact: Counting,
    instead: Mapping[str, Effective | None],
) -> Change:
    """Let others, or nothing, stand in the places of some settlements.

    They are looked for from the newest back: chunks below the oldest are not read.
    """
    year, missing = person.year_of(pool), set(instead)
    newest = _with(year.newest, instead, missing=missing)
    number = year.chunks
    while missing and number:
        number -= 1
        chunk = person.chunks[*pool, number]
        changed = _with(chunk, instead, missing=missing)
        if changed != chunk:
            change.chunks[*pool, number] = changed
    after = PersonYear(add_up(year.totals, fact), newest, year.chunks)
    return _with_year(change, person, pool=pool, year=after)


def _with(
    chunk: Chunk, instead: Mapping[str, Effective | None], *, missing: set[str]
) -> Chunk:
    """Return a chunk with others in the places of some, which are then not missing."""
    kept: list[Effective] = []
    for one in chunk:
        if one.settlement_id not in missing:
            kept.append(one)
            continue
        missing.discard(one.settlement_id)
        other = instead[one.settlement_id]
        if other is not None:
            kept.append(other)
    return tuple(kept)


def _effective(block: Block) -> Effective:
    return Effective(
        block.settlement_id,
        block.sender_settlement_id,
        block.institution_id,
        block.care_type,
        block.disease,
        block.service_day,
        block.pool_pay,
    )


def settled(
    fact: facts.Settled | facts.Claimed, person: Person, *, change: Change
) -> Change:
    """Remember a settlement or claim."""
    claimed_by = fact.request_source if isinstance(fact, facts.Claimed) else None
    change.settlements[fact.settlement_id] = KeptSettlement(fact, claimed_by)
    if claimed_by is not None:
        claim = EffectiveClaim(fact.settlement_id, fact.institution_id, fact.visit_id)
        change = change.with_head(claims=(*person.head.claims, claim))
    pool = (fact.insured_region, fact.scheme, fact.year)
    return _standing(change, person, pool=pool, fact=fact, one=_effective(fact))


def refunded(
    fact: facts.Refunded | facts.CompensatedByReversal,
    person: Person,
    *,
    change: Change,
) -> Change:
    """Remember a mirror: what it takes back stands no more."""
    original = fact.original_settlement_id or ""
    pool = (fact.insured_region, fact.scheme, fact.year)
    _close(change, person, settlement_id=original, replaced_by=None)
    if isinstance(fact, facts.CompensatedByReversal):
        _bar(change, person, fact=fact)
    change = _without_claim(change, original)
    return _replaced(change, person, pool=pool, fact=fact, instead={original: None})


def _without_claim(change: Change, settlement_id: str) -> Change:
    claims = change.head.claims
    if not claims:
        return change
    kept = tuple(one for one in claims if one.settlement_id != settlement_id)
    return change.with_head(claims=kept)


def _close(
    change: Change, person: Person, *, settlement_id: str, replaced_by: str | None
) -> None:
    """Mark a bill as refunded; a fact may name one that we never saw."""
    bill = person.settlements.get(settlement_id)
    if bill is not None:
        change.settlements[settlement_id] = replace(
            bill, is_refunded=True, replaced_by=replaced_by
        )


def _bar(
    change: Change,
    person: Person,
    *,
    fact: facts.Compensated | facts.CompensatedByReversal,
) -> None:
    """Bar a name for ever, whether its request had arrived or not."""
    id_ = fact.compensated_message
    at = change.head
    seen = person.request(fact.request_source, id_) or SeenRequest(
        fact.request_source, "", "", at.version, at.hash, -1
    )
    person.put_request(change, id_, seen=replace(seen, barred=True))


def compensated(fact: facts.Compensated, person: Person, *, change: Change) -> Change:
    """Remember a name that is barred."""
    _bar(change, person, fact=fact)
    return change


def gap_refunded(fact: facts.GapRefunded, person: Person, *, change: Change) -> Change:
    """Remember a gap refund: one settlement less, the later ones replaced."""
    target = fact.target_settlement_id
    by_old = {block.replaces_settlement_id: block for block in fact.resettled}
    pool = pool_year(fact, home="")
    instead: dict[str, Effective | None] = {
        block.replaces_settlement_id or "": _effective(block)
        for block in fact.resettled
    }
    instead[target] = None
    _close(change, person, settlement_id=target, replaced_by=None)
    for block in fact.resettled:
        _replace_bill(change, person, block=block)
    change = _with_claims_renamed(_without_claim(change, target), by_old=by_old)
    return _replaced(change, person, pool=pool, fact=fact, instead=instead)


def _with_claims_renamed(change: Change, *, by_old: dict[str | None, Block]) -> Change:
    """Return the change, its standing claims renamed after their re-settlements."""
    claims = change.head.claims
    if not any(one.settlement_id in by_old for one in claims):
        return change
    renamed = tuple(
        one
        if one.settlement_id not in by_old
        else replace(one, settlement_id=by_old[one.settlement_id].settlement_id)
        for one in claims
    )
    return change.with_head(claims=renamed)


def _replace_bill(change: Change, person: Person, *, block: Block) -> None:
    """Put a re-settled bill in the place of the old one, under the same name."""
    old_id = block.replaces_settlement_id or ""
    old = person.settlements.get(old_id)
    claimed_by = None if old is None else old.claimed_by
    _close(change, person, settlement_id=old_id, replaced_by=block.settlement_id)
    besides = None if old is None else old.particulars
    change.settlements[block.settlement_id] = KeptSettlement(
        block, claimed_by, besides=besides
    )
    id_ = block.sender_settlement_id
    for seen in change.requests.get(id_) or person.requests.get(id_, ()):
        if seen.settlement_id == old_id:
            renamed = replace(seen, settlement_id=block.settlement_id)
            person.put_request(change, id_, seen=renamed)
