"""The facts of the ledger as structs: what law, read models and audit read and write.

Field for field those of `jiesuan_events.facts`, each with the same bound (a test
spoils every one and holds both to one verdict); zero amounts and absent values are
left out on the wire. What an entry says is checked when it is read, words included:
what the law writes was checked when it was asked.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Struct

from jiesuan_events.entries.upcast import STEPS, UpcastStep, upcast
from jiesuan_events.words.codes import Sex
from jiesuan_events.words.glossary import wire_name
from jiesuan_ledger.parts.block import Block, Fen, Said, Totals
from jiesuan_ledger.parts.words import (
    Code,
    Digest,
    Id,
    Instant,
    Region,
    SettlementId,
    Year,
    words_of,
)

Days = Annotated[int, msgspec.Meta(ge=1, le=366)]


class Caused(Said, frozen=True, kw_only=True):
    """What every fact says of the request that caused it."""

    person_id: Id
    request_source: str
    request_id: Id
    request_time: Instant
    content: Digest


class Enrolled(Caused, frozen=True, kw_only=True):
    """A person is insured in a scheme and region from a day on."""

    scheme: Code
    person_category: Code
    insured_region: Region
    birth_date: date
    begin_date: date
    end_date: date | None = None
    enrolment_status: Code | None = None
    sex: Sex | None = None


class Qualified(Caused, frozen=True, kw_only=True):
    """A chronic disease is recognised from a day on."""

    scheme: Code
    qualified_disease: Code
    begin_date: date
    end_date: date | None = None
    identified_on: date | None = None
    identified_by: Id | None = None


class Disqualified(Caused, frozen=True, kw_only=True):
    """A chronic qualification ended with a day, and those of the same disease.

    ``ended_diseases`` are the other codes that it reaches, local or national.
    """

    scheme: Code
    qualified_disease: Code
    end_date: date
    ended_diseases: tuple[Code, ...] = ()
    memo: str | None = None


class Designated(Caused, frozen=True, kw_only=True):
    """An institution was chosen, for a disease or for ordinary care."""

    scheme: Code
    institution_id: Id
    qualified_disease: Code | None = None
    begin_date: date
    end_date: date | None = None


class Undesignated(Caused, frozen=True, kw_only=True):
    """A choice of institution ended with a day."""

    scheme: Code
    institution_id: Id
    qualified_disease: Code | None = None
    end_date: date
    memo: str | None = None


class Filed(Caused, frozen=True, kw_only=True):
    """Care in another region was filed."""

    scheme: Code
    filing_type: Code
    filed_region: Region
    begin_date: date
    end_date: date | None = None
    referring_institution: Id | None = None


class Unfiled(Caused, frozen=True, kw_only=True):
    """The filings of a place ended with a day."""

    scheme: Code
    filed_region: Region
    end_date: date
    memo: str | None = None


class Admitted(Caused, frozen=True, kw_only=True):
    """A person was admitted to a hospital."""

    visit_id: Id
    institution_id: Id
    begin_time: Instant


class Discharged(Caused, frozen=True, kw_only=True):
    """A person left a hospital."""

    visit_id: Id
    institution_id: Id
    end_time: Instant


class InpatientReported(Caused, frozen=True, kw_only=True):
    """An inpatient settlement made elsewhere counts towards 24万."""

    scheme: Code
    visit_id: Id
    year: Year
    in_scope: Fen
    insured_region: Region | None = None
    totals: Totals
    totals_region: Region | None = None


class BlockFact(Block, frozen=True, kw_only=True):
    """A fact that is one block: a settlement, a claim, or a mirror."""

    person_id: Id
    request_source: str
    request_id: Id
    request_time: Instant
    content: Digest
    totals: Totals
    totals_region: Region | None = None


class Supplied(Said, frozen=True):
    """An item of a bill that was to last so many days, and how much of it there was."""

    item: Id
    supply_days: Days
    quantity_supplied: Fen


class Settled(BlockFact, frozen=True, kw_only=True):
    """A bill was settled on the spot.

    ``incurred_at`` is the time of its latest line, ``incurred_from`` that of its
    earliest where it is another; those from before say neither.
    """

    invoice: Id | None = None
    incurred_at: Instant | None = None
    incurred_from: Instant | None = None
    prescription_id: Id | None = None
    prescribing_institution: Id | None = None
    supplies: tuple[Supplied, ...] = ()


class Claimed(BlockFact, frozen=True, kw_only=True):
    """A bill was claimed at the agency; its times as those of a settlement."""

    claim_reason: str
    invoice: Id | None = None
    incurred_at: Instant | None = None
    incurred_from: Instant | None = None
    prescription_id: Id | None = None
    prescribing_institution: Id | None = None
    supplies: tuple[Supplied, ...] = ()


class Refunded(BlockFact, frozen=True, kw_only=True):
    """A settlement was taken back: its mirror."""


class GapRefunded(Caused, frozen=True, kw_only=True):
    """A settlement below later ones was taken back and those were re-settled."""

    target_settlement_id: SettlementId
    institution_id: Id
    visit_id: Id
    year: Year
    scheme: Code
    reversed: Annotated[tuple[Block, ...], msgspec.Meta(min_length=1)]
    resettled: tuple[Block, ...]
    totals: Totals
    totals_region: Region | None = None


class Compensated(Caused, frozen=True, kw_only=True):
    """A message of unknown outcome was found to need no undoing."""

    institution_id: Id
    compensated_message: Id
    compensated_interface: Code
    compensated: Literal["nothing-to-reverse", "already-reversed"]


class CompensatedByReversal(BlockFact, frozen=True, kw_only=True):
    """A message of unknown outcome was undone: the settlement's mirror."""

    compensated_message: Id
    compensated_interface: Code
    compensated: Literal["reversed"]


