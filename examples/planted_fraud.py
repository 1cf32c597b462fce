"""Play the operator who has every key: move money in one settlement, seal it all anew.

    python examples/planted_fraud.py EXPORT OUT --seal-key DATA/seal.key

Takes 100 yuan off what one person paid, puts it on the pool, chains everything of that
person anew, and signs the ledger's seals again: OUT verifies under the ledger's own
key. Only what somebody kept from before gives it away (docs/guides/auditors.md).
"""

import argparse
import asyncio
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jiesuan_events.entries.entry import Entry, read_entry
from jiesuan_events.words.topics import LEDGER
from jiesuan_ledger.log.memory import MemoryLog
from jiesuan_ledger.log.record import Record, TimedRecord
from jiesuan_services.audit.export.read import SealedExport, open_export
from jiesuan_services.audit.export.restore import restore_export
from jiesuan_services.audit.export.write import export_ledger
from jiesuan_services.audit.sealing.keyfile import load_key
from jiesuan_services.audit.sealing.sealed import SealedTree
from jiesuan_services.audit.sealing.sealer import seal_ledger
from jiesuan_services.audit.tree.notes.keys import SignerKey

STOLEN = 10_000
"""Fen that the pool is made to pay for the person."""


def settlements(records: list[Record]) -> Iterator[tuple[int, Entry]]:
    """Return the entries that settled something, with their offsets."""
    for offset, record in enumerate(records):
        if ("ce_type", b"jiesuan.settled.v1") in record.headers:
            entry = read_entry(record.key, record.value, headers=record.headers)
            yield offset, entry


def cheated(value: bytes, *, is_the_one: bool) -> bytes:
    """Return a fact with the money moved: in the one itself, or in what follows it."""
    fact: dict[str, Any] = json.loads(value)
    fact["cum"]["hifp_fen"] = fact["cum"].get("hifp_fen", 0) + STOLEN
    fact["cum"]["psn_part_fen"] -= STOLEN
    if is_the_one:
        for name in ("hifp_pay_fen", "fund_pay_sumamt_fen"):
            fact[name] = fact.get(name, 0) + STOLEN
        for name in ("ratio_selfpay_fen", "psn_part_amt_fen", "psn_cash_pay_fen"):
            fact[name] -= STOLEN
        for step in fact["setl_proc_info"]:
            step[2] += {"outpatient-pool": STOLEN, "outpatient-person": -STOLEN}.get(
                step[0], 0
            )
    return json.dumps(fact, ensure_ascii=False, separators=(",", ":")).encode()


def cheat(records: list[Record]) -> int | None:
    """Rewrite the first settlement with a share to steal, and all that follows it."""
    for at, entry in settlements(records):
        if json.loads(entry.value).get("ratio_selfpay_fen", 0) >= STOLEN:
            _rewrite(records, at, person=entry.person_id)
            return at
    return None


def _rewrite(records: list[Record], at: int, *, person: str) -> None:
    head = b""
    for offset in range(at, len(records)):
        record = records[offset]
        if record.key != person.encode():
            continue
        entry = read_entry(record.key, record.value, headers=record.headers)
        if b'"cum"' in entry.value:
            value = cheated(entry.value, is_the_one=offset == at)
            entry = entry._replace(value=value)
        entry = entry._replace(prev_hash=head or entry.prev_hash)
        head = entry.hash
        assert isinstance(record, TimedRecord)
        records[offset] = TimedRecord(
            record.key, entry.value, entry.headers(), record.timestamp
        )


async def forge(export: SealedExport, out: Path, *, key: SignerKey) -> str:
    """Write the forged export, sealed at the same places; say what was done."""
    partitions = export.manifest.partitions
    true = MemoryLog()
    await restore_export(true, export)
    done = ""
    for partition in range(partitions):
        at = cheat(true.partitions[LEDGER, partition]) if not done else None
        done = done if at is None else f"partition {partition} offset {at}"
    forged = MemoryLog()
    for place, records in true.partitions.items():
        if place[0] not in (LEDGER, "jiesuan.seals"):
            await forged.append(*place, records)
    with tempfile.TemporaryDirectory() as folder:
        for seal in export.seals:
            for partition, end in seal.ends.items():
                known = len(forged.partitions[LEDGER, partition])
                more = true.partitions[LEDGER, partition][known : end + 1]
                await forged.append(LEDGER, partition, more)
            await seal_ledger(forged, Path(folder), key=key, partitions=partitions)
        async with SealedTree(forged, Path(folder), key=key.verifier) as sealed:
            assert sealed.last is not None
            await export_ledger(
                forged,
                out,
                folder=sealed.folder,
                seal=sealed.last,
                key=key,
                ledger_id=export.manifest.ledger_id,
            )
    return done


def main() -> None:
    """Read the command line and forge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("export", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seal-key", type=Path, required=True)
    said = parser.parse_args()
    key = load_key(said.seal_key)
    assert key is not None, "there is no key"
    export = open_export(said.export, key.verifier)
    print(asyncio.run(forge(export, said.out, key=key)))


if __name__ == "__main__":
    main()
