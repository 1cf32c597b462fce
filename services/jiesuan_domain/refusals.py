"""Why we say no: stable codes in the order in which they count, and plain sentences.

The sentence says what is wrong and what to do next (50号 三(四): 简明扼要、通俗易懂).
"""

from enum import Enum
from typing import Any

from msgspec import Struct


class Code(Enum):
    """Every refusal, in descending precedence; the value is the wire code."""

    MALFORMED = "malformed"
    DUPLICATE_DIFFERENT = "duplicate-different"
    COMPENSATED_BEFORE = "compensated-before"
    UNKNOWN_INSTITUTION = "unknown-institution"
    NOT_ENROLLED = "not-enrolled"
    ENROLMENT_SUSPENDED = "enrolment-suspended"
    POLICY_NOT_IN_FORCE = "policy-not-in-force"
    MIXED_YEARS = "mixed-years"
    MIXED_DISEASES = "mixed-diseases"
    LINES_DO_NOT_ADD_UP = "lines-do-not-add-up"
    INPATIENT_STAY = "inpatient-stay"
    NOT_QUALIFIED = "not-qualified"
    REVERIFICATION_REQUIRED = "reverification-required"
    NO_FILING = "no-filing"
    DISEASE_NOT_IN_LIST = "disease-not-in-list"
    INSTITUTION_NOT_OPENED = "institution-not-opened"
    PRESCRIPTION_REQUIRED = "prescription-required"
    UNKNOWN_SETTLEMENT = "unknown-settlement"
    NOT_YOUR_SETTLEMENT = "not-your-settlement"
    ALREADY_REFUNDED = "already-refunded"
    LATER_SETTLEMENTS_FIRST = "later-settlements-first"
    GAP_REFUND_NOT_ALLOWED = "gap-refund-not-allowed"
    NOT_COMPENSABLE = "not-compensable"
    UNKNOWN_ADMISSION = "unknown-admission"
    LARGE_SUM_RATIO_NOT_CONFIGURED = "large-sum-ratio-not-configured"
    MONTH_NOT_OVER = "month-not-over"
    ALREADY_DRAWN = "already-drawn"
    NOT_YET_READABLE = "not-yet-readable"
    NOTHING_TO_DRAW = "nothing-to-draw"
    UNKNOWN_STATEMENT = "unknown-statement"
    NOT_YOUR_STATEMENT = "not-your-statement"
    UNKNOWN_CONFIRMATION = "unknown-confirmation"
    WRONG_STATE = "wrong-state"
    NOT_IN_STATEMENT = "not-in-statement"
    CARRIED_TOO_LONG = "carried-too-long"
    AMOUNTS_DIFFER = "amounts-differ"
    SUMS_DIFFER = "sums-differ"
    DEDUCTION_TOO_LARGE = "deduction-too-large"
    TOO_LATE = "too-late"
    NOT_THE_FULL_AMOUNT = "not-the-full-amount"

    @property
    def is_transient(self) -> bool:
        """Tell whether the same request may succeed later, unchanged."""
        return self in _TRANSIENT

    @property
    def precedence(self) -> int:
        """Rank the code: the lowest counts first."""
        return _ORDER[self]


_TRANSIENT = frozenset(
    {
        Code.UNKNOWN_INSTITUTION,
        Code.POLICY_NOT_IN_FORCE,
        Code.LARGE_SUM_RATIO_NOT_CONFIGURED,
        Code.NOT_YET_READABLE,
    }
)
_ORDER = {code: at for at, code in enumerate(Code)}


class Refusal(Struct, frozen=True):
    """One reason to refuse: a code, a plain Chinese sentence, and the particulars."""

    code: Code
    message: str
    details: dict[str, Any]

    def wire(self) -> dict[str, Any]:
        """Render for an answer."""
        return {
            "code": self.code.value,
            "message": self.message,
            "transient": self.code.is_transient,
            "details": self.details,
        }


def in_order(refusals: list[Refusal]) -> tuple[Refusal, ...]:
    """Put refusals in the order of precedence; the first is the one that counts."""
    return tuple(sorted(refusals, key=lambda refusal: refusal.code.precedence))
