"""The bills of requests as the law handles them: the contracts' requests, for speed.

Field for field those of `jiesuan_events.requests`, which stays the authority: what
`read_bill` takes the contract takes with equal values, and what it does not take is
asked of the contract (docs/decisions/0010; property tests hold the two together).
"""

import re
from collections.abc import Mapping
from datetime import datetime
from operator import attrgetter
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

from jiesuan_events import requests as contract
from jiesuan_events.words.codes import OF_A_DISEASE, Approval, CareType, ItemClass
from jiesuan_events.words.fields import Flag
from jiesuan_events.words.glossary import wire_name
from jiesuan_events.words.instants import Moment
from jiesuan_events.words.money import MAX_FEN, MAX_LINE_FEN

_LineFen = Annotated[int, Meta(ge=-MAX_LINE_FEN, le=MAX_LINE_FEN)]
_Fen = Annotated[int, Meta(ge=-MAX_FEN, le=MAX_FEN)]
_Balance = Annotated[int, Meta(ge=0, le=MAX_FEN)]
_Instant = Annotated[datetime, Meta(tz=True)]


class _Asked(
    Struct, frozen=True, gc=False, rename=wire_name, forbid_unknown_fields=True
):
    """The base of what is asked: frozen, under wire names."""


class BillLine(_Asked, frozen=True):
    """One line of a bill, split by the care place or with what splitting needs."""

    line_id: str
    incurred_at: _Instant
    item: str
    price: str
    quantity: str
    line_total: _LineFen
    excluded: _LineFen | None = None
    line_over_limit: _LineFen | None = None
    upfront_copay: _LineFen | None = None
    in_scope: _LineFen | None = None
    item_class: ItemClass | None = None
    price_limit: str | None = None
    self_pay_ratio: str | None = None
    restricted: Flag | None = None
    approval: Approval | None = None
    negotiated: Flag | None = None
    disease: str | None = None
    supply_days: Annotated[int, Meta(ge=1, le=366)] | None = None


class _AskedBill(_Asked, frozen=True):
    person_id: str
    institution_id: str
    visit_id: str
    scheme: str
    care_type: CareType
    care_region: str
    insured_region: str
    total_charge: _Fen
    account_used: Flag
    lines: Annotated[tuple[BillLine, ...], Meta(min_length=1, max_length=1000)]
    account_balance: _Balance | None = None
    disease: str | None = None
    prescription_id: str | None = None
    prescribing_institution: str | None = None
    invoice: str | None = None
    trauma: Flag | None = None
    third_party: Flag | None = None


class SettleBill(_AskedBill, frozen=True):
    """A person pays at an institution: settle the insurer's part."""


class QuoteBill(_AskedBill, frozen=True):
    """The same data as settle, answered and never entered (预结算)."""


class ClaimBill(_AskedBill, frozen=True, kw_only=True):
    """A bill paid in full elsewhere, claimed at the agency (手工报销)."""

    claim_reason: Annotated[str, Meta(max_length=500)]


Bill = SettleBill | QuoteBill | ClaimBill
Registration = (
    contract.Enrol
    | contract.Qualify
    | contract.Disqualify
    | contract.Designate
    | contract.Undesignate
    | contract.File
    | contract.Unfile
    | contract.Admit
    | contract.Discharge
    | contract.ReportInpatient
)
Undoing = contract.Refund | contract.GapRefund | contract.Compensate
Command = Bill | Undoing | Registration | contract.ReferenceMessage

BILL_TYPES: Final[dict[str, type[Bill]]] = {
    "jiesuan.settle.v1": SettleBill,
    "jiesuan.quote.v1": QuoteBill,
    "jiesuan.claim.v1": ClaimBill,
}
_OF_CONTRACT: Final[dict[type[Any], type[Bill]]] = {
    contract.Settle: SettleBill,
    contract.Quote: QuoteBill,
    contract.Claim: ClaimBill,
}

