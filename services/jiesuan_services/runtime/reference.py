"""The follower of `jiesuan.reference`: institutions, and archived policy packs."""

import asyncio
from typing import Final

import structlog

from jiesuan_domain.in_force import InForce, registered
from jiesuan_domain.policy.loader import PackError, parse_pack
from jiesuan_domain.policy.model import Packs
from jiesuan_events.requests import Institution
from jiesuan_events.words.topics import REFERENCE
from jiesuan_ledger.log.port import Log
from jiesuan_ledger.log.record import Record

INSTITUTION: Final = b"institution:"
PACK: Final = b"pack:"

log = structlog.get_logger()


class Reference:
    """Keeps a law's institutions and archived packs as the topic tells them."""

    def __init__(self, source: Log, in_force: InForce) -> None:
        self._log = source
        self._law = in_force
        self._next = 0
        self._turn = asyncio.Lock()
        self._packs: set[str] = set()

    async def catch_up(self) -> None:
        """Read the topic up to where it ends now."""
        async with self._turn:
            begin = await self._log.begin_offset(REFERENCE, 0)
            end = await self._log.end_offset(REFERENCE, 0)
            start = max(self._next, begin)
            async for batch in self._log.read(REFERENCE, 0, start=start, stop=end):
                for stored in batch:
                    self._take(stored.record)
            self._next = end

    def _take(self, record: Record) -> None:
        key = record.key or b""
        try:
            if key.startswith(INSTITUTION):
                asked = Institution.model_validate_json(record.value)
                self._law.institutions[asked.institution_id] = registered(asked)
            elif key.startswith(PACK):
                self._archive(key.removeprefix(PACK).decode(), record.value)
        except (ValueError, PackError) as wrong:
            log.warning("reference.unreadable", reason=type(wrong).__name__)

    def _archive(self, sha256: str, text: bytes) -> None:
        pack = parse_pack(text.decode(), sha256)
        if pack.sha256 == sha256:
            self._packs.add(sha256)
            self._law.packs.archive(pack)

    async def archive_packs(self, packs: Packs) -> None:
        """Publish the packs in force: what they decide is explained for ever."""
        records = []
        for id_ in packs.ids():
            region, scheme = id_.split("-")
            pack = packs.find(region, scheme)
            if pack is not None and pack.sha256 not in self._packs:
                records.append(Record(PACK + pack.sha256.encode(), pack.canonical, []))
        if records:
            pending = await self._log.append(REFERENCE, 0, records)
            await pending.done()
