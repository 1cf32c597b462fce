"""Rows of a view as Arrow batches: exact, whatever the type."""

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa

RATIO: Final = pa.decimal128(38, 4)
"""All our numerics are ratios of four decimals."""
_TYPES: Final[dict[str, pa.DataType]] = {
    "bigint": pa.int64(),
    "integer": pa.int32(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp with time zone": pa.timestamp("us", tz="UTC"),
    "numeric": RATIO,
}
_FOUR: Final = Decimal("0.0001")


def schema_of(columns: Mapping[str, str]) -> pa.Schema:
    """Return the schema of a view; what is no number, day or moment is text."""
    fields = [(name, _TYPES.get(kind, pa.string())) for name, kind in columns.items()]
    return pa.schema(fields)


def batch_of(rows: Sequence[Any], columns: Mapping[str, str]) -> pa.RecordBatch:
    """Return rows as one batch of Arrow."""
    schema = schema_of(columns)
    values = zip(*rows, strict=True)
    arrays = [
        pa.array([read(value) for value in column], field.type)
        for column, field, read in zip(
            values, schema, map(_reader, columns.values()), strict=True
        )
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _reader(kind: str) -> Callable[[Any], Any]:
    if kind == "numeric":
        return lambda value: None if value is None else value.quantize(_FOUR)
    return _as_it_is if kind in _TYPES else _text


def _as_it_is(value: Any) -> Any:
    return value


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.hex()
    return json.dumps(value, ensure_ascii=False, default=str)
