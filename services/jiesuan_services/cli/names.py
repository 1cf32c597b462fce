"""What institutions are called: as last registered, from the reference topic.

A sentence that a read model keeps calls them by their codes (docs/decisions/0022); the
names are put beside as it is shown.
"""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from jiesuan_events.words.codes import with_name
from jiesuan_events.words.topics import LEDGER

if TYPE_CHECKING:
    from jiesuan_ledger.log.port import Log

_MENTIONED: Final = re.compile(r"(?<=机构)[A-Za-z0-9]+")


async def reference(log: "Log", *, partition: int = 0) -> list[Any]:
    """Read all that the reference topic says and that is ours, in its order."""
    from jiesuan_ledger.genesis import ledger_of
    from jiesuan_ledger.log.port import read_one
    from jiesuan_ledger.reference import ReferenceReader

    genesis = await read_one(log, LEDGER, partition, offset=0)
    partitions = ledger_of(genesis, partition).partitions
    reader = ReferenceReader(log, partitions=partitions)
    return [one.said async for batch in reader.read() for one in batch]


def names_in(found: Iterable[Any]) -> dict[str, str]:
    """Return the name of each institution by its code, the last registered."""
    from jiesuan_events.requests import Institution
    from jiesuan_ledger.ours import AcceptedReference

    registered = [one.said for one in found if isinstance(one, AcceptedReference)]
    return {
        one.institution_id: one.institution_name
        for one in registered
        if isinstance(one, Institution)
    }


async def institution_names(kafka: str) -> dict[str, str]:
    """Return the name of each institution by its code; raise OSError or LogError."""
    from jiesuan_ledger.log.kafka import KafkaLog

    log = KafkaLog(kafka, producer=None)
    await log.start()
    try:
        return names_in(await reference(log))
    finally:
        await log.stop()


def with_names(sentence: str, names: Mapping[str, str]) -> str:
    """Put the name of every institution that a sentence mentions beside its code.

    >>> with_names("在机构H1住院，另在机构H2", {"H1": "示例医院"})
    '在机构示例医院（H1）住院，另在机构H2'
    """
    return _MENTIONED.sub(lambda code: with_name(code[0], names), sentence)
