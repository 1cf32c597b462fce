"""Where a settlement was made: looked up in the index, found in the log."""

from jiesuan_events.words.topics import LEDGER
from jiesuan_ledger.log.port import read_one
from jiesuan_ledger.reader import accepted
from jiesuan_services.audit.history.ledger import HistoryRefused, PastLedger
from jiesuan_services.audit.index.follow import settlements_of


async def place_of(past: PastLedger, settlement_id: str) -> tuple[int, int] | None:
    """Return partition and offset of the entry that made a settlement."""
    place = past.index.store.place_of(settlement_id)
    if place is None:
        return None
    partition, offset = place
    record = await read_one(past.log, LEDGER, partition, offset=offset)
    if settlement_id not in settlements_of(accepted(record).fact):
        raise HistoryRefused(
            f"partition {partition} offset {offset} 的记录与此前读到的不同："
            "账本被改动过，请运行 jiesuan verify"
        )
    return place
