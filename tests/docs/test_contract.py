"""The contract in the house: what is not built yet is marked so, and nothing else."""

import re

import pytest
from tools.reference import exists, marks
from tools.reference.probes import PROBES

PAGE = marks.CONTRACT.read_text("utf-8")
NAMES = list(marks.names_of(PAGE))
SENTENCES = list(marks.sentences_of(PAGE))
KNOWN_FINDINGS = (
    "F01 F02 F03 F04 F05 F06 F07 F08 F10 F12 F13 F16 F19 F20 F27 F28 F29 F30 F32"
)
KINDS = {
    "message type": 30,
    "topic": 3,
    "command": 30,
    "variable": 5,
    "refusal code": 45,
    "parameter": 20,
    "unit": 8,
    "field": 30,
    "table": 15,
    "column": 12,
    "address": 6,
    "transaction": 35,
}
"""How many names of each kind the contract has at least: a page that reads as nothing
would hold of every code."""


def test_every_name_is_marked_as_the_code_says() -> None:
    """A name bears the mark if and only if the code does not know it."""
    wrong = [one.wrong for one in NAMES if one.wrong is not None]
    assert wrong == [], "python -m tools.reference sets the marks"


def test_every_marked_sentence_waits_for_something() -> None:
    """A sentence bears no mark once its case is among the tests, its probe answered."""
    wrong = [
        f"docs/contracts.md:{one.line + 1}: {one.text} holds: take its ⏳ away"
        for one in SENTENCES
        if one.built
    ]
    assert wrong == [], "python -m tools.reference sets the marks"


def test_every_known_fault_is_marked_or_mended() -> None:
    """Each finding that the contract answers is marked, or is a case of the tests."""
    marked = {one.text for one in SENTENCES if one.kind == "finding"}
    lost = {
        number
        for number in KNOWN_FINDINGS.split()
        if number not in marked and not exists.has_finding(number)
    }
    assert lost == set(), "put ⏳ and the number behind the sentence that settles it"


def test_every_probe_is_marked_or_answered() -> None:
    """A sentence whose probe fails bears its mark."""
    marked = {one.text for one in SENTENCES if one.kind == "probe"}
    failing = {name for name, probe in PROBES.items() if not probe()}
    assert failing == marked


def test_a_section_says_whether_all_of_it_is_built() -> None:
    """A heading bears the mark if and only if something below it does."""
    assert list(marks.wrong_headings(PAGE)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_contract_is_read(kind: str) -> None:
    """The test finds the names of every kind in the page."""
    found = {one.text for one in NAMES if one.kind == kind}
    assert len(found) >= KINDS[kind], sorted(found)


def test_a_wrong_mark_is_named_and_set() -> None:
    """A mark too many and a mark too few are each told with line and name."""
    page = PAGE.replace("`jiesuan.settle.v1`", "`jiesuan.settle.v1`⏳").replace(
        "`no-filing`", "`no-such-filing`"
    )
    said = [one.wrong for one in marks.names_of(page) if one.wrong]
    assert any("`jiesuan.settle.v1` is built: take its ⏳" in one for one in said)
    assert any("`no-such-filing` is not built: put ⏳" in one for one in said)
    mended = marks.corrected(page)
    assert [one.wrong for one in marks.names_of(mended) if one.wrong] == []


def test_every_section_is_there() -> None:
    """The contract has its eleven sections."""
    numbers = re.findall(r"^## (\d+)\. ", PAGE, re.MULTILINE)
    assert numbers == [str(number) for number in range(1, 12)]


@pytest.mark.parametrize(
    ("said", "is_built"),
    [
        ("jiesuan reconcile totals --institution CODE --from DAY", True),
        ("jiesuan reconcile sums --institution CODE --from DAY", False),
        ("jiesuan reconcile totals --hospital CODE", False),
        ("jiesuan bulletin YYYYMM --out FILE.html", True),
    ],
)
def test_a_command_is_known_with_its_options(said: str, is_built: bool) -> None:
    """A line of a group's command is built if command and options are, not else."""
    assert exists.has_command(said) is is_built
