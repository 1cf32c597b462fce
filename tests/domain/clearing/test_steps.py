"""The states of a statement stand in the pack, and it says no more than is borne."""

import json
from datetime import date
from typing import Any

import pytest
from tests.domain.clearing.months import overlays, packs
from tests.domain.clearing.written_months import OF_REGION, WrittenMonths, day

from jiesuan_domain.policy.document import PackError
from jiesuan_domain.policy.loader import load
from jiesuan_domain.policy.model import Packs, Rules
from jiesuan_domain.policy.units import ClearingStep
from jiesuan_events.clearing.requests import CLEARING_REQUEST_TYPES
from jiesuan_services.clerk.trial import Trial
from jiesuan_services.runtime.packs import shipped_texts

STEPS = {
    "draw": ((), "00"),
    "confirm": (("00", "70"), None),
    "unconfirm": (("00", "70"), None),
    "declare": (("00", "70"), "10"),
    "withdraw": (("10",), "00"),
    "accept": (("10",), "20"),
    "audit": (("20", "30"), "30"),
    "finish-audit": (("30",), "40"),
    "clear": (("40",), "50"),
    "pay": (("50",), "60"),
    "reject": (("10", "20", "30", "40"), "70"),
    "fine": (("30", "40", "50", "60", "70"), None),
}
"""contracts §10, from → to."""
CONFIGURED = 'because: {instrument: 统筹区配置, article: "-", quote: "-"}'


def shipped() -> Rules:
    """Return what the pack of clearing says of a day."""
    pack = packs().find("000000", "clearing")
    assert pack is not None
    return pack.on(date(2022, 3, 1))


def step(name: str, rules: Rules) -> ClearingStep:
    """Return what a pack says of a request."""
    found = getattr(rules, f"clearing_step_{name.replace('-', '_')}")
    assert isinstance(found, ClearingStep)
    return found


def with_step(
    name: str, value: str, *, begin: str = "2021-01-01", end: str = ""
) -> Packs:
    """Load the packs with another step laid over the shipped one."""
    text = (
        f"pack: 000000-clearing\nparameters:\n  clearing_step_{name}:\n    unit: step\n"
        f"    values: [{{from: {begin}, value: {value}, {CONFIGURED}}}{end}]\n"
    )
    return load(
        shipped_texts("packs", ".yaml") | shipped_texts("packs/clearing", ".yaml"),
        {**overlays(), "steps.yaml": text},
        sentences=shipped_texts("sentences", ".yaml"),
    )


def test_the_pack_says_what_the_contract_says() -> None:
    """Every request about statements has the states of §10, and no other has any."""
    rules = shipped()
    for name, (origins, to) in STEPS.items():
        assert step(name, rules) == ClearingStep(origins, to), name
    named = {f"jiesuan.clearing.{name}.v1" for name in STEPS}
    assert named == CLEARING_REQUEST_TYPES.keys() - {"jiesuan.prepay.quota.v1"}


def test_each_request_leads_where_the_pack_says() -> None:
    """Walked through from draw to payment, each answer shows the state of the pack."""
    months, rules = WrittenMonths(), shipped()
    months.begin(100_000)
    months.drawn("202201", day("2022-02-01"))
    months.declare(OF_REGION, day("2022-02-02"))
    months.withdraw(OF_REGION, day("2022-02-03"))
    months.declare(OF_REGION, day("2022-02-04"))
    months.by_payer("accept", OF_REGION, day("2022-02-05"))
    months.by_payer("reject", OF_REGION, day("2022-02-06"), reason="材料不全")
    months.in_audit(OF_REGION, "2022-02-07")
    months.cleared(OF_REGION, "2022-02-08")
    months.paid(OF_REGION, "2022-02-08")
    met = set()
    for answer in months.answers:
        data: dict[str, Any] = answer["data"]
        name = data["request_type"].removeprefix("jiesuan.clearing.")
        if name != data["request_type"]:
            met.add(name := name.removesuffix(".v1"))
            states = {one["clr_stas"] for one in data["statements"]}
            assert states == {step(name, rules).to}
    assert met == STEPS.keys() - {"confirm", "unconfirm", "fine"}


