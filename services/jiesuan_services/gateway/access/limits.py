"""How much one institution may ask, and how much the counter takes in at once."""

import time
from collections import OrderedDict
from typing import Final

from jiesuan_services.gateway.faults import Unavailable
from jiesuan_services.runtime.bootstrap import CounterBounds

MOST_KNOWN: Final = 50_000
NOT_TAKEN: Final = "本次发送未受理，此前同一报文如已受理不受影响"
"""Nothing was looked up: the same message may have been settled before."""
AGAIN: Final = "用同一报文重新发送，即可得到结果。"
BUSY: Final = f"平台当前业务繁忙，{NOT_TAKEN}；请稍候几秒后{AGAIN}"
TOO_OFTEN: Final = f"请求过于频繁，{NOT_TAKEN}；请稍候{AGAIN}"


MOST_LOGGING_IN: Final = 100
"""Two are looked at at once, tens of milliseconds each: who is beyond would wait for
seconds, and is refused at once."""
MOST_WRONG: Final = 10
WRONG_SECONDS: Final = 60.0
"""So many wrong secrets a minute of one client id from one address. Of the id alone,
anybody who knows it could keep an institution out."""
LOGGING_IN: Final = "当前登录请求过多，请稍候几秒后重新获取令牌。"
WRONG_AGAIN: Final = (
    f"该客户端编号登录失败已达{MOST_WRONG}次，请核对密钥，一分钟后重新获取令牌。"
)


class TooOften(Unavailable):
    """Asked more often than one may ask; who asks less often is served."""


class Room:
    """Holds so many at once; who comes beyond is refused in words."""

    def __init__(self, most: float, full: str) -> None:
        self._most = most
        self._full = full
        self._inside = 0

    def __enter__(self) -> None:
        if self._inside >= self._most:
            raise Unavailable(self._full)
        self._inside += 1

    def __exit__(self, *_: object) -> None:
        self._inside -= 1


class Limits(Room):
    """Lets in what can be served; says no in words to the rest."""

    def __init__(self, bounds: CounterBounds) -> None:
        super().__init__(bounds.at_once, BUSY)
        self._rate = bounds.rate
        self._burst = bounds.burst
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, fixmedins_code: str) -> None:
        """Count one message of an institution, or raise Unavailable."""
        now = time.monotonic()
        left, seen = self._buckets.pop(fixmedins_code, (self._burst, now))
        left = min(self._burst, left + (now - seen) * self._rate)
        self._buckets[fixmedins_code] = (max(0.0, left - 1), now)
        if len(self._buckets) > MOST_KNOWN:
            self._buckets.popitem(last=False)
        if left < 1:
            raise TooOften(TOO_OFTEN)


class LogIns(Room):
    """Lets few log in at once, and nobody try one secret after the other."""

    def __init__(self) -> None:
        super().__init__(MOST_LOGGING_IN, LOGGING_IN)
        self._wrong: OrderedDict[tuple[str, str], tuple[int, float]] = OrderedDict()
        """How many wrong secrets of each, since when."""

    def check(self, whose: tuple[str, str]) -> None:
        """Raise TooOften if an id was tried in vain too often from an address."""
        if self._counted(whose)[0] >= MOST_WRONG:
            raise TooOften(WRONG_AGAIN)

    def failed(self, whose: tuple[str, str]) -> None:
        """Count one wrong secret."""
        count, since = self._counted(whose)
        self._wrong[whose] = (count + 1, since)
        self._wrong.move_to_end(whose)
        if len(self._wrong) > MOST_KNOWN:
            self._wrong.popitem(last=False)

    def _counted(self, whose: tuple[str, str]) -> tuple[int, float]:
        """Return how many count still; who tried many at once waits the longer."""
        now = time.monotonic()
        count, since = self._wrong.get(whose, (0, now))
        over = now - since > WRONG_SECONDS * max(1.0, count / MOST_WRONG)
        return (0, now) if over else (count, since)
