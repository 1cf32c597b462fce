"""Messages mutated at random: every one is read or refused in a sentence."""

import json
import os
import random
import time
from collections import Counter
from typing import Any, get_args

from pydantic import BaseModel

from jiesuan_services.gateway.faults import NotRead
from jiesuan_services.gateway.transactions.table import TRANSACTIONS
from jiesuan_services.gateway.wire.envelope import digest_of, read_envelope
from jiesuan_services.gateway.wire.payload import read_payload
from jiesuan_services.gateway.wire.reply import failure
from jiesuan_services.gateway.wire.text import read_object

BODIES = int(os.environ.get("JIESUAN_FUZZ", "20000"))
"""`make bodies` reads a million."""
ODD: tuple[Any, ...] = (
    *(None, "", "null", "NULL", " ", "0", "-0", "1e3", "1E400", "0x1", "１２", "\n"),
    *(0, -1, 2**63, 10**400, 0.1, 1e308, True, [], {}, [[]], [{}], {"a": {}}),
    *("2022-02-30", "2022-03-01 08:50:00", "20220301085000123", "9999-12-31"),
    *("'; DROP TABLE message; --", "../../etc/passwd", "<script>", "名" * 600),
    *("\x00", "\ud800", "\U0001f600", "%00", "A" * 5000),
)


def template(model: type[BaseModel]) -> Any:
    """Make a payload of which every field is there."""
    made: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        inner = [
            one
            for one in (field.annotation, *get_args(field.annotation))
            if isinstance(one, type) and issubclass(one, BaseModel)
        ]
        if inner:
            node = template(inner[0])
            made[name] = [node] if "list" in str(field.annotation) else node
        else:
            made[name] = "2022-03-01" if "date" in str(field.annotation) else "1"
    return made


def mutated(said: Any, chance: random.Random) -> Any:
    """Change one thing somewhere."""
    kind = chance.random()
    if isinstance(said, dict) and said and kind < 0.75:
        name = chance.choice(list(said))
        said = dict(said)
        if kind < 0.1:
            said[name.upper()] = said.pop(name)
        elif kind < 0.15:
            del said[name]
        else:
            said[name] = mutated(said[name], chance)
        return said
    if isinstance(said, list) and said and kind < 0.75:
        return [mutated(chance.choice(said), chance), *said]
    if kind < 0.8:
        return [said]
    if kind < 0.85:
        return json.dumps(said)
    return chance.choice(ODD)


VAST: tuple[str, ...] = (
    "1e4000000000",
    "-1E-999999999",
    f"0.{'0' * 5_000}1",
    "9" * 999,
)
"""Numbers that JSON says in a few characters and that no program should write out."""


def bytes_of(message: Any, chance: random.Random) -> bytes:
    """Write a message in one of the ways of the field, sometimes broken."""
    text = json.dumps(message, ensure_ascii=chance.random() < 0.5)
    if chance.random() < 0.05:
        text = text.replace('"1"', chance.choice(VAST), chance.randrange(1, 4))
    raw = text.encode(chance.choice(("utf-8", "gb18030")), "surrogatepass")
    if chance.random() < 0.1:
        at = chance.randrange(len(raw))
        raw = raw[:at] + bytes([chance.randrange(256)]) + raw[at + 1 :]
    return raw[: chance.randrange(len(raw))] if chance.random() < 0.03 else raw


def refusal_of(body: bytes, infno: str) -> str | None:
    """Read a body as far as the edge does; give the sentence that it ends in."""
    try:
        said = read_object(body)
        envelope = read_envelope(said, path_infno=infno)
        known = TRANSACTIONS.get(envelope.infno)
        if known is not None:
            read_payload(said.get("input"), known.input)
        digest_of(said.get("input"))
    except NotRead as wrong:
        return wrong.sentence
    return None


def test_no_body_breaks_the_edge(figures: list[str]) -> None:
    """Whatever is sent, the edge reads it or says what is wrong in one sentence."""
    seed = int(os.environ.get("JIESUAN_SEED") or time.time_ns() % 1_000_000)
    chance = random.Random(seed)
    templates = {no: template(one.input) for no, one in TRANSACTIONS.items()}
    counts: Counter[str] = Counter()
    while counts.total() < BODIES:
        infno = chance.choice(list(templates))
        message: Any = {"infno": infno, "msgid": "M1", "input": templates[infno]}
        for _ in range(chance.randrange(4)):
            message = mutated(message, chance)
        try:
            body = bytes_of(message, chance)
        except UnicodeEncodeError:
            continue
        sentence = refusal_of(body, infno)
        counts["read" if sentence is None else "refused"] += 1
        assert sentence is None or sentence.endswith("。"), sentence
        assert sentence is None or len(failure(sentence).err_msg) <= 200
    assert counts["read"] > BODIES // 10
    assert counts["refused"] > BODIES // 10
    figures.append(f"counter fuzz: {dict(counts)}, seed {seed}")
