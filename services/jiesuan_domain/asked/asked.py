"""A request as the law sees it: read, checked for form, and named."""

from typing import Any

from msgspec import Struct

from jiesuan_domain.asked.commands import Command


class Asked(Struct, frozen=True):
    """One request about one person; ``content`` digests what it says."""

    source: str
    id: str
    type: str
    time: str
    person_id: str
    content: str
    command: Command

    @property
    def agency(self) -> bool:
        """Whether an agency asks, not an institution."""
        return self.source.startswith("/agency/")


def caused(asked: Asked) -> dict[str, Any]:
    """Return the fields by which a fact names its request."""
    return {
        "person_id": asked.person_id,
        "request_source": asked.source,
        "request_id": asked.id,
        "request_time": asked.time,
        "content": asked.content,
    }
