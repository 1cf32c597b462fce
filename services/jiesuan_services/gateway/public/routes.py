"""The public routes: bounded, cached, one institution's limits for the whole world."""

import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from jiesuan_events.words.instants import BEIJING
from jiesuan_services.gateway.access.limits import Limits, TooOften
from jiesuan_services.gateway.call import Services
from jiesuan_services.gateway.faults import Unavailable
from jiesuan_services.gateway.public.answers import (
    institutions,
    notice,
    qualification,
)
from jiesuan_services.gateway.store.database import AWAY
from jiesuan_services.gateway.vault.joining import record_look
from jiesuan_services.runtime.bootstrap import CounterBounds

CACHED_SECONDS: Final = 60
MOST_CACHED: Final = 1_000
MOST_CHARACTERS: Final = 50
RATE: Final = 50.0
BURST: Final = 200.0
OWN_RATE: Final = 1.0
OWN_BURST: Final = 10.0
"""Of one address: nobody tries numbers one after the other."""
_REGION: Final = re.compile(r"[0-9]{6}")
BAD_REGION: Final = "医保区划应为6位数字，请更正后重新查询。"
NOT_TEXT: Final = "查询条件中有空字符，请去掉后重新查询。"
TOO_LONG: Final = "查询条件过长，请缩短后重新查询。"
NO_NOTICE: Final = "本平台没有该统筹区的告知书，请向参保地医保经办机构咨询。"
NOT_FOUND: Final = "未查到与证件号码、人员编号相符的参保人，请核对后重新查询。"
NO_CREDENTIAL: Final = (
    "请在请求头X-Certno和X-Psn-No中提供本人证件号码和人员编号（见医保凭证或结算单）。"
)
AWAY_NOW: Final = "平台暂时不能查询，请稍候再试。"
WHO: Final = "/public"


class PublicRoutes:
    """Answers the public; nothing of one person but to himself."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._limits = Limits(CounterBounds(rate=RATE, burst=BURST))
        self._own = Limits(CounterBounds(rate=OWN_RATE, burst=OWN_BURST))
        self._cached: OrderedDict[str, tuple[float, Any]] = OrderedDict()

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/public/v1/institutions", self._guarded(self._institutions)),
            Route("/public/v1/regions/{admdvs}/notice", self._guarded(self._notice)),
            Route("/public/v1/qualification", self._guarded(self._qualification)),
        ]

    def _guarded(
        self, answer: Callable[[Request], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def guarded(request: Request) -> Response:
            try:
                self._limits.take(WHO)
                return await answer(request)
            except TooOften as wrong:
                return _refused(429, wrong.sentence)
            except (Unavailable, *AWAY):
                # The database, or the ledger where a look is written down.
                return _refused(503, AWAY_NOW)

        return guarded

    async def _institutions(self, request: Request) -> Response:
        parameters = request.query_params
        names = ("admdvs", "name", "dise_code")
        asked = {name: parameters.get(name, "") for name in names}
        if any(len(one) > MOST_CHARACTERS for one in asked.values()):
            return _refused(400, TOO_LONG)
        if any("\x00" in one for one in asked.values()):
            return _refused(400, NOT_TEXT)
        if asked["admdvs"] and not _REGION.fullmatch(asked["admdvs"]):
            return _refused(400, BAD_REGION)

        async def look() -> Any:
            rows = await institutions(self._services.pool, day=self._today(), **asked)
            return {"institutions": rows}

        return JSONResponse(await self._once(f"i{sorted(asked.items())}", look))

    async def _notice(self, request: Request) -> Response:
        admdvs = request.path_params["admdvs"]
        if not _REGION.fullmatch(admdvs):
            return _refused(400, BAD_REGION)
        said = notice(self._services.packs, admdvs=admdvs, day=self._today())
        return _refused(404, NO_NOTICE) if said is None else JSONResponse(said)

    async def _qualification(self, request: Request) -> Response:
        self._own.take(request.client.host if request.client else "")
        number = request.headers.get("x-certno", "")
        psn_no = request.headers.get("x-psn-no", "")
        if not number or not psn_no or len(number + psn_no) > 2 * MOST_CHARACTERS:
            return _refused(401, NO_CREDENTIAL)
        rows = await qualification(
            self._services.pool,
            self._services.vault,
            number=number,
            psn_no=psn_no,
            birth=request.headers.get("x-brdy", ""),
            packs=self._services.packs,
            day=self._today(),
            look=self._look,
        )
        if rows is None:
            return _refused(404, NOT_FOUND)
        return JSONResponse(
            {"qualifications": rows}, headers={"Cache-Control": "no-store"}
        )

    async def _look(self, psn_no: str) -> None:
        await record_look(
            self._services.ledger,
            psn_no,
            who=WHO,
            detail="own qualification",
            why="本人查询",
            when=self._services.now(),
        )

    async def _once(self, key: str, look: Callable[[], Awaitable[Any]]) -> Any:
        """Return what was found a minute ago, or look."""
        now = time.monotonic()
        known = self._cached.get(key)
        if known is None or now - known[0] > CACHED_SECONDS:
            known = (now, await look())
            self._cached[key] = known
            while len(self._cached) > MOST_CACHED:
                self._cached.popitem(last=False)
        return known[1]

    def _today(self) -> Any:
        return self._services.now().astimezone(BEIJING).date()


def _refused(status: int, sentence: str) -> Response:
    return JSONResponse({"err_msg": sentence}, status)
