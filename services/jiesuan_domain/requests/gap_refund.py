"""隔笔退费 (50号三(二)): one atomic fact that takes back a settlement below others.

The later ones are reversed newest first, then the target, and re-settled oldest first
under the law of their own service days; gates are not asked again and inpatient
reports keep their place. Fen for fen it equals a person who never had the target.
A region may configure instead that the target alone is taken back (A20).
"""

from dataclasses import dataclass

from msgspec import Struct

from jiesuan_domain.asked.asked import Asked, caused
from jiesuan_domain.benefit.amounts import Amounts, Crossing, Missing, Visit, compute
from jiesuan_domain.benefit.block import amount_fields
from jiesuan_domain.benefit.chronic import Towards, paid_towards, towards
from jiesuan_domain.benefit.lines.bill import CARE_PLACE_RULES, CATALOGUE_RULES
from jiesuan_domain.gates.needed import OF_REDUCTIONS, first_missing
from jiesuan_domain.in_force import InForce
from jiesuan_domain.outcome import Decided, Outcome, Refused, refused
from jiesuan_domain.person.identity import settlement_id
from jiesuan_domain.person.state import Effective, Person
from jiesuan_domain.policy.model import Rules
from jiesuan_domain.refusals.of_person import policy_not_in_force
from jiesuan_domain.refusals.of_request import too_large
from jiesuan_domain.refusals.of_undoing import gap_refund_not_allowed
from jiesuan_domain.requests.mirror import mirror_fields, plain_fields
from jiesuan_domain.requests.refund import Target, find
from jiesuan_domain.requests.settle import after_settling, reduction, uncomputable
from jiesuan_events.words.codes import RETIRED
from jiesuan_events.words.topics import MAX_VALUE_BYTES
from jiesuan_ledger.accumulators import totals
from jiesuan_ledger.facts import GapRefunded
from jiesuan_ledger.parts.block import Block, PolicyRef, Totals


class Redone(Struct, frozen=True):
    """A settlement decided again: what it was, and its amounts as they come out now."""

    old: Block
    amounts: Amounts
    rules: Rules


@dataclass(slots=True)
class Redecision:
    """A year decided again, one effective settlement after the other, oldest first.

    ``paid`` is what the pool has paid for each disease with a yearly limit, in fen.
    """

    person: Person
    in_force: InForce
    totals: Totals
    paid: dict[Towards, int]

    def take(self, effective: Effective) -> Redone | Refused | None:
        """Decide one settlement again; an inpatient report keeps its place: None."""
        if not effective.settlement_id:
            self.totals = totals.report(self.totals, effective.reported)
            return None
        old = self.person.settlements[effective.settlement_id].block
        pack = self.in_force.packs.find(old.insured_region, old.scheme)
        day = old.service_day
        if pack is None:
            return refused(policy_not_in_force(None, day))
        rules = pack.on(day)
        away = OF_REDUCTIONS if old.filing_type is not None else ()
        lacking = first_missing(rules, away)
        if lacking is not None:
            return refused(policy_not_in_force(lacking, day))
        disease = limited(old)
        visit = visit_again(old, rules)
        amounts = compute(
            visit,
            rules,
            before=self.totals,
            paid_for_disease=paid_towards(self.paid.items(), disease, rules=rules),
        )
        if isinstance(amounts, (Missing, Crossing)):
            return refused(uncomputable(amounts, day))
        self.paid[disease] = self.paid.get(disease, 0) + amounts.pool_pay
        self.totals = after_settling(self.totals, visit, amounts=amounts)
        return Redone(old, amounts, rules)


def resettled(redone: Redone, person: Person, *, asked: Asked, at: int) -> Block:
    """Make the block of a re-settlement; its split is the bill's own."""
    old = redone.old
    split = tuple(step for step in old.steps if step.rule in SPLIT_RULES)
    fields = plain_fields(old)
    fields.update(amount_fields(redone.amounts))
    fields.update(
        settlement_id=settlement_id(person.head, asked.content, at=at),
        replaces_settlement_id=old.settlement_id,
        policy=PolicyRef(redone.rules.pack, redone.rules.sha256),
        steps=split + redone.amounts.steps,
    )
    return Block(**fields)


BLOCK_BYTES = 600
LINE_BYTES = 39
"""What a block and each of its lines are written in at least (a test holds it)."""
SWITCHES = ("gap_refund_allowed", "gap_refund_keeps_later")
SPLIT_RULES = frozenset((*CARE_PLACE_RULES, *CATALOGUE_RULES))
"""Steps that the bill itself decided: a re-settlement keeps them."""


def limited(one: Block | Effective) -> Towards:
    """Return whose yearly limit a settlement counts towards, if any."""
    return towards(one.care_type, one.disease)


def visit_again(old: Block, rules: Rules) -> Visit:
    """Return what a settlement's amounts depend on, as it was on its service day."""
    return Visit(
        care_type=old.care_type,
        tier=old.tier,
        is_retired=old.person_category.startswith(RETIRED),
        age=old.age,
        disease=old.disease,
        filing_type=old.filing_type,
        reduction=reduction(rules, old.filing_type, region=old.care_region),
        total=old.total_charge,
        in_scope=old.in_scope,
        account_used=old.account_balance is not None,
        balance=old.account_balance,
    )


