"""Somebody at a terminal whose read models tell random months of five regions."""

import json
from pathlib import Path
from random import Random
from typing import Any

from click.testing import CliRunner, Result
from tests.domain.clearing.months import overlays
from tests.domain.clearing.random_months import RandomMonths
from tests.projections.conftest import Retold, new_database
from tests.projections.test_months import STEPS, follow, records, served_in

from jiesuan_events.words.topics import ANSWERS, CLEARING, LEDGER
from jiesuan_projections.engine.tables.database import connect
from jiesuan_services.cli import main

Json = dict[str, Any]


class Clerk:
    """Somebody at a terminal, whose read models tell random months."""

    def __init__(
        self, env: dict[str, str], views: dict[str, list[Json]], life: Any
    ) -> None:
        self.env = env
        self.views = views
        self.life = life

    def run(self, *words: str) -> Result:
        """Run a command."""
        return CliRunner().invoke(main, words, env={**self.env, "COLUMNS": "220"})

    def printed(self, *words: str) -> Any:
        """Run a command that must succeed and print JSON."""
        done = self.run(*words, "--json")
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)


async def make_clerk(servers: Any, folder: Path) -> Clerk:
    """Live through the months, and fill read models with them."""
    life = RandomMonths(Random(310))
    life.live(STEPS)
    env = await told(servers, folder, asked=life.months.asked)
    return Clerk(env, life.months.views(), life)


async def told(servers: Any, folder: Path, *, asked: list[Json]) -> dict[str, str]:
    """Make read models of what was asked; return where their clerk works."""
    served = await served_in(folder / "store", asked)
    dsn = await new_database(servers.pg)
    connection = await connect(dsn)
    retold = Retold(dsn, connection)
    for topic in (LEDGER, CLEARING, ANSWERS):
        if log := records(served, topic):
            await follow(retold, log)
    await connection.close()
    (folder / "packs").mkdir()
    for name, text in overlays().items():
        (folder / "packs" / name).write_text(text, "utf-8")
    return {
        "JIESUAN_PG": dsn,
        "JIESUAN_KAFKA": servers.kafka,
        "JIESUAN_DATA": str(folder / "data"),
        "JIESUAN_PACKS": str(folder / "packs"),
    }
