"""`jiesuan policy`: what a clerk types, and what programs read."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.domain.policy.conftest import OVERLAY

from jiesuan_services.cli import main
from jiesuan_services.runtime.packs import shipped_texts

Run = Callable[..., Result]
CITING = """\
pack: 990000-310
parameters:
  large_sum_ratio:
    unit: rate
    checked_on: 2022-02-01
    values:
      - from: 2022-01-01
        value: "0.9000"
        because: {instrument: 测试〔2022〕1号, article: 第一条, quote: 比例为百分之九十}
      - until: 2022-12-31
"""


@pytest.fixture
def run() -> Run:
    """Type `jiesuan policy …`."""
    return lambda *words: CliRunner().invoke(main, ["policy", *map(str, words)])


def test_the_shipped_packs_pass(run: Run) -> None:
    """Nothing is found in what ships, and the exit code says so."""
    done = run("check")
    assert (done.exit_code, done.output) == (0, "10个政策包，0处问题\n")
    assert json.loads(run("check", "429900-310", "--json").output) == []


def test_what_is_found_is_printed_and_exits_with_1(run: Run, tmp_path: Path) -> None:
    """A citation of a notice that is not stored is found; storing it is the remedy."""
    (tmp_path / "own.yaml").write_text(CITING, "utf-8")
    done = run("check", "--packs", tmp_path)
    assert done.exit_code == 1
    assert done.output == (
        "990000-310 large_sum_ratio: 没有存放文件测试〔2022〕1号的原文，请补充\n"
        "11个政策包，1处问题\n"
    )
    checked = run("check", "--packs", tmp_path, "--json")
    assert checked.exit_code == 1
    assert [one["parameter"] for one in json.loads(checked.output)] == [
        "large_sum_ratio"
    ]
    text = "第一条 大额支付比例为\n百分之九十。"
    (tmp_path / "测试〔2022〕1号.txt").write_text(text, "utf-8")
    assert run("check", "--packs", tmp_path).exit_code == 0


def test_a_day_is_shown(run: Run) -> None:
    """A pack is shown for a day, for people and for programs."""
    done = run("show", "429900-310", "--on", "2022-03-01")
    assert done.exit_code == 0
    assert "普通门诊起付线：2400.00元（鄂医保发〔2021〕67号 第八条" in done.output
    data = json.loads(run("show", "429900-310", "--on", "2022-03-01", "--json").output)
    assert data["parameters"]["large_sum_threshold"]["value"] == 24_000_000


def test_an_overlay_is_shown_merged(run: Run, tmp_path: Path) -> None:
    """With --packs what is shown is what decides."""
    (tmp_path / "own.yaml").write_text(OVERLAY, "utf-8")
    done = run("show", "429900-310", "--on", "2022-03-01", "--packs", tmp_path)
    assert "大额医疗保险支付比例：90%（统筹区配置）" in done.output


def test_two_packs_or_files_are_compared(run: Run, tmp_path: Path) -> None:
    """A pack that ships is compared with a file that is going to."""
    text = shipped_texts("packs", ".yaml")["429900-310.yaml"]
    mine = tmp_path / "mine.yaml"
    mine.write_text(text.replace("value: 240000\n", "value: 250000\n"), "utf-8")
    done = run("diff", "429900-310", mine)
    assert (done.exit_code, done.output) == (
        0,
        "2022-01-01至2026-12-31，“普通门诊起付线”由2400.00元改为2500.00元"
        "（依据：鄂医保发〔2021〕67号 第八条）。\n",
    )
    (one,) = json.loads(run("diff", "429900-310", mine, "--json").output)
    assert (one["parameter"], one["from"], one["until"]) == (
        "outpatient_deductible",
        "2022-01-01",
        "2026-12-31",
    )
    assert (one["old"]["value"], one["new"]["value"]) == (240_000, 250_000)
    assert run("diff", mine, mine).output == "没有差别\n"
    assert json.loads(run("diff", mine, mine, "--json").output) == []


def test_an_overlay_is_compared_as_what_it_makes(run: Run, tmp_path: Path) -> None:
    """What an overlay does not name stays: neither value nor sentence is said to go."""
    overlay, words = tmp_path / "one.yaml", tmp_path / "words.yaml"
    overlay.write_text(OVERLAY, "utf-8")
    words.write_text(
        "pack: 429900-310\nsentences:\n  over-cap: 超过限额的{amount_out}元\n", "utf-8"
    )
    said = run("diff", "429900-310", overlay).output
    assert said.startswith("自2022-01-01起，新增“大额医疗保险支付比例”")
    assert said.count("\n") == 1
    said = run("diff", "429900-310", words).output
    assert "超过限额的" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("show", "999999-310", "--on", "2022-01-01"), "没有政策包999999-310，现有："),
        (("check", "nonsense"), "没有政策包nonsense"),
        (("diff", "429900-310", "gone.yaml"), "gone.yaml: 读不了这个文件"),
        (("check", "--packs", "nowhere"), "nowhere: 没有这个目录"),
    ],
)
def test_what_cannot_be_found_is_one_line(
    run: Run, words: tuple[str, ...], says: str
) -> None:
    """A pack, file or folder that is not there is one line on stderr, exit code 1."""
    done = run(*words)
    assert done.exit_code == 1
    assert done.stdout == ""
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_malformed_overlay_is_one_line(run: Run, tmp_path: Path) -> None:
    """A malformed overlay is told by file, line and remedy, without a traceback."""
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(OVERLAY.replace('"0.9000"', "0.9"), "utf-8")
    done = run("check", "--packs", tmp_path)
    assert done.exit_code == 1
    assert done.stderr == (
        f"错误：{wrong}:7: large_sum_ratio: "
        '比例应为带引号的小数，最多四位，如 "0.8000"\n'
    )