def decide_gap_refund(person: Person, asked: Asked, *, in_force: InForce) -> Outcome:
    """Decide a gap refund: whole, or refused whole."""
    target = find(person, asked, in_force=in_force)
    if isinstance(target, Refused):
        return target
    rules = _rules(target, in_force=in_force)
    no = _not_allowed(target, rules)
    if no is not None:
        return no
    if rules is not None and rules.gap_refund_keeps_later:
        return Decided(_taken_out(person, asked, target=target))
    return _redecided(person, asked, target=target, in_force=in_force)


def _not_allowed(target: Target, rules: Rules | None) -> Refused | None:
    lacking = first_missing(rules, SWITCHES)
    if lacking is not None:
        day = target.bill.block.service_day
        return refused(policy_not_in_force(lacking, day))
    if rules is None or rules.gap_refund_allowed is not True:
        return refused(gap_refund_not_allowed())
    return None


def _redecided(
    person: Person, asked: Asked, *, target: Target, in_force: InForce
) -> Outcome:
    """Take the target back, and decide all that stands above it again."""
    below, later = _around(person, target)
    least = _least_bytes(person, later)
    if least > MAX_VALUE_BYTES:
        return refused(too_large(least, MAX_VALUE_BYTES))
    reversed_blocks = _reverse(person, asked, later=later, target=target)
    rebuild = Redecision(
        person,
        in_force,
        totals=_without(person, target, later=later),
        paid=_paid(below),
    )
    new: list[Block] = []
    for effective in later:
        redone = rebuild.take(effective)
        if isinstance(redone, Refused):
            return redone
        if redone is not None:
            at = len(reversed_blocks) + len(new)
            new.append(resettled(redone, person, asked=asked, at=at))
    return Decided(
        _fact(
            asked,
            target,
            reversed_blocks=reversed_blocks,
            resettled=new,
            after=rebuild.totals,
            totals_region=target.totals_region(person),
        )
    )


def _rules(target: Target, *, in_force: InForce) -> Rules | None:
    block = target.bill.block
    pack = in_force.packs.find(block.insured_region, block.scheme)
    return None if pack is None else pack.on(block.service_day)


def _taken_out(person: Person, asked: Asked, *, target: Target) -> GapRefunded:
    """Take the target back alone: the later ones keep their amounts (A20)."""
    return _fact(
        asked,
        target,
        reversed_blocks=_reverse(person, asked, later=(), target=target),
        resettled=[],
        after=totals.take_back(target.person_year.totals, target.bill.block),
        totals_region=target.totals_region(person),
    )


def _fact(
    asked: Asked,
    target: Target,
    *,
    reversed_blocks: list[Block],
    resettled: list[Block],
    after: Totals,
    totals_region: str | None,
) -> GapRefunded:
    old = target.bill.block
    return GapRefunded(
        **caused(asked),
        target_settlement_id=old.settlement_id,
        institution_id=old.institution_id,
        visit_id=old.visit_id,
        year=old.year,
        scheme=old.scheme,
        reversed=tuple(reversed_blocks),
        resettled=tuple(resettled),
        totals=after,
        totals_region=totals_region,
    )


def _around(
    person: Person, target: Target
) -> tuple[tuple[Effective, ...], tuple[Effective, ...]]:
    """Return the effective settlements before and after the target, oldest first."""
    standing = tuple(person.standing(target.pool))
    ids = [effective.settlement_id for effective in standing]
    at = ids.index(target.bill.block.settlement_id)
    return standing[:at], standing[at + 1 :]


def _least_bytes(person: Person, later: tuple[Effective, ...]) -> int:
    """Count what the blocks of later settlements come to at least, twice each.

    A year may hold more than fits into memory: it is counted only until it is too much.
    """
    ids = [one.settlement_id for one in later if one.settlement_id]
    least = 2 * BLOCK_BYTES * len(ids)
    for id_ in ids:
        if least > MAX_VALUE_BYTES:
            break
        lines = person.settlements[id_].block.lines
        least += 2 * LINE_BYTES * len(lines)
    return least


def _paid(below: tuple[Effective, ...]) -> dict[Towards, int]:
    paid: dict[Towards, int] = {}
    for effective in below:
        disease = limited(effective)
        paid[disease] = paid.get(disease, 0) + effective.pool_pay
    return paid


def _reverse(
    person: Person, asked: Asked, *, later: tuple[Effective, ...], target: Target
) -> list[Block]:
    """Mirror the later settlements newest first, the target last."""
    old = [
        person.settlements[effective.settlement_id].block
        for effective in reversed(later)
        if effective.settlement_id
    ]
    return [
        Block(
            **mirror_fields(
                block,
                settlement_id=settlement_id(person.head, asked.content, at=at),
                sender_id=asked.id,
            )
        )
        for at, block in enumerate([*old, target.bill.block])
    ]


def _without(person: Person, target: Target, *, later: tuple[Effective, ...]) -> Totals:
    """Return the accumulators below the target."""
    result = target.person_year.totals
    for effective in reversed(later):
        if effective.settlement_id:
            block = person.settlements[effective.settlement_id].block
            result = totals.take_back(result, block)
        else:
            result = totals.report(result, -effective.reported)
    return totals.take_back(result, target.bill.block)
