"""What a counter need not keep for ever, and what it keeps."""

import asyncio
from datetime import datetime, timedelta

import pytest
from tests.connected.counter.commands import connection, done
from tests.connected.counter.conftest import Site
from tests.connected.counter.visits import Visit

from jiesuan_events.words.instants import BEIJING

pytestmark = pytest.mark.connected
PERSON = "P9831"
AGE = """
UPDATE message SET received_at = received_at - interval '40 days'
WHERE msgid = ANY($1::text[])
"""
KEPT = "SELECT infno FROM message WHERE msgid = ANY($1::text[]) ORDER BY infno"


def days_ago(days: int) -> str:
    """Return a day before today."""
    return (datetime.now(BEIJING) - timedelta(days=days)).date().isoformat()


async def test_old_replies_are_forgotten_but_for_what_the_ledger_was_asked(
    site: Site,
) -> None:
    """Of messages before the day the one that settled stays, with its reply; a message
    from after it stays; one that was forgotten is answered anew."""
    await site.admit([PERSON])
    till = site.till()
    visit = Visit(till, PERSON).open()
    visit.upload()
    look = {"data": {"psn_no": PERSON}}
    old = [till.envelope("5301", look), till.envelope("2207", visit.charge())]
    new = till.envelope("5301", look)
    said = [await asyncio.to_thread(till.send, one) for one in (*old, new)]
    assert [one["err_msg"] for one in said] == [""] * 3
    names = [one["msgid"] for one in (*old, new)]
    async with connection(site) as on:
        await on.execute(AGE, names[:2])
        code, words = await done(site, "gateway", "forget", "--before", days_ago(35))
        assert (code, words) == (0, f"已删除{days_ago(35)}以前的报文答复1条\n")
        kept = await on.fetch(KEPT, names)
    assert [row["infno"] for row in kept] == ["2207", "5301"]
    again = [await asyncio.to_thread(till.send, one) for one in old]
    assert again[1]["output"]["setlinfo"] == said[1]["output"]["setlinfo"]
    assert again[0]["output"] == said[0]["output"]
    assert again[0]["inf_refmsgid"] != said[0]["inf_refmsgid"]


@pytest.mark.parametrize(
    ("day", "words"),
    [(days_ago(29), "--before应在30天以前"), ("昨天", "--before应为日期")],
)
async def test_what_may_be_sent_again_is_not_forgotten(
    site: Site, day: str, words: str
) -> None:
    """A day of this month, or what is none, is refused in a sentence."""
    code, said = await done(site, "gateway", "forget", "--before", day)
    assert code == 2
    assert words in said
