"""What a rebuild found, as one line of JSON that can be signed and held against a log.

Everything in it was read in the transaction that swapped, at the same offsets: the
digests of old and new rows, where every person's chain stood, and what differed.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from jiesuan_events.words.topics import LEDGER
from jiesuan_projections.engine.model import SCHEMA, Connection, ReadModel
from jiesuan_projections.engine.positions import known_ledger
from jiesuan_projections.engine.tables.sql import engine

FORMAT: Final = "jiesuan-rebuild/1"
MOST_NAMED: Final = 20
NO_ROWS: Final = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
Sign = Callable[[str], str]
"""Makes a signed note of a text."""


def unsigned(text: str) -> str:
    """Return a text as it is: this machine has no key to sign with."""
    return text


@dataclass(frozen=True, slots=True)
class RebuildDigests:
    """A read model beside its rebuild: digests, and how the old one came to differ."""

    before: str
    after: str
    reason: str | None
    is_comparable: bool


async def certificate(
    live: Connection,
    model: ReadModel,
    *,
    schema: str,
    held: Mapping[int, int],
    compared: RebuildDigests,
) -> str:
    """Return the text to sign: the format's name, and one line of JSON."""
    ledger = await known_ledger(live)
    assert ledger is not None, "a read model that is rebuilt retells a ledger"
    roots: dict[str, str] = {}
    if model.topic == LEDGER:
        roots = await state_roots(live, schema, partitions=ledger.partitions)
    found = []
    if compared.before != compared.after and compared.is_comparable:
        found = await differences(live, model, schema=schema)
    said = {
        "ledger_id": ledger.id,
        "name": model.name,
        "topic": model.topic,
        "offsets": {str(one): held[one] for one in sorted(held)},
        "digest_before": compared.before,
        "digest_after": compared.after,
        "state_root": roots,
        "differences": found,
        "reason": compared.reason,
    }
    return f"{FORMAT}\n{json.dumps(said, ensure_ascii=False)}\n"


async def state_roots(
    connection: Connection, schema: str, *, partitions: int
) -> dict[str, str]:
    """Return the state root of every partition, equal to that of `as-of … totals`."""
    rows = await connection.fetch(engine("state_roots", schema=schema))
    found = {row["partition"]: row["root"] for row in rows}
    return {str(one): found.get(one, NO_ROWS) for one in range(partitions)}


async def differences(
    live: Connection, model: ReadModel, *, schema: str
) -> list[dict[str, Any]]:
    """Count and show, table by table, the rows that only the old or the new one has."""
    found = []
    for table in model.tables:
        sides: dict[str, Any] = {}
        for side, one, other in (
            ("only_before", SCHEMA, schema),
            ("only_after", schema, SCHEMA),
        ):
            asked = engine("only_here", here=one, there=other, table=table)
            row = await live.fetchrow(asked, MOST_NAMED)
            assert row is not None, "an aggregate always gives a row"
            sides[side], sides[f"{side}_rows"] = row["count"], list(row["shown"])
        if sides["only_before"] or sides["only_after"]:
            found.append({"table": table, **sides})
    return found
