"""What drifts where later settlements keep their amounts; nothing else does."""

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from tests.domain import asking
from tests.domain.asking import Message
from tests.domain.overlays import write_overlay
from tests.domain.strategies import Life, beginnings, life, randoms

from jiesuan_domain.in_force import InForce
from jiesuan_domain.policy.model import Packs
from jiesuan_domain.requests.drift import Drift, drift
from jiesuan_events.words.codes import RefusalCode
from jiesuan_services.clerk.trial import Trial
from jiesuan_services.runtime.packs import load_packs

COMMON = settings(
    deadline=None,
    derandomize=True,
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
V12 = (
    asking.enrol("E1", birth="1962-01-01"),
    asking.settle("S1", 200_000),
    asking.settle("S2", 100_000, at=asking.TERTIARY),
    asking.settle("S3", 550_000, at=asking.SECONDARY),
)


def configured(folder: Path, **parameters: Any) -> Packs:
    """Lay a 大额 ratio and these parameters over the shipped packs."""
    folder.mkdir()
    write_overlay(folder, {"large_sum_ratio": "0.9000", **parameters})
    return load_packs(folder)


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Packs]:
    """The packs by what becomes of later settlements."""
    root = tmp_path_factory.mktemp("packs")
    return {
        "resettle": configured(root / "resettle"),
        "keep": configured(root / "keep", gap_refund_keeps_later=True),
        "by-place": configured(root / "by-place", refund_scope="institution"),
    }


def lived(packs: Packs, *asked: Message) -> tuple[Trial, dict[str, Any]]:
    """Ask everything of a trial; give it, and the data of the last answer."""
    trial = Trial(packs)
    data: dict[str, Any] = {}
    for one in (*asking.institutions(), *asked):
        data = json.loads(trial.answer(asking.text(one), 1))["data"]
    return trial, data


def drifted(trial: Trial, packs: Packs, *, year: str = "2022") -> list[Drift]:
    """Decide a year of the person again."""
    person = trial.persons.get(asking.PERSON)
    pool = (asking.HOME, "310", year)
    found = drift(person, pool, in_force=InForce(packs, {}))
    assert isinstance(found, list)
    return found


def pool(found: list[Drift]) -> list[tuple[str, int, int]]:
    """Return the pool's part of each: as settled, as it should be."""
    return [
        (
            one.settled.sender_settlement_id,
            one.as_settled["hifp_pay_fen"],
            one.should_be["hifp_pay_fen"],
        )
        for one in found
    ]


def test_what_stood_above_the_gap_drifts(packs: dict[str, Packs]) -> None:
    """Without S1 the second pays nothing and the third 2,870 yuan: S2 and S3 drift."""
    gap = asking.undo("gap-refund", "G1", "S1")
    trial, _ = lived(packs["keep"], *V12, gap)
    found = drifted(trial, packs["keep"])
    assert pool(found) == [("S2", 36_000, 0), ("S3", 350_000, 287_000)]
    assert found[1].moved == {
        "fund_pay_sumamt_fen": -63_000,
        "hifp_pay_fen": -63_000,
        "hifob_pay_fen": 0,
        "psn_part_amt_fen": 63_000,
        "acct_pay_fen": 0,
        "psn_cash_pay_fen": 63_000,
    }


def test_refunds_by_institution_drift(packs: dict[str, Packs]) -> None:
    """Where another place's later settlement does not block, that one drifts."""
    refund = asking.undo("refund", "R1", "S1")
    trial, answer = lived(packs["by-place"], *V12, refund)
    assert answer["outcome"] == "decided"
    found = pool(drifted(trial, packs["by-place"]))
    assert found == [("S2", 36_000, 0), ("S3", 350_000, 287_000)]


@given(random=randoms)
@COMMON
def test_drift_is_what_a_resettling_gap_refund_moves(
    packs: dict[str, Packs], random: Random
) -> None:
    """Both readings of 隔笔退费 differ by the drift, payer by payer, and by nothing."""
    drawn = Life(random)
    steps = [drawn.bill() for _ in range(random.randint(2, 7))]
    steps.insert(random.randint(0, len(steps)), drawn.report())
    out = random.choice([one for one in steps if one["type"] == "jiesuan.settle.v1"])
    gap = asking.undo("gap-refund", "G1", out["id"], at=out["data"]["fixmedins_code"])
    asked = (*beginnings(random), *steps, gap)
    _, moved = lived(packs["resettle"], *asked)
    trial, taken = lived(packs["keep"], *asked)
    assert moved["outcome"] == taken["outcome"]
    if moved["outcome"] == "refused":
        return
    [alone] = taken["difference"]["settlements"]
    found = drifted(trial, packs["keep"], year=taken["year"])
    for name, fen in moved["difference"]["total"].items():
        assert fen == alone[name] + sum(one.moved[name] for one in found)


@given(random=randoms)
@COMMON
def test_nothing_else_drifts(packs: dict[str, Packs], random: Random) -> None:
    """A life of refunds in reverse order and re-settling gap refunds stays as it is."""
    trial, _ = lived(packs["resettle"], *life(random))
    for year in ("2022", "2023"):
        assert drifted(trial, packs["resettle"], year=year) == []


def test_a_year_that_cannot_be_decided_again_says_why(packs: dict[str, Packs]) -> None:
    """Without the ratio that it was settled with, a year is refused by name."""
    asked = (asking.enrol("E1"), asking.inpatient("I1", "2022", 24_000_000))
    trial, answer = lived(packs["keep"], *asked, asking.settle("S1", 300_000))
    assert answer["hifob_pay_fen"] > 0
    person = trial.persons.get(asking.PERSON)
    pool = (asking.HOME, "310", "2022")
    found = drift(person, pool, in_force=InForce(load_packs(), {}))
    assert isinstance(found, tuple)
    assert [one.code for one in found] == [RefusalCode.LARGE_SUM_RATIO_NOT_CONFIGURED]
