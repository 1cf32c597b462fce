"""What stands on a year is kept in chunks, and nobody can tell from what is decided."""

from pathlib import Path

import orjson
import pytest

from jiesuan_domain.person import settled
from jiesuan_services.clerk.trial import Trial
from jiesuan_services.demo.town.overlay import write_overlay
from jiesuan_services.demo.town.year import make_year
from jiesuan_services.runtime.packs import load_packs

LINES = [
    orjson.dumps(one.message).decode() for one in make_year(128, requests=1_500).posted
]


def lived(trial: Trial) -> tuple[list[str], list[str]]:
    """Return the answers to a town's year, and the states it ends in."""
    return list(trial.answers(LINES)), list(trial.states())


@pytest.mark.parametrize("size", [1, 2, 5])
def test_chunks_of_any_size_decide_the_same(
    size: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A year of settlements, refunds and gap refunds comes out the same."""
    packs = load_packs(write_overlay(tmp_path))
    whole = lived(Trial(packs))
    monkeypatch.setattr(settled, "CHUNK", size)
    cut = Trial(packs)
    assert lived(cut) == whole
    assert any(person.chunks for person in cut.persons.known.values())
