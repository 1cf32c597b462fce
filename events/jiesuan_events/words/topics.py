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
COMPRESSED: Final = frozenset({LEDGER, CLEARING})
"""Topics whose batches are compressed: kept for ever, and read by our readers alone.

Answers are not: any hospital's client reads them.
"""
MAX_RECORD_BYTES: Final = 16 * 1024 * 1024
MAX_VALUE_BYTES: Final = MAX_RECORD_BYTES - 64 * 1024
"""The longest value that is written: headers and frames have room beside it."""
MAX_REQUEST_BYTES: Final = 1024 * 1024
"""The longest record that the requests take."""
