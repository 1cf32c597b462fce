"""`jiesuan identity load`: a file of persons into the vault, all of it or nothing."""

import csv
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from jiesuan_events.entries.partition import partition_of
from jiesuan_events.words.money import Fen
from jiesuan_services.gateway.store.database import Connection
from jiesuan_services.gateway.store.sql import query
from jiesuan_services.gateway.vault.identities import Identity, Vault
from jiesuan_services.gateway.vault.masters import be_ours
from jiesuan_services.gateway.wire.values import read_day, read_fen

REQUIRED: Final = (
    "psn_no",
    "psn_cert_type",
    "certno",
    "psn_name",
    "gend",
    "naty",
    "brdy",
)
OPTIONAL: Final = ("card_no", "balc", "emp_name")
GENDERS: Final = frozenset("0129")
AT_ONCE: Final = 1_000
MOST_FEN: Final = 10**13
MOST_SHOWN: Final = 5
_COLUMN: Final = re.compile("[a-z_]{1,20}")
_HOME: Final = ("vault", "vault")


class FileRefused(RuntimeError):
    """A file of persons that cannot be loaded: which line, and why, nobody named."""


class Loaded(NamedTuple):
    """How many persons were loaded, and how many passed over as erased."""

    persons: int
    erased: int


class PersonRow(NamedTuple):
    """One line of the file."""

    psn_no: str
    identity: Identity
    balance: Fen | None


def read_persons(lines: Iterable[str]) -> Iterator[PersonRow]:
    """Read the lines of a file; the first that is wrong is named by its number."""
    reader = csv.DictReader(lines, strict=True)
    _check_head(set(reader.fieldnames or ()))
    try:
        for row in reader:
            yield _person(row, reader.line_num)
    except csv.Error:
        raise FileRefused(f"第{reader.line_num}行：不是合法的CSV") from None


def _check_head(columns: set[str]) -> None:
    """Refuse a head that is not ours, or is none: then a person stands in its place.

    So an unknown column is repeated only if it is spelt like one, beside one of ours.
    """
    missing = [name for name in REQUIRED if name not in columns]
    unknown = columns - {*REQUIRED, *OPTIONAL}
    if not missing and not unknown:
        return
    named = sorted(name for name in unknown if _COLUMN.fullmatch(name))[:MOST_SHOWN]
    is_head = unknown != columns
    shown = f"（{'、'.join(named)}）" if named and is_head else ""
    raise FileRefused(
        f"表头不符：缺少{'、'.join(missing) or '无'}；"
        f"不认识的列{len(unknown)}个{shown}。首行应为列名，请补上或更正后重新载入"
    )


def _person(row: dict[str, Any], number: int) -> PersonRow:
    """Read one line; what is wrong is said without saying what stood there."""
    for name in REQUIRED:
        if not (row.get(name) or "").strip():
            raise FileRefused(f"第{number}行：缺少{name}")
    if None in row or None in row.values():
        raise FileRefused(f"第{number}行：列数与表头不符")
    fields = {name: value.strip() for name, value in row.items()}
    if fields["gend"] not in GENDERS:
        raise FileRefused(f"第{number}行：gend应为0、1、2或9")
    try:
        brdy = read_day(fields["brdy"]).isoformat()
        balance = read_fen(fields["balc"]) if fields.get("balc") else None
    except ValueError:
        raise FileRefused(f"第{number}行：brdy应为日期，balc应为金额") from None
    if balance is not None and not 0 <= balance <= MOST_FEN:
        raise FileRefused(f"第{number}行：balc不能小于零，也不能过大")
    return PersonRow(
        fields["psn_no"],
        Identity(
            psn_cert_type=fields["psn_cert_type"],
            certno=fields["certno"],
            psn_name=fields["psn_name"],
            gend=fields["gend"],
            naty=fields["naty"],
            brdy=brdy,
            card_no=fields.get("card_no") or None,
            emp_name=fields.get("emp_name") or None,
        ),
        balance,
    )


async def load(on: Connection, vault: Vault, *, lines: Iterable[str]) -> Loaded:
    """Load a file in one transaction; whoever was erased stays erased.

    Meanwhile nobody is erased: he might be in the file, and not yet to be seen. What
    gateways read at every message is looked at before: a change of such a table would
    wait for the whole file, and they for it.
    """
    persons = erased = 0
    await be_ours(on, vault)
    async with on.transaction():
        await on.execute(query(*_HOME, name="loading"))
        taken = {
            row["partition"]: row["offset"]
            for row in await on.fetch(query(*_HOME, name="positions"))
        }
        waiting: list[PersonRow] = []
        for row in read_persons(lines):
            waiting.append(row)
            if len(waiting) == AT_ONCE:
                erased += await _put(on, vault, waiting=waiting, taken=taken)
                persons += len(waiting)
                waiting = []
        if waiting:
            erased += await _put(on, vault, waiting=waiting, taken=taken)
            persons += len(waiting)
    return Loaded(persons - erased, erased)


async def _put(
    on: Connection, vault: Vault, *, waiting: list[PersonRow], taken: dict[int, int]
) -> int:
    """Keep a thousand persons; give how many of them were erased before."""
    names = [row.psn_no for row in waiting]
    gone = {
        row["psn_no"] for row in await on.fetch(query(*_HOME, name="erased"), names)
    }
    last = {row.psn_no: row for row in waiting if row.psn_no not in gone}
    await vault.put(on, [(row.psn_no, row.identity) for row in last.values()])
    accounts = [
        (row.psn_no, row.balance, _taken_up_to(row.psn_no, taken))
        for row in last.values()
        if row.balance is not None
    ]
    await on.executemany(query(*_HOME, name="put_account"), accounts)
    return sum(name in gone for name in names)


def _taken_up_to(psn_no: str, taken: dict[int, int]) -> int:
    """Return how far the ledger had been projected for a person when it was loaded."""
    return taken.get(partition_of(psn_no, len(taken)), -1) if taken else -1
