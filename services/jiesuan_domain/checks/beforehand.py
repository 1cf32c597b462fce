"""What a quote is warned of: what would be found of it; never a refusal."""

from collections.abc import Iterator

from jiesuan_domain.checks.bills import CheckedBill, of_kept, of_quote
from jiesuan_domain.checks.look import of_new
from jiesuan_domain.checks.pairs.earlier import Earlier
from jiesuan_domain.checks.rules import Checks
from jiesuan_domain.gates.case import Case
from jiesuan_domain.in_force import institutions_called
from jiesuan_domain.person.state import Person
from jiesuan_ledger.parts.block import Block
from jiesuan_ledger.parts.checked import Finding


def warnings(case: Case, block: Block, *, checks: Checks) -> tuple[Finding, ...]:
    """Return what a quoted bill raises by itself and against what stands."""
    bill = of_quote(block, case)
    near = Earlier(_near(case.person, bill))

    def called(institution_id: str) -> str:
        return institutions_called((institution_id,), case.institutions)

    found = of_new(
        bill, near, head=lambda: case.person.head, checks=checks, called=called
    )
    return tuple(found)


def _near(person: Person, bill: CheckedBill) -> Iterator[CheckedBill]:
    """Return the bills that stand and may matter: those within its reach."""
    first, last = bill.service_day - bill.reach, bill.service_day + bill.reach
    years = {str(first.year), str(last.year)}
    for pool in person.head.pools:
        if pool[2] not in years:
            continue
        for one in person.standing(pool):
            if one.service_day is None or not first <= one.service_day <= last:
                continue
            kept = person.settlements.get(one.settlement_id)
            if kept is not None:
                yield of_kept(kept)
