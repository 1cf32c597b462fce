"""A ledger of before pools were kept apart, of a person who moved twice, as bytes.

Its facts state accumulators summed over regions. Readers add up pool by pool, and
`verify` holds each statement against the sums that were meant when it was written.
"""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from tests.domain import asking

from jiesuan_domain.answer.render import total_fields
from jiesuan_domain.in_force import InForce
from jiesuan_domain.person.evolve import evolve
from jiesuan_domain.person.state import ChainPlace, MemoryPerson
from jiesuan_domain.requests.drift import Drift, drift
from jiesuan_events.entries.entry import Entry
from jiesuan_ledger.log.record import Record
from jiesuan_ledger.reader import NO_HEAD, AcceptedEntry, accept
from jiesuan_services.audit.chains import Chains
from jiesuan_services.clerk.trial import Trial
from jiesuan_services.runtime.packs import load_packs

CASES = Path(__file__).parent
RECORDED = CASES / "recorded" / "moved.jsonl"
PACKS = CASES / "cases" / "findings" / "F07-move_carries_accumulators.packs"
PERSON, CITY, PROVINCE = "P0007", "420100", "429900"
NAMES = ("ordinary_inscp_fen", "inscp_fen", "dedc_fen", "overcap_fen", "hifp_fen")
SUMS = {
    CITY: (380_000, 1_380_000, 70_000, 80_000, 184_000),
    PROVINCE: (100_000, 600_000, 0, 0, 80_000),
}
"""By hand: W1, the first report, W3 and the claim; the second report and S2 again."""


def records() -> list[Record]:
    """Read the ledger as it was stored."""
    found = []
    for line in RECORDED.read_text().splitlines():
        one = json.loads(line)
        headers = [(name, base64.b64decode(text)) for name, text in one["headers"]]
        key, value = base64.b64decode(one["key"]), base64.b64decode(one["value"])
        found.append(Record(key, value, headers))
    return found


def accepted() -> list[AcceptedEntry]:
    """Read the entries by the rule of readers."""
    head, found = NO_HEAD, []
    for record in records():
        one = accept(record, head, partition=0, partitions=1)
        assert isinstance(one, AcceptedEntry)
        head = one.head(0)
        found.append(one)
    return found


def remember(person: MemoryPerson) -> MemoryPerson:
    """Let a person live what the ledger tells."""
    for offset, one in enumerate(accepted(), 1):
        at = ChainPlace(one.entry.version, one.hash, offset)
        person.apply(evolve(person, one.fact, at=at))
    return person


def chains_of(stored: list[Record]) -> Chains:
    """Verify a ledger."""
    chains = Chains(0, partitions=1)
    for offset, record in enumerate(stored, 1):
        chains.take(record, offset)
    return chains


def summed(fields: dict[str, int]) -> tuple[int, ...]:
    """Take the sums that the test knows."""
    return tuple(fields[name] for name in NAMES)


def test_each_pool_has_its_own_sums() -> None:
    """What the facts state over regions is added up region by region."""
    person = remember(MemoryPerson())
    found = {
        region: summed(total_fields(person_year.totals))
        for (region, _, _), person_year in person.years.items()
    }
    assert found == SUMS


def test_the_old_ledger_verifies() -> None:
    """Nothing is wrong with a statement that was right when it was written."""
    chains = chains_of(records())
    assert (chains.entries, chains.forks, chains.wrong) == (14, [], [])


@pytest.mark.parametrize("named", [False, True], ids=["over regions", "of the pool"])
def test_a_wrong_sum_is_found_either_way(named: bool) -> None:
    """One fen more is named by its offset, whichever sums the fact claims to state."""
    stored = records()
    *_, claim, _ = accepted()
    body = json.loads(claim.entry.value)
    pool = {"ordinary_inscp_fen": 380_000, "inscp_fen": 1_380_000, "setl_cnt": 3}
    paid = {"hifp_fen": 184_000, "psn_part_fen": 196_000}
    borne = {"dedc_fen": 70_000, "overcap_fen": 80_000}
    if named:
        body |= {"cum_insuplc_admdvs": CITY, "cum": pool | paid | borne}
        assert chains_of([*stored[:-2], rewritten(claim.entry, body)]).wrong == []
    body["cum"] = body["cum"] | {"hifp_fen": body["cum"]["hifp_fen"] + 1}
    [wrong] = chains_of([*stored[:-2], rewritten(claim.entry, body)]).wrong
    assert "偏移 13" in wrong


def rewritten(entry: Entry, body: dict[str, Any]) -> Record:
    """Write an entry anew with another fact."""
    value = json.dumps(body).encode()
    changed = entry._replace(value=value, claimed_id="")
    return Record(entry.person_id.encode(), value, changed.headers())


def test_it_goes_on_pool_by_pool(tmp_path: Path) -> None:
    """The next bill stands on its own pool, and names it beside the accumulators."""
    trial = Trial(load_packs(PACKS))
    for one in asking.institutions():
        trial.answer(asking.text(one), 1)
    trial.persons.known[PERSON] = remember(MemoryPerson())
    bill = asking.bill(
        [asking.line("1", 10_000, day="2022-08-01")],
        psn_no=PERSON,
        insuplc_admdvs=PROVINCE,
        mdtrt_id="V-next",
    )
    answer = trial.answer(asking.text(asking.message("settle", "NEXT", bill)), 1)
    data = json.loads(answer)["data"]
    assert data["act_pay_dedc_fen"] == 10_000
    assert summed(data["cum"]) == (110_000, 610_000, 10_000, 0, 80_000)


def test_drift_shows_what_the_pools_would_have_paid() -> None:
    """Decided anew, each bill meets the deductible and the cap of its own pool."""
    person = remember(MemoryPerson())
    in_force = InForce(load_packs(PACKS), {})
    found = {}
    for region in (CITY, PROVINCE):
        for one in drift(person, (region, "310", "2022"), in_force=in_force):
            assert isinstance(one, Drift)
            found[one.settled.sender_settlement_id] = one.moved["hifp_pay_fen"]
    assert found == {"W3": 40_000, "S2": -80_000}
