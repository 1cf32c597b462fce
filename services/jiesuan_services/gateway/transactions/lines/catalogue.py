"""What the care place's catalogue says of the lines of a charge."""

from collections.abc import Sequence
from typing import Any

from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.store.together.catalogue import Item


async def items_of(call: Call[Any], lines: Sequence[Any]) -> list[Item]:
    """Return what the catalogue says of each line on its day."""
    asked = [(line.med_list_codg, line.fee_ocur_time.date()) for line in lines]
    return await call.services.catalogue.items(call.place.admdvs, asked)
