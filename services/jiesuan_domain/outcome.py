"""What a decision comes to: a fact, a quote, a refusal, or the same as before."""

from msgspec import Struct

from jiesuan_domain.person.state import SeenRequest
from jiesuan_domain.refusals.refusal import Refusal, in_order
from jiesuan_ledger.facts import Fact
from jiesuan_ledger.parts.block import Block, Totals
from jiesuan_ledger.parts.checked import Finding


class Decided(Struct, frozen=True):
    """A fact to be entered."""

    fact: Fact


class Quoted(Struct, frozen=True):
    """What a settlement would come to, and what it is warned of; nothing is entered."""

    block: Block
    totals: Totals
    warnings: tuple[Finding, ...] = ()


class Refused(Struct, frozen=True):
    """Reasons to refuse, the one that counts first."""

    refusals: tuple[Refusal, ...]


class Again(Struct, frozen=True):
    """The same request as before: its first answer is due."""

    seen: SeenRequest


Outcome = Decided | Quoted | Refused | Again


def refused(*refusals: Refusal) -> Refused:
    """Refuse for these reasons, put in order."""
    return Refused(in_order(list(refusals)))
