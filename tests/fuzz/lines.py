"""Lines for `try`, changed by their structure and byte by byte."""

import json
import random
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
OVERLAYS: Final = ROOT / "examples" / "refusals.packs"
"""Regions that configure what the shipped packs leave open."""
KNOWN: Final = ("examples", "tests/acceptance/cases", "tests/acceptance/cases/findings")
ODD: Final[tuple[Any, ...]] = (
    *(None, True, False, 0, -1, 1, 10**12, 10**12 + 1, 2**53, 2**63, 2**64, 10**400),
    *(0.1, 1e308, float("inf"), float("nan"), -0.0, [], {}, [[]], [{}], {"": None}),
    *("", " ", "0", "-0", "1e3", "1E400", "0x1", "１２", "-1", "0.00001", "9" * 400),
    *("2022-02-30", "2022-02-29", "0000-01-01", "9999-12-31", "10000-01-01"),
    *("2022-03-01T09:00:00+08:60", "2022-03-01T09:00:00.1234567890+08:00"),
    *("2022-03-01T23:59:60Z", "2022-03-01T09:00:00-00:00", "2022-03-01t09:00:00z"),
    *("\x00", "\ud800", "\udfff\ud800", "\U0001f600", "\u202e", "A" * 5000, "名" * 600),
    *("../../etc/passwd", "'; DROP TABLE x; --", "%s%n", "{0.__class__}", "\n", "\r"),
    *("310", "390", "11", "14", "41", "42010", "420100", "/agency/420000", "/medins/"),
)


@cache
def templates() -> tuple[dict[str, Any], ...]:
    """Return every request of the examples and of the accepted cases, once."""
    paths = [
        path for folder in KNOWN for path in sorted((ROOT / folder).glob("*.jsonl"))
    ]
    texts = [path.read_text("utf-8") for path in paths if ".expected." not in path.name]
    found = {line: None for text in texts for line in text.splitlines() if line}
    return tuple(json.loads(line) for line in found)


@cache
def values() -> dict[str, list[Any]]:
    """Return what stands under each name anywhere in the templates, each once."""
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for template in templates():
        for name, value in _pairs(template):
            found[name][json.dumps(value)] = value
    return {name: list(some.values()) for name, some in found.items()}


def _pairs(said: Any) -> Iterator[tuple[str, Any]]:
    inner = said.values() if isinstance(said, dict) else said
    if isinstance(said, dict):
        yield from said.items()
    if isinstance(said, dict | list):
        for one in inner:
            yield from _pairs(one)


def changed(said: Any, chance: random.Random) -> Any:
    """Change one thing somewhere inside: a name, a value, what is there at all."""
    kind = chance.random()
    if isinstance(said, dict) and said and kind < 0.85:
        return _changed_object(dict(said), chance)
    if isinstance(said, list) and said and kind < 0.85:
        at = chance.randrange(len(said))
        if kind < 0.15:
            return [*said, *said[at:]]
        if kind < 0.25:
            return [*said[:at], *said[at + 1 :]]
        return [*said[:at], changed(said[at], chance), *said[at + 1 :]]
    return _other_value(said, chance)


def _changed_object(said: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    name, kind, names = chance.choice(list(said)), chance.random(), list(values())
    if kind < 0.08:
        del said[name]
    elif kind < 0.14:
        said[chance.choice(names)] = said.pop(name)
    elif kind < 0.2:
        said[chance.choice(names)] = chance.choice(ODD)
    elif kind < 0.5 and name in values():
        said[name] = chance.choice(values()[name])
    elif kind < 0.6:
        other = chance.choice(names)
        said[other] = chance.choice(values()[other])
    else:
        said[name] = changed(said[name], chance)
    return said


def _other_value(said: Any, chance: random.Random) -> Any:
    """Return something near a value, or far from it."""
    if isinstance(said, bool) or chance.random() < 0.5:
        return chance.choice(ODD)
    if isinstance(said, int):
        return chance.choice((-said, said + 1, said - 1, said * 10**6, str(said)))
    if isinstance(said, str) and said:
        at = chance.randrange(len(said))
        letter = chance.choice("0123456789-+.:/TZAé\x00")
        return chance.choice((said[:at], said[:at] + letter + said[at + 1 :], said * 3))
    return [said]


def _as_another(message: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """Say the same again under other ids, so that it is news."""
    text, number = json.dumps(message), chance.randrange(40)
    for name in ("id", "subject"):
        said = message.get(name)
        if isinstance(said, str) and said and chance.random() < 0.7:
            text = text.replace(json.dumps(said), json.dumps(f"{said[:40]}{number}"))
    made: dict[str, Any] = json.loads(text)
    return made


def mutated(message: Any, chance: random.Random) -> Any:
    """Change nothing, or one to four things."""
    if isinstance(message, dict) and chance.random() < 0.5:
        message = _as_another(message, chance)
    for _ in range(chance.choice((0, 1, 1, 1, 2, 4))):
        message = changed(message, chance)
    return message


def _nested(text: str, chance: random.Random) -> str:
    """Put what stands after some colon under many levels."""
    depth = chance.choice((1, 62, 63, 64, 65, 254, 1_022, 1_025, 100_000))
    at = text.find(":", chance.randrange(len(text))) + 1
    opening, closing = chance.choice((("[", "]"), ('{"a":', "}")))
    return f"{text[:at]}{opening * depth}1{closing * depth}{text[at:]}"


def as_bytes(message: Any, chance: random.Random) -> bytes:
    """Write a message as one line, now and then with its bytes changed."""
    text = json.dumps(message, ensure_ascii=chance.random() < 0.9)
    kind = chance.random()
    if kind < 0.02:
        text = _nested(text, chance)
    raw = bytearray(text.encode("utf-8", "surrogatepass"))
    at = chance.randrange(len(raw))
    if 0.02 < kind < 0.04:
        del raw[at:]
    elif 0.04 < kind < 0.06:
        raw[at] ^= 1 << chance.randrange(8)
    elif 0.06 < kind < 0.08:
        raw[at:at] = chance.randbytes(chance.randrange(1, 9))
    elif 0.08 < kind < 0.1:
        raw[at : chance.randrange(at, len(raw))] = b""
    return bytes(raw).replace(b"\n", b" ")
