"""What a verification keeps, so that another need not read everything again.

Leaves and states lie in the data directory. What was sealed and verified before need
not be read again: its leaves are, and every seal's root must still come of them.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from msgspec import Struct

from jiesuan_ledger.log.port import Log, Stored
from jiesuan_services.audit.chains import Chains
from jiesuan_services.audit.index.states import StateStore
from jiesuan_services.audit.verifying.leaves import count_leaves

_LOCK: Final = "lock"


class Kept(Struct, frozen=True):
    """Where leaves and states lie, and up to where they may stand for the log.

    ``upto`` is empty for a verification from the beginning.
    """

    folder: Path
    states: StateStore | None = None
    upto: Mapping[int, int] = {}

    async def resumed(
        self, log: Log, partition: int, *, partitions: int
    ) -> tuple[Chains, int]:
        """Return the chains to go on from, and the first offset to read."""
        there = count_leaves(self.folder, partition) - 1
        upto = min(self.upto.get(partition, -1), there)
        if self.states is None or upto < 1:
            return Chains(partition, partitions=partitions), 0
        chains, following = await self.states.resumed(
            log, partition, upto=upto, partitions=partitions
        )
        return chains, following if chains.entries or following > 1 else 0

    def take(self, stored: Stored, chains: Chains) -> None:
        """Keep where the chains stand after a record, every so often."""
        if self.states is not None and self.states.is_due(stored.offset):
            self.states.keep(chains, stored)


@contextmanager
def working_in(folder: Path | None, *, goes_on: bool) -> Iterator[Path]:
    """Yield the folder of leaves, or a temporary one while another process locks it."""
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="jiesuan-verify-") as name:
            yield Path(name)
        return
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with working_in(None, goes_on=False) as own:
                yield own
            return
        work = folder / "leaves"
        if not goes_on:
            shutil.rmtree(work, ignore_errors=True)
        work.mkdir(exist_ok=True)
        yield work
    finally:
        os.close(lock)