class _Outcome(Struct, rename=wire_name):
    """What a compensation came to: which of its two facts a value is."""

    compensated: str


Fact = (
    Enrolled
    | Qualified
    | Disqualified
    | Designated
    | Undesignated
    | Filed
    | Unfiled
    | Admitted
    | Discharged
    | InpatientReported
    | Settled
    | Claimed
    | Refunded
    | GapRefunded
    | Compensated
    | CompensatedByReversal
)

COMPENSATED: Final = "jiesuan.compensated.v1"

TYPE_OF: Final[dict[type[Any], str]] = {
    Enrolled: "jiesuan.enrolled.v1",
    Qualified: "jiesuan.qualified.v1",
    Disqualified: "jiesuan.disqualified.v1",
    Designated: "jiesuan.designated.v1",
    Undesignated: "jiesuan.undesignated.v1",
    Filed: "jiesuan.filed.v1",
    Unfiled: "jiesuan.unfiled.v1",
    Admitted: "jiesuan.admitted.v1",
    Discharged: "jiesuan.discharged.v1",
    InpatientReported: "jiesuan.inpatient-reported.v1",
    Settled: "jiesuan.settled.v1",
    Claimed: "jiesuan.claimed.v1",
    Refunded: "jiesuan.refunded.v1",
    GapRefunded: "jiesuan.gap-refunded.v1",
    Compensated: COMPENSATED,
    CompensatedByReversal: COMPENSATED,
}

_READERS: Final[dict[str, Callable[[bytes], Any]]] = {
    type_: msgspec.json.Decoder(fact).decode
    for fact, type_ in TYPE_OF.items()
    if type_ != COMPENSATED
}
_UNREADABLE: Final = (ValueError, msgspec.DecodeError, AssertionError)
"""ValueError: no old version of it (NotUpcast), or no UTF-8."""
_REVERSAL: Final = msgspec.json.Decoder(CompensatedByReversal)
_NO_REVERSAL: Final = msgspec.json.Decoder(Compensated)
_OUTCOME: Final = msgspec.json.Decoder(_Outcome)
_WRITER: Final = msgspec.json.Encoder()
_HAVE_WORDS: Final = {fact: words_of(fact) for fact in TYPE_OF}


class NotAFact(ValueError):
    """The value of an entry that is not a fact we know."""


def write_fact(fact: Fact) -> bytes:
    """Write a fact as the bytes that the ledger stores and hashes."""
    return _WRITER.encode(fact)


def read_fact(
    type_: str, value: bytes, *, steps: Mapping[str, UpcastStep] = STEPS
) -> Fact:
    """Read a stored fact of any version as its newest, or raise NotAFact."""
    fact = _decoded(type_, value, steps=steps)
    if not _HAVE_WORDS[type(fact)].one(fact):
        raise NotAFact(f"{type_}: a word is none of its kind")
    return fact


def read_facts(stored: Iterable[tuple[bytes | None, bytes]]) -> list[Fact | None]:
    """Read stored facts by the texts of their types; None stands for what is no fact.

    The words of all are held to their kinds together, at half the price; only if one is
    none of its kind each fact is asked alone.
    """
    facts = [_decoded_or_none(type_, value) for type_, value in stored]
    alike: dict[type[Any], list[Fact]] = {}
    for fact in facts:
        if fact is not None:
            alike.setdefault(type(fact), []).append(fact)
    if all(_HAVE_WORDS[kind].many(some) for kind, some in alike.items()):
        return facts
    return [
        fact if fact is not None and _HAVE_WORDS[type(fact)].one(fact) else None
        for fact in facts
    ]


def _decoded_or_none(type_: bytes | None, value: bytes) -> Fact | None:
    """Decode a fact by the text of its type: nearly all are of the newest version."""
    try:
        if (newest := _NEWEST.get(type_)) is not None:
            fact: Fact = newest(value)
            return fact
        return _decoded((type_ or b"").decode("ascii"), value, steps=STEPS)
    except _UNREADABLE:
        return None


def _decoded(type_: str, value: bytes, *, steps: Mapping[str, UpcastStep]) -> Fact:
    """Decode a fact, its words not yet held to their kinds; or raise NotAFact."""
    try:
        if type_ in steps:
            type_, value = upcast(type_, value, steps=steps)
        fact: Fact = _READERS[type_](value)
    except (KeyError, *_UNREADABLE) as wrong:
        raise NotAFact(f"{type_}: {wrong}") from wrong
    return fact


def _read_compensated(value: bytes) -> Fact:
    if _OUTCOME.decode(value).compensated == "reversed":
        return _REVERSAL.decode(value)
    return _NO_REVERSAL.decode(value)


_READERS[COMPENSATED] = _read_compensated
_NEWEST: Final[dict[bytes | None, Callable[[bytes], Any]]] = {
    type_.encode(): read for type_, read in _READERS.items() if type_ not in STEPS
}