def test_fewer_states_hold_from_their_day_on() -> None:
    """A pack that lets nobody audit twice is obeyed from its day, and not before."""
    value = '{from: ["20"], to: "30", name: 审核中}'
    months = WrittenMonths(Trial(with_step("audit", value, begin="2022-03-01")))
    months.begin(100_000)
    months.drawn("202201", day("2022-02-01"))
    months.in_audit(OF_REGION, "2022-02-07")
    for on, outcome in (("2022-02-28", "decided"), ("2022-03-01", "refused")):
        again = months.by_payer("audit", OF_REGION, day(on), deductions=[])
        assert again["outcome"] == outcome
    (refusal,) = again["refusals"]
    assert refusal["code"] == "wrong-state"
    assert refusal["details"]["allowed"] == ["20"]


def test_a_step_that_is_past_is_told_apart_from_one_to_come() -> None:
    """Who comes too early is told to do the step before, who comes too late is not."""
    months = WrittenMonths()
    months.begin(100_000)
    months.drawn("202201", day("2022-02-01"))
    early = months.by_payer("accept", OF_REGION, day("2022-02-02"))
    assert early["refusals"][0]["message"].endswith("时才能办理，请先办理前一步。")
    months.in_audit(OF_REGION, "2022-02-07")
    late = months.withdraw(OF_REGION, day("2022-02-08"))
    assert late["refusals"][0]["message"] == (
        f"清算单{OF_REGION}现为“审核中”，只有“已申报”时才能办理，"
        "这一步已经过去，请核对清算单编号和办理进度。"
    )


def test_without_a_step_nothing_is_decided() -> None:
    """A day of which a pack says no states is refused by the parameter's name."""
    value = '{from: ["50"], to: "60", name: 已拨付}'
    until = ", {until: 2022-01-31}"
    months = WrittenMonths(Trial(with_step("pay", value, end=until)))
    months.begin(100_000)
    (refusal,) = months.drawn("202201", day("2022-02-01"))["refusals"]
    assert refusal["code"] == "policy-not-in-force"
    assert refusal["details"] == {"parameter": "clearing_step_pay", "on": "2022-02-01"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pay", {"from": ["40"], "to": "60", "name": "已拨付"}),
        ("pay", {"from": ["50"], "to": "50", "name": "已清算"}),
        ("pay", {"from": ["50"], "to": "60", "name": "已付"}),
        ("pay", {"from": ["50"], "to": "60"}),
        ("pay", {"from": [], "to": "60", "name": "已拨付"}),
        ("pay", {"from": ["50", "50"], "to": "60", "name": "已拨付"}),
        ("pay", {"from": "50", "to": "60", "name": "已拨付"}),
        ("pay", {"from": [50], "to": "60", "name": "已拨付"}),
        ("pay", {"from": [["50"]], "to": "60", "name": "已拨付"}),
        ("pay", {"to": "60", "name": "已拨付"}),
        ("pay", "50"),
        ("reject", {"from": ["10", "50"], "to": "70", "name": "已驳回"}),
        ("declare", {"from": ["00", "20"], "to": "10", "name": "已申报"}),
        ("confirm", {"from": ["00", "10"]}),
        ("confirm", {"from": ["00"], "to": "10", "name": "已申报"}),
        ("draw", {"from": ["00"], "to": "00", "name": "已清分"}),
        ("fine", {"from": ["20", "30"]}),
        ("fine", {"from": ["30"], "to": "30", "name": "审核中"}),
    ],
)
def test_what_the_code_does_not_bear_is_no_pack(name: str, value: Any) -> None:
    """Another state, another name, or a way round the money is refused when read."""
    with pytest.raises(PackError, match=f"clearing_step_{name}"):
        with_step(name, json.dumps(value, ensure_ascii=False))
