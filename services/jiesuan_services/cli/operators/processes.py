"""The processes of the stack as commands: what a container or the supervisor runs."""

import asyncio
from typing import TYPE_CHECKING

import click

from jiesuan_services.runtime.bootstrap import (
    Misconfigured,
    Settings,
    packs_of,
    read_settings,
)

if TYPE_CHECKING:
    from jiesuan_projections import Followed
    from jiesuan_services.runtime.heartbeat import Heartbeat


def address(settings: Settings, name: str) -> str:
    """Return an address that the environment must name."""
    value = {"JIESUAN_KAFKA": settings.kafka, "JIESUAN_PG": settings.pg}[name]
    if not value:
        raise Misconfigured(f"没有设置{name}：请指明服务器的地址")
    return value


@click.command(hidden=True)
def decider() -> None:
    """Decide the requests of partitions i mod n (JIESUAN_DECIDER=i/n)."""
    from jiesuan_services.decider.process import main
    from jiesuan_services.runtime.logging import configure

    configure()
    settings = read_settings()
    main(settings, address(settings, "JIESUAN_KAFKA"))


@click.command(hidden=True)
def sealer() -> None:
    """Seal what is new in the ledger every JIESUAN_SEAL_EVERY seconds."""
    from jiesuan_services.audit.sealing.process import main
    from jiesuan_services.runtime.logging import configure

    configure()
    settings = read_settings()
    main(settings, address(settings, "JIESUAN_KAFKA"))


@click.command(name="clearer", hidden=True)
def clearing_process() -> None:
    """Serve requests about months: draw, confirm, declare, audit, pay."""
    from jiesuan_services.clearing.serving.process import main
    from jiesuan_services.runtime.logging import configure

    configure()
    settings = read_settings()
    main(settings, address(settings, "JIESUAN_KAFKA"))


@click.command(hidden=True)
def projector() -> None:
    """Keep the read models up to date."""
    from jiesuan_projections import Followed, LedgerRefused, Reshaped, run_projector
    from jiesuan_services.runtime.garbage import collected_by_the_clock
    from jiesuan_services.runtime.heartbeat import Heartbeat
    from jiesuan_services.runtime.logging import configure
    from jiesuan_services.runtime.stopping import run_until_signal
    from jiesuan_services.supervisor.checking import LawChecker

    configure()
    settings = read_settings()
    checker = LawChecker(packs_of(settings))

    async def serve(stop: asyncio.Event) -> None:
        heartbeat = Heartbeat(settings.data / "beats", "projector")
        followed = Followed()
        beating = asyncio.create_task(_beat(heartbeat, followed))
        kafka, pg = address(settings, "JIESUAN_KAFKA"), address(settings, "JIESUAN_PG")
        with heartbeat.naming(LedgerRefused, Reshaped):
            try:
                async with collected_by_the_clock():
                    await run_projector(
                        kafka, pg, stop=stop, checker=checker, followed=followed
                    )
            finally:
                beating.cancel()
        heartbeat.gone()

    run_until_signal(serve)


async def _beat(heartbeat: "Heartbeat", followed: "Followed") -> None:
    while True:
        heartbeat.beat("projecting", standing=followed.standing())
        await asyncio.sleep(1)
