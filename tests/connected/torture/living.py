"""A running town that is asked good requests while strangers write among them."""

import json
import random
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from tests.connected.conftest import PARTITIONS, Town, until
from tests.connected.life import Life, message
from tests.connected.torture.strangers import Strangers
from tests.connected.torture.writer import Place, Writer
from tests.ledger.raw import NOW, Raw

from jiesuan_cluster.topics import wanted
from jiesuan_events.entries.partition import partition_of
from jiesuan_events.words.topics import ANSWERS, CLEARING_REQUESTS, REQUESTS
from jiesuan_ledger.log.port import Stored
from jiesuan_ledger.log.record import Record
from jiesuan_ledger.ours import AcceptedAnswer, accept_answer
from jiesuan_projections import connect
from jiesuan_services.client.sending import to_record

AT_ONCE: Final = 250
GOOD_AT_ONCE: Final = 40
LEARN_EVERY: Final = 20
PACK_EVERY: Final = 2
PACKED: Final = ("producer", "gzip", "producer", "snappy", "producer", "lz4", "zstd")
"""How the topics pack what comes; of a producer: as it was packed."""
ANSWER_SECONDS: Final = 240
TOPICS: Final = {name: count for name, (count, _) in wanted().items()}


@dataclass
class Tortured:
    """A running stack, what was asked of it, and who else wrote."""

    data: Path
    town: Town
    quotas: dict[int, dict[str, Any]] = field(default_factory=dict)
    answers: dict[tuple[str, int, int], list[Record]] = field(default_factory=dict)
    _read: dict[int, int] = field(default_factory=dict)

    async def collect(self, strangers: set[Place]) -> None:
        """Read what came of answers that we wrote, by what they answer."""
        log = self.town.log
        for partition in range(PARTITIONS):
            start = self._read.get(partition, 0)
            end = await log.end_offset(ANSWERS, partition)
            async for some in log.read(ANSWERS, partition, start=start, stop=end):
                ours = [
                    one
                    for one in some
                    if (ANSWERS, partition, one.offset) not in strangers
                ]
                self._take(ours, partition)
            self._read[partition] = end

    def _take(self, answers: list[Stored], partition: int) -> None:
        for one in answers:
            said = accept_answer(one.record, partition)
            assert isinstance(said, AcceptedAnswer)
            asked = said.topic, partition, said.request
            self.answers.setdefault(asked, []).append(one.record)

    async def ask(self, messages: list[dict[str, Any]], writer: Writer) -> None:
        """Ask, of months too, in batches of any codec."""
        lots: dict[tuple[str, int], list[dict[str, Any]]] = {}
        for one in messages:
            place = REQUESTS, partition_of(one["subject"], PARTITIONS)
            if "quota" in one["type"]:
                place = CLEARING_REQUESTS, 0
            lots.setdefault(place, []).append(one)
        for (topic, partition), lot in lots.items():
            now = round(time.time() * 1000)
            raws = [raw_of(to_record(one))._replace(timestamp=now) for one in lot]
            offsets = await writer.good(topic, partition, raws)
            for offset, one in zip(offsets, lot, strict=True):
                if topic == REQUESTS:
                    self.town.asked[partition, offset] = one
                else:
                    self.quotas[offset] = one

    def good(self) -> set[tuple[str, int, int]]:
        """Return the places of the good requests."""
        asked = {(REQUESTS, *place) for place in self.town.asked}
        return asked | {(CLEARING_REQUESTS, 0, offset) for offset in self.quotas}

    async def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Ask the tables."""
        connection = await connect(self.town.servers.pg)
        try:
            return [tuple(row) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    def logged(self, event: str) -> set[int]:
        """Return the offsets that processes have named in their logs."""
        found: set[int] = set()
        for path in (self.data / "processes").glob("*.log"):
            for line in path.read_text("utf-8", "replace").splitlines():
                if f'"{event}"' in line:
                    found.add(json.loads(line)["offset"])
        return found


async def set_topics(kafka: str, codec: str) -> None:
    """Let the topics take times of the future too, and pack what comes by a codec."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        any_ = {"message.timestamp.after.max.ms": str(2**63 - 1)}
        any_["compression.type"] = codec
        await admin.alter_configs(
            [
                ConfigResource(ConfigResourceType.TOPIC, name, {**settings, **any_})
                for name, (_, settings) in wanted().items()
            ]
        )
    finally:
        await admin.close()


def quota(number: int, chance: random.Random) -> dict[str, Any]:
    """Ask for a quota of some region."""
    care, insured = chance.sample(("420100", "420200", "420300"), 2)
    said = {
        "mdtrtarea_admvs": care,
        "insuplc_admdvs": insured,
        "insutype": chance.choice(("310", "390")),
        "year": chance.choice(("2022", "2023")),
        "quota_fen": chance.choice((3, 50_000, 300_000)),
        "basis": "annual",
    }
    made = message(
        "prepay.quota",
        f"Q{number}",
        {**said, "fixmedins_code": care},
        source=f"/agency/{insured}",
    )
    return {**made, "data": said}


async def learn(town: Town, strangers: Strangers, chance: random.Random) -> None:
    """Take some of what lies on the topics now as what is copied and changed."""
    strangers.valid = []
    for topic, count in TOPICS.items():
        for partition in range(count):
            end = await town.log.end_offset(topic, partition)
            if not end:
                continue
            at = chance.randrange(end)
            read = town.log.read(topic, partition, start=at, stop=min(at + 6, end))
            async for some in read:
                strangers.valid += [
                    (topic, raw_of(one.record))
                    for one in some
                    if len(one.record.value or b"") < 20_000
                ]


def raw_of(record: Record) -> Raw:
    """Return a record as bytes."""
    headers = tuple(
        (name.encode("utf-8", "surrogateescape"), value)
        for name, value in record.headers
    )
    small = sum(len(name) + len(value or b"") for name, value in headers) < 20_000
    return Raw(record.key, record.value, headers if small else (), NOW)


async def torture(
    one: Tortured, writer: Writer, strangers: Strangers, *, seed: int, records: int
) -> None:
    """Let the town live, and write among its records."""
    chance = random.Random(seed)
    life = Life(seed, people=120)
    await one.town.ask(life.begin())
    turn = 0
    while writer.count < records:
        if turn % LEARN_EVERY == 0:
            await learn(one.town, strangers, chance)
        if turn % PACK_EVERY == 0:
            codec = PACKED[turn // PACK_EVERY % len(PACKED)]
            await set_topics(one.town.servers.kafka, codec)
        quotas = [quota(turn, chance)] if turn % 3 == 0 else []
        lots = strangers.more(min(AT_ONCE, records - writer.count))
        half = len(lots) // 2
        await writer.write(lots[:half])
        await one.ask([*life.more(GOOD_AT_ONCE), *quotas], writer)
        await writer.write(lots[half:])
        turn += 1


async def followed(one: Tortured) -> None:
    """Wait until the tables are at the end of every log."""

    async def is_at_end() -> bool:
        at = 'SELECT topic, "partition", "offset" FROM checkpoint'
        for topic, partition, offset in await one.rows(at):
            if offset + 1 < await one.town.log.end_offset(topic, partition):
                return False
        return True

    await until(is_at_end, seconds=ANSWER_SECONDS)
