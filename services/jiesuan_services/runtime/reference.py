"""The follower of `jiesuan.reference`: institutions, and archived policy packs."""

import asyncio
from typing import Final

import structlog

from jiesuan_domain.in_force import InForce, registered
from jiesuan_domain.policy.loader import parse_pack
from jiesuan_domain.policy.model import Packs
from jiesuan_events.requests import Institution
from jiesuan_events.words.topics import REFERENCE
from jiesuan_ledger.log.fetch.slow import Halt
from jiesuan_ledger.log.port import Log
from jiesuan_ledger.log.record import Record
from jiesuan_ledger.ours import (
    PACK,
    AcceptedPack,
    AcceptedReference,
    Order,
    StrangerReason,
)
from jiesuan_ledger.reference import Read, ReferenceReader

NO_PACK: Final = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)
"""What reading a pack raises when it is anybody's text: its digest proves nothing."""

log = structlog.get_logger()


class Reference:
    """Keeps a law's institutions and archived packs as the topic tells them."""

    def __init__(self, source: Log, in_force: InForce, *, partitions: int) -> None:
        self.strangers = 0
        self._log = source
        self._law = in_force
        self._reader = ReferenceReader(source, partitions=partitions)
        self._turn = asyncio.Lock()
        self._packs: set[str] = set()
        self._here: dict[str, Order] = {}

    @property
    def standing(self) -> dict[str, Halt]:
        """Return where the topic cannot be read, if so."""
        halt = self._reader.halt
        return {} if halt is None else {f"{REFERENCE}/0": halt}

    async def catch_up(self) -> None:
        """Read the topic up to where it ends now; raise LogError where it cannot be."""
        async with self._turn:
            async for batch in self._reader.read():
                for one in batch:
                    self._take(one)

    def keep(self, institution_id: str, request: int) -> None:
        """Note that a request registered an institution here, told to all or not yet.

        What the topic says of one before it is no news.
        """
        self._here[institution_id] = Order(is_local=True, request=request)

    def _take(self, one: Read) -> None:
        match one.said:
            case AcceptedReference(Institution() as said, order=order):
                if order >= self._here.get(said.institution_id, order):
                    self._law.institutions[said.institution_id] = registered(said)
            case AcceptedPack() as pack:
                self._archive(pack, one.offset)
            case StrangerReason() as reason:
                self._name(one.offset, reason)

    def _archive(self, one: AcceptedPack, offset: int) -> None:
        try:
            pack = parse_pack(one.text.decode(), one.sha256)
        except NO_PACK:
            self._name(offset, StrangerReason.NOT_UNDERSTOOD)
            return
        self._packs.add(one.sha256)
        if pack.sha256 == one.sha256:
            self._law.packs.archive(pack)

    def _name(self, offset: int, reason: StrangerReason) -> None:
        self.strangers += 1
        log.warning("reference.stranger", offset=offset, reason=reason.value)

    async def archive_packs(self, packs: Packs) -> None:
        """Publish the packs in force: what they decide is explained for ever."""
        records = []
        for id_ in packs.ids():
            region, scheme = id_.split("-")
            pack = packs.find(region, scheme)
            if pack is not None and pack.sha256 not in self._packs:
                key = f"{PACK}{pack.sha256}".encode()
                records.append(Record(key, pack.canonical, []))
        if records:
            pending = await self._log.append(REFERENCE, 0, records)
            await pending.done()
