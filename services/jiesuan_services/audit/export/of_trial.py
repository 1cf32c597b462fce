"""`try --ledger`: what a trial decided, as an export that can be imported.

Years of the past become a ledger without a clock being moved: every entry was recorded
at its request's time, in the one partition that a trial has.
"""

import asyncio
import tempfile
from pathlib import Path
from typing import Final

from jiesuan_domain.in_force import InForce
from jiesuan_domain.policy.model import Packs
from jiesuan_events.words.instants import moment
from jiesuan_ledger.genesis import create_ledger
from jiesuan_ledger.log.memory import MemoryLog
from jiesuan_ledger.log.record import Record, TimedRecord
from jiesuan_services.audit.export.write import export_ledger
from jiesuan_services.audit.sealing.keyfile import create_key
from jiesuan_services.audit.sealing.sealed import SealedTree
from jiesuan_services.audit.sealing.sealer import seal_ledger
from jiesuan_services.runtime.reference import Reference

PARTITIONS: Final = 1
BEGUN: Final = "1970-01-01T00:00:00+00:00"
"""When a ledger of a trial was begun if nothing was entered: it has no clock."""


class TrialLedger:
    """Keeps what a trial would have written, to be exported at the end."""

    def __init__(self) -> None:
        self._kept: list[tuple[str, Record]] = []
        self._begun: str | None = None

    def keep(self, topic: str, record: Record, *, time: str) -> None:
        """Keep a record of a topic, written at a time."""
        self._begun = self._begun or time
        milliseconds = round(moment(time).timestamp() * 1000)
        timed = TimedRecord(record.key, record.value, record.headers, milliseconds)
        self._kept.append((topic, timed))

    def export(self, out: Path, packs: Packs) -> str:
        """Write the export and the key beside it; return the verifier key."""
        return asyncio.run(self._export(out, packs))

    async def _export(self, out: Path, packs: Packs) -> str:
        log = MemoryLog()
        ledger = await create_ledger(
            log, partitions=PARTITIONS, created_at=self._begun or BEGUN
        )
        for topic, record in self._kept:
            await log.append(topic, 0, [record])
        reference = Reference(log, InForce(packs, {}), partitions=PARTITIONS)
        await reference.archive_packs(packs)
        key = create_key(
            out.with_name(f"{out.name}.key"), f"jiesuan.invalid/{ledger.id}"
        )
        with tempfile.TemporaryDirectory() as folder:
            tree = Path(folder)
            sealed = await seal_ledger(log, tree, key=key, partitions=PARTITIONS)
            async with SealedTree(log, tree, key=key.verifier) as opened:
                await export_ledger(
                    log,
                    out,
                    folder=opened.folder,
                    seal=sealed.seal,
                    key=key,
                    ledger_id=ledger.id,
                )
        return key.verifier.text
