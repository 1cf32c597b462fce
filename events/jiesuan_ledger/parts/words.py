"""The words of a fact: each of the kind that `jiesuan_events.words.fields` bounds.

msgspec can hold a word to a pattern, at a call for each of the thirty of a settlement.
Here the words of one fact are joined, one a line, and held to one pattern, at half the
price. No kind of word holds a line break, so no word can pass for two. Codes, regions,
years and ratios come in few combinations, whatever a ledger holds: a combination that
was right once is looked up.
"""

import re
from collections.abc import Callable, Iterator
from itertools import chain
from operator import attrgetter
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


def _kind(pattern: str, *, few: bool = False) -> Meta:
    """Return a kind of word; of some kinds a ledger has but few words."""
    return Meta(extra={"pattern": pattern, "few": few})


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
    """Where a word stands in a struct, and the pattern of its kind."""

    path: str
    pattern: str
    is_optional: bool
    is_few: bool


def words_of(of: type[Struct]) -> Check:
    """Return the check of a struct's words: its own, its parts' and its lines'."""
    words = _words(of)
    required = [word for word in words if not word.is_optional]
    checks = [
        *_known([word for word in required if word.is_few]),
        *_required([word for word in required if not word.is_few]),
        *_optional([word for word in words if word.is_optional]),
        *(_many(name, each) for name, each in _rows(of)),
        *(_listed(name, pattern) for name, pattern in _lists(of)),
    ]

    def check(said: Any) -> bool:
        for one in checks:  # noqa: SIM110 - 0.1 us, a generator 0.4 us: tools.shapes
            if not one(said):
                return False
        return True

    return check


def _words(of: type[Struct], prefix: str = "") -> list[Word]:
    found: list[Word] = []
    for name, hint in get_type_hints(of, include_extras=True).items():
        options = [one for one in get_args(hint) if one is not type(None)]
        is_optional = len(options) < len(get_args(hint)) and len(options) == 1
        kind = options[0] if is_optional else hint
        said = _said_of(kind)
        if said:
            found.append(Word(prefix + name, said["pattern"], is_optional, said["few"]))
        elif isinstance(kind, type) and issubclass(kind, Struct):
            found += _words(kind, f"{prefix}{name}.")
    return found


def _said_of(kind: Any) -> dict[str, Any]:
    """Return what is said of a kind of word, nothing if a type is not a word."""
    if get_origin(kind) is not Annotated:
        return {}
    return next((one.extra or {} for one in get_args(kind)[1:]), {})


def _pattern(kind: Any) -> str | None:
    """Return the pattern of a kind of word, None if a type is not a word."""
    return _said_of(kind).get("pattern")


def _rows(of: type[Struct]) -> list[tuple[str, type[Struct]]]:
    """List the tuples of structs that have words of their own."""
    return [
        (name, each)
        for name, each in _tuples(of)
        if not _pattern(each) and _words(each)
    ]


def _lists(of: type[Struct]) -> list[tuple[str, str]]:
    """List the tuples of words, each with the pattern of its kind."""
    tuples = ((name, _pattern(each)) for name, each in _tuples(of))
    return [(name, pattern) for name, pattern in tuples if pattern is not None]


def _tuples(of: type[Struct]) -> Iterator[tuple[str, Any]]:
    """List the tuples of a struct, bounded or not, each with what it holds."""
    for name, hint in get_type_hints(of, include_extras=True).items():
        bare = get_args(hint)[0] if get_origin(hint) is Annotated else hint
        if get_origin(bare) is tuple:
            yield name, get_args(bare)[0]


def _listed(name: str, pattern: str) -> Check:
    """Return the check of a tuple of words."""
    match = re.compile(pattern).fullmatch
    return lambda said: all(map(match, getattr(said, name)))


def _texts(words: list[Word]) -> Callable[[Any], tuple[str, ...]]:
    """Return a reader of words as a tuple; attrgetter of one name makes none."""
    read: Callable[[Any], Any] = attrgetter(*(word.path for word in words))
    return (lambda said: (read(said),)) if len(words) == 1 else read


def _pattern_of(words: list[Word]) -> str:
    return "\n".join(f"(?:{word.pattern})" for word in words)


def _known(words: list[Word]) -> Iterator[Check]:
    """Yield the check of words that come in few combinations."""
    if not words:
        return
    read, join = _texts(words), "\n".join
    match = re.compile(_pattern_of(words)).fullmatch
    right: set[tuple[str, ...]] = set()

    def check(said: Any) -> bool:
        texts = read(said)
        if texts in right:
            return True
        if not match(join(texts)):
            return False
        if len(right) < COMBINATIONS_REMEMBERED:
            right.add(texts)
        return True

    yield check


def _required(words: list[Word]) -> Iterator[Check]:
    if not words:
        return
    read, join = _texts(words), "\n".join
    quick = re.compile(_pattern_of([_plain(word) for word in words])).fullmatch
    match = re.compile(_pattern_of(words)).fullmatch
    moments = [n for n, w in enumerate(words) if w.pattern == fields.KEPT_INSTANT]

    def check(said: Any) -> bool:
        texts = read(said)
        joined = join(texts)
        if quick(joined):
            return True
        return match(joined) is not None and all(is_moment(texts[n]) for n in moments)

    yield check


def _plain(word: Word) -> Word:
    is_instant = word.pattern == fields.KEPT_INSTANT
    return word._replace(pattern=PLAIN_INSTANT) if is_instant else word


def _optional(words: list[Word]) -> Iterator[Check]:
    if not words:
        return
    # The first is there twice: attrgetter gives a tuple only of two or more.
    read = attrgetter(words[0].path, *(word.path for word in words))
    nothing = (None,) * (len(words) + 1)
    matches = [_match_of(word) for word in (words[0], *words)]

    def check(said: Any) -> bool:
        found = read(said)
        if found == nothing:
            return True
        for text, match in zip(found, matches, strict=True):
            if text is not None and not match(text):
                return False
        return True

    yield check


def _match_of(word: Word) -> Callable[[str], object]:
    quick, match = re.compile(_plain(word).pattern), re.compile(word.pattern)
    if quick is match:
        return match.fullmatch
    return lambda text: (
        quick.fullmatch(text) or (match.fullmatch(text) and is_moment(text))
    )


def _many(name: str, of: type[Struct]) -> Check:
    """Return the check of a tuple of structs: plain rows at once, others one by one."""
    words = _words(of)
    if any(word.is_optional for word in words) or _rows(of):
        each = words_of(of)
        return lambda said: all(map(each, getattr(said, name)))
    read = _texts(words)
    row = "\n".join(f"(?:{word.pattern})" for word in words)
    match, join = re.compile(f"{row}(?:\n{row})*").fullmatch, "\n".join

    flat, rows_of = chain.from_iterable, attrgetter(name)

    def check(said: Any) -> bool:
        rows = rows_of(said)
        return not rows or match(join(flat(map(read, rows)))) is not None

    return check
