"""What `check` finds: days, sources, quotations, the mapping of codes."""

from collections.abc import Callable
from datetime import date

import pytest
from msgspec.structs import replace

from jiesuan_domain.policy.check import PackFault, check, squeezed
from jiesuan_domain.policy.loader import parse_pack
from jiesuan_domain.policy.model import NATIONAL, Pack
from jiesuan_services.runtime.packs import load_packs, shipped_texts

Merge = Callable[..., Pack]
Texts = dict[str, str]
CITED = (
    "because: {instrument: 测试〔2022〕1号, article: 第二条, quote: 起付线为二千元整}"
)
OWN = 'because: {instrument: 统筹区配置, article: "-", quote: "-"}'


def by_parameter(findings: list[PackFault]) -> list[tuple[str, str]]:
    """Return what was found, by parameter."""
    return [(one.parameter, one.what) for one in findings]


def edited(old: str, new: str) -> Pack:
    """Return the pack of 67号 with one place of its file written otherwise."""
    text = shipped_texts("packs", ".yaml")["429900-310.yaml"]
    assert text.count(old) == 1
    return parse_pack(text.replace(old, new), "edited.yaml")


def small(values: str, *, checked: str = "checked_on: 2022-01-05") -> Pack:
    """Make a pack of one deductible that a notice of two sentences gives."""
    return parse_pack(
        f"""
pack: 990000-310
parameters:
  outpatient_deductible: {{unit: fen, {checked}, values: [{values}]}}
""",
        "small.yaml",
    )


@pytest.mark.parametrize("id_", [*load_packs().ids(), NATIONAL])
def test_nothing_is_wrong_with_a_shipped_pack(id_: str, notices: Texts) -> None:
    """Every shipped value quotes its notice word for word, one value every day."""
    pack = load_packs().find(*id_.split("-"))
    assert pack is not None
    assert check(pack, notices) == []


@pytest.mark.parametrize(
    ("quoted", "falsified", "parameter"),
    [
        (
            "乙类项目由个人先行自付10%后",
            "乙类项目由个人先行自付12%后",
            "class_b_selfpay_prop",
        ),
        ("三级医疗机构支付60%", "三级医疗机构支付61%", "outpatient_ratio"),
        ("超过24万元以上的部分", "超过25万元以上的部分", "large_sum_threshold"),
        ("70岁以上的为1万元（含）", "70岁以上的为1万元（不含）", "outpatient_cap"),
    ],
)
def test_a_falsified_quotation_is_found(
    quoted: str, falsified: str, parameter: str, notices: Texts
) -> None:
    """A quotation that its notice does not hold is named with its parameter."""
    findings = check(edited(quoted, falsified), notices)
    assert [one.parameter for one in findings] == [parameter]
    assert findings[0].what.startswith(
        "引文不在鄂医保发〔2021〕67号原文中，请逐字核对："
    )
    assert falsified in findings[0].what


def test_a_quotation_of_another_notice_is_found(notices: Texts) -> None:
    """A sentence counts only in the notice that it is said to stand in."""
    moved = edited(
        "{instrument: 鄂医保发〔2021〕67号, article: 第二十五条",
        "{instrument: 鄂医保发〔2022〕50号, article: 第二十五条",
    )
    assert [one.parameter for one in check(moved, notices)] == ["class_b_selfpay_prop"]


def test_a_notice_that_is_not_stored_is_named(notices: Texts) -> None:
    """A pack that cites a notice nobody stored is told so."""
    pack = small(f"{{from: 2022-01-01, value: 200000, {CITED}}}, {{until: 2022-12-31}}")
    what = "没有存放文件测试〔2022〕1号的原文，请补充"
    assert by_parameter(check(pack, notices)) == [("outpatient_deductible", what)]
    stored = notices | {"测试〔2022〕1号": "第二条 起付线为\n二千元整。"}
    assert check(pack, stored) == []


def test_a_quotation_of_a_word_or_two_is_too_short(notices: Texts) -> None:
    """A quotation so short that it stands anywhere proves nothing."""
    pack = edited("乙类项目由个人先行自付10%后", "个人先行")
    assert [one.what[:4] for one in check(pack, notices)] == ["引文太短"]


def test_only_a_configuration_may_quote_nothing(notices: Texts) -> None:
    """The dash stands for a region's own configuration, never for a notice."""
    own = small(f"{{from: 2022-01-01, value: 1, {OWN}}}", checked='zh: "x"')
    assert check(own, notices) == []
    pack = edited("乙类项目由个人先行自付10%后", "-")
    assert [one.what[:4] for one in check(pack, notices)] == ["引文太短"]


