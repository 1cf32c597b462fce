"""What the law is decided with: the packs in force and the institutions known."""

from collections.abc import Iterable, Mapping
from datetime import date

from msgspec import Struct, field

from jiesuan_domain.checks.rules import Checks
from jiesuan_domain.policy.model import Packs
from jiesuan_events import requests
from jiesuan_events.words.codes import PHARMACY


class Opening(Struct, frozen=True, array_like=True):
    """A disease that an institution settles across provinces, for a period."""

    disease: str
    begin: date
    end: date | None


class KnownInstitution(Struct, frozen=True, array_like=True):
    """An institution as last registered."""

    id: str
    region: str
    is_pharmacy: bool
    level: str
    tier: str
    opened: tuple[Opening, ...]
    outpatient_opened: bool
    name: str = ""

    @property
    def called(self) -> str:
        """Return the name beside the code."""
        return f"{self.name}（{self.id}）" if self.name else self.id

    def opens(self, diseases: frozenset[str], on: date) -> bool:
        """Whether one of the diseases is open here on a day."""
        return any(
            opening.disease in diseases
            and opening.begin <= on
            and (opening.end is None or on <= opening.end)
            for opening in self.opened
        )


class InForce(Struct):
    """The packs and the institutions: all that a decision may look at.

    ``checks`` are what the packs say that a bill is looked over for.
    """

    packs: Packs
    institutions: dict[str, KnownInstitution]
    checks: Checks = field(default_factory=lambda: Checks(Packs({})))

    def __post_init__(self) -> None:
        self.checks = Checks(self.packs)


def benefit_level(asked: requests.Institution) -> str:
    """Return the level of benefits: 4, 9 and pharmacies count as 1 (A23)."""
    if asked.institution_type == PHARMACY or asked.institution_level in ("4", "9"):
        return "1"
    return asked.institution_level


def registered(asked: requests.Institution) -> KnownInstitution:
    """Read a registration: level 3 of a ministry is a tier of its own (67号第八条)."""
    level = benefit_level(asked)
    tier = {"1": "primary", "2": "secondary", "3": "tertiary"}[level]
    if level == "3" and asked.ministry_affiliated:
        tier = "ministry"
    return KnownInstitution(
        id=asked.institution_id,
        region=asked.region,
        is_pharmacy=asked.institution_type == PHARMACY,
        level=level,
        tier=tier,
        opened=tuple(
            Opening(opening.qualified_disease, opening.begin_date, opening.end_date)
            for opening in asked.opened or ()
        ),
        outpatient_opened=asked.outpatient_opened or False,
        name=asked.institution_name,
    )


def institutions_called(
    codes: Iterable[str], institutions: Mapping[str, KnownInstitution]
) -> str:
    """List institutions, each with its name beside its code where it is registered."""
    return "、".join(
        institutions[code].called if code in institutions else code for code in codes
    )
