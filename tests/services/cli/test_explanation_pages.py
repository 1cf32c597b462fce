"""The pages of `jiesuan explain`, letter by letter, as a patient and an auditor read.

After a change that is meant, `REWRITE_PAGES=1` writes them anew; read the difference.
"""

import os
import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from tests.domain import asking
from tests.domain.asking import bill, line, message, settle, undo
from tests.domain.overlays import write_overlay

from jiesuan_domain.in_force import InForce
from jiesuan_domain.policy.model import Packs
from jiesuan_events.entries.entry import read_entry
from jiesuan_events.words.topics import LEDGER, REFERENCE, REQUESTS
from jiesuan_ledger.facts import GapRefunded, read_fact
from jiesuan_ledger.genesis import Ledger, genesis_record
from jiesuan_ledger.log.memory import MemoryLog
from jiesuan_ledger.log.record import Incoming, Record
from jiesuan_ledger.parts.block import Block
from jiesuan_services.clerk.clerk import Clerk
from jiesuan_services.clerk.handled import NewEntry, Registered
from jiesuan_services.clerk.trial import MemoryPersons
from jiesuan_services.cli.auditors.explain import explain_entry
from jiesuan_services.cli.pages.settlement import page
from jiesuan_services.client.sending import to_record
from jiesuan_services.runtime.packs import load_packs

PAGES = Path(__file__).parent / "pages"
NOW = "2022-03-01T01:00:05.000+00:00"
CHRONIC = {"care": "14", "dise_codg": "M00500"}


def everything() -> asking.Message:
    """Write a bill in which every part of a split occurs."""
    lines = [
        line("1", 300000),
        line("2", 50000, chrgitm_lv="02", pric_uplmt_amt="450"),
        line("3", 10000, chrgitm_lv="03"),
        line(
            "4",
            4000,
            fulamt_ownpay_amt_fen=1000,
            overlmt_amt_fen=500,
            preselfpay_amt_fen=250,
            inscp_scp_amt_fen=2250,
        ),
    ]
    return bill(lines, acct_used_flag="1", balc_fen=5000)


LIFE: dict[str, asking.Message] = {
    "ordinary": message("settle", "S1", everything()),
    "over-the-cap": settle("S2", 500000, at=asking.TERTIARY),
    "chronic": settle("S3", 100000, **CHRONIC),
    "claim": message(
        "claim",
        "C1",
        bill([line("1", 30000)], at=asking.CLOSED_AWAY, manl_reim_rea="未开通"),
    ),
    "large-sum": settle("S4", 200000, **CHRONIC),
    "refund": undo("refund", "R1", "S4"),
    "gap-refund": undo("gap-refund", "G1", "S1"),
    "compensation": undo("compensate", "K1", "S5"),
}
"""What is explained, in the order in which it happens."""
BEFORE = {
    "large-sum": [asking.inpatient("I1", "2022", 23_300_000)],
    "compensation": [settle("S5", 100)],
}


def lived(packs: Packs) -> tuple[MemoryLog, dict[str, int]]:
    """Live the life in one partition of memory; tell where each entry stands."""
    log = MemoryLog()
    log.partitions[LEDGER, 0].append(
        genesis_record(Ledger("0" * 32, 1), "2022-01-01T00:00:00Z")
    )
    clerk = Clerk(
        in_force=InForce(packs, {}), persons=MemoryPersons(), partitions=1, writer="w"
    )
    requests = [*asking.institutions(), asking.enrol("E1", birth="1972-03-01")]
    for one in (*requests, asking.qualify("Q1", "M00500", "2022-01-01")):
        post(clerk, log, one)
    places: dict[str, int] = {}
    for name, one in LIFE.items():
        for other in BEFORE.get(name, []):
            post(clerk, log, other)
        places[name] = len(log.partitions[LEDGER, 0])
        post(clerk, log, one)
    return log, places


def post(clerk: Clerk, log: MemoryLog, asked: asking.Message) -> None:
    """Let a clerk decide a request, and enter what comes of it."""
    record = to_record(asked)
    incoming = Incoming(REQUESTS, 0, 0, record.key, record.value, record.headers)
    ledger = log.partitions[LEDGER, 0]
    done = clerk.handle(incoming, ledger_offset=len(ledger), recorded_at=NOW)
    if isinstance(done, NewEntry):
        ledger.append(done.record())
    if isinstance(done, Registered):
        log.partitions[REFERENCE, 0].append(done.reference)


def last_of(record: Record) -> str:
    """Return the settlement of an entry; of a gap refund the last re-settled one."""
    entry = read_entry(record.key, record.value, headers=record.headers)
    fact = read_fact(entry.type, entry.value)
    block = fact.resettled[-1] if isinstance(fact, GapRefunded) else fact
    assert isinstance(block, Block)
    return block.settlement_id


def plain(text: str) -> str:
    """Take off trailing blanks, ids and digests: they follow from the packs' bytes."""
    rows = "".join(f"{row.rstrip()}\n" for row in text.splitlines())
    rows = re.sub("[0-9a-f]{64}", "0" * 64, rows)
    return re.sub("S[0-9A-F]{28}", "S" + "0" * 28, rows)


async def printed(name: str, folder: Path) -> str:
    """Explain one step of the life as a page of 118 columns."""
    write_overlay(folder, {"large_sum_ratio": "0.9000"})
    packs = load_packs(folder)
    log, places = lived(packs)
    at = places[name]
    setl_id = last_of(log.partitions[LEDGER, 0][at])
    said: dict[str, Any] = await explain_entry(setl_id, log, at=(0, at), packs=packs)
    console = Console(file=StringIO(), width=118, highlight=False)
    console.print(page(said))
    assert isinstance(console.file, StringIO)
    return plain(console.file.getvalue())


@pytest.mark.parametrize("name", LIFE)
async def test_a_page_reads_as_it_is_stored(name: str, tmp_path: Path) -> None:
    """What a page says is what was read and agreed, to the letter."""
    rendered = await printed(name, tmp_path)
    stored = PAGES / f"{name}.txt"
    if os.environ.get("REWRITE_PAGES"):
        stored.write_text(rendered)
    assert rendered == stored.read_text()
