"""The routes: a token, the transactions on every path that clients use, health."""

import base64
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Any, Final
from urllib.parse import parse_qsl, quote

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from jiesuan_services.gateway.access.identify import (
    NO_CREDENTIAL,
    Gate,
    shows_credential,
)
from jiesuan_services.gateway.access.tokens import LIFE_SECONDS
from jiesuan_services.gateway.call import Services
from jiesuan_services.gateway.counter import Counter, Post, Sending
from jiesuan_services.gateway.faults import NotRead, Unavailable
from jiesuan_services.gateway.public.routes import PublicRoutes
from jiesuan_services.gateway.serving.bodies import TooLarge, body_of, unpacked
from jiesuan_services.gateway.serving.multipart import as_body, with_file
from jiesuan_services.gateway.store.database import AWAY
from jiesuan_services.gateway.store.sql import query

MOST_BYTES: Final = 10 * 1024 * 1024
MOST_UNKNOWN_BYTES: Final = 64 * 1024
"""Of a message without any credential: enough to see in which form to refuse it."""
MOST_FORM_BYTES: Final = 64 * 1024
MOST_FIELDS: Final = 50
PATHS: Final = (
    "/mbs/fmi/fsi/api/callFsiService/callService",
    "/fsi/api/rsfComIfsService/callService",
    "/hss-call-service-interface",
)
SERVICES: Final = (
    "/fsi/api/{group}/{service}",
    "/{app:path}/fsi/api/{group}/{service}",
    "/{app:path}/api/fsi/{service}",
    "/{app:path}/api/fsi/{service}/{infno}",
    "/{app:path}/hsa/hgs/{infno}",
)
"""Some clients have one address a service, a city or a transaction, written into them;
the body says which transaction it is."""
LIKE_OURS: Final = (
    "/fsi/api/{rest:path}",
    "/{app:path}/fsi/api/{rest:path}",
    "/{app:path}/api/fsi/{rest:path}",
)
"""Who sends a message there means us, and reads an envelope alone."""
DOWNLOAD: Final = "9102"
NO_SERVICE: Final = f"请求地址不是本平台的接口地址，请改为{PATHS[0]}后重新发送。"
TOO_BIG: Final = "报文超过10MB，请分批次重新发送。"
TOO_SLOW: Final = "报文{}秒内没有收完，请检查网络后重新发送。"
WRONG_SECRET: Final = "客户端编号、密钥、用户名或密码不正确，请核对后重新获取令牌。"
NO_FORM: Final = "获取令牌的表单超过64KB或没有收完，请检查后重新获取令牌。"
MANY_FIELDS: Final = f"获取令牌的表单超过{MOST_FIELDS}项，请检查后重新获取令牌。"
NO_TOKEN_NOW: Final = "平台数据库暂时无法连接，请稍候重新获取令牌。"
_SLASHES: Final = re.compile("//+")
JSON: Final = "application/json;charset=UTF-8"
FILE: Final = "application/octet-stream"


def fingerprint_of(request: Request) -> str | None:
    """Return the fingerprint of the client's certificate, where one was shown."""
    found: str | None = request.scope.get("state", {}).get("fingerprint")
    return found


def headers_of(request: Request) -> dict[str, str]:
    """Return the headers, of several of one name the first."""
    raw = reversed(request.scope["headers"])
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in raw}


def post_of(request: Request, body: bytes, *, file: bytes | None = None) -> Post:
    """Return what came, with what its head says of who sends it."""
    return Post(
        body,
        headers_of(request),
        path_infno=request.path_params.get("infno"),
        fingerprint=fingerprint_of(request),
        file=file,
    )


