"""What the demo claims holds of a sound year, and fails where one thing is wrong."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
import pytest

from jiesuan_domain.policy.model import Packs
from jiesuan_ledger.log.record import Record
from jiesuan_services.audit.chains import ForkAt
from jiesuan_services.audit.verifying.report import Report
from jiesuan_services.demo import claims
from jiesuan_services.demo.living import Lived
from jiesuan_services.demo.trouble import PoisonRecord


@pytest.fixture
def lived(town: Any) -> Lived:
    """A sound year."""
    year: Lived = town.lived
    return year


def answer_of(lived: Lived, kind: str) -> int:
    """Find the first request of a kind."""
    return next(n for n, one in enumerate(lived.year.posted) if one.kind == kind)


def altered(lived: Lived, kind: str, change: Callable[[Any], None]) -> Lived:
    """Change the answer to the first request of a kind."""
    at = answer_of(lived, kind)
    record = lived.answers[at]
    data = orjson.loads(record.value)
    change(data)
    answers = list(lived.answers)
    answers[at] = Record(record.key, orjson.dumps(data), record.headers)
    return replace(lived, answers=answers)


def test_sound_year_holds(lived: Lived, packs: Packs) -> None:
    """Every claim about the answers holds of a year as the law decides it."""
    assert claims.answered(lived).holds
    assert claims.as_expected(lived).holds
    assert claims.same_again(lived).holds
    assert claims.same_in_memory(lived, packs).holds


def test_one_fen_is_noticed(lived: Lived, packs: Packs) -> None:
    """One fen more in one answer breaks the claim that memory decides the same."""

    def add_one(data: Any) -> None:
        data["fund_pay_sumamt_fen"] += 1

    assert not claims.same_in_memory(altered(lived, "chronic", add_one), packs).holds


def test_other_outcome_is_noticed(lived: Lived) -> None:
    """A refusal with another code breaks the claim that all came as foretold."""

    def refuse_otherwise(data: Any) -> None:
        data["refusals"][0]["code"] = "already-refunded"

    wrong = altered(lived, "skipping-refund", refuse_otherwise)
    assert not claims.as_expected(wrong).holds


def test_other_second_answer_is_noticed(lived: Lived) -> None:
    """A second answer that differs in one byte breaks the claim of idempotence."""

    def recount(data: Any) -> None:
        data["entry"]["offset"] += 1

    assert not claims.same_again(altered(lived, "duplicate", recount)).holds


def test_missing_answer_is_noticed(lived: Lived) -> None:
    """One answer too few in the log breaks the claim of one answer a request."""
    end = {place: at - 1 for place, at in lived.end.items()}
    assert not claims.answered(replace(lived, end=end)).holds


@pytest.mark.parametrize("others", [[], [ForkAt(0, 5, "x")], None])
def test_forgery_must_be_the_only_fork(
    lived: Lived, others: list[ForkAt] | None
) -> None:
    """The forged entry is to be named, and nothing else of this year with it."""
    forged = lived.forged
    named = ForkAt(forged.partition, forged.offset, "does-not-follow")
    forks = [] if others is None else [*others, named]
    claim = claims.forgery_named(lived, Report("x", forks=forks))
    assert claim.holds is (others == [])


def test_forgeries_of_earlier_years_are_not_of_this_one(lived: Lived) -> None:
    """A fork below where the year began belongs to an earlier run."""
    forged = lived.forged
    forks = [ForkAt(0, 0, "old"), ForkAt(forged.partition, forged.offset, "new")]
    assert claims.forgery_named(lived, Report("x", forks=forks)).holds


def test_dead_letter_needs_its_reason(lived: Lived) -> None:
    """A dead letter counts at its place and with its reason only."""
    poisoned = replace(lived, poison=[PoisonRecord(3, 17, "bad-json")])
    assert claims.put_aside(poisoned, {(3, 17, "bad-json")}).holds
    assert not claims.put_aside(poisoned, {(3, 17, "bad-bytes")}).holds
    assert not claims.put_aside(poisoned, set()).holds


def test_tables_must_agree_and_hold_something() -> None:
    """Tables that differ from the log, or are empty, do not agree with it."""
    assert claims.tables_agree({"rows": 1, "differences": []}).holds
    assert not claims.tables_agree({"rows": 0, "differences": []}).holds
    assert not claims.tables_agree({"rows": 1, "differences": ["2025"]}).holds


def test_large_sum_must_have_paid() -> None:
    """A year beyond 24万 in which the large-sum fund paid nothing does not count."""
    assert claims.crossed({"inscp_fen": 24_000_001, "hifob_fen": 1}).holds
    assert not claims.crossed({"inscp_fen": 24_000_001, "hifob_fen": 0}).holds
    assert not claims.crossed(None).holds


def test_who_moves_counts_anew() -> None:
    """A move needs two pools, each with a deductible that its own bills sum up to."""
    zeros = {"overcap_fen": 0, "hifp_fen": 5, "psn_part_fen": 1}
    spent = {"overcap_amt_fen": 0, "hifp_pay_fen": 5, "psn_part_amt_fen": 1}
    homes = [
        {"insutype": "310", "year": "2025", "insuplc_admdvs": region}
        for region in ("420100", "429900")
    ]
    pools = [{**home, "dedc_fen": 7, **zeros} for home in homes]
    settled = [{**home, "act_pay_dedc_fen": 7, **spent} for home in homes]
    assert claims.moved(pools, settled).holds
    assert "湖北省武汉市（420100）起付线 0.07 元" in claims.moved(pools, settled).found
    assert not claims.moved(pools[:1], settled).holds
    carried = [pools[0], {**pools[1], "dedc_fen": 14}]
    assert not claims.moved(carried, settled).holds
    nothing = [pools[0], {**pools[1], "dedc_fen": 0}]
    free = [settled[0], {**settled[1], "act_pay_dedc_fen": 0}]
    assert not claims.moved(nothing, free).holds


def test_chains_need_entries() -> None:
    """An empty ledger, or one with a wrong sum, is no sound chain."""
    assert not claims.chains_hold(Report("x")).holds
    assert not claims.chains_hold(Report("x", entries=1, wrong=["cum"])).holds
    assert claims.chains_hold(Report("x", entries=1)).holds
