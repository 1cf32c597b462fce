"""What is fetched as bytes: when a partition stands, and when it is asked again."""

from types import SimpleNamespace
from typing import Any

from aiokafka import TopicPartition
from tests.ledger.raw import Raw, batch

from jiesuan_ledger.log.fetch.slow import BROKEN, SlowReader

PLACE = TopicPartition("jiesuan.requests", 0)


class Broker:
    """aiokafka's client as far as a fetch needs it: gives what it was told, in turn."""

    def __init__(self, *given: tuple[int, bytes]) -> None:
        self.cluster = SimpleNamespace(leader_for_partition=lambda place: 0)
        self._given = list(given)

    async def send(self, node: int, request: Any, *, group: Any) -> Any:
        """Answer a fetch: where the log ends, and its bytes."""
        end, raw = self._given.pop(0)
        return SimpleNamespace(topics=[(PLACE.topic, [(0, 0, end, end, [], raw)])])


async def test_what_came_while_the_broker_looked_stops_nothing() -> None:
    """A batch beyond the end that was said before it came is fetched again at once."""
    raw = batch([Raw(value=b"late")])
    broker = Broker((0, raw), (1, raw))
    reader = SlowReader(PLACE, 0, committed=False)
    assert await reader.draw(broker, 10) == []
    assert reader.halt is None
    (record,) = await reader.draw(broker, 10)
    assert record.value == b"late"
    assert reader.is_done


async def test_what_is_broken_twice_is_stood_before() -> None:
    """A batch that is broken still when it is fetched again stops its partition."""
    raw = bytearray(batch([Raw(value=b"flipped")]))
    raw[-1] ^= 1
    broker = Broker((1, bytes(raw)), (1, bytes(raw)))
    reader = SlowReader(PLACE, 0, committed=False)
    assert await reader.draw(broker, 10) == []
    assert await reader.draw(broker, 10) == []
    assert reader.halt is not None
    assert (reader.halt.offset, reader.halt.reason) == (0, BROKEN)
