"""`jiesuan bench`: the figures that need no servers."""

import json

from click.testing import CliRunner

from jiesuan_services.cli.operators.bench import bench


def test_the_law_is_measured_alone() -> None:
    """The figures of the law are measured without servers, beside their baselines."""
    asked = ["--only", "law", "--only", "long-life", "--scale", "0.1", "--json"]
    told = json.loads(CliRunner().invoke(bench, asked).stdout)
    assert [one["figure"] for one in told] == ["law", "long-life", "long-life 14"]
    for one in told:
        low, high = one["range"]
        assert 0 < low <= one["value"] <= high
        assert one["baseline_value"] > 0


def test_a_person_of_any_day_is_measured() -> None:
    """A person's state is measured against its bound, and on how many entries."""
    asked = ["--only", "as-of", "--scale", "0.1", "--json"]
    [told] = json.loads(CliRunner().invoke(bench, asked).stdout)
    assert (told["figure"], told["unit"]) == ("as-of p95", "ms")
    assert told["baseline"] == "120 entries of a person among 8,841"
    assert told["value"] > 0
