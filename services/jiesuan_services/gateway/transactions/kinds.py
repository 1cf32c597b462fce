"""The kinds of transaction: reading, keeping state, changing a visit, asking."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from jiesuan_services.gateway.call import Call, Services
from jiesuan_services.gateway.ledger.asking import LedgerAnswer
from jiesuan_services.gateway.store.database import Connection
from jiesuan_services.gateway.store.together.rows import VisitChange
from jiesuan_services.gateway.wire.payload import Node, Output


class Nothing(Output):
    """A transaction that gives back no more than that it succeeded."""


@dataclass(frozen=True, slots=True)
class VisitSeen:
    """What was seen of a visit and of the sender's name when a bill was made."""

    version: int | None
    is_barred: bool
    is_taken: bool


@dataclass(frozen=True, slots=True)
class LedgerRequest:
    """What a message asks of the ledger, and what its reply will need besides."""

    type: str
    source: str
    subject: str
    """The person; of a month the region of care."""
    data: Mapping[str, Any]
    mdtrt_id: str | None = None
    chrg_bchno: str | None = None
    uses_account: bool = False
    echo: Mapping[str, Any] = field(default_factory=dict)
    then: Sequence[Mapping[str, Any]] = ()
    """Further data of the same kind, each asked once the one before was decided."""
    seen: VisitSeen | None = None
    """What it rests on, where nothing was held: it is written down if that stands."""


@dataclass(frozen=True, slots=True)
class AnsweredRequest:
    """A request as it was written down, and the ledger's answer to it."""

    services: Services
    db: Connection
    fixmedins_code: str
    msgid: str
    inf_refmsgid: str
    psn_no: str
    mdtrt_id: str | None
    chrg_bchno: str | None
    echo: Mapping[str, Any]
    answer: LedgerAnswer


@dataclass(frozen=True, slots=True)
class SoughtSettlement:
    """What a message says of its settlement, in what the ledger keeps of one."""

    mdtrt_id: str | None
    """None for a purchase: its visit has a new id whenever the message comes."""
    chrg_bchno: str | None
    total: int
    invoice: str | None
    lines: frozenset[tuple[str, str, int]] | None = None
    """Their number, item and amount; None where they are not known any more."""
    echo: Mapping[str, Any] = field(default_factory=dict)


class Unresolved(Exception):
    """Earlier messages stand in the way whose outcome nobody has heard yet."""

    def __init__(self, rows: list[Any]) -> None:
        super().__init__("unresolved")
        self.rows = rows


AnyCall = Call[Any]
Answering = Callable[[AnyCall], Awaitable[Output]]


@dataclass(frozen=True, slots=True)
class Reading:
    """Looks something up, and changes nothing."""

    answer: Answering


@dataclass(frozen=True, slots=True)
class Keeping:
    """Changes what the counter keeps, in one transaction with the reply."""

    answer: Answering


@dataclass(frozen=True, slots=True)
class ChangedVisit:
    """A reply, and what is to be changed with it."""

    output: Output
    change: VisitChange


@dataclass(frozen=True, slots=True)
class Changing:
    """Changes a visit as it was seen; looks again where another changed it first."""

    answer: Callable[[AnyCall], Awaitable[ChangedVisit]]


@dataclass(frozen=True, slots=True)
class Asking:
    """Asks the ledger: ``ask`` says what, ``reply`` takes the answer over."""

    ask: Callable[[AnyCall], Awaitable[LedgerRequest]]
    reply: Callable[[AnsweredRequest], Awaitable[Output]]
    settles: bool = False
    """Its reply writes nothing but that its batch is settled."""
    holds: Callable[[AnyCall], bool] = lambda _: True
    """Whether a message holds what it rests on until it is written down."""
    sought: Callable[[AnyCall], SoughtSettlement] | None = None
    """What it may have settled, where the counter has lost what it rests on."""


Work = Reading | Keeping | Changing | Asking
EVERYBODY: Final = frozenset("12")
HOSPITALS: Final = frozenset("1")
PHARMACIES: Final = frozenset("2")


@dataclass(frozen=True, slots=True)
class Transaction:
    """One transaction of the standard: its name, its nodes, what it does."""

    infno: str
    zh: str
    input: type[Node]
    output: type[Output]
    work: Work
    who: frozenset[str] = EVERYBODY
    names_person: bool = False
    """The reply says who the person is: that is added last, and kept nowhere."""
    gives_file: bool = False
    """On success the reply is the file's bytes and no envelope."""
