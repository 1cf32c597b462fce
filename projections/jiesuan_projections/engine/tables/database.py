"""Connections to PostgreSQL, each bound to one schema of read models."""

from typing import Final

import asyncpg

from jiesuan_projections.engine.checks.shape import create_fitting, refuse
from jiesuan_projections.engine.model import SCHEMA, Connection, ReadModel
from jiesuan_projections.engine.models import SUPPORT
from jiesuan_projections.engine.tables.sql import engine, query, tables

CONNECT_SECONDS: Final = 5
WRITER: Final = "jiesuan_writer"
"""Owns the read models; whoever logs in here is a member of it."""
MIGRATION_LOCK: Final = 4201_0067
"""Any number, the same in every process: migrations run one at a time."""


async def connect(dsn: str, *, schema: str = SCHEMA) -> Connection:
    """Open a connection whose unqualified names mean the tables of one schema.

    Zone and styles are fixed because digests are made over rows as text.
    """
    return await asyncpg.connect(
        dsn,
        timeout=CONNECT_SECONDS,
        server_settings={
            "search_path": f'"{schema}"',
            "timezone": "UTC",
            "datestyle": "ISO",
            "bytea_output": "hex",
            "application_name": "jiesuan-projections",
            "role": WRITER,
        },
    )


async def create(connection: Connection, models: tuple[ReadModel, ...]) -> None:
    """Create the tables of these models where they are missing."""
    for folder in (*SUPPORT, *(model.folder for model in models)):
        await connection.execute(tables(folder))


async def migrate(dsn: str) -> None:
    """Bring the schema `jiesuan` to what this version writes; twice changes nothing.

    Roles and schema come first (`jiesuan_cluster/roles.sql`). Raises Reshaped, once
    all else is there, if a read model has to be rebuilt to have this version's shape.
    """
    connection = await connect(dsn)
    try:
        async with connection.transaction():
            await connection.execute(engine("migration_lock"), MIGRATION_LOCK)
            other = await create_fitting(connection)
            await connection.execute(query("progress", "grant"))
    finally:
        await connection.close()
    refuse(other)
