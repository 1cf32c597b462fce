"""The read models of clearing are those of a trial over the same months."""

import datetime
import json
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest
from msgspec.structs import astuple
from tests.domain.clearing.random_months import RandomMonths
from tests.domain.clearing.test_postings import deducted
from tests.projections.conftest import Rec, Retold
from tests.services.clearing.conftest import Served

from jiesuan_domain.clearing.showing.postings import StatementBook, book_of
from jiesuan_domain.clearing.state.statement import statement_row
from jiesuan_events.words.topics import CLEARING, LEDGER
from jiesuan_ledger.genesis import ledger_of
from jiesuan_projections.engine.follower import Follower
from jiesuan_projections.engine.models import following
from jiesuan_projections.read_models.clearing.projector import LedgerBehind
from jiesuan_projections.read_models.clearing.queries import unbalanced

Json = dict[str, Any]
STEPS = 300
KEYS = {
    "clearing_statement": "statement_id",
    "clearing_row": "statement_id, setl_id",
    "clearing_waiting": "setl_id",
    "clearing_recovery": "kind, mdtrtarea_admvs, "
    "coalesce(insuplc_admdvs, fixmedins_code), insutype, clr_type",
    "clearing_balance": "admdvs, clr_ym, clr_stas",
    "prepayment": "mdtrtarea_admvs, insuplc_admdvs, insutype, year",
    "clearing_fine": "statement_id, seq",
}


def records(served: Served, topic: str) -> list[Rec]:
    """Return a log as a follower reads it."""
    return [
        Rec(topic, 0, at, 0, one.key, one.value, list(one.headers))
        for at, one in enumerate(served.log.partitions[topic, 0])
    ]


def plain(value: Any) -> Any:
    """Return a value of a table as a line of JSON has it."""
    if isinstance(value, datetime.date):
        return value.isoformat()
    return f"{value:.4f}" if isinstance(value, Decimal) else value


async def shown(retold: Retold, view: str, columns: list[str]) -> list[Json]:
    """Return the rows of a table in the order of their key."""
    names = ", ".join(f'"{name}"' for name in columns)
    order = ", ".join(
        key if key == "seq" else f'{key} COLLATE "C"' for key in KEYS[view].split(", ")
    )
    if "coalesce" in order:
        order = (
            'kind COLLATE "C", mdtrtarea_admvs COLLATE "C", '
            'coalesce(insuplc_admdvs, fixmedins_code) COLLATE "C", '
            'insutype COLLATE "C", clr_type COLLATE "C"'
        )
    found = await retold.connection.fetch(
        f"SELECT {names} FROM {view} ORDER BY {order}"
    )
    return [{name: plain(row[name]) for name in columns} for row in found]


@pytest.fixture(scope="session")
def random_months() -> RandomMonths:
    """Random months that a trial decided."""
    life = RandomMonths(Random(310))
    life.live(STEPS)
    return life


@pytest.fixture
async def served(random_months: RandomMonths, tmp_path: Any) -> Served:
    """The same months on a log."""
    return await served_in(tmp_path / "store", random_months.months.asked)


async def served_in(folder: Path, asked: list[Json]) -> Served:
    """Ask months of a server whose store lies in a folder."""
    made = Served(folder)
    await made.begin()
    for message in asked:
        await made.ask(message)
        await made.serve()
    return made


def follower_of(log: list[Rec]) -> Follower:
    """Return who follows a log from its beginning."""
    topic = log[0].topic
    ledger = ledger_of(log[0], 0) if topic == LEDGER else None
    return Follower(topic, following(topic), ledger)


async def follow(retold: Retold, log: list[Rec], *, by: int = 1_000) -> None:
    """Apply a log in batches."""
    follower = follower_of(log)
    for at in range(0, len(log), by):
        await follower.apply(retold.connection, log[at : at + by])


