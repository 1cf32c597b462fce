"""What partitions came to at some offsets, kept so that totals need not begin anew.

A state is as good as the log it was read from: it is used only where the log still
holds the record it ends with, and only if its own bytes are those that were written.
Deleted, states are made again.
"""

from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from jiesuan_events.words.topics import LEDGER
from jiesuan_ledger.log.port import Log, Stored, read_one
from jiesuan_services.audit.chains import Chains, ChainsState
from jiesuan_services.audit.tree.digest import digest_of

LAYOUT: Final = b"jiesuan-state/1\n"
"""Another number whenever a state is written differently."""
_SHA: Final = 32
_STATE: Final = msgspec.msgpack.Decoder(ChainsState)


class StateStore:
    """The states of one ledger's partitions, a file each, by the offset they end at."""

    def __init__(self, folder: Path, *, every: int) -> None:
        self._folder = folder
        self.every = every
        """Records between two states."""

    async def resumed(
        self, log: Log, partition: int, *, upto: int, partitions: int
    ) -> tuple[Chains, int]:
        """Return the latest chains up to an offset that hold, and the next offset."""
        for offset in self._offsets(partition, upto):
            state = await self._read(log, partition, offset=offset)
            if state is not None:
                chains = Chains.resumed(partition, state, partitions=partitions)
                return chains, offset + 1
        return Chains(partition, partitions=partitions), 1

    def is_due(self, offset: int) -> bool:
        """Whether a state is kept of where this record ends."""
        return offset > 0 and offset % self.every == 0

    def keep(self, chains: Chains, last: Stored) -> None:
        """Write where the chains of a partition stand after a record."""
        raw = msgspec.msgpack.encode(chains.state())
        anchor = digest_of(chains.partition, last.offset, record=last.record)
        said = anchor + raw
        path = self._path(chains.partition, last.offset)
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f".{path.name}.new")
        new.write_bytes(LAYOUT + sha256(said).digest() + said)
        new.replace(path)

    async def _read(
        self, log: Log, partition: int, *, offset: int
    ) -> ChainsState | None:
        data = self._path(partition, offset).read_bytes()
        head, said = data[: len(LAYOUT) + _SHA], data[len(LAYOUT) + _SHA :]
        if head != LAYOUT + sha256(said).digest():
            return None
        found = await read_one(log, LEDGER, partition, offset=offset)
        if digest_of(partition, offset, record=found) != said[:_SHA]:
            return None
        return _STATE.decode(said[_SHA:])

    def _path(self, partition: int, offset: int) -> Path:
        return self._folder / f"{partition}-{offset}.state"

    def _offsets(self, partition: int, upto: int) -> list[int]:
        """Return the offsets of the states up to one, the latest first."""
        names = self._folder.glob(f"{partition}-*.state")
        offsets = sorted((int(one.stem.split("-")[1]) for one in names), reverse=True)
        return [offset for offset in offsets if offset <= upto]
