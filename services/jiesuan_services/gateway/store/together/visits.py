"""Visits as this counter saw them last: who changes one says which version he saw."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec.structs import asdict

from jiesuan_services.gateway.store.together.rows import VisitChange
from jiesuan_services.gateway.store.together.statements import Together

MOST_REMEMBERED: Final = 50_000
Row = Mapping[str, Any]
_UNSAID: Final[Row] = {
    "med_type": None,
    "cancelled": False,
    "settled": {},
    "has_open": False,
    "version": 0,
}
"""What nobody has said yet of a visit that was just opened."""


class SeenVisits:
    """Remembers what was seen, to be held against the version when it is changed.

    Nothing is refused by memory: what seems to stand in the way is looked at afresh.
    """

    def __init__(self, together: Together) -> None:
        self._together = together
        self._seen: dict[str, Row] = {}

    def remembered(self, mdtrt_id: str) -> Row | None:
        """Return a visit as it was seen last, if it was."""
        return self._seen.get(mdtrt_id)

    async def afresh(self, mdtrt_id: str) -> Row | None:
        """Return a visit as it is now."""
        row = await self._together.visit(mdtrt_id)
        if row is None:
            return None
        seen = {**row, "settled": dict(row["settled"] or ())}
        if not row["has_open"]:
            self._remember(mdtrt_id, seen)
        return seen

    def forget(self, mdtrt_id: str) -> None:
        """Forget a visit that was seen: another has changed it."""
        self._seen.pop(mdtrt_id, None)

    def changed(self, change: VisitChange) -> None:
        """Take in what a message of this counter has changed."""
        before = self._seen.get(change.mdtrt_id)
        if change.opened is not None:
            opened = {"mdtrt_id": change.mdtrt_id, **asdict(change.opened)}
            self._remember(change.mdtrt_id, {**opened, **_UNSAID})
        elif before is not None and before["version"] == change.version:
            said = {} if change.described is None else asdict(change.described)
            after = {**before, **said, "version": before["version"] + 1}
            self._remember(change.mdtrt_id, after)

    def _remember(self, mdtrt_id: str, row: Row) -> None:
        if len(self._seen) >= MOST_REMEMBERED:
            self._seen.clear()
        self._seen[mdtrt_id] = row
