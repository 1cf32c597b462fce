"""What `person` and `clearing` print, for people and for programs."""

import json
from typing import Any

import pytest
from click.testing import CliRunner

from jiesuan_services.cli import main
from jiesuan_services.cli.analysts.clearing import clearing
from jiesuan_services.cli.analysts.person import person


@pytest.fixture
async def env(log: Any, retold: Any, servers: Any) -> dict[str, str]:
    """A life of two settlements and a refund, and where it is told."""
    log.settle("P0001", "S1")
    log.settle("P0001", "S2", total=123_456, pool=400)
    log.refund("P0001", "S2", own_id="R2")
    disease = {"insutype": "310", "opsp_dise_code": "M00500"}
    log.fact("P0001", "qualified", {**disease, "begndate": "2022-01-01"})
    await retold.ledger(log.records)
    return {"JIESUAN_PG": retold.dsn, "JIESUAN_KAFKA": servers.kafka}


def test_person_prints_a_life(env: dict[str, str]) -> None:
    """`person --json` gives accumulators, settlements and qualifications."""
    done = CliRunner().invoke(person, ["P0001", "--json"], env=env)
    assert done.exit_code == 0, done.output
    life = json.loads(done.output)
    [year] = life["years"]
    assert (year["hifp_fen"], year["last_setl_id"]) == (80_000, "R2")
    assert [(row["setl_id"], row["stands"]) for row in life["settlements"]] == [
        ("S1", True),
        ("S2", False),
        ("R2", False),
    ]
    assert life["qualifications"][0]["opsp_dise_code"] == "M00500"


def test_person_is_readable(env: dict[str, str]) -> None:
    """For people, amounts are yuan and headings Chinese."""
    done = CliRunner().invoke(person, ["P0001"], env={**env, "COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    assert "1,234.56" in done.output
    assert "个人负担" in done.output


def test_a_person_without_entries_is_told_as_such(env: dict[str, str]) -> None:
    """Nobody's life is empty lists, not an error."""
    done = CliRunner().invoke(person, ["P9999", "--json"], env=env)
    assert json.loads(done.output)["settlements"] == []


def test_clearing_prints_a_month(env: dict[str, str]) -> None:
    """`clearing` gives the month's lines, net of refunds."""
    done = CliRunner().invoke(clearing, ["202203", "--json"], env=env)
    assert done.exit_code == 0, done.output
    [line] = json.loads(done.output)["lines"]
    assert (line["setl_cnt"], line["refd_cnt"]) == (2, 1)
    assert line["medfee_sumamt_fen"] == 100_000
    assert CliRunner().invoke(clearing, ["202213"], env=env).exit_code == 2


def test_rebuild_names_what_it_does_not_know(env: dict[str, str]) -> None:
    """A read model that does not exist is refused with the names that do."""
    done = CliRunner().invoke(main, ["rebuild", "nothing"], env=env)
    assert done.exit_code == 1
    assert "person_year" in done.output
