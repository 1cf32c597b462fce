"""All read models, by name and by the log they follow."""

from typing import Final

from jiesuan_projections.engine.model import ReadModel
from jiesuan_projections.read_models.clearing.projector import MODEL as MONTHS
from jiesuan_projections.read_models.clearing_line.projector import (
    MODEL as CLEARING_LINE,
)
from jiesuan_projections.read_models.dead_letter.projector import MODEL as DEAD_LETTER
from jiesuan_projections.read_models.finding.projector import MODEL as FINDING
from jiesuan_projections.read_models.fork.projector import MODEL as FORK
from jiesuan_projections.read_models.person_year.projector import MODEL as PERSON_YEAR
from jiesuan_projections.read_models.prepayment_use.projector import (
    MODEL as PREPAYMENT_USE,
)
from jiesuan_projections.read_models.refusal.projector import MODEL as REFUSAL
from jiesuan_projections.read_models.register.projector import MODEL as REGISTER
from jiesuan_projections.read_models.settlement.projector import MODEL as SETTLEMENT

MODELS: Final = {
    model.name: model
    for model in (
        SETTLEMENT,
        PERSON_YEAR,
        CLEARING_LINE,
        PREPAYMENT_USE,
        MONTHS,
        REGISTER,
        FINDING,
        FORK,
        REFUSAL,
        DEAD_LETTER,
    )
}
SUPPORT: Final = ("chain", "progress")
"""Folders whose tables every schema of read models needs."""


def standing_on(name: str) -> tuple[ReadModel, ...]:
    """Return the read models whose views look at the tables of this one."""
    return tuple(model for model in MODELS.values() if name in model.stands_on)


def following(topic: str) -> tuple[ReadModel, ...]:
    """Return the read models that follow a log, in the order they are applied."""
    return tuple(model for model in MODELS.values() if model.topic == topic)
