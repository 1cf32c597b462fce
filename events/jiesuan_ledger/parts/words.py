"""The words of a fact: each of the kind that `jiesuan_events.words.fields` bounds.

msgspec holds a word to its length while it reads it; to hold it to a pattern it makes
a call for each of the thirty of a settlement. Here the words of one kind, of as many
facts as are read at once, are put together and held to the characters of their kind.
Codes, regions, years and ratios come in few combinations, whatever a ledger holds: a
combination that was right once is looked up. All of it costs a third of one pattern a
word, of many facts at once a fifth, and readers of a ledger spend it on every entry
(`python -m tools.shapes`).
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
_ADDED: Final = 3
"""Words that are added one to the other; more are joined."""
_OF_MANY: Final = " for said in alike"
Way = tuple[bool, ...]
"""Which of the words that may be absent are."""
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


class Words(NamedTuple):
    """Whether all words of a struct, or of many of one kind, are of their kinds."""

    one: Callable[[Any], bool]
    many: Callable[[Sequence[Any]], bool]


def words_of(of: type[Struct]) -> Words:
    """Return the checks of structs' words: their own, their parts' and their lines'.

    The structs were read by msgspec, which holds every word to its length. Of the words
    that may be absent the same few are there in nearly all facts: for each such way a
    check is made when it is first seen (at most 2,048 ways, of eleven words).
    """
    words = list_words(of)
    optional = [word for word in words if word.is_optional]
    if not optional:
        return Words(_check_of(of, words), _check_of(of, words, each=_OF_MANY))
    nones = "".join(f"{word.path} is None, " for word in optional)
    absent: Callable[[Any], Way] = eval(f"lambda said: ({nones})")
    alone, together = _Ways(of, words), _Ways(of, words, each=_OF_MANY)

    def one(said: Any) -> bool:
        return alone[absent(said)](said)

    def many(alike: Sequence[Any]) -> bool:
        by_way: dict[Way, list[Any]] = {}
        for said in alike:
            by_way.setdefault(absent(said), []).append(said)
        return all(together[way](some) for way, some in by_way.items())

    return Words(one, many)


class _Ways(dict[Way, Check]):
    """The check of each way in which words are absent, made when it is asked for."""

    def __init__(
        self, of: type[Struct], words: Sequence[Word], *, each: str = ""
    ) -> None:
        self._of, self._words, self._each = of, words, each

    def __missing__(self, way: Way) -> Check:
        absent = iter(way)
        there = [one for one in self._words if not one.is_optional or not next(absent)]
        return self.setdefault(way, _check_of(self._of, there, each=self._each))


class _Source:
    """The source of a check, part by part, and what it calls by which name."""

    def __init__(self, argument: str) -> None:
        self._argument = argument
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
        check: Check = eval(f"lambda {self._argument}: {parts}", self._names)
        return check


def _check_of(of: type[Struct], words: Sequence[Word], *, each: str = "") -> Check:
    """Return the check of words that are there, as one expression: compiled, it costs
    half of a call for each kind and reader (`python -m tools.shapes`).

    ``each`` goes through the structs where there are many of them.
    """
    source = _Source("alike" if each else "said")
    few = [word for word in words if word.is_few]
    if few:
        source.add(f"{{0}}([{_tuple(few)}{each}])", _are_known(few))
    runs = _by_letters(words)
    for letters, run in runs.items():
        _add_run(source, run, letters=letters, each=each)
    instants = [word for word in words if word.pattern == fields.KEPT_INSTANT]
    checked = {*few, *instants, *chain.from_iterable(runs.values())}
    assert checked == set(words), "every word is of a kind that is checked"
    if instants and each:
        texts = f"[text{each} for text in {_tuple(instants)}]"
        source.add(f"{{0}}({texts})", _are_instants)
    elif instants:
        source.add(f"{{0}}({_tuple(instants)})", _few_instants(len(instants)))
    for name, row in _rows(of):
        # Of one struct alone empty rows are common, and a list is a call.
        unless = "" if each else f"not said.{name} or "
        each_row = f"{each} for row in said.{name}"
        _add_rows(source, row, each=each_row, unless=unless)
    for name, pattern in _lists(of):
        texts = f"[text{each} for text in said.{name}]"
        source.add(f"all(map({{0}}, {texts}))", re.compile(pattern).fullmatch)
    return source.compiled()


def _add_run(
    source: _Source,
    words: Sequence[Word],
    *,
    letters: bytes,
    each: str,
    unless: str = "",
) -> None:
    """Add the check of words that may have the same letters, all put together."""
    text = " + ".join(word.path for word in words)
    if len(words) > _ADDED:
        text = f"''.join({_tuple(words)})"
    together = f"''.join([{text}{each}])" if each else f"({text})"
    source.add(f"({unless}not {together}.encode().translate(None, {{0}}))", letters)


def _add_rows(source: _Source, row: type[Struct], *, each: str, unless: str) -> None:
    """Add the check of rows: of plain ones without a call for each."""
    if not _is_plain(row):
        source.add(f"({unless}{{0}}([row{each}]))", words_of(row).many)
        return
    for letters, words in _by_letters(list_words(row, "row.")).items():
        _add_run(source, words, letters=letters, each=each, unless=unless)


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


def _are_known(words: Sequence[Word]) -> Callable[[Sequence[tuple[str, ...]]], bool]:
    """Return the check of words that come in few combinations."""
    # No kind of word holds a line break, so no word can pass for two.
    join = "\n".join
    match = re.compile(join(f"(?:{word.pattern})" for word in words)).fullmatch
    right: set[tuple[str, ...]] = set()

    def is_right(texts: tuple[str, ...]) -> bool:
        if not match(join(texts)):
            return False
        if len(right) < COMBINATIONS_REMEMBERED:
            right.add(texts)
        return True

    def check(alike: Sequence[tuple[str, ...]]) -> bool:
        if right.issuperset(alike):
            return True
        return all(texts in right or is_right(texts) for texts in alike)

    return check


_PLAIN_INSTANTS: Final = re.compile(rf"(?>{PLAIN_INSTANT}\n)*+")
_KEPT_INSTANT: Final = re.compile(fields.KEPT_INSTANT)


def _few_instants(count: int) -> Callable[[tuple[str, ...]], bool]:
    """Return the check of so many instants."""
    quick = re.compile("\n".join([PLAIN_INSTANT] * count)).fullmatch

    def check(texts: tuple[str, ...]) -> bool:
        return quick("\n".join(texts)) is not None or _are_moments(texts)

    return check


def _are_instants(texts: Sequence[str]) -> bool:
    """Whether texts are instants: nearly always all of them by their form alone."""
    joined = "\n".join((*texts, ""))
    # As many lines as texts: else one of them has two.
    if joined.count("\n") == len(texts) and _PLAIN_INSTANTS.fullmatch(joined):
        return True
    return _are_moments(texts)


def _are_moments(texts: Sequence[str]) -> bool:
    return all(_KEPT_INSTANT.fullmatch(text) and is_moment(text) for text in texts)
