"""The words of a fact: each of the kind that `jiesuan_events.words.fields` bounds.

msgspec holds a word to its length while it reads it; to hold it to a pattern it makes
a call for each of the thirty of a settlement. Here the words of one kind are put
together and held to the characters of their kind at once. Codes, regions, years and
ratios come in few combinations, whatever a ledger holds: a combination that was right
once is looked up. All of it costs a third of one pattern a word, and readers of a
ledger spend it on every entry (`python -m tools.shapes`).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import (
    Annotated,
    Any,
    Final,
    NamedTuple,
    get_args,
    get_origin,
    get_type_hints,
)

from msgspec import Meta, Struct

from jiesuan_events.entries.block import SETTLEMENT_ID
from jiesuan_events.words import fields
from jiesuan_events.words.instants import is_moment

COMBINATIONS_REMEMBERED: Final = 16_384
_RUN: Final = re.compile(r"(?P<letters>\[[^]]+\])\{(?P<least>\d+)(?:,(?P<most>\d+))?\}")
"""A pattern that says which letters a word has, and how many."""


def _kind(pattern: str, *, few: bool = False) -> Meta:
    """Return a kind of word; of some kinds a ledger has but few words."""
    extra = {"pattern": pattern, "few": few}
    run = _RUN.fullmatch(pattern)
    if run is None:
        return Meta(extra=extra)
    most = int(run["most"] or run["least"])
    return Meta(min_length=int(run["least"]), max_length=most, extra=extra)


Id = Annotated[str, _kind(fields.ID)]
Code = Annotated[str, _kind(fields.CODE, few=True)]
Region = Annotated[str, _kind(fields.REGION, few=True)]
Year = Annotated[str, _kind(fields.YEAR, few=True)]
Digest = Annotated[str, _kind(fields.DIGEST)]
PackDigest = Annotated[str, _kind(fields.DIGEST, few=True)]
Rate = Annotated[str, _kind(fields.RATE, few=True)]
SettlementId = Annotated[str, _kind(SETTLEMENT_ID)]
Instant = Annotated[str, _kind(fields.KEPT_INSTANT)]
Check = Callable[[Any], bool]
PLAIN_INSTANT: Final = (
    "(?!000[01]|9999)[0-9]{4}-"
    "(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
    "|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
    r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?"
    "(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
"""An instant that is in the calendar by its form: all but 29 February, and offsets of
more minutes than an hour has."""


class Word(NamedTuple):
    """Where a word stands in a struct, and the pattern of its kind.

    ``path`` is an expression over ``said``, the struct.
    """

    path: str
    pattern: str
    is_optional: bool = False
    is_few: bool = False


def words_of(of: type[Struct]) -> Check:
    """Return the check of a struct's words: its own, its parts' and its lines'.

    The struct was read by msgspec, which holds every word to its length. Of the words
    that may be absent the same few are there in nearly all facts: for each such way a
    check is made when it is first seen (at most 2,048 ways, of eleven words).
    """
    words = [*list_words(of), *_plain_rows(of)]
    optional = [word for word in words if word.is_optional]
    if not optional:
        return _check_of(of, words)
    nones = "".join(f"{word.path} is None, " for word in optional)
    absent: Callable[[Any], tuple[bool, ...]] = eval(f"lambda said: ({nones})")
    ways: dict[tuple[bool, ...], Check] = {}

    def made(way: tuple[bool, ...]) -> Check:
        left_out = {
            word for word, is_absent in zip(optional, way, strict=True) if is_absent
        }
        there = [word for word in words if word not in left_out]
        return ways.setdefault(way, _check_of(of, there))

    def check(said: Any) -> bool:
        way = absent(said)
        return (ways.get(way) or made(way))(said)

    return check


class _Source:
    """The source of a check, part by part, and what it calls by which name."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._names: dict[str, Any] = {}

    def add(self, part: str, called: Any) -> None:
        """Add a part; ``{0}`` in it is the name of what it calls."""
        name = f"called_{len(self._names)}"
        self._names[name] = called
        self._parts.append(part.format(name))

    def compiled(self) -> Check:
        """Return the check whose parts must all hold."""
        parts = " and ".join(self._parts) or "True"
        check: Check = eval(f"lambda said: {parts}", self._names)
        return check


def _check_of(of: type[Struct], words: Sequence[Word]) -> Check:
    """Return the check of words that are there, as one expression: compiled, it costs
    half of a call for each kind and reader (`python -m tools.shapes`)."""
    source = _Source()
    few = [word for word in words if word.is_few]
    runs = _by_letters(words)
    if few:
        source.add(f"{{0}}({_tuple(few)})", _are_known(few))
    for letters, alike in runs.items():
        together = f"''.join({_tuple(alike)})" if alike[1:] else alike[0].path
        source.add(f"not {together}.encode().translate(None, {{0}})", letters)
    instants = [word for word in words if word.pattern == fields.KEPT_INSTANT]
    checked = {*few, *instants, *chain.from_iterable(runs.values())}
    assert checked == set(words), "every word is of a kind that is checked"
    if instants:
        source.add(f"{{0}}({_tuple(instants)})", _are_instants(len(instants)))
    for name, row in _rows(of):
        if not _is_plain(row):
            source.add(f"all(map({{0}}, said.{name}))", words_of(row))
    for name, pattern in _lists(of):
        source.add(f"all(map({{0}}, said.{name}))", re.compile(pattern).fullmatch)
    return source.compiled()


