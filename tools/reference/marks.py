"""The marks of `docs/contracts.md`: which of its names and sentences are not built.

A name is a code span. What kind of name it is follows from where it stands; whether it
is built follows from the code. A name that is not built bears ⏳, and so does the
heading of a section in which anything bears it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tools.reference import exists
from tools.reference.probes import PROBES

from jiesuan_events.words.glossary import WORDS

MARK: Final = "⏳"
CONTRACT: Final = exists.ROOT / "docs" / "contracts.md"
_SPAN: Final = re.compile(rf"`([^`\n]+)`({MARK}?)")
_SENTENCE: Final = re.compile(rf"{MARK}(F\d+[a-z]?|[a-z]+)")
_NUMBER: Final = re.compile(rf"\b(\d{{4}}[A-Z]?)\b({MARK}?)")
_HEADING: Final = re.compile(rf"## (\d+)\. .*?( {MARK})?$")
_CODE: Final = re.compile(r"[a-z]+(-[a-z]+)*")
_SNAKE: Final = re.compile(r"[a-z]+(_[a-z]+)+")
_ADDRESS: Final = re.compile(r"(?:GET |POST )?(/[a-z][^?{ ]+)")
_WIRE: Final = frozenset(wire for wire, _ in WORDS.values())
_LEGEND: Final = "A name that bears"


@dataclass(frozen=True, slots=True)
class Name:
    """One name of the contract: where it stands, what it is, whether it is built."""

    line: int
    start: int
    end: int
    text: str
    kind: str
    built: bool
    marked: bool

    @property
    def wrong(self) -> str | None:
        """Return what to do about its mark, or None if that is right."""
        where = f"docs/contracts.md:{self.line + 1}: the {self.kind} `{self.text}`"
        if self.built and self.marked:
            return f"{where} is built: take its {MARK} away"
        if not self.built and not self.marked:
            return f"{where} is not built: put {MARK} behind it"
        return None


@dataclass(frozen=True, slots=True)
class PageLine:
    """One line of the contract, and the section it stands in."""

    at: int
    section: int
    text: str


def lines_of(page: str) -> Iterator[PageLine]:
    """Return the lines that promise something, each with its section."""
    section = 0
    for at, text in enumerate(page.splitlines()):
        if heading := _HEADING.match(text):
            section = int(heading.group(1))
        elif not text.startswith(_LEGEND):
            yield PageLine(at, section, text)


def names_of(page: str) -> Iterator[Name]:
    """Return every name of which the code can tell whether it is built."""
    lines = list(lines_of(page))
    codes, parameters = _codes(lines), _parameters(lines)
    for line in lines:
        yield from _transactions(line)
        for span in _SPAN.finditer(line.text):
            text = span.group(1)
            found = (
                _plain(text)
                or _listed(text, codes=codes, parameters=parameters)
                or _placed(line, span)
            )
            if found is not None:
                kind, built = found
                yield Name(
                    line.at, *span.span(), text, kind, built, bool(span.group(2))
                )


def sentences_of(page: str) -> Iterator[Name]:
    """Return every marked sentence: by its finding, or by its probe."""
    for line in lines_of(page):
        for mark in _SENTENCE.finditer(line.text):
            name = mark.group(1)
            is_finding = name[0] == "F"
            built = exists.has_finding(name) if is_finding else PROBES[name]()
            kind = "finding" if is_finding else "probe"
            yield Name(line.at, *mark.span(), name, kind, built, True)


def wrong_headings(page: str) -> Iterator[str]:
    """Say which heading has a mark though all below it is built, or lacks one."""
    marked = {line.section for line in lines_of(page) if MARK in line.text}
    for text in page.splitlines():
        heading = _HEADING.match(text)
        if heading and bool(heading.group(2)) != (int(heading.group(1)) in marked):
            verb = "lacks" if heading.group(2) is None else "has nothing below it for"
            yield f"docs/contracts.md: the heading «{text}» {verb} its {MARK}"


def corrected(page: str) -> str:
    """Return the page with every mark as the code says."""
    lines = page.splitlines(keepends=True)
    wrong = [one for one in (*names_of(page), *sentences_of(page)) if one.wrong]
    for one in sorted(wrong, key=lambda one: (one.line, one.start), reverse=True):
        text = lines[one.line]
        said = text[one.start : one.end]
        if not one.marked:
            said += MARK
        elif one.kind in ("finding", "probe"):
            said = ""
        else:
            said = said.removesuffix(MARK)
        before = text[: one.start] if said else text[: one.start].rstrip(" ")
        lines[one.line] = before + said + text[one.end :]
    return _with_headings("".join(lines))


def _with_headings(page: str) -> str:
    marked = {line.section for line in lines_of(page) if MARK in line.text}
    made: list[str] = []
    for text in page.splitlines():
        heading = _HEADING.match(text)
        if heading is None:
            made.append(text)
            continue
        mark = f" {MARK}" if int(heading.group(1)) in marked else ""
        made.append(text.removesuffix(f" {MARK}") + mark)
    return "\n".join(made) + "\n"


def _plain(text: str) -> tuple[str, bool] | None:
    """Judge a name that says by itself what it is."""
    if re.fullmatch(r"jiesuan(\.[a-z-]+)+\.v\d+", text):
        return "message type", text in exists.types()
    if re.fullmatch(r"jiesuan\.[a-z-]+", text):
        return "topic", text in exists.topics()
    if text.startswith("jiesuan "):
        return "command", exists.has_command(text)
    if re.fullmatch(r"JIESUAN_[A-Z_]+", text):
        return "variable", f'"{text}"' in exists.shipped_text()
    if tool := re.match(r"python (tools/\S+\.py)", text):
        return "tool", (exists.ROOT / tool.group(1)).is_file()
    return None


def _listed(
    text: str, *, codes: frozenset[str], parameters: frozenset[str]
) -> tuple[str, bool] | None:
    """Judge a name that another place of the contract has introduced."""
    if text in codes:
        return "refusal code", text in exists.refusal_codes()
    if text in parameters:
        return "parameter", text in exists.parameters()
    return None


def _placed(line: PageLine, span: re.Match[str]) -> tuple[str, bool] | None:
    """Judge a name by the table or list that it stands in."""
    text, before = span.group(1), line.text[: span.start()]
    found: tuple[str, bool] | None = None
    match line.section:
        case 2 if line.text.startswith("| `jiesuan."):
            found = _field(line, text, before=before)
        case 3:
            found = _bill_field(text)
        case 7 if line.text.startswith("- `"):
            found = _relation(line, span)
        case 8 if before.rsplit(". ", 1)[-1].startswith("Units:"):
            found = "unit", text in exists.unit_names()
        case 10 if line.text.startswith("Read models:"):
            found = _clearing_relation(line, span)
        case 11 if path := _ADDRESS.match(text):
            found = "address", path.group(1).rstrip("/") in exists.gateway_text()
    return found


def _clearing_relation(line: PageLine, span: re.Match[str]) -> tuple[str, bool] | None:
    text, after = span.group(1), line.text[span.end() :].removeprefix(MARK)
    if not after.startswith(" (") and text != "overspend":
        return None
    return "table", text in exists.relations()


def _field(line: PageLine, text: str, *, before: str) -> tuple[str, bool] | None:
    types = [one for one, _ in _SPAN.findall(line.text.split("|")[1])]
    built = [one for one in types if one in exists.types()]
    words = [word.removesuffix("?") for word in text.split()]
    if before.count("|") < 3 or _is_inside(before) or not built:
        return None
    if not all(re.fullmatch(r"[a-z]+(_[a-z]+)*", word) for word in words):
        return None
    known = frozenset[str]().union(*map(exists.fields, built))
    return "field", set(words) <= known


def _bill_field(text: str) -> tuple[str, bool] | None:
    words = [word.removesuffix("?") for word in text.split()]
    if not all(_SNAKE.fullmatch(word) for word in words):
        return None
    return "field", set(words) <= exists.fields_deep("jiesuan.settle.v1") | _WIRE


def _is_inside(before: str) -> bool:
    """Whether a place lies within brackets, where values and remarks stand."""
    return any(before.count(one) > before.count(other) for one, other in ("()", "[]"))


def _relation(line: PageLine, span: re.Match[str]) -> tuple[str, bool] | None:
    relations = exists.relations()
    before, after = line.text[: span.start()], line.text[span.end() :]
    words = span.group(1).replace('"', "").split()
    if _is_inside(before) or before.endswith("names of "):
        return None
    if not all(re.fullmatch(r"[a-z_]+", word) for word in words):
        return None
    spans = _SPAN.findall(before)
    if not spans or after.startswith(":") or words[0] in relations:
        return "table", words[0] in relations
    return "column", set(words) <= set(relations.get(spans[0][0], {}))


def _transactions(line: PageLine) -> Iterator[Name]:
    if line.section != 11 or not line.text.startswith("Transactions: "):
        return
    until = line.text.index(". An unknown infno")
    for number in _NUMBER.finditer(line.text, 0, until):
        text = number.group(1)
        built = text in exists.transactions()
        marked = bool(number.group(2))
        yield Name(line.at, *number.span(), text, "transaction", built, marked)


def _codes(lines: list[PageLine]) -> frozenset[str]:
    """Return every refusal code: first cells of contracts §4, sentences of §10."""
    found: set[str] = set()
    for line in lines:
        if line.section == 4 and line.text.startswith("| `"):
            found |= {one for one, _ in _SPAN.findall(line.text.split("|")[1])}
        if line.section == 10 and line.text.startswith("Refusals besides"):
            said = re.sub(r"\([^()]*(\[[^]]*\][^()]*)*\)", "", line.text)
            found |= {one for one, _ in _SPAN.findall(said) if "-" in one}
        if line.section == 10 and line.text.startswith("**Drawing.**"):
            first = line.text.partition("the first of ")[2].partition(".")[0]
            found |= {one for one, _ in _SPAN.findall(first) if "-" in one}
    return frozenset(one for one in found if _CODE.fullmatch(one))


def _parameters(lines: list[PageLine]) -> frozenset[str]:
    """Return every parameter that contracts §8 names."""
    found: set[str] = set()
    for line in lines:
        if line.section == 8:
            found |= {one for one, _ in _SPAN.findall(line.text)}
    return frozenset(one for one in found if _SNAKE.fullmatch(one) and one not in _WIRE)