_BEIJING: Final = "+08:00"
_ID: Final = "[A-Za-z0-9_.:/-]{1,50}"
_CODE: Final = "[A-Za-z0-9_.-]{1,20}"
_PRICE: Final = r"[0-9]{1,10}(?:\.[0-9]{1,6})?"
_LINE_WORDS: Final = (
    rf"\n{_ID}\n{_ID}\n{_PRICE}\n-?[0-9]{{1,12}}(?:\.[0-9]{{1,4}})?\n"
    r"(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\+08:00"
)
_WORDS: Final = re.compile(
    rf"{_ID}\n{_ID}\n{_ID}\n{_CODE}\n[0-9]{{6}}\n[0-9]{{6}}(?:{_LINE_WORDS})+"
)
"""The words of a bill and of its lines, one below the other: none may hold a line break
itself, which counting them shows."""
_FORM: Final = {
    "disease": _CODE,
    "prescription_id": _ID,
    "prescribing_institution": _ID,
    "invoice": _ID,
    "price_limit": _PRICE,
    "self_pay_ratio": r"0(?:\.[0-9]{1,4})?|1(?:\.0{1,4})?",
}
"""The form of the words that a bill or a line may go without."""
_OF_BILL: Final = ("disease", "prescription_id", "prescribing_institution", "invoice")
_OF_LINE: Final = ("disease", "price_limit", "self_pay_ratio")
_bill_words: Final = attrgetter(*_OF_BILL)
_line_words: Final = attrgetter(*_OF_LINE)
_parts: Final = attrgetter("excluded", "line_over_limit", "upfront_copay")
_NOTHING: Final = (None, None, None)
_NO_WORDS: Final = (None,) * len(_OF_BILL)


def read_bill(type_: str, data: Mapping[str, Any]) -> Bill | None:
    """Read the data of a bill; None means that the contract must read it."""
    model = BILL_TYPES.get(type_)
    if model is None:
        return None
    try:
        bill = msgspec.convert(data, model)
    except msgspec.ValidationError:
        return None
    return bill if _is_plain(bill, data) else None


def _is_plain(bill: Bill, data: Mapping[str, Any]) -> bool:
    """Whether every word has its form and nothing required is missing."""
    words = [
        bill.person_id,
        bill.institution_id,
        bill.visit_id,
        bill.scheme,
        bill.care_region,
        bill.insured_region,
    ]
    for line, fields in zip(bill.lines, data["feedetail"], strict=True):
        at = fields["fee_ocur_time"]
        words += (line.line_id, line.item, line.price, line.quantity, at)
    text = "\n".join(words)
    return (
        text.count("\n") == len(words) - 1
        and _WORDS.fullmatch(text) is not None
        and _is_whole(bill)
        and _are_whole(bill.lines)
    )


def _is_whole(bill: Bill) -> bool:
    """Whether what may be absent has its form, and is there where it must be."""
    if bill.care_type in OF_A_DISEASE and bill.disease is None:
        return False
    if bill.account_used == "1" and bill.account_balance is None:
        return False
    words = _bill_words(bill)
    return words == _NO_WORDS or _have_form(_OF_BILL, words)


def _are_whole(lines: tuple[BillLine, ...]) -> bool:
    """Return the same of the lines: each is split, or brings what splitting needs."""
    if len(lines) > 1 and len({line.line_id for line in lines}) < len(lines):
        return False
    for line in lines:
        parts, words = _parts(line), _line_words(line)
        if line.in_scope is None:
            if parts != _NOTHING or line.item_class is None:
                return False
        elif None in parts:
            return False
        if words != _NOTHING and not _have_form(_OF_LINE, words):
            return False
    return True


def time_text(at: datetime) -> str:
    """Return the text that a line's time was read from, or one that reads the same.

    Beijing's, as nearly all are, takes msgspec a third of what it takes `isoformat`
    (`python -m tools.shapes`).
    """
    if isinstance(at, Moment):
        return at.text
    text: str = msgspec.to_builtins(at)
    return text if text.endswith(_BEIJING) else at.isoformat()


def _have_form(names: tuple[str, ...], words: tuple[str | None, ...]) -> bool:
    return all(
        word is None or re.fullmatch(_FORM[name], word)
        for name, word in zip(names, words, strict=True)
    )


def of_contract(command: contract.Request) -> Command:
    """Return a request as the law handles it."""
    if not isinstance(command, (contract.Settle, contract.Quote, contract.Claim)):
        return command
    model = _OF_CONTRACT[type(command)]
    fields = {name: getattr(command, name) for name in type(command).model_fields}
    fields["lines"] = tuple(
        BillLine(**{name: getattr(line, name) for name in type(line).model_fields})
        for line in fields["lines"]
    )
    return model(**fields)
