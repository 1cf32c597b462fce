"""Two regions, each with a ledger of its own, exchange a month and reconcile it."""

import copy
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tests.domain.clearing.months import Months, hospital, packs
from tests.projections.clerk import Clerk, told

from jiesuan_services.clerk.trial import Trial

CARE, INSURED, OTHER = "990100", "990200", "980100"
MONTH = "202203"
BILLS = 12
Json = dict[str, Any]
Key = tuple[str, str]


def written() -> list[Json]:
    """Write a month of the region of care: bills of two regions, one taken back."""
    months = Months()
    months.found()
    months.enrol("PX1", INSURED)
    months.enrol("PX2", OTHER)
    for number in range(BILLS):
        person, region = (("PX1", INSURED), ("PX2", OTHER))[number % 4 == 3]
        time = f"2022-03-{number + 3:02}T10:00:00+08:00"
        answer = months.settle(
            person, region, at=hospital(CARE), time=time, fen=10_000 + 700 * number
        )
        assert answer["outcome"] == "decided", answer
    refunded = months.refund(
        person, answer["setl_id"], at=hospital(CARE), time="2022-03-30T10:00:00+08:00"
    )
    assert refunded["outcome"] == "decided", refunded
    return months.asked


def of_the_other_side(asked: list[Json]) -> list[Json]:
    """Return what the insured place recorded: a bill less, one otherwise, one more."""
    settled = [
        at
        for at, one in enumerate(asked)
        if one["type"] == "jiesuan.settle.v1" and one["subject"] == "PX1"
    ]
    mine = copy.deepcopy(asked)
    other = mine[settled[1]]["data"]
    other["medfee_sumamt_fen"] += 100
    other["feedetail"][0]["det_item_fee_sumamt_fen"] += 100
    fen = other["medfee_sumamt_fen"]
    other["feedetail"][0]["pric"] = f"{fen // 100}.{fen % 100:02}0000"
    more = copy.deepcopy(mine[settled[-1]])
    more["id"], more["time"] = "MORE", "2022-03-29T10:00:00+08:00"
    more["data"]["mdtrt_id"] = "VMORE"
    more["data"]["feedetail"][0]["fee_ocur_time"] = more["time"]
    del mine[settled[3]]
    return [*mine, more]


def rows_of(asked: list[Json]) -> dict[Key, Json]:
    """Return by their key the rows of a ledger to which this was asked."""
    trial = Trial(packs())
    for number, message in enumerate(asked, 1):
        trial.answer(json.dumps(message), number)
    views = map(json.loads, trial.clearing_views())
    rows = [one for one in views if one["view"] == "settlement"]
    found = {(one["medins_setl_id"], one["fixmedins_code"]): one for one in rows}
    assert len(found) == len(rows)
    return found


def expected(theirs: dict[Key, Json], ours: dict[Key, Json]) -> Counter[str]:
    """Class every row of two ledgers naively: theirs whole, ours of their region."""
    of_region = {
        key
        for key, one in ours.items()
        if INSURED in (one["mdtrtarea_admvs"], one["insuplc_admdvs"])
    }
    columns = ("mdtrt_id", "psn_no", "medfee_sumamt_fen", "fund_pay_sumamt_fen")
    found: Counter[str] = Counter()
    for key, one in theirs.items():
        if key not in of_region:
            found["000101"] += 1
        else:
            same = all(one[name] == ours[key][name] for name in columns)
            found["000000" if same else "000103"] += 1
    found["000102"] = len(of_region - theirs.keys())
    return found


@pytest.fixture(scope="module")
async def sides(
    servers: Any, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Clerk, Clerk]:
    """Clerks of the region of care and of the insured place, a ledger each."""
    asked = written()
    clerks = []
    for name, one in (("care", asked), ("insured", of_the_other_side(asked))):
        env = await told(servers, tmp_path_factory.mktemp(name), asked=one)
        clerks.append(Clerk(env, {"asked": one}, None))
    return clerks[0], clerks[1]


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@pytest.mark.parametrize("way", [1, -1])
def test_each_side_finds_what_the_other_has_otherwise(
    sides: tuple[Clerk, Clerk], tmp_path: Path, suffix: str, way: int
) -> None:
    """One's file is held against the other, both ways: missing, more, otherwise."""
    sender, reader = sides[::way]
    file, out = tmp_path / f"month.{suffix}", tmp_path / "result.txt"
    sender.printed("export-view", "settlement", "--month", MONTH, "--out", str(file))
    report = reader.printed(
        "reconcile", "regions", str(file), "--region", INSURED, "--out", str(out)
    )
    theirs, ours = rows_of(sender.views["asked"]), rows_of(reader.views["asked"])
    wanted = expected(theirs, ours)
    assert min(wanted[one] for one in ("000000", "000101", "000102", "000103")) > 0
    assert {name: n for name, n in report["classes"].items() if n} == dict(wanted)
    lines = [line.split("\t") for line in out.read_text("utf-8").splitlines()]
    assert Counter(line[4] for line in lines) == wanted
