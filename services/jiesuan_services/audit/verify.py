"""`verify`: every chain of the log from its beginning, forks named, sums added."""

import time
from dataclasses import dataclass, field

from jiesuan_events.words.topics import LEDGER
from jiesuan_ledger.genesis import Ledger, LedgerRefused, read_genesis
from jiesuan_ledger.log.kafka import KafkaLog, count_partitions
from jiesuan_ledger.log.port import Log
from jiesuan_services.audit.chains import Chains, ForkAt


@dataclass(slots=True)
class Year:
    """One benefit year: effective settlements, charges and fund payments in fen."""

    count: int = 0
    total_charge: int = 0
    fund_pay: int = 0


@dataclass(slots=True)
class Report:
    """What the log says of itself."""

    ledger_id: str
    ends: dict[int, int] = field(default_factory=dict)
    entries: int = 0
    persons: int = 0
    forks: list[ForkAt] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    years: dict[str, Year] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def is_sound(self) -> bool:
        """Tell whether nothing at all is wrong; a fork is."""
        return not self.forks and not self.wrong


async def verify(kafka: str) -> Report:
    """Verify the ledger of a cluster, up to where it ends now."""
    log = KafkaLog(kafka, producer=None)
    await log.start()
    try:
        return await verify_log(log, partitions=await count_partitions(kafka))
    finally:
        await log.stop()


async def verify_log(log: Log, *, partitions: int) -> Report:
    """Verify every partition; a ledger that is not one is an answer, not a crash."""
    began = time.monotonic()
    ledgers: set[Ledger] = set()
    report = Report("")
    for partition in range(partitions):
        try:
            ledgers.add(await read_genesis(log, partition, partitions=partitions))
            await _partition(log, partition, report=report, partitions=partitions)
        except LedgerRefused as refused:
            report.wrong.append(str(refused))
    if len(ledgers) > 1:
        report.wrong.append("the partitions belong to different ledgers")
    report.ledger_id = min((ledger.id for ledger in ledgers), default="")
    report.seconds = time.monotonic() - began
    return report


async def _partition(
    log: Log, partition: int, *, report: Report, partitions: int
) -> None:
    end = await log.end_offset(LEDGER, partition)
    chains = Chains(partition, partitions=partitions)
    async for batch in log.read(LEDGER, partition, start=1, stop=end):
        for stored in batch:
            if stored.missing:
                report.wrong.append(
                    f"partition {partition}: offsets {stored.offset - stored.missing} "
                    f"to {stored.offset - 1} are missing"
                )
            chains.take(stored.record, stored.offset)
    report.ends[partition] = end
    report.entries += chains.entries
    report.persons += chains.persons
    report.forks += chains.forks
    report.wrong += chains.wrong
    if chains.shared_names:
        report.warnings.append(
            f"partition {partition}: {chains.shared_names} entries share a request "
            "name with another person's"
        )
    for name, (count, charge, fund) in chains.years.items():
        year = report.years.setdefault(name, Year())
        year.count += count
        year.total_charge += charge
        year.fund_pay += fund
