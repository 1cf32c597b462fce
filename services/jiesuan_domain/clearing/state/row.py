"""One row of the ledger as clearing needs it, and the statements it belongs into."""

from typing import Final

from msgspec import Struct

from jiesuan_events.words.codes import StatementKind

INSTITUTION: Final[StatementKind] = "institution"
REGION: Final[StatementKind] = "region"
KINDS: Final = (INSTITUTION, REGION)

StatementKey = tuple[StatementKind, str, str, str]
"""Kind, the party beside the care region, scheme and clearing category."""


class Row(Struct, frozen=True, gc=False, array_like=True):
    """A settlement or its mirror: who owes whom for it, and since which month."""

    settlement_id: str
    place: tuple[int, int, int]
    month: str
    care_region: str
    insured_region: str
    institution_id: str
    scheme: str
    category: str
    total_charge: int
    fund_pay: int
    account_pay: int
    cash_pay: int
    is_refund: bool = False
    original_id: str = ""

    @property
    def kinds(self) -> tuple[StatementKind, ...]:
        """Return the kinds of statement of the row: both where regions differ."""
        crosses = self.insured_region != self.care_region
        return KINDS if crosses else KINDS[:1]

    def key(self, kind: StatementKind) -> StatementKey:
        """Return whose statements of a kind take the row."""
        party = self.institution_id if kind == INSTITUTION else self.insured_region
        return (kind, party, self.scheme, self.category)

    def statement_id(self, kind: StatementKind, month: str) -> str:
        """Return the id of the statement of a kind and month that takes the row."""
        return statement_id(self.key(kind), month, care_region=self.care_region)


def statement_id(key: StatementKey, month: str, *, care_region: str) -> str:
    """Return an id: kind, month, care region, the other party, scheme, category.

    >>> statement_id(("region", "429900", "310", "11"), "202203", care_region="420100")
    'region:202203:420100:429900:310:11'
    """
    kind, party, scheme, category = key
    return f"{kind}:{month}:{care_region}:{party}:{scheme}:{category}"


def months_between(earlier: str, later: str) -> int:
    """Count the months from one to another.

    >>> months_between("202211", "202301")
    2
    """
    years = int(later[:4]) - int(earlier[:4])
    return 12 * years + int(later[4:]) - int(earlier[4:])
