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

    ``path`` is an expression over ``said``, the struct; ``rows`` one for a list of
    many words, those of each row of a tuple put together.
    """

    path: str
    pattern: str
    is_optional: bool = False
    is_few: bool = False


def words_of(of: type[Struct]) -> Check:
    """Return the check of a struct's words: its own, its parts' and its lines'.

    The struct was read by msgspec, which holds every word to its length. Which words
    that may be absent are there, a ledger has few ways of: for each a check is made.
    """
    words = [*_words(of), *_plain_rows(of)]
    optional = [word for word in words if word.is_optional]
    if not optional:
        return _check_of(of, words)
    absent = _compiled("".join(f"{word.path} is None, " for word in optional))
    ways: dict[tuple[bool, ...], Check] = {}

    def made(way: tuple[bool, ...]) -> Check:
        left_out = {word for word, is_absent in zip(optional, way) if is_absent}
        there = [word for word in words if word not in left_out]
        return ways.setdefault(way, _check_of(of, there))

    def check(said: Any) -> bool:
        way = absent(said)
        return (ways.get(way) or made(way))(said)

    return check


def _check_of(of: type[Struct], words: Sequence[Word]) -> Check:
    checks = [
        *_known([word for word in words if word.is_few]),
        *_by_letters([word for word in words if not word.is_few]),
        *_instants([word for word in words if word.pattern == fields.KEPT_INSTANT]),
        *_digests([word for word in words if not word.is_few]),
        *(_each(name, row) for name, row in _rows(of) if not _is_plain(row)),
        *(_listed(name, pattern) for name, pattern in _lists(of)),
    ]

    def check(said: Any) -> bool:
        for one in checks:  # noqa: SIM110 - 0.1 us, a generator 0.4 us: tools.shapes
            if not one(said):
                return False
        return True

    return check


def _words(of: type[Struct], prefix: str = "said.") -> list[Word]:
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


def _rows(of: type[Struct]) -> list[tuple[str, type[Struct]]]:
    """List the tuples of structs that have words of their own."""
    return [
        (name, each)
        for name, each in _tuples(of)
        if not _said_of(each) and _words(each)
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
    words = _words(row)
    is_run = all(_RUN.fullmatch(one.pattern) and not one.is_few for one in words)
    return is_run and not any(one.is_optional for one in words) and not _rows(row)


def _plain_rows(of: type[Struct]) -> Iterator[Word]:
    """Yield the words of plain rows: those of all rows of a tuple, put together."""
    for name, row in _rows(of):
        if _is_plain(row):
            for word in _words(row, "row."):
                path = f"''.join([{word.path} for row in said.{name}])"
                yield word._replace(path=path)


def _compiled(expressions: str) -> Callable[[Any], Any]:
    """Return a reader of ``said``, compiled: a third of `attrgetter`'s price."""
    read: Callable[[Any], Any] = eval(f"lambda said: ({expressions})")
    return read


def _texts(words: Sequence[Word]) -> Callable[[Any], tuple[str, ...]]:
    return _compiled("".join(f"{word.path}, " for word in words))


def _known(words: Sequence[Word]) -> Iterator[Check]:
    """Yield the check of words that come in few combinations."""
    if not words:
        return
    read, join = _texts(words), "\n".join
    # No kind of word holds a line break, so no word can pass for two.
    match = re.compile(join(f"(?:{word.pattern})" for word in words)).fullmatch
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


def _by_letters(words: Sequence[Word]) -> Iterator[Check]:
    """Yield a check for each kind of letters: of all its words put together."""
    kinds: dict[str, list[Word]] = {}
    for word in words:
        run = _RUN.fullmatch(word.pattern)
        if run is not None and word.pattern != fields.DIGEST:
            kinds.setdefault(run["letters"], []).append(word)
    for letters, alike in kinds.items():
        yield _all_of(_texts(alike), re.compile(f"{letters}*"))


def _all_of(read: Callable[[Any], tuple[str, ...]], letters: re.Pattern[str]) -> Check:
    match, join = letters.fullmatch, "".join
    return lambda said: match(join(read(said))) is not None


def _instants(words: Sequence[Word]) -> Iterator[Check]:
    if not words:
        return
    read, join = _texts(words), "\n".join
    quick = re.compile(join([PLAIN_INSTANT] * len(words))).fullmatch
    match = re.compile(join([fields.KEPT_INSTANT] * len(words))).fullmatch

    def check(said: Any) -> bool:
        texts = read(said)
        joined = join(texts)
        if quick(joined):
            return True
        return match(joined) is not None and all(map(is_moment, texts))

    yield check


def _digests(words: Sequence[Word]) -> Iterator[Check]:
    digests = [word for word in words if word.pattern == fields.DIGEST]
    if digests:
        read = _texts(digests)
        yield lambda said: all(map(is_hex, read(said)))


def is_hex(text: str) -> bool:
    """Whether a text is bytes in small hex digits: a third of a pattern's price."""
    try:
        return bytes.fromhex(text).hex() == text
    except ValueError:
        return False


def _each(name: str, of: type[Struct]) -> Check:
    """Return the check of a tuple of structs, one by one."""
    check, rows = words_of(of), attrgetter(name)
    return lambda said: all(map(check, rows(said)))


def _listed(name: str, pattern: str) -> Check:
    """Return the check of a tuple of words."""
    match, texts = re.compile(pattern).fullmatch, attrgetter(name)
    return lambda said: all(map(match, texts(said)))
