"""A seal: the tree's head and how far each partition had come; a line of JSON."""

from msgspec import Struct

from jiesuan_services.audit.tree.order import size_of
from jiesuan_services.audit.tree.text import (
    FormatError,
    json_text,
    read_decimal,
    read_fields,
    read_json,
    read_number,
    read_string,
)


class Seal(Struct, frozen=True):
    """What was sealed: last offsets by partition, the size, the signed head."""

    ends: dict[int, int]
    size: int
    checkpoint: str

    @property
    def line(self) -> str:
        """The value of the seal's record, without a line feed."""
        ends = {str(partition): self.ends[partition] for partition in sorted(self.ends)}
        return json_text(
            {"ends": ends, "size": self.size, "checkpoint": self.checkpoint}
        )


def read_seal(line: bytes) -> Seal:
    """Return the seal that a line holds, its signature unchecked."""
    fields = read_fields(read_json(line), ("ends", "size", "checkpoint"))
    ends = read_partitions(fields["ends"])
    seal = Seal(
        {partition: read_number(last) for partition, last in ends.items()},
        read_number(fields["size"]),
        read_string(fields["checkpoint"]),
    )
    if seal.size != size_of(seal.ends):
        raise FormatError("封存的大小与各分区末位之和不符")
    return seal


def read_partitions(value: object) -> dict[int, object]:
    """Return what a JSON object says of each partition, from 0 without a hole."""
    if not isinstance(value, dict) or not value:
        raise FormatError("此处应为按分区列出的 JSON 对象")
    said = {read_decimal(name): one for name, one in value.items()}
    if set(said) != set(range(len(said))):
        raise FormatError("分区应从 0 起连续列出")
    return said


def check_follows(seal: Seal, before: Seal | None) -> None:
    """Raise FormatError unless a seal goes on where the one before it ended."""
    if before is None:
        return
    if set(seal.ends) != set(before.ends):
        raise FormatError("前后两次封存的分区不同")
    if any(seal.ends[one] < before.ends[one] for one in seal.ends):
        raise FormatError("分区末位比上一次封存时更小")
    if seal.size <= before.size:
        raise FormatError("没有比上一次封存更多的记录")
