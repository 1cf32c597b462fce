"""A record as JSON, in receipts and as a line of an export.

Bytes are base64, what is absent is null; Kafka's timestamp is informative, so it
stands in the lines of an export and in no digest.
"""

from typing import Any, Final

from jiesuan_services.audit.tree.digest import TreeRecord
from jiesuan_services.audit.tree.text import (
    FormatError,
    base64_text,
    json_text,
    read_base64,
    read_fields,
    read_json,
    read_number,
    read_string,
)

_FIELDS: Final = ("partition", "offset", "key", "value", "headers")
_TIMED: Final = (*_FIELDS, "timestamp")
_PAIR: Final = 2


def record_object(record: TreeRecord) -> dict[str, Any]:
    """Return a record as it stands in a receipt."""
    return {
        "partition": record.partition,
        "offset": record.offset,
        "key": _bytes_text(record.key),
        "value": _bytes_text(record.value),
        "headers": [[name, _bytes_text(value)] for name, value in record.headers],
    }


def record_line(record: TreeRecord, timestamp: int) -> str:
    """Return a record as a line of an export, without its line feed."""
    said = record_object(record)
    place = {"partition": record.partition, "offset": record.offset}
    return json_text({**place, "timestamp": timestamp, **said})


def read_record(value: object) -> TreeRecord:
    """Return the record that a receipt holds."""
    return _record(read_fields(value, _FIELDS))


def read_record_line(line: bytes) -> tuple[TreeRecord, int]:
    """Return the record and the timestamp of a line of an export."""
    fields = read_fields(read_json(line), _TIMED)
    return _record(fields), _timestamp(fields["timestamp"])


def _record(fields: dict[str, Any]) -> TreeRecord:
    if not isinstance(fields["headers"], list):
        raise FormatError("headers 应为数组")
    return TreeRecord(
        read_number(fields["partition"]),
        read_number(fields["offset"]),
        _read_bytes(fields["key"]),
        _read_bytes(fields["value"]),
        tuple(_header(pair) for pair in fields["headers"]),
    )


def _header(pair: object) -> tuple[str, bytes | None]:
    if not isinstance(pair, list) or len(pair) != _PAIR:
        raise FormatError("每个 header 应为 [名称, 值]")
    return read_string(pair[0]), _read_bytes(pair[1])


def _timestamp(value: object) -> int:
    """Return Kafka's timestamp: milliseconds, -1 where a record has none."""
    return -1 if value == -1 else read_number(value)


def _bytes_text(data: bytes | None) -> str | None:
    return None if data is None else base64_text(data)


def _read_bytes(value: object) -> bytes | None:
    return None if value is None else read_base64(value)
