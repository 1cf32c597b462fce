"""`jiesuan explain` of a refused request: every reason, and what to do, in Chinese."""

import json
import os
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from tests.domain import asking
from tests.domain.asking import bill, line, message, settle, undo
from tests.domain.overlays import trial
from tests.projections.test_other_logs import headers

from jiesuan_events.words.topics import ANSWERS
from jiesuan_projections.engine.follower import Follower
from jiesuan_projections.engine.models import following
from jiesuan_services.cli.auditors.explain import explain

PAGES = Path(__file__).parent / "refusal_pages"
AT = "2022-03-01T09:00:00+08:00"


def plain(page: str) -> str:
    """Take off trailing blanks, and the ids, which follow from the packs' digests."""
    rows = "".join(f"{row.rstrip()}\n" for row in page.splitlines())
    return re.sub("S[0-9A-F]{28}", "S" + "0" * 28, rows)


def lived() -> list[dict[str, Any]]:
    """Live a short life in which two requests are refused; give its answers."""
    two_years = [line("1", 100, day="2022-12-31"), line("2", 50, day="2023-01-01")]
    asked = [
        *asking.institutions(),
        asking.enrol("E1"),
        settle("S1", 100),
        settle("S2", 200),
        undo("refund", "R1", "S1"),
        message("settle", "S3", bill(two_years, at=asking.CLOSED_AWAY)),
    ]
    made = trial()
    return [json.loads(made.answer(asking.text(one), 1)) for one in asked]


@pytest.fixture
async def env(retold: Any, servers: Any) -> dict[str, str]:
    """Read models that have heard these answers."""
    records = [
        SimpleNamespace(
            partition=0,
            offset=offset,
            timestamp=1_646_096_400_000,
            key=b"k",
            value=json.dumps(one["data"]).encode(),
            headers=headers(
                offset + 1,
                ce_id=one["id"].encode(),
                ce_time=AT.encode(),
            ),
        )
        for offset, one in enumerate(lived())
    ]
    await Follower(ANSWERS, following(ANSWERS)).apply(retold.connection, records)
    return {"JIESUAN_PG": retold.dsn, "JIESUAN_KAFKA": servers.kafka}


@pytest.mark.parametrize("request_id", ["R1", "S3"])
def test_a_refusal_is_explained_on_a_page(env: dict[str, str], request_id: str) -> None:
    """Each reason stands with its code, then the order of refunds or the lines."""
    done = CliRunner().invoke(explain, [request_id], env=env)
    assert done.exit_code == 0, done.output
    stored = PAGES / f"{request_id}.txt"
    if os.environ.get("REWRITE_PAGES"):
        stored.write_text(plain(done.output))
    assert plain(done.output) == stored.read_text()


def test_a_refusal_is_explained_to_a_program(env: dict[str, str]) -> None:
    """`--json` gives every reason with its particulars."""
    done = CliRunner().invoke(explain, ["R1", "--json"], env=env)
    [one] = json.loads(done.output)["refused"]
    assert (one["code"], one["request_type"]) == (
        "later-settlements-first",
        "jiesuan.refund.v1",
    )
    assert one["refusals"][0]["details"]["blocking"][0]["medins_setl_id"] == "S2"


def test_what_is_neither_settled_nor_refused_is_told(env: dict[str, str]) -> None:
    """An id that nobody used is said to be unknown, with what to check."""
    done = CliRunner().invoke(explain, ["S9"], env=env)
    assert done.exit_code == 1
    assert "也没有这个编号的被拒绝请求" in done.output