def _tuple(words: Sequence[Word]) -> str:
    return f"({''.join(f'{word.path}, ' for word in words)})"


def list_words(of: type[Struct], prefix: str = "said.") -> list[Word]:
    """List the words of a struct and of its parts, those of its tuples left out."""
    found: list[Word] = []
    for name, hint in get_type_hints(of, include_extras=True).items():
        options = [one for one in get_args(hint) if one is not type(None)]
        is_optional = len(options) < len(get_args(hint)) and len(options) == 1
        kind = options[0] if is_optional else hint
        said = _said_of(kind)
        if said:
            found.append(Word(prefix + name, said["pattern"], is_optional, said["few"]))
        elif isinstance(kind, type) and issubclass(kind, Struct):
            found += list_words(kind, f"{prefix}{name}.")
    return found


def _said_of(kind: Any) -> dict[str, Any]:
    """Return what is said of a kind of word, nothing if a type is not a word."""
    if get_origin(kind) is not Annotated:
        return {}
    return next((one.extra or {} for one in get_args(kind)[1:]), {})


def _rows(of: type[Struct]) -> list[tuple[str, type[Struct]]]:
    """List the tuples of structs that have words of their own."""
    return [
        (name, each)
        for name, each in _tuples(of)
        if not _said_of(each) and list_words(each)
    ]


def _lists(of: type[Struct]) -> list[tuple[str, str]]:
    """List the tuples of words, each with the pattern of its kind."""
    tuples = ((name, _said_of(each)) for name, each in _tuples(of))
    return [(name, said["pattern"]) for name, said in tuples if said]


def _tuples(of: type[Struct]) -> Iterator[tuple[str, Any]]:
    """List the tuples of a struct, bounded or not, each with what it holds."""
    for name, hint in get_type_hints(of, include_extras=True).items():
        bare = get_args(hint)[0] if get_origin(hint) is Annotated else hint
        if get_origin(bare) is tuple:
            yield name, get_args(bare)[0]


def _is_plain(row: type[Struct]) -> bool:
    """Whether all words of a row are runs of letters that are always there."""
    words = list_words(row)
    is_run = all(_RUN.fullmatch(one.pattern) and not one.is_few for one in words)
    return is_run and not any(one.is_optional for one in words) and not _rows(row)


def _plain_rows(of: type[Struct]) -> Iterator[Word]:
    """Yield the words of plain rows: those of all rows of a tuple, put together."""
    for name, row in _rows(of):
        if _is_plain(row):
            for alike in _by_letters(list_words(row, "row.")).values():
                each = " + ".join(word.path for word in alike)
                texts = f"[{each} for row in said.{name}]"
                # Empty tuples are common, and a list is a call.
                path = f"(''.join({texts}) if said.{name} else '')"
                yield Word(path, alike[0].pattern)


def _by_letters(words: Sequence[Word]) -> dict[bytes, list[Word]]:
    """Return words that are runs of letters, together by the letters they may have."""
    kinds: dict[bytes, list[Word]] = {}
    for word in words:
        run = _RUN.fullmatch(word.pattern)
        if run is not None and not word.is_few:
            kinds.setdefault(_letters(run["letters"]), []).append(word)
    return kinds


def _letters(one_of: str) -> bytes:
    return bytes(letter for letter in range(128) if re.fullmatch(one_of, chr(letter)))


def _are_known(words: Sequence[Word]) -> Callable[[tuple[str, ...]], bool]:
    """Return the check of words that come in few combinations."""
    # No kind of word holds a line break, so no word can pass for two.
    join = "\n".join
    match = re.compile(join(f"(?:{word.pattern})" for word in words)).fullmatch
    right: set[tuple[str, ...]] = set()

    def check(texts: tuple[str, ...]) -> bool:
        if texts in right:
            return True
        if not match(join(texts)):
            return False
        if len(right) < COMBINATIONS_REMEMBERED:
            right.add(texts)
        return True

    return check


def _are_instants(count: int) -> Callable[[tuple[str, ...]], bool]:
    """Return the check of so many instants."""
    join = "\n".join
    quick = re.compile(join([PLAIN_INSTANT] * count)).fullmatch
    match = re.compile(join([fields.KEPT_INSTANT] * count)).fullmatch

    def check(texts: tuple[str, ...]) -> bool:
        joined = join(texts)
        if quick(joined):
            return True
        return match(joined) is not None and all(map(is_moment, texts))

    return check
