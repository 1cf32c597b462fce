"""The clearing of a month as of a point, from the entries alone."""

from typing import Any, Final

from jiesuan_projections.engine.reading.ledger import LedgerBatch
from jiesuan_projections.read_models.clearing_line import projector
from jiesuan_services.audit.history.ledger import PastLedger
from jiesuan_services.audit.history.rows import as_stored
from jiesuan_services.audit.points import AsOf, first_of_month, said

ORDER: Final = (
    "mdtrtarea_admvs",
    "insuplc_admdvs",
    "insutype",
    "clr_type",
    "fixmedins_code",
)


async def clearing_as_of(
    past: PastLedger, kept: AsOf, *, clr_ym: str
) -> dict[str, Any]:
    """Return the object that `jiesuan clearing` showed of a month."""
    begin = first_of_month(clr_ym)
    batch = LedgerBatch()
    for partition in sorted(kept):
        # Whatever was recorded before the month began is left unread.
        first = past.index.store.first_after(partition, begin - 1)
        if first is not None and first <= kept[partition]:
            entries = past.entries(partition, first=first, last=kept[partition])
            batch.entries += [
                one async for one in entries if one.clearing_month == clr_ym
            ]
    lines = as_stored("clearing_line", "clearing_line", rows=projector.rows(batch))
    return {
        "clr_ym": clr_ym,
        "lines": sorted(lines, key=lambda line: tuple(line[name] for name in ORDER)),
        "as_of": said(kept),
    }
