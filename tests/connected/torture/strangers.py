"""Records that nobody of us would write: every combination, copies, flipped bits."""

import random
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import ceil
from typing import Any, Final, NamedTuple

from aiokafka.record.util import calc_crc32c
from tests.ledger.raw import CODECS, NOW, TRANSACTIONAL, Raw, batch

from jiesuan_events.words.topics import CLEARING_REQUESTS, REQUESTS

KEYS: Final = (None, b"", b"x", b"\xff\xfe", b"P00001")
VALUES: Final = (None, b"", b"1", b"\xff\xfe", b'{"psn_no":"P00001"}')
NAMES: Final = (None, b"", b"x", b"\xff\xfe", b"ce_id")
"""None: no header at all."""
HEADERS: Final = (None, b"", b"1", b"\xff\xfe")
TIMES: Final = (NOW, 0, -1, -(10**15), 2**63 - 1, -(2**63), None)
"""None: any 64 bits."""
ENDS: Final = ("plain", "committed", "aborted", "open")
"""How the transaction of a record ends; plain: there is none."""
COMBINATIONS: Final = tuple(product(KEYS, VALUES, NAMES, HEADERS, TIMES))
"""Each with each codec and each end besides."""
ALL: Final = len(COMBINATIONS) * len(CODECS) * len(ENDS)
STEP: Final = 32_749
"""A prime: stepping by it, `ALL` steps go through every combination once."""
MADE: Final = 0.5
"""How many records of a run are combinations, at least (see `KINDS`)."""
LARGE: Final = 1024 * 1024
KINDS: Final = {"made": 56, "copy": 16, "flip": 20, "tombstone": 6, "large": 1}
MOST_AT_ONCE: Final = 6
_CRC_FROM: Final = struct.calcsize(">qiibI")
INSTITUTION: Final = b"jiesuan.institution.v1"


class Stranger(NamedTuple):
    """A record, how it is to be packed, and what becomes of its transaction."""

    record: Raw
    codec: str
    end: str


def share_of(seed: int, records: int) -> list[int]:
    """Return the combinations that a run writes: so many seeds in a row as there are
    shares of what so many records hold write every combination once.
    """
    shares = ceil(ALL / (records * MADE))
    begin = (seed - 1) % shares
    return [place * STEP % ALL for place in range(begin, ALL, shares)]


@dataclass
class Lot:
    """Strangers of one batch: their bytes, made for one partition."""

    topic: str
    partition: int
    strangers: Sequence[Stranger]
    is_bent: bool
    """Whether a bit of the batch itself is flipped, under a checksum that is right."""

    def made(self, chance: random.Random, *, producer: tuple[int, int, int]) -> bytes:
        """Return the bytes of the batch."""
        one = self.strangers[0]
        made = batch(
            [stranger.record for stranger in self.strangers],
            codec=one.codec,
            attributes=0 if one.end == "plain" else TRANSACTIONAL,
            producer=producer,
        )
        return bent(made, chance) if self.is_bent else made


def bent(made: bytes, chance: random.Random) -> bytes:
    """Flip a bit of what the checksum covers, and make the checksum right."""
    out = flipped(made, chance, start=_CRC_FROM)
    crc = calc_crc32c(out[_CRC_FROM:])
    return out[: _CRC_FROM - 4] + struct.pack(">I", crc) + out[_CRC_FROM:]


def flipped(raw: bytes, chance: random.Random, *, start: int = 0) -> bytes:
    """Flip one bit."""
    at = chance.randrange(start, len(raw))
    return raw[:at] + bytes([raw[at] ^ 1 << chance.randrange(8)]) + raw[at + 1 :]


class Strangers:
    """An endless run of strangers: each combination of a share once, then any."""

    def __init__(
        self,
        chance: random.Random,
        *,
        share: Sequence[int],
        topics: Mapping[str, int],
    ) -> None:
        self.valid: list[tuple[str, Raw]] = []
        self.seen: set[int] = set()
        self._chance = chance
        self._share = iter(share)
        self._topics = topics

    def more(self, count: int) -> list[Lot]:
        """Return strangers in batches of equal codec and equal end."""
        made = [self._one() for _ in range(count)]
        groups: dict[tuple[Any, ...], list[Stranger]] = {}
        for one in made:
            # A batch says times by their distance: those at the ends stand alone.
            wild = None if abs(one.record.timestamp) < 2**61 else len(groups)
            groups.setdefault((one.codec, one.end, wild), []).append(one)
        lots = [lot for group in groups.values() for lot in self._lots(group)]
        self._chance.shuffle(lots)
        return lots

    def _lots(self, group: list[Stranger]) -> Iterator[Lot]:
        at = 0
        while at < len(group):
            size = self._chance.randint(1, MOST_AT_ONCE)
            some = group[at : at + size]
            at += size
            topic = self._chance.choice(list(self._topics))
            if any(_registers(one.record) for one in some):
                topic = self._but_requests()
            partition = self._chance.randrange(self._topics[topic])
            yield Lot(topic, partition, some, self._chance.random() < 0.03)

    def _but_requests(self) -> str:
        """Return a topic on which a changed registration registers nothing."""
        others = {REQUESTS, CLEARING_REQUESTS}
        return self._chance.choice([one for one in self._topics if one not in others])

    def _one(self) -> Stranger:
        chance = self._chance
        (kind,) = chance.choices(list(KINDS), list(KINDS.values()))
        if kind == "made" or not self.valid:
            return self._combination()
        codec, end = chance.choice(CODECS), chance.choice(ENDS)
        if kind == "large":
            return Stranger(self._large(), codec, end)
        _, record = chance.choice(self.valid)
        if kind == "tombstone":
            record = record._replace(value=None)
        if kind == "flip":
            record = self._flipped(record)
        return Stranger(record._replace(timestamp=self._time()), codec, end)

    def _combination(self) -> Stranger:
        place = next(self._share, None)
        if place is None:
            place = self._chance.randrange(ALL)
        self.seen.add(place)
        place, end = divmod(place, len(ENDS))
        place, codec = divmod(place, len(CODECS))
        key, value, name, header, time = COMBINATIONS[place]
        headers = () if name is None else ((name, header),)
        at = self._time() if time is None else time
        return Stranger(Raw(key, value, headers, at), CODECS[codec], ENDS[end])

    def _time(self) -> int:
        return self._chance.choice((NOW, self._chance.randrange(-(2**63), 2**63)))

    def _large(self) -> Raw:
        """Return a record of which one part is a mebibyte that packs well."""
        parts = [b"k", b"v", b"n", b"h"]
        parts[self._chance.randrange(4)] = b"\xff" * LARGE
        key, value, name, header = parts
        return Raw(key, value, ((name, header),))

    def _flipped(self, record: Raw) -> Raw:
        chance = self._chance
        parts = [record.key, record.value, *(one for h in record.headers for one in h)]
        can = [at for at, part in enumerate(parts) if part]
        if can:
            at = chance.choice(can)
            parts[at] = flipped(parts[at] or b"", chance)
        key, value, *rest = parts
        pairs = zip(rest[::2], rest[1::2], strict=True)
        return Raw(key, value, tuple((name or b"", text) for name, text in pairs))


def _registers(record: Raw) -> bool:
    return any(INSTITUTION[:20] in (value or b"") for _, value in record.headers) or (
        b"fixmedins_name" in (record.value or b"")
    )
