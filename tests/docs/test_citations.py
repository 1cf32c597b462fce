"""Every citation of contract, law, reading and vector has a target in the house."""

import ast
import io
import re
import subprocess
import tokenize
from functools import cache
from pathlib import Path

from tests.docs.pages import ROOT, pages, prose
from tools.reference import citations

from jiesuan_domain.policy.loader import parse_pack
from jiesuan_domain.policy.model import Value

LAW = ROOT / "docs" / "law"
CONTRACT = (ROOT / "docs" / "contracts.md").read_text("utf-8")
SECTIONS = set(re.findall(r"^## (\d+)\. ", CONTRACT, re.MULTILINE))
ROW = re.compile(r"^\| ([AV]\d+[a-z]?) \|", re.MULTILINE)
READING = re.compile(r"\b(A\d+)\b")
VECTOR = re.compile(r"\b(V\d+[a-z]?)\b")
PARAGRAPH = re.compile(r"§ ?(\d+)")
ELSEWHERE = re.compile(
    r"dossier|his-wire|house\.md|(?<!-)redesign\.md|pitfalls\.md|style\.md"
)


def committed(*patterns: str) -> list[Path]:
    """List the files of a clone that fit a pattern."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", *patterns],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def remarks(page: Path) -> str:
    """Return what a module says to its reader: docstrings and comments."""
    source = page.read_text("utf-8")
    said = [
        token.string
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    ]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            said.append(str(node.value.value))
    return "\n".join(said)


@cache
def texts() -> list[tuple[str, str]]:
    """Return everything that cites: code, clerks' cases, statements, packs, pages."""
    found = [(page, remarks(page)) for page in committed("*.py")]
    for page in committed("*.sql", "*.yaml"):
        lines = page.read_text("utf-8").splitlines()
        said = [line for line in lines if re.match(r"\s*(依据:|--|#)", line)]
        found.append((page, "\n".join(said)))
    found += [(page, prose(page)) for page in pages()]
    return [(str(page.relative_to(ROOT)), text) for page, text in found]


def test_sections_of_the_contract_exist() -> None:
    """Every § that is not an RFC's is a section of docs/contracts.md."""
    wrong = {
        (name, line.strip())
        for name, text in texts()
        for line in text.splitlines()
        for number in PARAGRAPH.findall(line)
        if "RFC" not in line and number not in SECTIONS
    }
    assert wrong == set()


def test_readings_and_vectors_exist() -> None:
    """Every A- and V-number is a row of docs/law."""
    for pattern, file in ((READING, "readings.md"), (VECTOR, "vectors.md")):
        rows = ROW.findall((LAW / file).read_text("utf-8"))
        assert len(rows) == len(set(rows)), f"{file} has a number twice"
        known = {*rows, *(row.rstrip("abcdefgh") for row in rows)}
        cited = {
            (name, number)
            for name, text in texts()
            if not name.startswith("tests/docs/")
            for number in pattern.findall(text)
        }
        assert {one for one in cited if one[1] not in known} == set(), file


def test_passages_of_the_notices_exist() -> None:
    """Every 号 is a notice of docs/law, every passage of it stands in its text."""
    known = {*citations.notices(), "问答"}
    wrong = {
        (name, str(one))
        for name, text in texts()
        for one in citations.citations(text)
        if one.notice not in known
        or (one.passage and one.passage not in citations.passages(one.notice))
    }
    assert wrong == set()


def test_the_law_page_names_every_notice() -> None:
    """docs/law/README.md has a row for each notice that is stored."""
    page = (LAW / "README.md").read_text("utf-8")
    rows = set(re.findall(r"^\| \*\*(\d+)号\*\* \|", page, re.MULTILINE))
    assert rows == set(citations.notices())


def test_nothing_cites_what_is_not_in_the_house() -> None:
    """No text sends its reader to a page that the repository does not hold."""
    wrong = {
        (name, found.group())
        for name, text in texts()
        if name != "tests/docs/test_citations.py" and (found := ELSEWHERE.search(text))
    }
    assert wrong == set()


def law_rows() -> dict[str, tuple[str, set[str]]]:
    """Read the table of notices: of each its days and the packs that rest on it."""
    table = re.compile(r"^\| \*\*(\d+)号\*\* \| .+? \| (.+?) \| (.+?) \| \[text", re.M)
    rows = table.findall((LAW / "README.md").read_text("utf-8"))
    return {
        number: (days, set(re.findall(r"`(\d{6}-\w+)`", packs)))
        for number, days, packs in rows
    }


def packs_by_notice() -> dict[str, dict[str, list[Value]]]:
    """List what each pack that ships takes from each notice."""
    paths = committed("services/jiesuan_domain/policy/packs/*.yaml")
    packs = [parse_pack(path.read_text("utf-8"), path.name) for path in paths]
    values = [
        (citations.instrument_number(value.because.instrument), pack.id, value)
        for pack in packs
        for dated in pack.parameters.values()
        for value in dated.values
    ]
    found: dict[str, dict[str, list[Value]]] = {one: {} for one in citations.notices()}
    for number, pack_id, value in values:
        found.get(number, {}).setdefault(pack_id, []).append(value)
    return found


def test_the_law_page_names_the_packs_of_every_notice() -> None:
    """A notice's row lists exactly the packs that quote it."""
    told = {number: packs for number, (_, packs) in law_rows().items()}
    assert told == {number: set(packs) for number, packs in packs_by_notice().items()}


def test_the_law_page_tells_the_days_of_every_notice() -> None:
    """A notice is in force here on the days that the regions' packs give it."""
    for number, (days, _) in law_rows().items():
        values = [
            value
            for pack, some in packs_by_notice()[number].items()
            if not pack.startswith("000000-")
            for value in some
        ]
        first = min(value.begin for value in values)
        last = max(value.last for value in values if value.last is not None)
        assert days == f"{first} to {last}", number


def test_citations_are_read() -> None:
    """Chains of passages are read one by one; a number in an invented notice is not."""
    said = "67号第八、二十一条, 50号三(二)、三（一）, 118号三(二)2、4, 50号附件1"
    assert [str(one) for one in citations.citations(said)] == [
        "67号第八条",
        "67号第二十一条",
        "50号三(二)",
        "50号三(一)",
        "118号三(二)2",
        "118号三(二)4",
        "50号附件1",
    ]
    assert list(citations.citations("示例医保〔2024〕30号")) == []
