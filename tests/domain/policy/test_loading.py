"""Packs read, and what the writer of a malformed pack is told."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from jiesuan_domain.policy.loader import PackError, parse_pack
from jiesuan_domain.policy.model import Pack
from jiesuan_services.runtime.packs import load_packs

Merge = Callable[..., Pack]
DAY = date(2022, 1, 1)
BECAUSE = 'because: {instrument: 统筹区配置, article: "-", quote: "-"}'


def alone(parameter: str, body: str) -> Pack:
    """Read a pack of one parameter with one value from 2022-01-01."""
    text = f"""
pack: 990000-310
parameters:
  {parameter}: {{{body}, {BECAUSE}}}]}}
"""
    return parse_pack(text, "alone.yaml")


def test_values_follow_each_other_without_a_gap() -> None:
    """A value holds until the day before the next one, the last until its end."""
    pack = parse_pack(
        f"""
pack: 990000-310
parameters:
  outpatient_deductible:
    unit: fen
    values:
      - {{from: 2022-01-01, value: 1, {BECAUSE}}}
      - {{from: 2023-07-01, value: 2, {BECAUSE}}}
      - until: 2024-12-31
""",
        "x.yaml",
    )
    on = {
        day: pack.on(date.fromisoformat(day)).outpatient_deductible
        for day in ("2022-01-01", "2023-06-30", "2023-07-01", "2024-12-31")
    }
    assert list(on.values()) == [1, 1, 2, 2]
    for outside in (date(2021, 12, 31), date(2025, 1, 1)):
        assert pack.on(outside).outpatient_deductible is None
        assert pack.on(outside).missing == {"outpatient_deductible"}
    assert (pack.first_day, pack.last_day) == (DAY, date(2024, 12, 31))


@pytest.mark.parametrize(
    ("parameter", "body", "value"),
    [
        ("outpatient_deductible", "unit: fen, values: [{V: 0", 0),
        ("class_b_selfpay_prop", 'unit: rate, values: [{V: "0.1"', 1000),
        ("large_sum_ratio", 'unit: rate, values: [{V: "1.0000"', 10_000),
        ("gap_refund_allowed", "unit: flag, values: [{V: false", False),
        ("refund_scope", "unit: choice, values: [{V: care-type", "care-type"),
        ("local_area", 'unit: text, values: [{V: "4201"', "4201"),
        ("local_area", "unit: text, values: [{V: 4201", "4201"),
        ("temporary_filing_months", "unit: months, values: [{V: 6", 6),
        ("reverification_years", "unit: years, values: [{V: 3", 3),
        ("flag_working_days", "unit: workdays, values: [{V: 5", 5),
        ("chronic_diseases", "unit: list, values: [{V: [M1, M2]", {"M1", "M2"}),
        ("outpatient_cap", "unit: fen, values: [{V: 5", ((None, 5),)),
        (
            "outpatient_cap",
            "unit: fen, by: [age], values: [{V: [{to_age: 9, value: 1}, {value: 2}]",
            ((9, 1), (None, 2)),
        ),
        (
            "filing_required",
            "unit: flag, by: [care], values: [{V: false",
            {
                "ordinary": False,
                "chronic": False,
                "inpatient": False,
                "two-disease": False,
            },
        ),
        (
            "disease_items",
            "unit: list, by: [disease], values: [{V: {M1: [X1, X2]}",
            {"M1": {"X1", "X2"}},
        ),
        (
            "disease_limits",
            "unit: fen, by: [disease], values: [{V: {M1: 7}",
            {"M1": 7},
        ),
    ],
)
def test_each_unit_is_read(parameter: str, body: str, value: object) -> None:
    """A value of every unit is read; a scalar that could vary is the same for all."""
    pack = alone(parameter, body.replace("V:", "from: 2022-01-01, value:"))
    assert getattr(pack.on(DAY), parameter) == value


def test_a_scalar_is_the_same_for_every_group_and_tier() -> None:
    """A chronic ratio written once holds for both groups and all four tiers."""
    body = 'unit: rate, values: [{from: 2022-01-01, value: "0.7000"'
    ratio = alone("chronic_ratio", body).on(DAY).chronic_ratio
    assert ratio is not None
    assert {one for tiers in ratio.values() for one in tiers.values()} == {7000}
    assert [len(tiers) for tiers in ratio.values()] == [4, 4]


@pytest.mark.parametrize(
    ("wrong", "mend", "line", "says"),
    [
        ("pack: 429900-310", "pack: hubei", 1, "pack应为六位参保地区划-险种"),
        ("pack: 429900-310", "title: x", 1, "缺少pack"),
        ("pack: 429900-310\n", "pack: 429900-310\nother: 1\n", 2, "不认识的字段other"),
        ("parameters:", "parameter:", 2, "不认识的字段parameter"),
        ("large_sum_ratio:", "large_sum_ration:", 3, "不认识的参数large_sum_ration"),
        ("unit: rate", "unit: fen", 4, "large_sum_ratio: 单位应为rate"),
        ("unit: rate", "unit: rate\n    by: [tier]", 5, "by应为[]"),
        ("unit: rate", "unit: rate\n    note: x", 5, "不认识的字段note"),
        ("unit: rate", "unit: rate\n    unit: rate", 5, "unit写了两次"),
        ("unit: rate", "unit: rate\n    zh: [x]", 5, "zh应为文字"),
        ("unit: rate", "unit: rate\n    checked_on: soon", 5, "checked_on应为日期"),
        ("from: 2022-01-01", "from: soon", 6, "from应为日期"),
        ("from: 2022-01-01", "from: 2022-02-30", 6, "读不懂2022-02-30"),
        ("from: 2022-01-01", 'from: "2022-02-30"', 6, "from应为日期"),
        ("from: 2022-01-01", "from: 2022-01-01 08:00:00", 6, "from应为日期"),
        ("from: 2022-01-01", "until: 2022-01-01", 7, "until应单独成一项"),
        ('value: "0.9000"', "value: 0.9", 7, "比例应为带引号的小数"),
        ('value: "0.9000"', 'value: "0.90001"', 7, "比例应为带引号的小数"),
        ('value: "0.9000"', 'value: "1.1000"', 7, "比例应为带引号的小数"),
        ('value: "0.9000"', 'worth: "0.9000"', 7, "不认识的字段worth"),
        ('value: "0.9000"', "value: !secret x", 7, "读不懂x"),
        ('        value: "0.9000"\n', "", 6, "缺少value"),
        ("instrument: 统筹区配置, ", "", 8, "because的instrument应为文字"),
        ('quote: "-"', 'quote: " "', 8, "because的quote应为文字"),
        ('quote: "-"', 'quote: "-", page: 3', 8, "不认识的字段page"),
        ("{instrument", "[instrument", 8, "不是合法的YAML"),
        ("unit: rate", "unit: &u rate\n    zh: *u", 4, "不支持YAML的别名"),
        ("parameters:", "? [a]\n: b\nparameters:", 2, "字段名应为文字"),
    ],
)
def test_a_malformed_pack_names_file_line_and_remedy(
    overlay: str, wrong: str, mend: str, line: int, says: str
) -> None:
    """A pack that cannot be used says in which file and line, and what is wrong."""
    assert wrong in overlay
    with pytest.raises(PackError) as raised:
        parse_pack(overlay.replace(wrong, mend, 1), "mine.yaml")
    assert str(raised.value).startswith(f"mine.yaml:{line}: ")
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "x.yaml:1: 文件是空的"),
        ("- 1\n", "x.yaml:1: 缺少pack"),
        ("pack: 990000-310\n", "x.yaml:1: 缺少parameters"),
        ("pack: 990000-310\nparameters: {}\n", "x.yaml:2: 缺少parameters"),
        (
            "pack: 990000-310\nparameters:\n  local_area: 1\n",
            "x.yaml:3: 参数local_area",
        ),
        ("[" * 100_000, "x.yaml:1: 嵌套太深"),
        ("- " * 100_000, "x.yaml:1: 嵌套太深"),
        ("a: \ud800", "x.yaml:1: 不是合法的YAML"),
    ],
)
def test_a_file_that_is_no_pack_is_refused(text: str, says: str) -> None:
    """A document without pack and parameters is refused, whatever else it is."""
    with pytest.raises(PackError) as raised:
        parse_pack(text, "x.yaml")
    assert str(raised.value).startswith(says)


@pytest.mark.parametrize(
    ("values", "line", "says"),
    [
        ("[]", 5, "缺少values"),
        ("[7]", 5, "每个值应写from、value、because"),
        ("\n      - until: 2022-01-01", 6, "只有until而没有值"),
        ("\n      - A\n      - {until: 2021-12-31}", 7, "until早于最后一个值的from"),
        (
            "\n      - A\n      - {until: 2023-01-01}\n      - B",
            8,
            "from必须晚于上一个值的from和until",
        ),
        (
            "\n      - A\n      - {until: 2022-12-31}\n      - {until: 2022-12-31}",
            8,
            "只有until而没有值",
        ),
        ("\n      - B\n      - A", 7, "from必须晚于上一个值的from"),
        ("\n      - A\n      - A", 7, "from必须晚于上一个值的from"),
        ("\n      - {from: 2022-01-01, value: 1}", 6, "缺少because"),
        (
            f"\n      - {{from: 2022-01-01, value: -1, {BECAUSE}}}",
            6,
            "金额应为非负整数",
        ),
        (
            f"\n      - {{from: 2022-01-01, value: 1.5, {BECAUSE}}}",
            6,
            "金额应为非负整数",
        ),
        (f"\n      - {{from: 2022-01-01, value: true, {BECAUSE}}}", 6, "金额应为非负"),
        (
            f"\n      - {{from: 2022-01-01, value: 1, corrects: [], {BECAUSE}}}",
            6,
            "corrects应为文字",
        ),
    ],
)
def test_values_out_of_order_are_refused(values: str, line: int, says: str) -> None:
    """Values follow their days, an end stands alone and last."""
    for name, begin in (("A", "2022-01-01"), ("B", "2023-01-01")):
        item = f"{{from: {begin}, value: 1, {BECAUSE}}}"
        values = values.replace(f"- {name}", f"- {item}")
    text = f"""\
