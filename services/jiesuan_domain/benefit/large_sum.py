"""The large-sum insurance (大额) above the year's threshold (67号第二十八条)."""

from jiesuan_events.words.money import Fen


def beyond(in_scope: Fen, before: Fen, *, threshold: Fen | None) -> Fen:
    """Return the tail of an in-scope amount that lies above the year's 24万.

    The year counts ordinary, chronic and inpatient care together (A14).
    """
    if threshold is None:
        return 0
    return min(in_scope, max(0, before + in_scope - threshold))


def eligible_beyond(eligible: Fen, over_cap: Fen, *, tail: Fen) -> Fen:
    """Return the reimbursable part of the tail: what is over the cap is last (A16)."""
    return min(eligible, max(0, tail - over_cap))