class Endpoints:
    """What is done on each route; what is not set up yet is set up when first asked."""

    def __init__(self, counter: Counter, gate: Gate, *, services: Services) -> None:
        self._counter = counter
        self._gate = gate
        self._services = services
        self._seconds = counter.bounds.body_seconds
        self.public = PublicRoutes(services).routes()

    async def transact(self, request: Request) -> Response:
        """Answer one message; always 200 with an envelope."""
        is_known = shows_credential(
            request.headers, fingerprint=fingerprint_of(request)
        )
        most = MOST_BYTES if is_known else MOST_UNKNOWN_BYTES
        try:
            body = await body_of(request, most, seconds=self._seconds)
            packing = request.headers.get("content-encoding", "")
            body = unpacked(body, packing, most=most)
            body, file = await with_file(request.headers, body, most=MOST_BYTES)
        except TooLarge:
            if not is_known:
                return await self._refused(request, NO_CREDENTIAL)
            return await self._refused(request, TOO_BIG, status=413)
        except TimeoutError:
            late = TOO_SLOW.format(f"{self._seconds:g}")
            return await self._refused(request, late, status=408)
        except ClientDisconnect:
            return Response(status_code=400)
        except NotRead as wrong:
            return await self._refused(request, wrong.sentence)
        post = post_of(request, body, file=file)
        return _sent(await self._counter.answer(post))

    async def nowhere(self, request: Request) -> Response:
        """Say that nothing is served at an address that looks like one of ours."""
        return await self._refused(request, NO_SERVICE)

    async def _refused(
        self, request: Request, sentence: str, *, status: int = 200
    ) -> Response:
        """Refuse what never became a message, in the form that its client reads."""
        body = await self._counter.refused(sentence, post_of(request, b""))
        return Response(body, status, media_type=JSON)

    async def download(self, request: Request) -> Response:
        """Return a file by its number, as 9102 does."""
        number = request.query_params.get("file_qury_no", "")
        message = {
            "infno": DOWNLOAD,
            "msgid": f"GET{sha256(number.encode()).hexdigest()[:27]}",
            "input": {"fsDownloadIn": {"file_qury_no": number}},
        }
        headers = headers_of(request)
        post = Post(as_body(message), headers, fingerprint=fingerprint_of(request))
        return _sent(await self._counter.answer(post))

    async def token(self, request: Request) -> Response:
        """Return a token for an id and a secret, a user and a password."""
        credentials = _basic(request.headers.get("authorization", ""))
        try:
            body = await body_of(request, MOST_FORM_BYTES, seconds=self._seconds)
            form = _form(body)
        except (TooLarge, TimeoutError, ClientDisconnect):
            return _denied("invalid_request", NO_FORM)
        except ValueError:
            return _denied("invalid_request", MANY_FIELDS)
        credentials = credentials or (
            form.get("client_id", ""),
            form.get("client_secret", ""),
        )
        try:
            client = await self._gate.logged_in(
                credentials, form, address=request.client.host if request.client else ""
            )
        except Unavailable as wait:
            return _denied("temporarily_unavailable", wait.sentence)
        except AWAY:
            return _denied("temporarily_unavailable", NO_TOKEN_NOW)
        if client is None:
            return _denied("invalid_client", WRONG_SECRET)
        now = self._services.now().timestamp()
        return JSONResponse(
            {
                "access_token": self._gate.tokens.issue(client, now),
                "token_type": "bearer",
                "expires_in": LIFE_SECONDS,
                "scope": form.get("scope", ""),
            }
        )

    async def health(self, _: Request) -> Response:
        """Say whether database and ledger are reached."""
        try:
            await self._services.pool.fetchval(
                query("store", "reference", name="alive")
            )
            database = True
        except AWAY:
            database = False
        ledger = self._services.ledger.is_connected
        status = 200 if database and ledger else 503
        return JSONResponse({"database": database, "ledger": ledger}, status)


def _sent(answered: Sending) -> Response:
    if answered.filename is None:
        return Response(answered.body, media_type=JSON)
    # Percent-encoded: a file's name may be Chinese, and must end no header.
    named = f"attachment; filename*=UTF-8''{quote(answered.filename, safe='')}"
    headers = {"content-disposition": named}
    return Response(answered.body, media_type=FILE, headers=headers)


def _denied(error: str, sentence: str) -> Response:
    """Refuse a token in OAuth's words and in the cashier's.

    HTTP 200 as for every other refusal: some clients read no body of another status.
    """
    return JSONResponse(
        {
            "error": error,
            "error_description": sentence,
            "infcode": "-1",
            "err_msg": sentence,
        }
    )


def _basic(header: str) -> tuple[str, str] | None:
    kind, _, encoded = header.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        id_, _, secret = (
            base64.b64decode(encoded, validate=True).decode().partition(":")
        )
    except ValueError:
        # No Base64, no UTF-8, or a header of bytes beyond ASCII.
        return None
    return id_, secret


def _form(body: bytes) -> dict[str, str]:
    text = body.decode("utf-8", "replace")
    return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS))


Lifespan = Callable[[Starlette], Any]


class Door:
    """Leads messages to the counter at once, everything else through the routes.

    A message's path is compared, where a router would try one pattern after the other.
    """

    def __init__(self, endpoints: Endpoints, routes: Starlette) -> None:
        self._endpoints = endpoints
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._routes(scope, receive, send)
            return
        scope["path"] = _path(scope["path"])
        found = _below(scope["path"]) if scope["method"] == "POST" else None
        if found is None:
            await self._routes(scope, receive, send)
            return
        scope["path_params"] = found
        response = await self._endpoints.transact(Request(scope, receive))
        await response(scope, receive, send)


def _path(path: str) -> str:
    """Return a path without slashes too many: clients join addresses from parts.

    >>> _path("//auth/oauth/token/"), _path("/")
    ('/auth/oauth/token', '/')
    """
    if "//" in path:
        path = _SLASHES.sub("/", path)
    return path.rstrip("/") or "/"


def _below(path: str) -> dict[str, str] | None:
    """Return what a message's path says, the infno if any; None for another path.

    >>> _below(f"{PATHS[0]}/APP1/1101"), _below("/health")
    ({'infno': '1101'}, None)
    """
    for one in PATHS:
        if path == one:
            return {}
        if path.startswith(f"{one}/"):
            # Some clients put the code of their application before it.
            return {"infno": path.rpartition("/")[2]}
    return None


def make_app(endpoints: Endpoints, *, begin: Any, end: Any) -> ASGIApp:
    """Return the application; ``begin`` and ``end`` are run around its life."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await begin()
        try:
            yield
        finally:
            await end()

    routes = [Route("/auth/oauth/token", endpoints.token, methods=["POST"])]
    for path in (*PATHS, *SERVICES):
        routes.append(Route(path, endpoints.download, methods=["GET"]))
    routes.append(Route("/health", endpoints.health, methods=["GET"]))
    routes += endpoints.public
    routes += [Route(path, endpoints.transact, methods=["POST"]) for path in SERVICES]
    for path in LIKE_OURS:
        routes.append(Route(path, endpoints.nowhere, methods=["POST"]))
    return Door(endpoints, Starlette(routes=routes, lifespan=lifespan))
