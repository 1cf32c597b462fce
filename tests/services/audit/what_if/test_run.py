"""What-if: equal to a ledger that had lived under the other packs from the start."""

import json
from datetime import date
from typing import Any

import pytest

from jiesuan_domain.policy.model import Packs
from jiesuan_events.words.glossary import wire_name
from jiesuan_services.audit.what_if.lines import PAYERS
from jiesuan_services.clerk.trial import Trial
from jiesuan_services.runtime.packs import load_packs

RATIO = """
  outpatient_ratio: {unit: rate, by: [tier], values: [{from: 2022-01-01, value:
    {primary: "0.9000", secondary: "0.7000", tertiary: "0.6000", ministry: "0.5000"},
    BECAUSE}, {until: 2026-12-31}]}
"""
DEDUCTIBLE = """
  outpatient_deductible: {unit: fen, values: [{from: 2022-01-01, value: 60000,
    BECAUSE}, {until: 2026-12-31}]}
"""
LATER = """
  outpatient_deductible: {unit: fen, values: [{from: 2023-01-01, value: 60000,
    BECAUSE}, {until: 2026-12-31}]}
"""
ENDED = """
  outpatient_deductible: {unit: fen, values: [{from: 2022-01-01, value: 240000,
    BECAUSE}, {until: 2022-06-30}]}
"""
Amounts = dict[tuple[str, str, str, str], dict[str, int]]


def lived_under(packs: Packs, lines: list[str]) -> Amounts:
    """Return what stands of each person's pool and year under packs, decided anew."""
    trial = Trial(packs)
    for number, line in enumerate(lines, start=1):
        trial.answer(line, number)
    return {
        (psn_no, *pool): standing(person, person.standing(pool))
        for psn_no, person in trial.persons.known.items()
        for pool in person.years
    }


def standing(person: Any, effective: Any) -> dict[str, int]:
    """Return the sums over what stands of a year."""
    blocks = [
        person.settlements[one.settlement_id].block
        for one in effective
        if one.settlement_id
    ]
    return {
        wire_name(name): sum(getattr(block, name) for block in blocks)
        for name in PAYERS
    }


@pytest.mark.parametrize("parameters", [RATIO, DEDUCTIBLE, LATER])
async def test_what_would_be_is_what_a_trial_comes_to(
    two_towns: Any, asked: Any, packs_with: Any, parameters: str, town_lines: list[str]
) -> None:
    """For every person, pool and year, from is what stands and to what a trial of the
    same requests under the other packs comes to.
    """
    packs = packs_with(parameters)
    *lines, last = await asked(two_towns, packs)
    is_, would_be = (
        lived_under(load_packs(), town_lines),
        lived_under(packs, town_lines),
    )
    moved = {
        (one["psn_no"], one["insuplc_admdvs"], one["insutype"], one["year"]): one
        for one in lines
    }
    assert len(moved) == len(lines) > 0
    for key, amounts in would_be.items():
        if amounts == is_[key]:
            assert key not in moved
            continue
        for name, change in moved[key]["moved"].items():
            assert change == {
                "from": is_[key][name],
                "to": amounts[name],
                "difference": amounts[name] - is_[key][name],
            }
    assert last["total"]["persons"] == len({one["psn_no"] for one in lines})


async def test_sums_are_those_of_the_lines(
    two_towns: Any, asked: Any, packs_with: Any
) -> None:
    """The total, by rule and by institution, is the sum of the lines printed."""
    *lines, last = await asked(two_towns, packs_with(DEDUCTIBLE))
    total = last["total"]
    for name, change in total["moved"].items():
        for part in ("from", "to", "difference"):
            assert change[part] == sum(one["moved"][name][part] for one in lines)
            assert change[part] == sum(
                one["moved"][name][part] for one in total["by_institution"]
            )
    assert total["settlements"] == sum(one["settlements"] for one in lines)
    assert [one["rule"] for one in total["by_rule"]] == sorted(
        one["rule"] for one in total["by_rule"]
    )
    pool = sum(
        one["difference"] for one in total["by_rule"] if one["rule"].endswith("-pool")
    )
    assert pool == total["moved"]["hifp_pay_fen"]["difference"] > 0


async def test_the_same_packs_move_nothing(two_towns: Any, asked: Any) -> None:
    """Under the packs that decided, the total stands alone and is nothing."""
    [last] = await asked(two_towns, load_packs())
    assert last == {
        "total": {
            "persons": 0,
            "settlements": 0,
            "moved": {
                wire_name(name): {"from": 0, "to": 0, "difference": 0}
                for name in PAYERS
            },
            "by_rule": [],
            "by_institution": [],
        }
    }


async def test_a_region_s_prefix_asks_no_other(
    two_towns: Any, asked: Any, packs_with: Any
) -> None:
    """A prefix asks the pools of its regions alone."""
    packs = packs_with(DEDUCTIBLE)
    assert await asked(two_towns, packs, region="4299") == await asked(two_towns, packs)
    assert len(await asked(two_towns, packs, region="51")) == 1


async def test_what_was_before_counts_as_it_is(
    two_towns: Any, asked: Any, packs_with: Any
) -> None:
    """Asked from a day on, what was settled before keeps its amounts and counts; what
    comes after the last day is left out.
    """
    packs = packs_with(DEDUCTIBLE)
    whole = await asked(two_towns, packs)
    days = sorted(service_days(two_towns))
    first = await asked(two_towns, packs, begin=days[0], end=days[-1])
    assert first == whole
    middle = days[len(days) // 2]
    *lines, _ = await asked(two_towns, packs, begin=middle)
    known = {key_of(one): one for one in whole[:-1]}
    for one in lines:
        before = known[key_of(one)]
        assert one["settlements"] == before["settlements"]
        fund = one["moved"]["fund_pay_sumamt_fen"]
        assert fund["from"] <= before["moved"]["fund_pay_sumamt_fen"]["from"]
    after = date.fromordinal(days[-1].toordinal() + 1)
    assert len(await asked(two_towns, packs, begin=after)) == 1


def key_of(one: dict[str, Any]) -> tuple[str, ...]:
    """Return whose line it is."""
    return tuple(one[name] for name in ("psn_no", "insuplc_admdvs", "insutype", "year"))


def service_days(ledger: Any) -> set[date]:
    """Return the service days of a ledger's settlements."""
    return {
        date.fromisoformat(json.loads(record.value)["service_day"])
        for partition in range(3)
        for record in ledger.records(partition)
        if b'"service_day"' in record.value
    }


async def test_what_cannot_be_computed_counts_nowhere(
    two_towns: Any, asked: Any, packs_with: Any
) -> None:
    """A day without a value is named by its code, and is in no sum."""
    *lines, last = await asked(two_towns, packs_with(ENDED))
    missing = [one for line in lines for one in line["not_computable"]]
    assert {one["code"] for one in missing} == {"policy-not-in-force"}
    ids = {one["setl_id"] for one in missing}
    assert len(ids) == len(missing) > 0
    only = [line for line in lines if line["not_computable"]]
    assert only
    whole = {
        change["from"]
        for line in only
        if len(line["not_computable"]) == line["settlements"]
        for change in line["moved"].values()
    }
    assert whole <= {0}
    assert last["total"]["moved"]["fund_pay_sumamt_fen"]["from"] == sum(
        line["moved"]["fund_pay_sumamt_fen"]["from"] for line in lines
    )
