"""How far a year lies from what it should be: each settlement decided again.

Where gap refunds keep the later amounts (A20), or refunds go by institution or kind of
care (A19), what stands was computed over a settlement that is gone. Everywhere else
nothing drifts, unless a pack's value was corrected.
"""

from typing import Any

from msgspec import Struct

from jiesuan_domain.benefit.block import amount_fields
from jiesuan_domain.in_force import InForce
from jiesuan_domain.outcome import Refused
from jiesuan_domain.person.state import Person
from jiesuan_domain.refusals.refusal import Refusal
from jiesuan_domain.requests.gap_refund import Redecision
from jiesuan_events.answers import Moved
from jiesuan_events.words.glossary import wire_name
from jiesuan_ledger.accumulators.pools import PoolYear
from jiesuan_ledger.parts.block import Block, Totals


class Drift(Struct, frozen=True):
    """A settlement that would come out otherwise today; by payer, in fen."""

    settled: Block
    as_settled: dict[str, int]
    should_be: dict[str, int]

    @property
    def moved(self) -> dict[str, int]:
        """Return what should be less what was settled."""
        return {
            name: fen - self.as_settled[name] for name, fen in self.should_be.items()
        }


def drift(
    person: Person, pool: PoolYear, *, in_force: InForce
) -> list[Drift] | tuple[Refusal, ...]:
    """Decide a pool's year again in ledger order and list what differs, oldest first.

    Refusals say why it cannot be decided again.
    """
    rebuild = Redecision(person, in_force, totals=Totals(), paid={})
    found: list[Drift] = []
    for effective in person.standing(pool):
        redone = rebuild.take(effective)
        if isinstance(redone, Refused):
            return redone.refusals
        if redone is None:
            continue
        fields: dict[str, Any] = amount_fields(redone.amounts)
        one = Drift(
            redone.old,
            as_settled={
                wire_name(name): getattr(redone.old, name)
                for name in Moved.model_fields
            },
            should_be={wire_name(name): fields[name] for name in Moved.model_fields},
        )
        if any(one.moved.values()):
            found.append(one)
    return found
