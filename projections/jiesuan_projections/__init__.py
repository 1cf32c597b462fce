"""The read models: they retell what was written."""

from jiesuan_projections.agreement import Disagreement, disagreements
from jiesuan_projections.database import connect, migrate
from jiesuan_projections.digest import digest
from jiesuan_projections.ledger import LedgerRefused
from jiesuan_projections.models import MODELS
from jiesuan_projections.rebuild import (
    RebuildRefused,
    Rebuilt,
    compare_with_log,
    rebuild,
)
from jiesuan_projections.runner import run_projector
from jiesuan_projections.shape import Reshaped

__all__ = [
    "MODELS",
    "Disagreement",
    "LedgerRefused",
    "RebuildRefused",
    "Rebuilt",
    "Reshaped",
    "compare_with_log",
    "connect",
    "digest",
    "disagreements",
    "migrate",
    "rebuild",
    "run_projector",
]
