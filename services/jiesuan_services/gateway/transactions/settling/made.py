"""What a message has settled already, where the counter has lost that it did.

The ledger keeps of a settlement its name, person, institution, visit, lines, total and
invoice. What agrees in all of them is what the message asked for; what the ledger was
told besides changes with time, as the account's balance does.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import orjson
from msgspec import Struct

from jiesuan_domain.answer.render import decided
from jiesuan_domain.answer.rendered import RenderedPlace
from jiesuan_ledger.facts import Settled
from jiesuan_ledger.reader import AcceptedEntry
from jiesuan_services.gateway.call import Services
from jiesuan_services.gateway.ledger.asking import LedgerAnswer
from jiesuan_services.gateway.ledger.entries import entry_at, last_entry
from jiesuan_services.gateway.store import register
from jiesuan_services.gateway.store.freshness import until_read
from jiesuan_services.gateway.store.serial import is_of_purchase
from jiesuan_services.gateway.transactions.kinds import SoughtSettlement


class MadeBefore(Struct, frozen=True):
    """A settlement that a message made, and what the ledger answered it then."""

    sought: SoughtSettlement
    fact: Settled
    answer: LedgerAnswer
    stands: bool


def sought_in(message: Mapping[str, Any]) -> SoughtSettlement:
    """Say what a request that was written down asks for."""
    data = message["data"]
    visit = data["mdtrt_id"]
    return SoughtSettlement(
        None if is_of_purchase(visit) else visit,
        None,
        data["medfee_sumamt_fen"],
        data.get("invono"),
        _lines(
            (one["feedetl_sn"], one["med_list_codg"], one["det_item_fee_sumamt_fen"])
            for one in data["feedetail"]
        ),
    )


async def made_before(
    services: Services,
    sought: SoughtSettlement,
    *,
    names: Sequence[str],
    psn_no: str,
    fixmedins_code: str,
) -> MadeBefore | None:
    """Return what was settled under one of these names, if it is what is sought.

    Raises Unavailable while it cannot be seen.
    """
    bootstrap = services.ledger.bootstrap
    partition, offset = await last_entry(bootstrap, psn_no)
    await until_read(services.pool, partition, offset=offset)
    whose = {"psn_no": psn_no, "fixmedins_code": fixmedins_code}
    for row in await register.settled_under(services.pool, names, **whose):
        entry = await entry_at(bootstrap, row)
        fact = entry.fact
        if isinstance(fact, Settled) and _is_sought(fact, sought):
            answer = _answer(services, entry, place=row)
            return MadeBefore(sought, fact, answer, row["stands"])
    return None


def _is_sought(fact: Settled, sought: SoughtSettlement) -> bool:
    if sought.mdtrt_id is None:
        is_of_visit = is_of_purchase(fact.visit_id)
    else:
        is_of_visit = fact.visit_id == sought.mdtrt_id
    same = (fact.total_charge, fact.invoice) == (sought.total, sought.invoice)
    if not is_of_visit or not same:
        return False
    lines = _lines((one.line_id, one.item, one.line_total) for one in fact.lines)
    return sought.lines in (None, lines)


def _lines(lines: Iterable[tuple[str, str, int]]) -> frozenset[tuple[str, str, int]]:
    """Return what tells the lines of one bill from those of another."""
    return frozenset(lines)


def _answer(
    services: Services, entry: AcceptedEntry, *, place: Mapping[str, Any]
) -> LedgerAnswer:
    """Return the first answer, as the ledger itself makes it again from its entry."""
    stored = entry.entry
    at = RenderedPlace(
        place["partition"], place["offset"], stored.version, entry.hash.hex()
    )
    rendered = decided(entry.fact, packs=services.packs, entry=at)
    return LedgerAnswer(orjson.loads(msgspec.json.encode(rendered)), stored.recorded_at)
