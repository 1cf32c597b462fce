"""What a 2601 means where the counter has lost what it knew of the message.

The ledger keeps a message's name and no infno. What it was can be told of a second
name, which holds it, of a purchase's visit, and of a hospital, which never sells.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from jiesuan_services.gateway.call import HOSPITAL, Call
from jiesuan_services.gateway.faults import CounterFault, Unavailable
from jiesuan_services.gateway.ledger.entries import last_entry
from jiesuan_services.gateway.ledger.naming import known_as, second_stems
from jiesuan_services.gateway.store import register
from jiesuan_services.gateway.store.freshness import until_projected, until_read
from jiesuan_services.gateway.store.serial import is_of_purchase

SOLD: Final = "2102"
SETTLED: Final = "2207"
NOT_SURE: Final = (
    "平台已无该原报文的记录；账本中同名的结算{}不能确认由2102产生，本次未作任何处理。"
    "请核对后用2103或2208按结算ID撤销。"
)
"""Whose it may be: settled at a pharmacy, and not as a purchase of this counter's."""


class LostMessage:
    """What the ledger has under a sender's name, and what made it."""

    def __init__(
        self, call: Call[Any], rows: list[register.Row], *, msgid: str
    ) -> None:
        self._is_hospital = call.place.fixmedins_type == HOSPITAL
        self._rows = rows
        self._msgid = msgid

    @property
    def is_known(self) -> bool:
        """Whether the ledger has anything under the name."""
        return bool(self._rows)

    def made_by(self, infnos: Sequence[str]) -> str | None:
        """Return the ledger's name of the latest that one of these infnos made."""
        row = self._latest(infnos)
        return None if row is None else str(row["medins_setl_id"])

    def settled_by(self, infnos: Sequence[str]) -> str | None:
        """Return the id of the latest settlement that one of these infnos made."""
        row = self._latest(infnos)
        return None if row is None else str(row["setl_id"])

    def _latest(self, infnos: Sequence[str]) -> register.Row | None:
        return next((row for row in self._rows if self._is_of(row, infnos)), None)

    def check_sure(self, oinfno: str) -> None:
        """Refuse where what was named may be what was found, and may be another."""
        if oinfno != SOLD or self._is_hospital:
            return
        plain = known_as(self._msgid)
        for row in self._rows:
            if row["medins_setl_id"] in plain:
                raise CounterFault(NOT_SURE.format(row["setl_id"]))

    def _is_of(self, row: register.Row, infnos: Sequence[str]) -> bool:
        name = row["medins_setl_id"]
        if name not in known_as(self._msgid):
            return any(name[:-8] in second_stems(self._msgid, one) for one in infnos)
        return (SOLD if is_of_purchase(row["mdtrt_id"]) else SETTLED) in infnos


async def lost_message(
    call: Call[Any], psn_no: str, *, msgid: str, infnos: Sequence[str]
) -> LostMessage:
    """Look a message up in what the ledger holds by now.

    Nearly always it never came. So tables that are behind hold nobody up: then the
    ledger goes by the name alone. Where it may have either of two, they are waited for.
    """
    partition, offset = await last_entry(call.services.ledger.bootstrap, psn_no)
    passed = () if len(known_as(msgid)) > 1 else (Unavailable,)
    with suppress(*passed):
        await until_read(call.db, partition, offset=offset)
    return await _named(call, psn_no, msgid=msgid, infnos=infnos)


async def standing_message(
    call: Call[Any], psn_no: str, *, msgid: str, infnos: Sequence[str]
) -> str | None:
    """Return the latest settlement that stands under a sender's name, if one does.

    Here what this counter has entered itself is waited for: nothing is said to be
    undone while something of the name may stand.
    """
    await until_projected(call.db, psn_no)
    found = await _named(call, psn_no, msgid=msgid, infnos=infnos, standing=True)
    return found.settled_by(infnos)


async def _named(
    call: Call[Any],
    psn_no: str,
    *,
    msgid: str,
    infnos: Sequence[str],
    standing: bool = False,
) -> LostMessage:
    rows = await register.named_by_sender(
        call.db,
        known_as(msgid),
        psn_no=psn_no,
        fixmedins_code=call.place.fixmedins_code,
        seconds=[stem for one in infnos for stem in second_stems(msgid, one)],
        standing=standing,
    )
    return LostMessage(call, rows, msgid=msgid)