@pytest.mark.parametrize("by", [1, 1_000])
async def test_tables_are_the_views_of_a_trial(
    retold: Retold, served: Served, random_months: RandomMonths, by: int
) -> None:
    """Every table and view of clearing, row for row, in one batch or in many."""
    await follow(retold, records(served, LEDGER))
    await follow(retold, records(served, CLEARING), by=by)
    wanted = random_months.months.views()
    for view in KEYS:
        rows = wanted.get(view, [])
        columns = list(rows[0]) if rows else []
        if rows:
            assert await shown(retold, view, columns) == rows, view
        else:
            assert await retold.rows(f"SELECT * FROM {view}") == []
    assert await retold.rows("SELECT * FROM clearing_fork") == []


async def test_the_books_in_the_tables_are_those_of_the_law(
    retold: Retold, served: Served, random_months: RandomMonths
) -> None:
    """The view of postings has the legs that the law makes of every statement."""
    await follow(retold, records(served, LEDGER))
    await follow(retold, records(served, CLEARING))
    made = set(legs_of(random_months))
    found = await retold.rows(
        "SELECT statement_id, what, setl_id, seq, account, party, posted_fen"
        " FROM clearing_posting"
    )
    assert {one[1] for one in found} >= {"care", "deduction", "payment", "fine"}
    assert (set(found), len(found)) == (made, len(made))
    assert await unbalanced(retold.connection) == 0


def legs_of(life: RandomMonths) -> Iterator[tuple[Any, ...]]:
    """Return every leg that the law makes of statements and their fines."""
    fines: defaultdict[str, list[int]] = defaultdict(list)
    for fine in life.months.views()["clearing_fine"]:
        fines[fine["statement_id"]].append(fine["amount_fen"])
    for region in life.months.trial.clearing.regions.values():
        rows = deducted(region)
        for id_, statement in region.statements.items():
            yield from legs_in(
                book_of(statement_row(statement), rows.get(id_, ()), fines=fines[id_])
            )


def legs_in(book: StatementBook) -> Iterator[tuple[Any, ...]]:
    """Return the legs of a book as the view has them."""
    seq = count()
    for one in book.postings:
        at = next(seq) if one.posted_for == "fine" else None
        for leg in one.legs:
            yield (
                book.statement_id,
                one.posted_for,
                one.settlement_id,
                at,
                *astuple(leg),
            )


async def test_a_draw_waits_for_the_ledger(retold: Retold, served: Served) -> None:
    """While the ledger is behind nothing of the batch is written; then all of it is."""
    ledger, months = records(served, LEDGER), records(served, CLEARING)
    await follow(retold, ledger[:5])
    with pytest.raises(LedgerBehind):
        await follow(retold, months)
    assert await retold.rows("SELECT * FROM clearing_head") == []
    await follow(retold, ledger)
    await follow(retold, months)
    assert await retold.rows("SELECT count(*) > 0 FROM clearing_row") == [(True,)]


async def test_a_stranger_is_passed_over(retold: Retold, served: Served) -> None:
    """A record that is no region's next entry is noted, and changes nothing else."""
    await follow(retold, records(served, LEDGER))
    months = records(served, CLEARING)
    await follow(retold, months)
    before = await retold.rows("SELECT * FROM clearing_statement ORDER BY 1")
    again = months[0]
    copied = Rec(CLEARING, 0, len(months), 0, again.key, again.value, again.headers)
    await follow(retold, [copied])
    assert await retold.rows('SELECT "offset", reason FROM clearing_fork') == [
        (len(months), "does-not-follow")
    ]
    assert await retold.rows("SELECT * FROM clearing_statement ORDER BY 1") == before


async def test_deductions_that_fell_away_stay_to_be_read(
    retold: Retold, served: Served
) -> None:
    """Every deduction of an audit is a row; what was rejected is no longer in force."""
    await follow(retold, records(served, LEDGER))
    await follow(retold, records(served, CLEARING))
    made = [
        len(json.loads(one.value)["deductions"])
        for one in served.log.partitions[CLEARING, 0]
        if dict(one.headers)["ce_type"] == b"jiesuan.clearing.audited.v1"
    ]
    assert await retold.rows("SELECT count(*) FROM clearing_deduction") == [
        (sum(made),)
    ]
