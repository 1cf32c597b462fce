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


class TooOften(Unavailable):
    """Asked more often than one may ask; who asks less often is served."""


class Limits:
    """Lets in what can be served; says no in words to the rest."""

    def __init__(self, bounds: CounterBounds) -> None:
        self._rate = bounds.rate
        self._burst = bounds.burst
        self._at_once = bounds.at_once
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._inside = 0

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

    def __enter__(self) -> None:
        if self._inside >= self._at_once:
            raise Unavailable(BUSY)
        self._inside += 1

    def __exit__(self, *_: object) -> None:
        self._inside -= 1
