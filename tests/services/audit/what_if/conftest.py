"""A ledger that is asked what it would come to under other packs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.services.audit.conftest import LEDGER_ID

from jiesuan_domain.policy.model import Packs
from jiesuan_services.audit.history.ledger import past_ledger
from jiesuan_services.audit.what_if.again import Scope
from jiesuan_services.audit.what_if.run import what_if
from jiesuan_services.runtime.packs import load_packs

BECAUSE = '{instrument: 试算, article: "-", quote: "-"}'


@pytest.fixture
def packs_with(tmp_path: Path) -> Callable[[str], Packs]:
    """The built-in packs with parameters of 429900-310 laid over them."""

    def made(parameters: str) -> Packs:
        folder = tmp_path / "packs"
        folder.mkdir(exist_ok=True)
        text = f"pack: 429900-310\nparameters:\n{parameters}"
        (folder / "a.yaml").write_text(
            text.replace("BECAUSE", f"because: {BECAUSE}"), "utf-8"
        )
        return load_packs(folder)

    return made


@pytest.fixture
def asked(tmp_path: Path) -> Callable[..., Any]:
    """Ask a ledger what it would come to; lines as they are printed."""

    async def lines(ledger: Any, packs: Packs, **scope: Any) -> list[dict[str, Any]]:
        async with past_ledger(
            ledger.log, tmp_path / "data", ledger_id=LEDGER_ID, partitions=3
        ) as past:
            return list(
                what_if(past, packs, scope=Scope(**scope), progress=lambda _: None)
            )

    return lines


@pytest.fixture
def town_lines(worked_cases: list[str]) -> list[str]:
    """The requests of two towns; those of the second are the first's again."""
    return [
        *worked_cases,
        *(line.replace('"PV0-', '"PV1-') for line in worked_cases),
    ]


@pytest.fixture
def two_towns(begun: Any, town_lines: list[str]) -> Any:
    """A ledger that has lived two towns' requests."""
    begun.live(town_lines)
    return begun
