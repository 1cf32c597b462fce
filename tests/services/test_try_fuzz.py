"""Lines changed at random, by their structure and byte by byte: `try` answers each."""

import json
import os
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

from jiesuan_services.clerk.trial import WHITE_SPACE, Trial
from jiesuan_services.runtime.packs import load_packs

LINES = int(os.environ.get("JIESUAN_TRY_FUZZ", "8000"))
"""`make fuzz` reads a million."""
SEED = int(os.environ.get("JIESUAN_SEED", "12"))
AT_ONCE = 4_000
"""Lines after which what is known is forgotten, so that memory stays bounded."""
EXAMPLES = Path(__file__).parents[2] / "examples"
OUTCOMES = {"decided", "quoted", "recorded", "refused"}
ODD: tuple[Any, ...] = (
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


def templates() -> list[dict[str, Any]]:
    """Read every request of the examples."""
    texts = [path.read_text("utf-8") for path in sorted(EXAMPLES.glob("*.jsonl"))]
    return [json.loads(line) for text in texts for line in text.splitlines() if line]


def changed(said: Any, chance: random.Random, *, names: list[str]) -> Any:
    """Change one thing somewhere inside: a name, a value, what is there at all."""
    kind = chance.random()
    if isinstance(said, dict) and said and kind < 0.85:
        said, name = dict(said), chance.choice(list(said))
        if kind < 0.08:
            del said[name]
        elif kind < 0.14:
            said[chance.choice(names)] = said.pop(name)
        elif kind < 0.2:
            said[chance.choice(names)] = chance.choice(ODD)
        else:
            said[name] = changed(said[name], chance, names=names)
        return said
    if isinstance(said, list) and said and kind < 0.85:
        at = chance.randrange(len(said))
        if kind < 0.15:
            return [*said, *said[at:]]
        if kind < 0.25:
            return [*said[:at], *said[at + 1 :]]
        one = changed(said[at], chance, names=names)
        return [*said[:at], one, *said[at + 1 :]]
    return other_value(said, chance)


def other_value(said: Any, chance: random.Random) -> Any:
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


def nested(text: str, chance: random.Random) -> str:
    """Put what stands after some colon under many levels."""
    depth = chance.choice((1, 62, 63, 64, 65, 254, 1_022, 1_025, 100_000))
    at = text.find(":", chance.randrange(len(text))) + 1
    opening, closing = chance.choice((("[", "]"), ('{"a":', "}")))
    return f"{text[:at]}{opening * depth}1{closing * depth}{text[at:]}"


def as_text(message: Any, chance: random.Random) -> str:
    """Write a message, now and then with its bytes changed, as `try` reads them."""
    text = json.dumps(message, ensure_ascii=chance.random() < 0.9)
    kind = chance.random()
    if kind < 0.02:
        text = nested(text, chance)
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
    return bytes(raw).replace(b"\n", b" ").decode("utf-8", "surrogateescape")


def lines(count: int, chance: random.Random) -> list[str]:
    """Make lines: examples as they are, and with one to four things changed."""
    known = templates()
    names = sorted({name for one in known for name in (*one, *one["data"])})
    made = [json.dumps(one) for one in known[:200]]
    while len(made) < count:
        message: Any = chance.choice(known)
        for _ in range(chance.choice((0, 1, 1, 1, 2, 4))):
            message = changed(message, chance, names=names)
        made.append(as_text(message, chance))
    return made


def test_every_changed_line_gets_one_answer() -> None:
    """No line raises anything; each that is not blank is answered once, in JSON."""
    began, chance = time.monotonic(), random.Random(SEED)
    packs, seen = load_packs(), Counter[str]()
    left = LINES
    while left > 0:
        given = lines(min(left, AT_ONCE), chance)
        left -= len(given)
        trial = Trial(packs)
        for number, line in enumerate(given, 1):
            if not line.strip(WHITE_SPACE):
                continue
            answer = trial.answer(line, number)
            data = json.loads(answer.encode("utf-8"))["data"]
            assert "\n" not in answer
            assert data["outcome"] in OUTCOMES, f"seed {SEED}: {line!r}"
            seen[said(data)] += 1
    assert seen["decided"] > 0
    assert seen["malformed"] > 0
    print(f"seed {SEED}: {seen.total()} lines in {time.monotonic() - began:.0f} s")  # noqa: T201
    print(seen.most_common())  # noqa: T201


def said(data: dict[str, Any]) -> str:
    """Return an answer in a word."""
    if data["outcome"] == "refused":
        return str(data["refusals"][0]["code"])
    return str(data["outcome"])
