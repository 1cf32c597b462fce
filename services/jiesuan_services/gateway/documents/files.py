"""The documents by the name of their file."""

import json

from jiesuan_services.gateway.documents.openapi import document
from jiesuan_services.gateway.documents.pages import page


def documents() -> dict[str, str]:
    """Return the text of every document."""
    written = json.dumps(document(), ensure_ascii=False, indent=1, sort_keys=True)
    return {"gateway.openapi.json": written + "\n", "gateway-transactions.md": page()}
