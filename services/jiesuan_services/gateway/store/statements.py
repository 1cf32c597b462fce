"""An institution's own statements of clearing, and which message declared them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.store.freshness import until_cleared
from jiesuan_services.gateway.store.sql import query

_HOME: Final = ("store", "clearing")
APPLYING: Final = ("3203", "3203A")
MOST_LISTED: Final = 200
Row = Mapping[str, Any]


async def own_statements(
    call: Call[Any], *, month: str | None, state: str | None = None
) -> list[Row]:
    """Return the institution's statements, latest month first, own writes included."""
    place = call.place
    await until_cleared(call.db, place.fixmedins_code)
    rows: list[Row] = await call.db.fetch(
        query(*_HOME, name="statements"),
        place.fixmedins_code,
        place.admdvs,
        month,
        state,
        MOST_LISTED,
    )
    return rows


async def rows_of_month(
    call: Call[Any], month: str, *, skipped: int, most: int
) -> list[Row] | None:
    """Return rows of patients insured elsewhere; None if the month is not drawn."""
    place = call.place
    await until_cleared(call.db, place.fixmedins_code)
    drawn = query(*_HOME, name="is_drawn")
    if not await call.db.fetchval(drawn, place.admdvs, month):
        return None
    rows: list[Row] = await call.db.fetch(
        query(*_HOME, name="rows_of_month"),
        place.fixmedins_code,
        place.admdvs,
        month,
        skipped,
        most,
    )
    return rows


async def applied_for(call: Call[Any], application: str) -> list[str] | None:
    """Return the statements that an application declared; None if it is none here."""
    request = await call.db.fetchval(
        query(*_HOME, name="applied_for"),
        call.place.fixmedins_code,
        application,
        list(APPLYING),
    )
    if request is None:
        return None
    return list(json.loads(request)["message"]["data"]["statement_ids"])


async def latest_applications(
    call: Call[Any], statements: Sequence[str]
) -> dict[str, str]:
    """Return under which number each of them was declared last, where it was here."""
    rows = await call.db.fetch(
        query(*_HOME, name="latest_applications"),
        call.place.fixmedins_code,
        list(APPLYING),
        list(statements),
    )
    return {row["statement_id"]: row["inf_refmsgid"] for row in rows}
