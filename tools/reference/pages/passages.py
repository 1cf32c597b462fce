"""`docs/reference/passages.md`: for each passage of the law, what rests on it."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tools.reference import citations
from tools.reference.citations import Citation
from tools.reference.exists import ROOMS, ROOT
from tools.reference.text import page, table

from jiesuan_domain.policy.model import Packs, Value
from jiesuan_services.runtime.packs import load_packs

LAW: Final = "services/jiesuan_domain"
_NUMERALS: Final = "一二三四五六七八九"


def render() -> str:
    """Return the page."""
    functions = _functions()
    parameters = _parameters(load_packs(None))
    parts: list[str] = []
    for number in (*citations.notices(), "问答"):
        cited = {
            one
            for one in (*functions, *parameters)
            if one.notice == number and one.passage
        }
        rows = [
            (
                one.passage,
                " · ".join(sorted(functions.get(one, ()))),
                " · ".join(sorted(parameters.get(one, ()))),
            )
            for one in sorted(cited, key=_place)
        ]
        if rows:
            title = number if number == "问答" else f"{number}号"
            heads = ("passage", "functions", "parameters")
            parts.append(f"## {title}\n\n{table(heads, rows)}")
    return page(
        "Passages of the law and what rests on them",
        "From the docstrings of the code and from the packs. The notices and their "
        "texts: [the law](../law/README.md).",
        *parts,
    )


def _functions() -> dict[Citation, set[str]]:
    """Return who cites each passage in a docstring: a function, a class, a module."""
    found: dict[Citation, set[str]] = defaultdict(set)
    for path in _modules():
        name = str(path.relative_to(ROOT))
        where = f"[`{name.removeprefix(LAW + '/')}`](../../{name})"
        for called, text in _docstrings(ast.parse(path.read_text("utf-8"))):
            said = f"{where} `{called}`" if called else where
            for one in _cited(text, is_law=name.startswith(LAW)):
                found[one].add(said)
    return found


def _modules() -> Iterator[Path]:
    paths = (path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")))
    return (path for path in paths if not {"build", ".venv"} & set(path.parts))


def _docstrings(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            text = ast.get_docstring(node)
            if text:
                yield getattr(node, "name", ""), " ".join(text.split())


def _cited(text: str, *, is_law: bool) -> Iterator[Citation]:
    yield from citations.citations(text)
    if is_law:
        yield from citations.articles_alone(text)


def _parameters(packs: Packs) -> dict[Citation, set[str]]:
    """Return the parameters that rest on each passage, with the packs that say so."""
    found: dict[tuple[Citation, str], list[str]] = defaultdict(list)
    for name in packs.ids():
        pack = packs.find(*name.split("-"))
        assert pack is not None
        for dated in pack.parameters.values():
            for one in {one for value in dated.values for one in _basis(value)}:
                found[one, dated.name].append(f"`{name}`")
    said: dict[Citation, set[str]] = defaultdict(set)
    for (one, parameter), names in found.items():
        said[one].add(f"{parameter} ({', '.join(names)})")
    return said


def _basis(value: Value) -> Iterator[Citation]:
    number = citations.instrument_number(value.because.instrument)
    yield from citations.citations(f"{number}号{value.because.article}")


def _place(one: Citation) -> tuple[int, ...]:
    """Return where a passage stands in its notice: numerals as numbers."""
    words = re.findall(r"[一二三四五六七八九十]+|\d+", one.passage)
    annexed = 1 if one.passage.startswith("附件") else 0
    return (annexed, *(int(w) if w.isdigit() else _number(w) for w in words))


def _number(numeral: str) -> int:
    tens, _, ones = numeral.rpartition("十")
    if "十" not in numeral:
        return _NUMERALS.index(numeral) + 1
    return 10 * (_NUMERALS.index(tens) + 1 if tens else 1) + (
        _NUMERALS.index(ones) + 1 if ones else 0
    )
