"""What a transaction is handed: the message, who sent it, and what it may ask."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final, Generic, TypeVar

from jiesuan_domain.policy.model import Packs
from jiesuan_events.words.instants import BEIJING
from jiesuan_services.gateway.access.registry import Client
from jiesuan_services.gateway.ledger.asking import LedgerClient
from jiesuan_services.gateway.ledger.naming import carried
from jiesuan_services.gateway.store.database import Connection
from jiesuan_services.gateway.store.serial import Serials
from jiesuan_services.gateway.store.together.catalogue import Catalogue
from jiesuan_services.gateway.store.together.statements import Together
from jiesuan_services.gateway.store.together.visits import SeenVisits
from jiesuan_services.gateway.vault.identities import Vault
from jiesuan_services.gateway.wire.envelope import WireEnvelope

I = TypeVar("I")  # noqa: E741 - the input of a transaction
HOSPITAL: Final = "1"
PHARMACY: Final = "2"


@dataclass(frozen=True, slots=True)
class Services:
    """What a gateway has: its database, the ledger, the vault, the law's packs."""

    pool: Connection
    together: Together
    visits: SeenVisits
    serials: Serials
    catalogue: Catalogue
    ledger: LedgerClient
    vault: Vault
    packs: Packs
    now: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class RegisteredPlace:
    """The institution that asks, as its agency registered it."""

    fixmedins_code: str
    fixmedins_name: str
    admdvs: str
    fixmedins_type: str
    dedc_hosp_lv: str

    @property
    def source(self) -> str:
        """Return the name under which the institution asks the ledger."""
        return f"/medins/{self.fixmedins_code}"


@dataclass(frozen=True, slots=True)
class Call(Generic[I]):
    """One message in work."""

    input: I
    envelope: WireEnvelope
    digest: str
    client: Client
    place: RegisteredPlace
    received: datetime
    services: Services
    db: Connection
    noted: set[str] = field(default_factory=set)
    """Of whom it is on record already that this message reads who they are."""

    @property
    def today(self) -> date:
        """Return the Beijing day on which the message came."""
        return self.received.astimezone(BEIJING).date()

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Return what names the message: the same again is the same message."""
        envelope = self.envelope
        return (
            self.place.fixmedins_code,
            envelope.msgid,
            envelope.infno,
            self.digest,
        )

    @property
    def looker(self) -> str:
        """Return who asks, as it is noted when a person's identity is read."""
        opter = self.envelope.opter
        return f"{self.place.source} {carried(opter)}" if opter else self.place.source

    @property
    def noted_as(self) -> str:
        """Return by which message it was read."""
        return f"{self.envelope.infno} {carried(self.envelope.msgid)}"

    def on(self, db: Connection) -> "Call[I]":
        """Return the same message in work on another connection."""
        return replace(self, db=db)

    @property
    def psn_no(self) -> str | None:
        """Return the person that the message names, whichever node names him."""
        for node in vars(self.input).values():
            rows = node if isinstance(node, list) else [node]
            for row in rows:
                named: Any = getattr(row, "psn_no", None)
                if named is not None:
                    return str(named)
        return None
