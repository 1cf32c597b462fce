"""The reference topic: what strangers write there takes nothing away."""

from jiesuan_domain.in_force import InForce
from jiesuan_domain.policy.model import Packs
from jiesuan_events.words.topics import REFERENCE
from jiesuan_ledger.log.memory import MemoryLog
from jiesuan_ledger.log.record import Record
from jiesuan_services.runtime.packs import load_packs
from jiesuan_services.runtime.reference import Reference


async def test_no_tombstone_takes_an_archived_pack_away() -> None:
    """Packs whose keys somebody writes without a value are there at the next start."""
    log, shipped = MemoryLog(), load_packs()
    await Reference(log, InForce(shipped, {}), partitions=1).archive_packs(shipped)
    written = log.partitions[REFERENCE, 0]
    archived = [record.key or b"" for record in written]
    written += [Record(key, None, []) for key in archived]
    written += [Record(key, b"{}", []) for key in archived]

    known = Packs({})
    reference = Reference(log, InForce(known, {}), partitions=1)
    await reference.catch_up()

    digests = [key.decode().removeprefix("pack:") for key in archived]
    assert len(digests) > 1
    assert [one for one in digests if known.by_sha(one) is None] == []
    assert reference.strangers == 2 * len(archived)
