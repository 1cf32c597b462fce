"""Files of three forms, written batch by batch: the whole of it or none."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Protocol

import pyarrow as pa

MAX_SHEET_ROWS: Final = 1_048_575
"""A sheet holds 2^20 rows, its head included."""
FORMS: Final = (".csv", ".parquet", ".xlsx")


class TooManyRows(RuntimeError):
    """More rows than a sheet holds."""


class Sink(Protocol):
    """Where batches go."""

    def write_batch(self, batch: pa.RecordBatch) -> None: ...


@contextmanager
def sink(path: Path, schema: pa.Schema) -> Iterator[Sink]:
    """Open a file by its ending; it appears when all is written."""
    new = path.with_name(f".{path.name}.new")
    opened = {".csv": _csv, ".parquet": _parquet, ".xlsx": _xlsx}[path.suffix]
    try:
        with opened(new, schema) as file:
            yield file
        new.replace(path)
    finally:
        with suppress(OSError):
            new.unlink()


def _csv(path: Path, schema: pa.Schema) -> Any:
    from pyarrow import csv

    return csv.CSVWriter(path, schema)


def _parquet(path: Path, schema: pa.Schema) -> Any:
    from pyarrow import parquet

    return parquet.ParquetWriter(path, schema, compression="zstd")


class _Sheet:
    def __init__(self, book: Any, schema: pa.Schema) -> None:
        self._sheet = book.add_worksheet()
        self._day = book.add_format({"num_format": "yyyy-mm-dd"})
        self._at = 1
        for column, name in enumerate(schema.names):
            self._sheet.write_string(0, column, name)
        self._sheet.freeze_panes(1, 0)

    def write_batch(self, batch: pa.RecordBatch) -> None:
        if self._at + batch.num_rows > MAX_SHEET_ROWS + 1:
            raise TooManyRows(
                f"工作表最多{MAX_SHEET_ROWS}行，请改用.csv或.parquet，或加--month"
            )
        for row in zip(*(one.to_pylist() for one in batch.columns), strict=True):
            for column, value in enumerate(row):
                self._write(column, value)
            self._at += 1

    def _write(self, column: int, value: Any) -> None:
        at, sheet = self._at, self._sheet
        if value is None:
            return
        if isinstance(value, bool):
            sheet.write_boolean(at, column, value)
        elif isinstance(value, int | Decimal):
            sheet.write_number(at, column, value)
        elif isinstance(value, date) and not isinstance(value, datetime):
            sheet.write_datetime(at, column, value, self._day)
        else:
            text = value.isoformat() if isinstance(value, datetime) else value
            # Never as a formula, whatever a text begins with.
            sheet.write_string(at, column, text)


@contextmanager
def _xlsx(path: Path, schema: pa.Schema) -> Iterator[Sink]:
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        yield _Sheet(book, schema)