pack: 990000-310
parameters:
  outpatient_deductible:
    unit: fen
    values: {values}
"""
    with pytest.raises(PackError) as raised:
        parse_pack(text, "x.yaml")
    assert str(raised.value).startswith(f"x.yaml:{line}: outpatient_deductible: ")
    assert says in str(raised.value)


@pytest.mark.parametrize(
    ("parameter", "body", "says"),
    [
        ("gap_refund_allowed", 'unit: flag, values: [{V: "yes"', "应为true或false"),
        ("refund_scope", "unit: choice, values: [{V: all", "应为scheme-year、"),
        ("temporary_filing_months", "unit: months, values: [{V: 0", "1到1200"),
        ("interruption_years", "unit: years, values: [{V: 0", "1到100"),
        ("upload_working_days", "unit: workdays, values: [{V: 0", "1到250"),
        ("local_area", 'unit: text, values: [{V: ""', "应为文字"),
        ("chronic_diseases", "unit: list, values: [{V: M1", "应为编码的列表"),
        ("local_disease_codes", "unit: map, values: [{V: [M1]", "应为本地编码"),
        ("outpatient_ratio", 'unit: rate, values: [{V: {top: "0.1"}', "不认识的tier"),
        ("disease_items", "unit: list, values: [{V: [X1]", "应按编码分别写值"),
        ("outpatient_cap", "unit: fen, values: [{V: [{to_age: 5, value: 1}]", "年龄"),
        ("outpatient_cap", "unit: fen, values: [{V: []", "年龄分段应从小到大"),
        (
            "outpatient_cap",
            "unit: fen, values: [{V: [{to_age: 7, value: 1}, {to_age: 5, value: 1},"
            " {value: 1}]",
            "年龄分段应从小到大",
        ),
        (
            "outpatient_cap",
            "unit: fen, values: [{V: [{value: 1}, {value: 1}]",
            "年龄分段应从小到大",
        ),
        (
            "outpatient_cap",
            "unit: fen, values: [{V: [{age: 5, value: 1}]",
            "应写to_age",
        ),
        (
            "outpatient_cap",
            "unit: fen, values: [{V: [{to_age: -1, value: 1}, {value: 1}]",
            "to_age应为非负整数",
        ),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(
    parameter: str, body: str, says: str
) -> None:
    """What a unit does not allow is refused with what would be right."""
    with pytest.raises(PackError) as raised:
        alone(parameter, body.replace("V:", "from: 2022-01-01, value:"))
    assert str(raised.value).startswith(f"alone.yaml:4: {parameter}: ")
    assert says in str(raised.value)


def test_every_yaml_of_a_folder_is_an_overlay(tmp_path: Path, overlay: str) -> None:
    """All *.yaml of the folder are read in the order of their names, and no others."""
    (tmp_path / "b.yaml").write_text(overlay.replace("0.9000", "0.8000"), "utf-8")
    (tmp_path / "a.yaml").write_text(overlay, "utf-8")
    (tmp_path / "c.yaml.bak").write_text("not a pack", "utf-8")
    pack = load_packs(tmp_path).find("429900", "310")
    assert pack is not None
    assert pack.on(DAY).large_sum_ratio == 8000


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    """A folder that does not exist is named, with the options to look at."""
    with pytest.raises(PackError, match=r"nowhere: 没有这个目录"):
        load_packs(tmp_path / "nowhere")


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path, overlay: str) -> None:
    """An overlay in another encoding is refused by its name."""
    (tmp_path / "gbk.yaml").write_bytes(overlay.encode("gb18030"))
    with pytest.raises(PackError, match=r"gbk\.yaml: 不是UTF-8文本"):
        load_packs(tmp_path)
