"""`jiesuan explain`: every fen of every entry of a year, from the log alone."""

from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from jiesuan_domain.policy.model import Packs
from jiesuan_events.entries.entry import read_entry
from jiesuan_events.words.topics import LEDGER
from jiesuan_ledger.facts import GapRefunded, read_fact
from jiesuan_ledger.log.record import Record
from jiesuan_ledger.parts.block import Block
from jiesuan_services.cli.auditors.explain import explain_entry
from jiesuan_services.cli.console import yuan
from jiesuan_services.cli.pages.explanation import NotExplained
from jiesuan_services.cli.pages.settlement import IDENTITIES, page

KINDS = (
    "ordinary",
    "chronic",
    "pharmacy",
    "emergency",
    "refund",
    "gap-refund",
    "compensation",
)


def settlements_of(record: Record) -> list[str]:
    """List the settlements and mirrors that an entry holds."""
    entry = read_entry(record.key, record.value, headers=record.headers)
    fact = read_fact(entry.type, entry.value)
    if isinstance(fact, GapRefunded):
        return [one.settlement_id for one in (*fact.reversed, *fact.resettled)]
    return [fact.settlement_id] if isinstance(fact, Block) else []


def printed(said: dict[str, Any], *, width: int) -> str:
    """Print a page to a terminal of a width."""
    console = Console(file=StringIO(), width=width)
    console.print(page(said))
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


async def explained(town: Any, kind: str) -> list[dict[str, Any]]:
    """Explain every settlement of the first entries of a kind, archived packs only."""
    offsets = [at for at, name in town.kinds.items() if name == kind][:10]
    return [
        await explain_entry(one, town.log, at=(0, at), packs=Packs({}))
        for at in offsets
        for one in settlements_of(town.log.partitions[LEDGER, 0][at])
    ]


@pytest.mark.parametrize("kind", KINDS)
async def test_every_fen_has_a_step_with_article_and_quotation(
    town: Any, kind: str
) -> None:
    """Steps add up to the amounts; each cites an article and quotes it."""
    said = await explained(town, kind)
    assert said
    for one in said:
        money = one["settlement"]
        assert one["steps_add_up"]
        assert all(step["quote"] and step["article"] for step in one["setl_proc_info"])
        for whole, parts, _ in IDENTITIES:
            assert money[whole] == sum(money[name] for name, _ in parts)


@pytest.mark.parametrize("kind", KINDS)
async def test_before_and_after_differ_by_what_the_entry_moved(
    town: Any, kind: str
) -> None:
    """Accumulators before plus the funds' movement of the entry are those after."""
    for one in await explained(town, kind):
        moved = one["cum_after"]["hifp_fen"] - one["cum_before"]["hifp_fen"]
        if "difference" in one:
            assert moved == one["difference"]["total"]["hifp_pay_fen"]
        else:
            assert moved == one["settlement"]["hifp_pay_fen"]


async def test_before_is_after_of_the_entry_before(town: Any) -> None:
    """A person's accumulators go from entry to entry without a leap."""
    hero = town.lived.year.protagonists[0].encode()
    after = None
    for at, record in enumerate(town.log.partitions[LEDGER, 0]):
        if record.key != hero:
            continue
        for one in settlements_of(record)[:1]:
            said = await explain_entry(one, town.log, at=(0, at), packs=Packs({}))
            assert after is None or said["cum_before"] == after
            after = said["cum_after"]
    assert after is not None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("width", [80, 118])
async def test_page_hides_nothing(town: Any, kind: str, width: int) -> None:
    """No amount, sentence or quotation of a page is cut off, however narrow."""
    for one in await explained(town, kind):
        text = printed(one, width=width)
        assert "…" not in text
        for row in one.get("difference", {}).get("settlements", ()):
            assert yuan(row["psn_part_amt_fen"]) in text
        assert one["entry"]["hash"] in text.replace("\n", "")


async def test_page_of_a_settlement_taken_back_says_so(town: Any) -> None:
    """The page names the mirror that took a settlement back."""
    said = {**(await explained(town, "ordinary"))[0], "taken_back_by": "S123"}
    assert "已被 S123 退回" in printed(said, width=118)


async def test_large_sum_cites_the_configured_ratio(town: Any) -> None:
    """What lies above 24万 rests on two passages: threshold and configured ratio."""
    offsets = [at for at, kind in town.kinds.items() if kind == "chronic"]
    records = town.log.partitions[LEDGER, 0]
    mine = town.lived.year.protagonists[1].encode()
    last = [at for at in offsets if records[at].key == mine][-1]
    (setl_id,) = settlements_of(records[last])
    said = await explain_entry(setl_id, town.log, at=(0, last), packs=Packs({}))
    assert {"large_sum_threshold", "large_sum_ratio"} <= {
        source["parameter"] for source in said["sources"]
    }


async def test_wrong_place_is_refused_plainly(town: Any) -> None:
    """An entry that does not hold the settlement is no explanation of it."""
    at = next(at for at, kind in town.kinds.items() if kind == "ordinary")
    with pytest.raises(NotExplained, match="没有这笔结算"):
        await explain_entry("SNOBODY", town.log, at=(0, at), packs=Packs({}))


async def test_genesis_is_no_entry(town: Any) -> None:
    """The first record of a partition explains nothing."""
    with pytest.raises(NotExplained, match="处没有账目"):
        await explain_entry("SNOBODY", town.log, at=(0, 0), packs=Packs({}))
