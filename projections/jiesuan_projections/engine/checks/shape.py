"""Whether the tables that are there are those that this version writes.

A table of a read model is never altered: it is rebuilt from its log
(`docs/decisions/0009`). So its shape only has to be looked at.
"""

from jiesuan_projections.engine.model import SCHEMA, Connection, ReadModel
from jiesuan_projections.engine.models import MODELS, SUPPORT
from jiesuan_projections.engine.tables.sql import engine, query, tables

Shape = dict[str, list[tuple[str, ...]]]
"""Of each table and view: its columns in order, and what a row must fulfil."""


class Reshaped(RuntimeError):
    """Tables that are not those of this version: which, and what to do."""


async def create_fitting(connection: Connection) -> list[str]:
    """Create what is missing, and name the folders whose tables are of another shape.

    Runs in the caller's transaction. A read model that is new in a database that has
    followed its log is of another shape, too: rows of the past are missing from it.
    """
    other: list[str] = []
    live = await _shape(connection, SCHEMA)
    for folder in (*SUPPORT, *MODELS):
        wanted = await _wanted(connection, folder)
        there = {name: live[name] for name in wanted if name in live}
        if set(other).intersection(
            MODELS[folder].stands_on if folder in MODELS else ()
        ):
            other.append(folder)
        elif there == wanted or not (there or await _has_past(connection, folder)):
            await connection.execute(tables(folder))
        else:
            other.append(folder)
        if folder in SUPPORT and other:
            break  # without its checkpoints no table's past is known
    return other


async def is_reshaped(connection: Connection, model: ReadModel) -> bool:
    """Whether a live read model has another shape than this version writes."""
    wanted = await _wanted(connection, model.folder)
    live = await _shape(connection, SCHEMA)
    return any(live.get(name) != shape for name, shape in wanted.items())


def refuse(folders: list[str]) -> None:
    """Raise Reshaped if there are tables of another shape, with names and remedy."""
    if not folders:
        return
    support = [folder for folder in folders if folder in SUPPORT]
    if support:
        raise Reshaped(
            f"{'、'.join(support)}的表属于另一版本；模式中的内容都可以从账本重建："
            f"请删除（DROP SCHEMA {SCHEMA} CASCADE），再运行jiesuan up"
        )
    commands = ", ".join(f"jiesuan rebuild {folder}" for folder in folders)
    raise Reshaped(f"{'、'.join(folders)}的表属于另一版本，请从账本重建：{commands}")


async def _wanted(connection: Connection, folder: str) -> Shape:
    """Return the shapes of a folder's tables, made in a temporary schema."""
    attempt = connection.transaction()
    await attempt.start()
    try:
        await connection.execute(engine("aside"))
        await connection.execute(tables(folder))
        here = await connection.fetchval(engine("temporary"))
        return await _shape(connection, here)
    finally:
        await attempt.rollback()


async def _shape(connection: Connection, schema: str) -> Shape:
    found: Shape = {}
    for question in ("columns", "constraints"):
        for name, *said in await connection.fetch(engine(question), schema):
            found.setdefault(name, []).append(tuple(said))
    return found


async def _has_past(connection: Connection, folder: str) -> bool:
    """Whether a log was followed before this read model was there."""
    if folder in SUPPORT:
        return False
    topic = MODELS[folder].topic
    followed: bool = await connection.fetchval(query("progress", "followed"), topic)
    return followed
