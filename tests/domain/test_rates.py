"""The rules of money, one by one: rates, caps, deductibles and who pays the rest."""

from typing import Any

import pytest

from jiesuan_domain.benefit import chronic, inpatient, large_sum, ordinary, payers
from jiesuan_domain.policy.model import Rules


def rules(**parameters: Any) -> Rules:
    """Return the rules of a region that has these parameters and no others."""
    return Rules(
        pack="999900-310",
        sha256="0" * 64,
        missing=frozenset(),
        sources={},
        **parameters,
    )


TABLE = {
    "active": {"primary": 9000, "ministry": 6500},
    "retired": {"primary": 9200, "ministry": 6700},
}


@pytest.mark.parametrize(
    ("tier", "retired", "rate"),
    [
        ("primary", False, 9000),
        ("primary", True, 9200),
        ("ministry", False, 6500),
        ("ministry", True, 6700),
        ("tertiary", False, None),
    ],
)
def test_chronic_and_inpatient_ratios_go_by_tier_and_employment(
    tier: str, *, retired: bool, rate: int | None
) -> None:
    """Active and retired persons have a table each; a tier without a value has none."""
    made = rules(chronic_ratio=TABLE, inpatient_ratio=TABLE)
    assert chronic.ratio(made, tier, is_retired=retired) == rate
    assert inpatient.ratio(made, tier, is_retired=retired) == rate


@pytest.mark.parametrize("retired", [False, True])
def test_a_region_without_a_table_has_no_ratio(*, retired: bool) -> None:
    """Without the parameter, or without its group, no ratio is guessed."""
    nothing, half = rules(), rules(chronic_ratio={}, inpatient_ratio={})
    for made in (nothing, half):
        assert chronic.ratio(made, "primary", is_retired=retired) is None
        assert inpatient.ratio(made, "primary", is_retired=retired) is None
    assert ordinary.ratio(nothing, "primary") is None
    assert inpatient.deductible(nothing, "primary") is None


def test_ordinary_ratios_and_inpatient_deductibles_go_by_tier() -> None:
    """The tier asked for is looked up; one without a value has none."""
    made = rules(
        outpatient_ratio={"primary": 8000}, inpatient_deductible={"primary": 20_000}
    )
    assert ordinary.ratio(made, "primary") == 8000
    assert ordinary.ratio(made, "secondary") is None
    assert inpatient.deductible(made, "primary") == 20_000
    assert inpatient.deductible(made, "secondary") is None


@pytest.mark.parametrize(
    ("reduction", "rate"), [(0, 9000), (2000, 7000), (9000, 0), (9001, 0)]
)
def test_a_filing_takes_points_off_the_inpatient_ratio(
    reduction: int, rate: int
) -> None:
    """The points are subtracted, down to nothing and not below."""
    made = rules(inpatient_ratio=TABLE)
    found = inpatient.ratio(made, "primary", is_retired=False, reduction=reduction)
    assert found == rate


@pytest.mark.parametrize(
    ("paid", "left"), [(0, 500_000), (1, 499_999), (500_000, 0), (500_001, 0)]
)
def test_what_the_pool_has_paid_uses_a_disease_limit_up(paid: int, left: int) -> None:
    """The limit less what was paid is left, and never less than nothing."""
    made = rules(disease_limits={"M00500": 500_000})
    assert chronic.left_of_limit(made, ("14", "M00500"), paid=paid) == left


def test_a_disease_without_a_limit_is_not_limited() -> None:
    """No table, no disease, or a disease that is not in it: no limit."""
    made = rules(disease_limits={"M00500": 500_000})
    assert chronic.left_of_limit(made, ("14", "M07801"), paid=0) is None
    assert chronic.left_of_limit(made, chronic.NO_LIMIT, paid=0) is None
    assert chronic.left_of_limit(rules(), ("14", "M00500"), paid=0) is None


def test_only_what_was_paid_for_a_disease_counts_towards_its_limit() -> None:
    """Other diseases and other care use up nothing; without a limit nothing counts."""
    made = rules(disease_limits={"M00500": 500_000})
    paid = [
        (("14", "M00500"), 3),
        (("14", "M07801"), 40),
        (("14", "M00500"), 500),
        (("15", "M00500"), 70),
        (chronic.NO_LIMIT, 6000),
    ]
    assert chronic.paid_towards(paid, ("14", "M00500"), rules=made) == 503
    assert chronic.paid_towards(paid, ("14", "M07801"), rules=made) == 0
    assert chronic.paid_towards(paid, chronic.NO_LIMIT, rules=made) == 0
    assert chronic.paid_towards(paid, ("14", "M00500"), rules=rules()) == 0


@pytest.mark.parametrize(
    ("age", "cap"), [(0, 600), (50, 600), (51, 800), (70, 800), (71, 1000)]
)
def test_a_cap_includes_the_age_up_to_which_it_goes(age: int, cap: int) -> None:
    """50 is still of the first step, 70 of the second (67号第九条)."""
    assert ordinary.cap_for(age, ((50, 600), (70, 800), (None, 1000))) == cap


def test_caps_that_end_name_what_they_lack() -> None:
    """A table of caps that stops at an age has nothing to say above it."""
    with pytest.raises(
        ValueError, match=r"^a cap by age needs a last step without to_age$"
    ):
        ordinary.cap_for(71, ((50, 600), (70, 800)))


@pytest.mark.parametrize(
    ("before", "used"),
    [
        (0, (2400, 3600, 1000)),
        (2399, (1, 3600, 3399)),
        (2400, (0, 3600, 3400)),
        (5999, (0, 1, 6999)),
        (6000, (0, 0, 7000)),
        (6001, (0, 0, 7000)),
    ],
)
def test_an_amount_is_used_up_in_order(before: int, used: tuple[int, int, int]) -> None:
    """First the deductible, then the band up to the cap, then what is over it."""
    found = ordinary.use_up(7000, before, standard=2400, cap=6000)
    assert (found.deductible, found.eligible, found.over_cap) == used


@pytest.mark.parametrize(
    ("before", "tail"), [(0, 0), (900, 0), (901, 1), (1000, 100), (1001, 100)]
)
def test_the_tail_above_the_threshold_is_the_large_sum(before: int, tail: int) -> None:
    """What lies above the threshold is the tail, at most the whole amount."""
    assert large_sum.beyond(100, before, threshold=1000) == tail
    assert large_sum.beyond(100, before, threshold=None) == 0


@pytest.mark.parametrize(
    ("tail", "beyond"), [(0, 0), (30, 0), (31, 1), (80, 50), (81, 50)]
)
def test_what_is_over_the_cap_lies_last_in_the_tail(tail: int, beyond: int) -> None:
    """Large-sum reaches the reimbursable part only below what is over the cap (A16)."""
    assert large_sum.eligible_beyond(50, 30, tail=tail) == beyond


@pytest.mark.parametrize(
    ("balance", "pay"), [(40, 40), (100, 100), (101, 100), (0, 0), (None, 0)]
)
def test_an_account_pays_what_it_has(balance: int | None, pay: int) -> None:
    """The balance pays the person's part as far as it goes (A32)."""
    assert payers.account_pay(100, balance) == pay


@pytest.mark.parametrize(("rate", "pay"), [(0, 0), (5000, 51), (10_000, 101)])
def test_an_employer_supplements_at_its_ratio(rate: int, pay: int) -> None:
    """A ratio of what is borne in scope, half up to the fen."""
    assert payers.employer_supplement(101, rate) == pay
