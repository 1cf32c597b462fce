"""One year of a person decided again under other packs; pure.

Gates are not asked again. What is not asked keeps its amounts and counts on the
accumulators; what came later than what is asked is left out; what cannot be computed
counts nowhere.
"""

from collections.abc import Iterable
from datetime import date

from msgspec import Struct

from jiesuan_domain.benefit.block import amount_fields
from jiesuan_domain.in_force import InForce
from jiesuan_domain.outcome import Refused
from jiesuan_domain.person.state import Effective, Person
from jiesuan_domain.requests.gap_refund import SPLIT_RULES, Redecision, limited
from jiesuan_ledger.accumulators import totals
from jiesuan_ledger.parts.block import Block, Step, Totals


class Scope(Struct, frozen=True):
    """Which settlements are asked: a period of service days and a region's prefix."""

    begin: date = date.min
    end: date = date.max
    region: str = ""

    def asks(self, block: Block) -> bool:
        """Whether a settlement is to be decided again."""
        return self.begin <= block.service_day <= self.end and (
            block.insured_region.startswith(self.region)
        )

    def leaves_out(self, block: Block) -> bool:
        """Whether a settlement lies beyond the question."""
        return block.service_day > self.end


class AgainSettled(Struct, frozen=True):
    """A settlement as it is and as it would be."""

    block: Block
    fields: dict[str, int | str]
    steps: tuple[Step, ...]


class NotComputable(Struct, frozen=True):
    """A settlement that the packs give no amounts for, and the refusal's code."""

    block: Block
    code: str


class YearAgain(Struct, frozen=True):
    """What was asked of a pool's year in ledger order; how many settlements it has."""

    settlements: int
    settled: tuple[AgainSettled, ...]
    not_computable: tuple[NotComputable, ...]


def year_again(
    person: Person, effective: Iterable[Effective], *, scope: Scope, in_force: InForce
) -> YearAgain:
    """Decide again what is asked of a year's settlements, oldest first."""
    redecision = Redecision(person, in_force, totals=Totals(), paid={})
    settled: list[AgainSettled] = []
    missing: list[NotComputable] = []
    count = 0
    for one in effective:
        block = _block(person, one)
        count += block is not None
        if block is not None and scope.leaves_out(block):
            continue
        if block is not None and not scope.asks(block):
            _keep(redecision, one, block=block)
            continue
        redone = redecision.take(one)
        if isinstance(redone, Refused):
            assert block is not None, "a report is never refused"
            code = redone.refusals[0].code.value
            missing.append(NotComputable(block, code))
        elif redone is not None:
            split = tuple(step for step in redone.old.steps if step.rule in SPLIT_RULES)
            fields = amount_fields(redone.amounts)
            steps = split + redone.amounts.steps
            settled.append(AgainSettled(redone.old, fields, steps))
    return YearAgain(count, tuple(settled), tuple(missing))


def _block(person: Person, one: Effective) -> Block | None:
    """Return the settlement that stands, None for an inpatient report."""
    if not one.settlement_id:
        return None
    return person.settlements[one.settlement_id].block


def _keep(redecision: Redecision, one: Effective, *, block: Block) -> None:
    """Count a settlement that is not asked with the amounts it has."""
    redecision.totals = totals.add(redecision.totals, block)
    disease = limited(one)
    redecision.paid[disease] = redecision.paid.get(disease, 0) + block.pool_pay
