"""Packs in Chinese: one day shown, and what differs between two."""

from collections.abc import Callable
from datetime import date

import pytest

from jiesuan_domain.policy.loader import parse_pack
from jiesuan_domain.policy.model import Pack, Packs
from jiesuan_domain.policy.telling.diff import diff, differences
from jiesuan_domain.policy.telling.show import show, shown
from jiesuan_services.runtime.packs import shipped_texts

Merge = Callable[..., Pack]
DAY = date(2022, 3, 1)
OWN = 'because: {instrument: 统筹区配置, article: "-", quote: "-"}'
ACT = (
    "because: {instrument: 测试〔2023〕9号, article: 第三条, quote: 调整为百分之六十五}"
)


def pack_67(packs: Packs) -> Pack:
    """Find the pack of 67号."""
    found = packs.find("429900", "310")
    assert found is not None
    return found


def configured(parameter: str, unit: str, *, value: str) -> Pack:
    """Make a pack of one configured parameter."""
    return parse_pack(
        f"""
pack: 990000-310
parameters:
  {parameter}: {{unit: {unit}, values: [{{from: 2022-01-01, value: {value}, {OWN}}}]}}
""",
        "x.yaml",
    )


@pytest.mark.parametrize(
    "line",
    [
        "  普通门诊起付线：2400.00元（鄂医保发〔2021〕67号 第八条：“",
        "  普通门诊支付比例：一级及以下80%，二级70%，三级60%，部属三级50%（",
        "  普通门诊最高限额：50岁及以下6000.00元，51至70岁8000.00元，"
        "71岁及以上10000.00元（鄂医保发〔2021〕67号 第九条：“",
        "  门诊慢特病支付比例：在职：一级及以下90%，二级85%，三级78%，部属三级65%；"
        "退休：一级及以下92%，二级87%，三级80%，部属三级67%（",
        "  大额医疗保险起付额：240000.00元（鄂医保发〔2021〕67号 第二十八条：“",
        "  乙类先行自付比例：10%（鄂医保发〔2021〕67号 第二十五条：“",
        "  慢特病资格重新核验年限：5年（鄂医保发〔2021〕67号 第十五条：“",
        "  本地区划：“42”（",
        "  本地病种与国家病种代码对照：M00503→M00500，M07803→M07801，",
        "  是否要求异地就医备案：普通门诊：是，门诊慢特病：是（",
    ],
)
def test_a_day_is_shown_with_its_sources(packs: Packs, line: str) -> None:
    """Showing a day gives each value in words with instrument, article and sentence."""
    assert [one for one in show(pack_67(packs), DAY) if one.startswith(line)]


def test_a_day_beyond_the_pack_says_so(packs: Packs) -> None:
    """On a day without values each parameter is shown as having none."""
    pack = pack_67(packs)
    _, *lines = show(pack, date(2027, 1, 1))
    values, sentences = lines[: len(pack.parameters)], lines[len(pack.parameters) :]
    assert all(line.endswith("：当日没有值") for line in values)
    assert len(sentences) == len(pack.sentences)
    data = shown(pack, date(2027, 1, 1))
    assert {one["value"] for one in data["parameters"].values()} == {None}


@pytest.mark.parametrize(
    ("parameter", "unit", "value", "said"),
    [
        ("temporary_filing_months", "months", "6", "6个月"),
        ("upload_working_days", "workdays", "3", "3个工作日"),
        ("refund_scope", "choice", "care-type", "同一医疗类别"),
        ("large_sum_ratio", "rate", '"0.6550"', "65.5%"),
        ("disease_items", "list", "{M1: [X2, X1]}", "M1：X1、X2"),
        ("disease_limits", "fen", "{M1: 100, M2: 250}", "M11.00元，M22.50元"),
        ("outpatient_cap", "fen", "100", "1.00元"),
        ("gap_refund_allowed", "flag", "false", "否"),
    ],
)
def test_each_unit_has_its_words(
    parameter: str, unit: str, value: str, said: str
) -> None:
    """A configured value is shown in the words of its unit, without a quotation."""
    pack = configured(parameter, unit, value=value)
    shown_line = list(show(pack, DAY))[1]
    assert shown_line.endswith(f"：{said}（统筹区配置）")


def test_a_program_reads_what_packs_are_written_with(packs: Packs) -> None:
    """As data a value has the form of the pack's file, with its period and source."""
    data = shown(pack_67(packs), DAY)
    assert (data["pack"], data["on"]) == ("429900-310", "2022-03-01")
    assert data["sha256"] == pack_67(packs).sha256
    parameters = data["parameters"]
    assert parameters["outpatient_cap"]["value"] == [
        {"to_age": 50, "value": 600_000},
        {"to_age": 70, "value": 800_000},
        {"value": 1_000_000},
    ]
    assert parameters["outpatient_ratio"]["value"]["primary"] == "0.8000"
    assert parameters["chronic_diseases"]["value"][0] == "M00105"
    deductible = parameters["outpatient_deductible"]
    assert (deductible["value"], deductible["from"], deductible["until"]) == (
        240_000,
        "2022-01-01",
        "2026-12-31",
    )
    assert deductible["because"]["article"] == "第八条"


