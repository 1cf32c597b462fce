"""The kinds of message that are stopped on their way, and how each comes about."""

from dataclasses import dataclass
from typing import Any

from tests.connected.counter.books import Books, InsistentClerk, InsistentTill, entry_of
from tests.connected.counter.conftest import HOSPITAL, PHARMACY
from tests.connected.counter.visits import Visit, bought

from jiesuan_ledger.facts import Compensated, CompensatedByReversal, Refunded, Settled

Message = dict[str, Any]
Facts = list[type[Any]]


@dataclass(frozen=True)
class Kind:
    """A kind of message that asks the ledger."""

    name: str
    infno: str
    flag: str = "0"
    """Whether the account is to pay."""
    code: str = HOSPITAL

    @property
    def settles(self) -> bool:
        """Whether it settles: only what does can be compensated."""
        return self.infno in ("2207", "2102")

    @property
    def is_quote(self) -> bool:
        """Whether nothing comes of it."""
        return self.infno == "2206"

    @property
    def holds(self) -> bool:
        """Whether it is written down in a transaction, in which it holds something."""
        return self.infno != "2206" and (self.infno, self.flag) != ("2207", "0")

    @property
    def is_replied_alone(self) -> bool:
        """Whether its reply is kept in a transaction, with what else that changes."""
        return self.infno in ("2208", "2601")

    @property
    def names(self) -> bool:
        """Whether its reply names the person: the look is put on record first."""
        return self.infno != "2601"


KINDS = (
    Kind("2207 by cash", "2207"),
    Kind("2207 of the account", "2207", "1"),
    Kind("2102", "2102", "1", PHARMACY),
    Kind("2208", "2208"),
    Kind("2601", "2601"),
    Kind("2206", "2206"),
)


@dataclass
class AskedOnce:
    """A message, and what came before it."""

    kind: Kind
    psn_no: str
    message: Message
    before: Message | None = None
    """The message that a 2601 undoes."""
    was_settled: bool = False
    """Whether there was a settlement before it, which it takes back or undoes."""

    def undoing(self, till: Any) -> Message:
        """Make the 2601 of it."""
        return compensation(till, self.psn_no, message=self.message)

    def enter(self, said: Message, books: Books) -> None:
        """Put into the books what its reply tells."""
        if self.kind.settles:
            books |= entry_of(said)
        elif self.kind.infno == "2208":
            [(_, back)] = entry_of(said).items()
            setl_id = self.message["input"]["data"]["setl_id"]
            assert books.pop(setl_id) == {one: -back[one] for one in back}

    def made(self, outcome: str) -> list[Facts]:
        """Return what may be in the ledger of it, and nothing else."""
        if outcome == "undone":
            return [[Compensated], [Settled, CompensatedByReversal]]
        if outcome == "left" or self.kind.is_quote:
            return [[]]
        if self.kind.settles:
            return [[Settled]]
        if self.kind.infno == "2208":
            return [[Refunded]]
        return [[CompensatedByReversal if self.was_settled else Compensated]]


def prepared(
    kind: Kind, psn_no: str, *, clerk: InsistentClerk, books: Books
) -> AskedOnce:
    """Do what comes before a message of a kind, and write it."""
    till, chance = clerk.tills[0], clerk.chance
    if kind.infno == "2102":
        input_ = bought(psn_no, acct_used_flag=kind.flag)
        return AskedOnce(kind, psn_no, till.envelope("2102", input_))
    visit = Visit(InsistentTill(clerk), psn_no).open()  # type: ignore[arg-type]
    amount = chance.randrange(10_000, 50_000) / 100
    visit.upload(visit.line(det_item_fee_sumamt=amount, pric=amount))
    charge = visit.charge(medfee_sumamt=amount, acct_used_flag=kind.flag)
    if kind.infno in ("2206", "2207"):
        return AskedOnce(kind, psn_no, till.envelope(kind.infno, charge))
    settling = till.envelope("2207", charge)
    if kind.infno == "2208":
        [(setl_id, entry)] = entry_of(clerk.insist_on(settling)).items()
        books[setl_id] = entry
        key = {"psn_no": psn_no, "setl_id": setl_id}
        refund = till.envelope("2208", {"data": key})
        return AskedOnce(kind, psn_no, refund, was_settled=True)
    # What is undone came, and its reply never did; or it never came itself.
    came = chance.random() < 0.7
    if came:
        clerk.insist_on(settling)
    undoing = compensation(till, psn_no, message=settling)
    return AskedOnce(kind, psn_no, undoing, settling, came)


def compensation(till: Any, psn_no: str, *, message: Message) -> Message:
    """Make the 2601 of a message."""
    data = {"psn_no": psn_no, "omsgid": message["msgid"], "oinfno": message["infno"]}
    made: Message = till.envelope("2601", {"data": data})
    return made
