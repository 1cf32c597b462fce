"""What a ledger's log says of itself, partition by partition and in all."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from jiesuan_services.audit.chains import Chains, ForkAt, Shelves, shared_among


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
    read_from: dict[int, int] = field(default_factory=dict)
    entries: int = 0
    persons: int = 0
    forks: list[ForkAt] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    years: dict[str, Year] = field(default_factory=dict)
    writers: dict[str, int] = field(default_factory=dict)
    clearing_entries: int = 0
    seals: int = 0
    sealed: int = 0
    seconds: float = 0.0

    @property
    def is_sound(self) -> bool:
        """Whether nothing at all is wrong; a fork is."""
        return not self.forks and not self.wrong

    def add(self, part: "PartitionReport") -> None:
        """Add what one partition comes to."""
        self.ends[part.partition] = part.end
        self.read_from[part.partition] = part.read_from
        self.entries += part.entries
        self.persons += part.persons
        self.forks += part.forks
        self.wrong += part.wrong
        for writer, count in part.writers.items():
            self.writers[writer] = self.writers.get(writer, 0) + count
        for name, (count, charge, fund) in part.years.items():
            year = self.years.setdefault(name, Year())
            year.count += count
            year.total_charge += charge
            year.fund_pay += fund

    def warn_of_names(self, parts: Sequence["PartitionReport"]) -> None:
        """Warn of names that requests of several persons bear, wherever they stand."""
        shared = sum(part.shared_before for part in parts)
        shared += shared_among([part.names for part in parts])
        if shared:
            self.warnings.append(f"{shared} 条账目与他人的请求编号相同")


@dataclass(slots=True)
class PartitionReport:
    """What one partition comes to; it travels between processes."""

    partition: int
    end: int
    read_from: int = 0
    entries: int = 0
    persons: int = 0
    forks: list[ForkAt] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    shared_before: int = 0
    names: Shelves = ()
    years: dict[str, list[int]] = field(default_factory=dict)
    writers: dict[str, int] = field(default_factory=dict)

    def miss(self, expected: int, found: int) -> None:
        """Take note of a hole."""
        self.wrong.append(
            f"分区 {self.partition}：偏移 {expected} 至 {found - 1} 的记录缺失"
        )

    def take(self, chains: Chains) -> None:
        """Take over what the chains of the partition came to."""
        self.entries = chains.entries
        self.persons = chains.persons
        self.forks += chains.forks
        self.wrong += chains.wrong
        self.shared_before, self.names = chains.shared_before, chains.names
        self.years = chains.years
        self.writers = chains.writers
