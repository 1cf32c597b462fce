"""`jiesuan gateway` as a process: serves until asked to stop."""

import asyncio
import errno
import re
import socket
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

import structlog
import uvloop

from jiesuan_services.gateway.access.identify import Gate
from jiesuan_services.gateway.access.registry import Registry
from jiesuan_services.gateway.access.tokens import Tokens
from jiesuan_services.gateway.call import Services
from jiesuan_services.gateway.counter import Counter
from jiesuan_services.gateway.ledger.asking import LedgerClient
from jiesuan_services.gateway.serving.app import Endpoints, make_app
from jiesuan_services.gateway.serving.following import ReferenceFollower
from jiesuan_services.gateway.serving.http import server_of
from jiesuan_services.gateway.store.database import AWAY, TOGETHER, open_pool
from jiesuan_services.gateway.store.serial import Serials
from jiesuan_services.gateway.store.together.catalogue import Catalogue
from jiesuan_services.gateway.store.together.statements import Together
from jiesuan_services.gateway.store.together.visits import SeenVisits
from jiesuan_services.gateway.vault.identities import Vault
from jiesuan_services.gateway.vault.keys import KeyRefused
from jiesuan_services.gateway.vault.masters import KeyWatch, vault_of
from jiesuan_services.runtime.bootstrap import Misconfigured, Settings, packs_of
from jiesuan_services.runtime.garbage import collected_by_the_clock
from jiesuan_services.runtime.heartbeat import Heartbeat

log = structlog.get_logger()
T = TypeVar("T")
BEAT_SECONDS: Final = 1.0
AGAIN_SECONDS: Final = 0.5
HOST: Final = "127.0.0.1"
PORT: Final = re.compile(r"[1-9][0-9]{0,4}")
MAX_PORT: Final = 65_535
_UNSERVED: Final = {
    errno.EADDRINUSE: "端口已被占用，请停止占用它的程序，或用--port另选",
    errno.EACCES: "没有权限使用这个端口，请用--port另选",
}


def address_of(text: str) -> tuple[str, int]:
    """Read `host:port`, or a port alone on this machine.

    >>> address_of("8080"), address_of("0.0.0.0:8080")
    (('127.0.0.1', 8080), ('0.0.0.0', 8080))
    """
    host, _, port = text.rpartition(":")
    if not PORT.fullmatch(port) or int(port) > MAX_PORT:
        raise Misconfigured(f"{text}不是1至{MAX_PORT}的端口，也不是主机:端口")
    return host or HOST, int(port)


def _be_free(address: str) -> None:
    """Refuse an address where nothing can be served: uvicorn says so in English."""
    host, port = address_of(address)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host.strip("[]"), port), family=family).close()
    except OSError as wrong:
        said = _UNSERVED.get(wrong.errno or 0, "请核对主机和端口")
        raise Misconfigured(f"网关不能在{address}上服务：{said}") from wrong


async def serve(
    settings: Settings, *, kafka: str, pg: str, address: str, name: str
) -> None:
    """Serve the counter; a server that is away is waited for, message by message."""
    pool = await open_pool(pg)
    shared = await open_pool(pg, settings=TOGETHER)
    heartbeat = Heartbeat(settings.data / "beats", name)
    with heartbeat.naming(KeyRefused):
        vault = await _waited(lambda: vault_of(pool, settings), heartbeat)
    services = _services(settings, pool, shared=shared, kafka=kafka, vault=vault)
    gate = Gate(Registry(pool, vault), await _tokens(pool, heartbeat))
    reference, keys = ReferenceFollower(kafka, pool), KeyWatch(pool, vault)
    beating = asyncio.create_task(
        _beat(heartbeat, services, reference=reference, keys=keys)
    )
    watching = asyncio.create_task(keys.keep())

    async def begin() -> None:
        services.ledger.begin()
        reference.begin()

    async def end() -> None:
        beating.cancel()
        watching.cancel()
        # Here, for what comes after is not reached: uvicorn passes the signal on.
        heartbeat.gone()
        await reference.end()
        await services.ledger.end()
        services.together.end()
        pool.terminate()

    counter = Counter(services, gate, bounds=settings.gateway_bounds)
    endpoints = Endpoints(counter, gate, services=services)
    app = make_app(endpoints, begin=begin, end=end)
    host, port = address_of(address)
    server = server_of(app, host=host, port=port, tls=settings.gateway_tls)
    async with collected_by_the_clock():
        await server.serve()


def _services(
    settings: Settings, pool: Any, *, shared: Any, kafka: str, vault: Vault
) -> Services:
    """Make what messages are performed with.

    What is asked in the middle of a transaction goes over the ``shared`` connections,
    which nobody holds: who held one and waited for another would wait for ever.
    """
    together = Together(shared)
    return Services(
        pool=pool,
        together=together,
        visits=SeenVisits(together),
        serials=Serials(shared),
        catalogue=Catalogue(shared),
        ledger=LedgerClient(kafka),
        vault=vault,
        packs=packs_of(settings),
        now=lambda: datetime.now(UTC),
    )


async def _tokens(pool: Any, heartbeat: Heartbeat) -> Tokens:
    """Read the key of the tokens, as soon as the database answers."""
    return await _waited(lambda: Tokens.of(pool), heartbeat)


async def _waited(work: Callable[[], Awaitable[T]], heartbeat: Heartbeat) -> T:
    said = ""
    while True:
        try:
            return await work()
        except AWAY as away:
            error = repr(away)
            heartbeat.beat("waiting for PostgreSQL", error=error)
            if error != said:
                # An address that is wrong is waited for like one that is away.
                log.warning("database.away", error=error)
                said = error
            await asyncio.sleep(AGAIN_SECONDS)


async def _beat(
    heartbeat: Heartbeat,
    services: Services,
    *,
    reference: ReferenceFollower,
    keys: KeyWatch,
) -> None:
    while True:
        state = "serving" if services.ledger.is_connected else "waiting for Kafka"
        halts = reference.standing | services.ledger.standing
        standing: dict[str, Any] = {at: asdict(halt) for at, halt in halts.items()}
        standing |= keys.standing
        heartbeat.beat(state, strangers=reference.strangers, standing=standing)
        await asyncio.sleep(BEAT_SECONDS)


def main(
    settings: Settings, *, kafka: str, pg: str, address: str, name: str = "gateway"
) -> None:
    """Run the counter until SIGTERM or SIGINT."""
    _be_free(address)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(settings, kafka=kafka, pg=pg, address=address, name=name))
