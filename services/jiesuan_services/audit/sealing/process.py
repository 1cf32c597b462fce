"""The sealer as a process: seals what is new every so often, and says how far it is."""

import asyncio
from pathlib import Path
from typing import Any, Final

import structlog
from aiokafka.errors import KafkaError

from jiesuan_ledger.genesis import LedgerRefused
from jiesuan_ledger.log.port import LogError
from jiesuan_ledger.ours import StrangerReason
from jiesuan_services.audit.opened import OpenLedger, opened_ledger
from jiesuan_services.audit.sealing.keyfile import SealRefused
from jiesuan_services.audit.sealing.sealed import Name, nobody
from jiesuan_services.audit.sealing.sealer import Sealed, seal_ledger
from jiesuan_services.audit.sealing.signer import KeyPlace, sealing_key
from jiesuan_services.audit.sealing.witnesses.witness import read_witnesses
from jiesuan_services.audit.tree.notes.keys import SignerKey
from jiesuan_services.runtime.bootstrap import Settings
from jiesuan_services.runtime.heartbeat import Heartbeat
from jiesuan_services.runtime.stopping import (
    run_until_signal,
    wait_or_stop,
    waits_for,
)

TREE_FOLDER: Final = "tree"
IMPORTED_FOLDER: Final = "imported"
BEAT_SECONDS: Final = 1.0

log = structlog.get_logger()


def key_place(settings: Settings) -> KeyPlace:
    """Return where a data directory has its key."""
    return KeyPlace(settings.data, settings.seal_key, settings.origin)


def tree_folder(settings: Settings) -> Path:
    """Return where a data directory has its tree."""
    return settings.data / TREE_FOLDER


def imported_folder(settings: Settings) -> Path:
    """Return where the export lies that a ledger came from, if it came from one.

    Who has not the key that sealed it gives it on with the notes it came with.
    """
    return settings.data / IMPORTED_FOLDER


async def seal_now(
    settings: Settings, ledger: OpenLedger, *, name: Name = nobody
) -> tuple[SignerKey, Sealed]:
    """Seal what is new with the key and the witnesses of a data directory."""
    key = await sealing_key(
        ledger.log,
        key_place(settings),
        ledger_id=ledger.id,
        partitions=ledger.partitions,
    )
    sealed = await seal_ledger(
        ledger.log,
        tree_folder(settings),
        key=key,
        partitions=ledger.partitions,
        witnesses=read_witnesses(settings.witnesses),
        name=name,
    )
    return key, sealed


async def run_sealer(settings: Settings, kafka: str, *, stop: asyncio.Event) -> None:
    """Seal until asked to stop; what cannot be sealed now is said, and tried again."""
    heartbeat = Heartbeat(settings.data / "beats", "sealer")
    while not stop.is_set():
        state, details = await _seal(settings, kafka)
        for _ in range(settings.seal_every):
            heartbeat.beat(state, **details)
            await wait_or_stop(stop, BEAT_SECONDS)
            if stop.is_set():
                break
    heartbeat.gone()


async def _seal(settings: Settings, kafka: str) -> tuple[str, dict[str, Any]]:
    """Seal what is new; return what to say of it."""
    try:
        async with opened_ledger(kafka, writes=True) as ledger:
            _, sealed = await seal_now(settings, ledger, name=_stranger)
    except (KafkaError, OSError, LogError) as away:
        log.warning("kafka.away", error=repr(away))
        return waits_for(away), {"error": str(away) or repr(away)}
    except (SealRefused, LedgerRefused) as refused:
        log.warning("seal.refused", error=str(refused))
        return "not sealing", {"error": str(refused)}
    if sealed.is_new:
        log.info("sealed", size=sealed.seal.size)
    state = f"sealed {sealed.seal.size} records"
    return state, {"strangers": sealed.strangers}


def _stranger(offset: int, reason: StrangerReason) -> None:
    log.warning("seal.stranger", offset=offset, reason=reason.value)


def main(settings: Settings, kafka: str) -> None:
    """Run the sealer until SIGTERM or SIGINT."""
    run_until_signal(lambda stop: run_sealer(settings, kafka, stop=stop))
