"""The words of a fact: each of the kind that `jiesuan_events.words.fields` bounds.

msgspec can hold a word to a pattern, at a call for each of the thirty of a settlement.
Here the words of one fact are joined, one a line, and held to one pattern, at half the
price. No kind of word holds a line break, so no word can pass for two.
"""

import re
from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import (
    Annotated,
    Any,
    NamedTuple,
    get_args,
    get_origin,
    get_type_hints,
)

from msgspec import Meta, Struct

from jiesuan_events.entries.block import SETTLEMENT_ID
from jiesuan_events.words import fields
from jiesuan_events.words.instants import is_moment


def _kind(pattern: str) -> Meta:
    return Meta(extra={"pattern": pattern})


Id = Annotated[str, _kind(fields.ID)]
Code = Annotated[str, _kind(fields.CODE)]
Region = Annotated[str, _kind(fields.REGION)]
Year = Annotated[str, _kind(fields.YEAR)]
Digest = Annotated[str, _kind(fields.DIGEST)]
Rate = Annotated[str, _kind(fields.RATE)]
SettlementId = Annotated[str, _kind(SETTLEMENT_ID)]
Instant = Annotated[str, _kind(fields.KEPT_INSTANT)]
Check = Callable[[Any], bool]


class Word(NamedTuple):
    """Where a word stands in a struct, and the pattern of its kind."""

    path: str
    pattern: str
    is_optional: bool


def words_of(of: type[Struct]) -> Check:
    """Return the check of a struct's words: its own, its parts' and its lines'."""
    words = _words(of)
    is_required = _required([word for word in words if not word.is_optional])
    is_optional = _optional([word for word in words if word.is_optional])
    moments = [_is_moment(w.path) for w in words if w.pattern == fields.KEPT_INSTANT]
    rest = [
        *moments,
        *(_many(name, each) for name, each in _rows(of)),
        *(_listed(name, pattern) for name, pattern in _lists(of)),
    ]

    def check(said: Any) -> bool:
        if not (is_required(said) and is_optional(said)):
            return False
        for one in rest:  # noqa: SIM110 - 0.1 us, a generator 0.4 us: tools.shapes
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
        pattern = _pattern(kind)
        if pattern:
            found.append(Word(prefix + name, pattern, is_optional))
        elif isinstance(kind, type) and issubclass(kind, Struct):
            found += _words(kind, f"{prefix}{name}.")
    return found


def _pattern(kind: Any) -> str | None:
    """Return the pattern of a kind of word, None if a type is not a word."""
    if get_origin(kind) is not Annotated:
        return None
    extra = next((one.extra or {} for one in get_args(kind)[1:]), {})
    return extra.get("pattern")


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


def _required(words: list[Word]) -> Check:
    read = _texts(words)
    pattern = "\n".join(f"(?:{word.pattern})" for word in words)
    match, join = re.compile(pattern).fullmatch, "\n".join
    return lambda said: match(join(read(said))) is not None


def _optional(words: list[Word]) -> Check:
    if not words:
        return lambda said: True
    # The first is there twice: attrgetter gives a tuple only of two or more.
    read = attrgetter(words[0].path, *(word.path for word in words))
    nothing = (None,) * (len(words) + 1)
    matches = [re.compile(word.pattern).fullmatch for word in (words[0], *words)]

    def check(said: Any) -> bool:
        found = read(said)
        if found == nothing:
            return True
        pairs = zip(found, matches, strict=True)
        return all(text is None or match(text) for text, match in pairs)

    return check


def _is_moment(path: str) -> Check:
    """Return the check that an instant, whose form is right, is in the calendar."""
    read = attrgetter(path)

    def check(said: Any) -> bool:
        text = read(said)
        return text is None or is_moment(text)

    return check


def _many(name: str, of: type[Struct]) -> Check:
    """Return the check of a tuple of structs: plain rows at once, others one by one."""
    words = _words(of)
    if any(word.is_optional for word in words) or _rows(of):
        each = words_of(of)
        return lambda said: all(map(each, getattr(said, name)))
    read = _texts(words)
    row = "\n".join(f"(?:{word.pattern})" for word in words)
    match, join = re.compile(f"(?:{row}(?:\n{row})*)?").fullmatch, "\n".join

    def check(said: Any) -> bool:
        rows = [join(read(one)) for one in getattr(said, name)]
        return match(join(rows)) is not None

    return check
