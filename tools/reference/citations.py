"""Citations of the law: found in a text, looked up in the notice that they name."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from tools.reference.exists import ROOT

NOTICES: Final = ROOT / "services" / "jiesuan_domain" / "policy" / "notices"
LAW: Final = ROOT / "docs" / "law"
BY_ARTICLE: Final = "67"
"""The notice that has articles; the others have sections."""
_DIGITS: Final = "一二三四五六七八九十百"
_NUMBER: Final = re.compile(r"(?<!\d)(\d{2,3})号|问答")
_ARTICLES: Final = re.compile(rf" ?第([{_DIGITS}]+(?:、[{_DIGITS}]+)*)条")
_SECTION: Final = re.compile(
    rf" ?([{_DIGITS}]+)(?:[(（]([{_DIGITS}]+)[)）])?(\d(?:、\d)*)?"
    rf"(?![{_DIGITS}0-9年月])"
)
_SUBSECTION: Final = re.compile(rf"[(（]([{_DIGITS}]+)[)）]")
_ANNEX: Final = re.compile(r" ?附件 ?(\d)")
_BETWEEN: Final = re.compile(r"[、，]|, ?")
_HEAD_SECTION: Final = re.compile(rf"[#* ]*([{_DIGITS}]+)、")
_HEAD_SUBSECTION: Final = re.compile(rf"[#* ]*[(（]([{_DIGITS}]+)[)）]")
_HEAD_ITEM: Final = re.compile(r"(\d)[.．、]")
_HEAD_ANNEX: Final = re.compile(r"[#* ]*附件 ?(\d)")


@dataclass(frozen=True, slots=True)
class Citation:
    """A notice by its number, and the passage of it, empty if the whole is meant."""

    notice: str
    passage: str

    def __str__(self) -> str:
        """Write as in the code."""
        return f"{self.notice}{'' if self.notice == '问答' else '号'}{self.passage}"


@cache
def notices() -> dict[str, str]:
    """Return the notices by number; two of one number would be an error."""
    found = {path.stem.split("〕")[1][:-1]: path for path in NOTICES.glob("*.txt")}
    assert len(found) == len(list(NOTICES.glob("*.txt")))
    return {number: path.read_text("utf-8") for number, path in sorted(found.items())}


def instrument_number(instrument: str) -> str:
    """Return the number of an instrument that a pack names, empty if it has none."""
    found = re.search(r"〕(\d+)号", instrument)
    return found.group(1) if found else ""


@cache
def passages(number: str) -> frozenset[str]:
    """Return every passage of a notice: articles, or sections and what is in them."""
    if number == "问答":
        page = (LAW / "README.md").read_text("utf-8")
        return frozenset(re.findall(rf"\*\*问答([{_DIGITS}])\*\*", page))
    text = notices()[number]
    if number == BY_ARTICLE:
        whole = "".join(text.split())
        return frozenset(re.findall(rf"第[{_DIGITS}]+条", whole))
    return frozenset(_structure(text))


def _structure(text: str) -> Iterator[str]:
    section = subsection = ""
    for line in text.splitlines():
        if found := _HEAD_ANNEX.match(line):
            yield f"附件{found.group(1)}"
        elif found := _HEAD_SECTION.match(line):
            section, subsection = found.group(1), ""
            yield section
        elif found := _HEAD_SUBSECTION.match(line):
            subsection = f"({found.group(1)})"
            yield section + subsection
        elif found := _HEAD_ITEM.match(line):
            yield section + subsection + found.group(1)


def citations(text: str) -> Iterator[Citation]:
    """Return what a text cites, passage by passage."""
    for found in _NUMBER.finditer(text):
        if "示例" in text[max(0, found.start() - 12) : found.start()]:
            continue
        number = found.group(1) or "问答"
        if number != "问答" and number not in notices():
            yield Citation(number, "")
            continue
        whole = True
        for passage in _chain(text, found.end(), number=number):
            whole = False
            yield Citation(number, passage)
        if whole:
            yield Citation(number, "")


def articles_alone(text: str) -> Iterator[Citation]:
    """Return the articles that a text cites without a notice: those of 67号."""
    for found in re.finditer(rf"(?<![号、 {_DIGITS}])第([{_DIGITS}]+)条", text):
        yield Citation(BY_ARTICLE, f"第{found.group(1)}条")


def _chain(text: str, at: int, *, number: str) -> Iterator[str]:
    """Read one passage after the other, as long as the text goes on naming them."""
    section = ""
    while True:
        if found := _ARTICLES.match(text, at):
            for article in found.group(1).split("、"):
                yield f"第{article}条"
        elif found := _ANNEX.match(text, at):
            yield f"附件{found.group(1)}"
        elif section and (found := _SUBSECTION.match(text, at)):
            yield f"{section}({found.group(1)})"
        elif found := _SECTION.match(text, at):
            section = found.group(1)
            yield from _sections(found, number=number)
        else:
            return
        between = _BETWEEN.match(text, found.end())
        if between is None:
            return
        at = between.end()


def _sections(found: re.Match[str], *, number: str) -> Iterator[str]:
    section, subsection, items = found.groups()
    if number == BY_ARTICLE:
        yield f"第{section}条"
        return
    passage = section + (f"({subsection})" if subsection else "")
    if items is None:
        yield passage
        return
    for item in items.split("、"):
        yield passage + item
