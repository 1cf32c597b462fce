"""``decide`` for the months: one request about one care region, to one outcome.

Total and pure, as for persons: the region, the packs and what the recorder says of
time and of the ledger's reach are all that is looked at.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from jiesuan_domain.clearing.asked import ClearingAsked, form
from jiesuan_domain.clearing.deadlines import Calendar
from jiesuan_domain.clearing.evolve import evolve_region
from jiesuan_domain.clearing.refusals import out_of_bounds
from jiesuan_domain.clearing.rules.case import ClearingCase, PartitionReach, Verdict
from jiesuan_domain.clearing.rules.confirming import decide_confirm, decide_unconfirm
from jiesuan_domain.clearing.rules.drawing import decide_draw
from jiesuan_domain.clearing.rules.prepaying import decide_quota
from jiesuan_domain.clearing.rules.statements import decide_declare, decide_step
from jiesuan_domain.clearing.showing.results import too_large, with_results
from jiesuan_domain.clearing.state.region import (
    ClearingRequestSeen,
    Draft,
    Region,
)
from jiesuan_domain.outcome import Refused, refused
from jiesuan_domain.policy.model import Packs
from jiesuan_domain.refusals.of_person import policy_not_in_force
from jiesuan_domain.refusals.of_request import duplicate_different
from jiesuan_domain.refusals.refusal import Refusal
from jiesuan_events.clearing import requests
from jiesuan_events.words.instants import moment, policy_date
from jiesuan_ledger.clearing.facts import ClearingFact


class ClearingDecided(Struct, frozen=True):
    """Facts to be entered together, the last of which counts, and what they change."""

    facts: tuple[ClearingFact, ...]
    draft: Draft


class ClearingAgain(Struct, frozen=True):
    """The same request as before: its first answer is due."""

    seen: ClearingRequestSeen


ClearingOutcome = ClearingDecided | ClearingAgain | Refused


def decide_clearing(
    region: Region,
    asked: ClearingAsked,
    *,
    packs: Packs,
    recorded_at: str,
    reach: Sequence[PartitionReach],
) -> ClearingOutcome:
    """Decide a request: by its form, its name, or by what it asks for."""
    wrong = form(asked)
    if wrong is not None:
        return refused(wrong)
    seen = region.requests.get((asked.source, asked.id))
    if seen is not None and seen.content == asked.content:
        return ClearingAgain(seen)
    if seen is not None:
        return refused(duplicate_different(_place(seen)))
    calendar = Calendar(packs)
    case = ClearingCase(
        asked, region, region.draft(), calendar, packs, recorded_at, reach
    )
    verdict: Verdict = _unruled(case) or _by_rule(case)
    if isinstance(verdict, list):
        return refused(*verdict)
    draft = evolve_region(region, verdict, calendar=calendar)
    facts = with_results(draft, verdict, packs=packs)
    large = too_large(facts)
    if large is not None:
        return refused(out_of_bounds(large))
    return ClearingDecided(facts, draft)


def _place(seen: ClearingRequestSeen) -> dict[str, Any]:
    """Return where a request was entered; a trial knows no offset."""
    place: dict[str, Any] = {"version": seen.version, "hash": seen.hash.hex()}
    if seen.offset >= 0:
        place |= {"partition": 0, "offset": seen.offset}
    return place


def _unruled(case: ClearingCase) -> list[Refusal]:
    """Refuse where the pack of clearing says nothing of the days that may count."""
    for time in (case.asked.time, case.recorded_at):
        unruled = case.calendar.unruled(policy_date(moment(time)))
        if unruled is not None:
            return [policy_not_in_force(*unruled, to_clear=True)]
    return []


def _by_rule(case: ClearingCase) -> Verdict:
    command = case.asked.command
    match command:
        case requests.Draw():
            return decide_draw(case, command)
        case requests.Confirm():
            return decide_confirm(case, command)
        case requests.Unconfirm():
            return decide_unconfirm(case, command)
        case requests.Declare():
            return decide_declare(case, command)
        case requests.SetQuota():
            return decide_quota(case, command)
        case _:
            return decide_step(case, command)
