"""The read models: they retell what was written."""

from jiesuan_ledger.genesis import LedgerRefused
from jiesuan_projections.engine.checks.agreement import Disagreement, disagreements
from jiesuan_projections.engine.checks.digest import TableDigests, digest, digests
from jiesuan_projections.engine.checks.shape import Reshaped
from jiesuan_projections.engine.following.line import Followed
from jiesuan_projections.engine.models import MODELS
from jiesuan_projections.engine.runner import run_projector
from jiesuan_projections.engine.tables.database import connect, migrate
from jiesuan_projections.engine.tables.rebuild import (
    RebuildRefused,
    Rebuilt,
    compare_with_log,
    rebuild,
)

__all__ = [
    "MODELS",
    "Disagreement",
    "Followed",
    "LedgerRefused",
    "RebuildRefused",
    "Rebuilt",
    "Reshaped",
    "TableDigests",
    "compare_with_log",
    "connect",
    "digest",
    "digests",
    "disagreements",
    "migrate",
    "rebuild",
    "run_projector",
]
