"""The names of the topics, and how many partitions a ledger has."""

from typing import Final

REQUESTS: Final = "jiesuan.requests"
LEDGER: Final = "jiesuan.ledger"
ANSWERS: Final = "jiesuan.answers"
REFERENCE: Final = "jiesuan.reference"
CLEARING_REQUESTS: Final = "jiesuan.clearing-requests"
CLEARING: Final = "jiesuan.clearing"
DEAD_LETTERS: Final = "jiesuan.dead-letters"
SEALS: Final = "jiesuan.seals"
LOOKS: Final = "jiesuan.looks"
FOREVER: Final = frozenset({LEDGER, CLEARING, SEALS, LOOKS, DEAD_LETTERS})
"""Topics that keep every record: a hole in their offsets is a loss."""
MAX_RECORD_BYTES: Final = 16 * 1024 * 1024