def test_a_day_without_a_value_is_found(notices: Texts) -> None:
    """A parameter that ends before the pack does is named with the days it lacks."""
    text = shipped_texts("packs", ".yaml")["429900-310.yaml"]
    head, sep, rest = text.partition("  outpatient_ratio:")
    early = rest.replace("until: 2026-12-31", "until: 2026-06-30", 1)
    late = early.replace("from: 2022-01-01", "from: 2022-02-01", 1)
    findings = check(parse_pack(head + sep + late, "x.yaml"), notices)
    assert by_parameter(findings) == [
        ("outpatient_ratio", "2022-01-01至2022-01-31没有值，请补写这些日子的值"),
        ("outpatient_ratio", "2026-07-01至2026-12-31没有值，请补写这些日子的值"),
    ]


def test_a_day_with_two_values_is_found(notices: Texts) -> None:
    """Values that overlap are named with the days on which they do."""
    texts = {"测试〔2022〕1号": "起付线为二千元整"}
    pack = small(
        f"{{from: 2022-01-01, value: 1, {CITED}}},"
        f"{{from: 2023-01-01, value: 2, {CITED}}}, {{until: 2023-12-31}}"
    )
    assert check(pack, texts) == []
    dated = pack.parameters["outpatient_deductible"]
    first = replace(dated.values[0], last=date(2023, 1, 10))
    pack.parameters[dated.name] = replace(dated, values=(first, dated.values[1]))
    what = "2023-01-01至2023-01-10每天有2个值，请改正from和until"
    assert by_parameter(check(pack, texts)) == [(dated.name, what)]


def test_what_a_notice_gives_has_an_end_and_was_compared() -> None:
    """Without an end, or without the day of comparison, a cited value is not done."""
    pack = small(f"{{from: 2022-01-01, value: 1, {CITED}}}", checked='zh: "x"')
    assert by_parameter(check(pack, {"测试〔2022〕1号": "起付线为二千元整"})) == [
        ("outpatient_deductible", "没有until，请写明已知有效到哪一天"),
        (
            "outpatient_deductible",
            "没有checked_on，请写明最近一次与原文核对的日期",
        ),
    ]


def test_a_configuration_claims_its_own_days(
    laid_over: Merge, overlay: str, notices: Texts
) -> None:
    """A region may configure from any day on without anything being wrong."""
    later = overlay.replace("2022-01-01", "2024-01-01")
    assert check(laid_over(later), notices) == []


def test_days_that_an_overlay_takes_away_are_found(
    laid_over: Merge, notices: Texts
) -> None:
    """An overlay that ends before what it replaces is told the days it loses."""
    pack = laid_over(
        f"""
pack: 429900-310
parameters:
  outpatient_deductible:
    unit: fen
    values: [{{from: 2022-03-01, value: 1, {OWN}}}, {{until: 2025-12-31}}]
"""
    )
    lost = "原有的值被覆盖后没有了，请在覆盖文件中补写"
    assert by_parameter(check(pack, notices)) == [
        ("outpatient_deductible", f"2026-01-01至2026-12-31{lost}"),
    ]


def test_a_region_may_go_on_where_a_notice_ends(
    laid_over: Merge, notices: Texts
) -> None:
    """What a region configures from a later day on needs no end, nor a notice."""
    pack = laid_over(
        f"""
pack: 429900-310
parameters:
  outpatient_deductible:
    unit: fen
    values: [{{from: 2024-01-01, value: 1, {OWN}}}]
"""
    )
    assert check(pack, notices) == []


def test_a_local_code_leads_to_a_listed_national_one(notices: Texts) -> None:
    """A local code of an unlisted disease, or a code in between, is found."""
    unlisted = check(edited("M01609: M01600", "M01609: M01699"), notices)
    assert [one.parameter for one in unlisted] == ["local_disease_codes"]
    assert "M01609对应的国家病种代码M01699不在病种范围内" in unlisted[0].what
    chained = check(edited("M01609: M01600", "M01609: M01600, M01600: M07801"), notices)
    assert [one.parameter for one in chained] == ["local_disease_codes"]
    assert "M01609对应的国家病种代码M01600又对应别的代码" in chained[0].what


def test_white_space_is_all_that_is_forgiven() -> None:
    """Comparing takes white space out, full-width too, and changes nothing else."""
    assert squeezed(" 2 400\n元\u3000（不含）\t,") == "2400元（不含）,"
