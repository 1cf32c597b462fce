"""One person as the ledger tells it: the state that every reader comes to."""

from jiesuan_domain.person.evolve import evolve
from jiesuan_domain.person.state import ChainPlace, MemoryPerson
from jiesuan_events.entries.partition import partition_of
from jiesuan_events.words.topics import LEDGER
from jiesuan_ledger.log.port import Log
from jiesuan_services.audit.chains import Chains


async def person_of(log: Log, person_id: str, *, partitions: int) -> MemoryPerson:
    """Read a person's entries from the first on, by the chain rule."""
    partition = partition_of(person_id, partitions)
    end = await log.end_offset(LEDGER, partition)
    chains = Chains(partition, partitions=partitions)
    key = person_id.encode()
    person = MemoryPerson()
    async for batch in log.read(LEDGER, partition, start=1, stop=end):
        for stored in batch:
            if stored.record.key != key:
                continue
            one = chains.take(stored.record, stored.offset)
            if one is not None:
                at = ChainPlace(one.entry.version, one.hash, stored.offset)
                person.apply(evolve(person, one.fact, at=at))
    return person