def test_a_pack_does_not_differ_from_itself(packs: Packs) -> None:
    """Of two equal packs there is nothing to say."""
    assert diff(pack_67(packs), pack_67(packs)) == ""


def test_what_an_overlay_adds_is_said(
    packs: Packs, laid_over: Merge, overlay: str
) -> None:
    """A new parameter is said with its first day, its value and its source."""
    plain, merged = pack_67(packs), laid_over(overlay)
    assert diff(plain, merged) == (
        "自2022-01-01起，新增“大额医疗保险支付比例”：90%（依据：统筹区配置）。"
    )
    assert diff(merged, plain) == (
        "自2022-01-01起，取消“大额医疗保险支付比例”（原为90%）。"
    )


def test_a_change_from_a_day_on_names_the_period_and_the_part(packs: Packs) -> None:
    """Only the period and the tier that differ are said, with the new source."""
    text = shipped_texts("packs", ".yaml")["429900-310.yaml"]
    head, sep, rest = text.partition("  outpatient_cap:")
    ratios = '{primary: "0.8000", secondary: "0.7000", tertiary: "0.6500", ministry: '
    new = f'      - {{from: 2024-07-01, value: {ratios}"0.5000"}}, {ACT}}}\n'
    before, until, _ = head.rpartition("      - until: 2026-12-31\n")
    changed = parse_pack(before + new + until + sep + rest, "new.yaml")
    assert diff(pack_67(packs), changed) == (
        "2024-07-01至2026-12-31，“普通门诊支付比例”三级由60%改为65%"
        "（依据：测试〔2023〕9号 第三条）。"
    )
    one = differences(pack_67(packs), changed)[0]
    assert (one.begin, one.last) == (date(2024, 7, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("parameter", "unit", "old", "new", "said"),
    [
        ("chronic_diseases", "list", "[M1, M2]", "[M2, M3]", "增加M3，删去M1"),
        ("outpatient_deductible", "fen", "100", "200", "由1.00元改为2.00元"),
        ("local_area", "text", '"42"', '"4201"', "由“42”改为“4201”"),
        (
            "outpatient_cap",
            "fen",
            "[{to_age: 50, value: 100}, {value: 200}]",
            "[{to_age: 60, value: 100}, {value: 200}]",
            "增加60岁及以下为1.00元，增加61岁及以上为2.00元，"
            "删去50岁及以下（原为1.00元），删去51岁及以上（原为2.00元）",
        ),
        (
            "outpatient_cap",
            "fen",
            "100",
            "[{to_age: 60, value: 100}, {value: 200}]",
            "增加60岁及以下为1.00元，增加61岁及以上为2.00元，原为1.00元",
        ),
        (
            "local_disease_codes",
            "map",
            "{L1: M1, L2: M2}",
            "{L1: M1, L2: M3}",
            "L2由M2改为M3",
        ),
        (
            "chronic_ratio",
            "rate",
            '"0.7000"',
            '{active: "0.7000", retired: "0.7200"}',
            "退休一级及以下由70%改为72%，退休二级由70%改为72%，"
            "退休三级由70%改为72%，退休部属三级由70%改为72%",
        ),
    ],
)
def test_each_kind_of_value_tells_its_change(
    parameter: str, unit: str, old: str, new: str, said: str
) -> None:
    """A changed value is told part by part, in words."""
    a = configured(parameter, unit, value=old)
    b = configured(parameter, unit, value=new)
    zh = a.parameters[parameter].zh
    assert diff(a, b) == f"自2022-01-01起，“{zh}”{said}（依据：统筹区配置）。"


def test_a_new_source_of_the_same_value_is_said() -> None:
    """A value that stays but stands elsewhere is said to stay, with both sources."""
    a = configured("large_sum_ratio", "rate", value='"0.6500"')
    text = f"""
pack: 990000-310
parameters:
  large_sum_ratio:
    unit: rate
    values: [{{from: 2022-01-01, value: "0.6500", {ACT}}}]
"""
    moved = parse_pack(text, "y.yaml")
    assert diff(a, moved) == (
        "自2022-01-01起，“大额医疗保险支付比例”仍为65%，"
        "依据由统筹区配置改为测试〔2023〕9号 第三条。"
    )
    reworded = parse_pack(text.replace("百分之六十五", "65%"), "z.yaml")
    assert diff(moved, reworded) == (
        "自2022-01-01起，“大额医疗保险支付比例”仍为65%，引文有改动。"
    )


def test_a_correction_is_shown_as_one() -> None:
    """A value that corrects an earlier one says what it corrects."""
    text = f"""
pack: 990000-310
parameters:
  large_sum_ratio:
    unit: rate
    values:
      - {{from: 2022-01-01, value: "0.6000", {OWN}}}
      - {{from: 2022-03-01, value: "0.6500", corrects: 原按60%支付, {ACT}}}
"""
    line = list(show(parse_pack(text, "x.yaml"), DAY))[1]
    assert line == (
        "  大额医疗保险支付比例：65%（测试〔2023〕9号 第三条："
        "“调整为百分之六十五”，更正：原按60%支付）"
    )
