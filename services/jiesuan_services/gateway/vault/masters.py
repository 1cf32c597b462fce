"""Which master keys there are, and whether they open what the vault holds."""

import asyncio
import time
from typing import Any, Final

import structlog

from jiesuan_services.gateway.store.database import AWAY, Connection
from jiesuan_services.gateway.store.sql import query
from jiesuan_services.gateway.vault.identities import Vault
from jiesuan_services.gateway.vault.keys import (
    OTHER_KEY,
    KeyRefused,
    kept_master,
    made_master,
    named_master,
)
from jiesuan_services.runtime.bootstrap import Settings

LOOK_SECONDS: Final = 2.0
LOOKS_A_SECRET: Final = 30
"""Whether secrets open is tried once a minute, a hundred of them at a time: of ten
thousand institutions that sign, the counter would stand still meanwhile."""
AT_ONCE: Final = 100
PLACE: Final = "vault"
NO_KEY: Final = (
    "身份库中已有记录，而{}中没有主密钥：请把JIESUAN_VAULT_KEY设为写入时所用的主密钥，"
    "或用--data指明原来的数据目录"
)

log = structlog.get_logger()


async def vault_of(on: Connection, settings: Settings) -> Vault:
    """Return the vault under the master keys as set; its first key is made here."""
    named, before = settings.vault_key, settings.vault_old_key
    newest = named_master(named) if named else kept_master(settings.data)
    if newest is None:
        # A key made for a vault that has one would be a second, which opens nothing.
        if await on.fetchval(query("vault", "vault", name="holds_anything")):
            raise KeyRefused(NO_KEY.format(settings.data))
        newest = made_master(settings.data)
    return Vault(newest, named_master(before)) if before else Vault(newest)


async def be_ours(on: Connection, vault: Vault) -> None:
    """Refuse to write what gateways would not open: under a key that nothing is under.

    One row tells; while a key is exchanged there are rows of both, and either will do.
    """
    written = await vault.written_with(on)
    if written and written == await vault.others(on):
        raise KeyRefused(OTHER_KEY)
    kept = await on.fetchrow(query("store", "clients", name="sealed"))
    if kept is not None and not written:
        vault.unsealed(kept["sealed"], kept["owner"])


class KeyWatch:
    """Looks now and then whether the keys open everything: `jiesuan status` tells."""

    def __init__(self, pool: Connection, vault: Vault) -> None:
        self.standing: dict[str, dict[str, Any]] = {}
        self._pool = pool
        self._vault = vault
        self._looks = 0
        self._opens_secrets = True

    async def keep(self) -> None:
        """Look until cancelled; what the database does not say now, it says later."""
        while True:
            try:
                self._say(is_open=await self._is_open())
            except AWAY as away:
                log.warning("vault.unseen", error=type(away).__name__)
            await asyncio.sleep(LOOK_SECONDS)

    def _say(self, *, is_open: bool) -> None:
        if is_open:
            self.standing = {}
        elif not self.standing:
            log.error("vault.other-key", master=self._vault.master.id)
            halt = {"offset": None, "reason": OTHER_KEY, "since": time.time()}
            self.standing = {PLACE: halt}

    async def _is_open(self) -> bool:
        if self._looks % LOOKS_A_SECRET == 0:
            self._opens_secrets = await self._opens_all()
        self._looks += 1
        return self._opens_secrets and not await self._vault.others(self._pool)

    async def _opens_all(self) -> bool:
        rows = await self._pool.fetch(query("store", "clients", name="sealed"))
        try:
            for number, row in enumerate(rows, 1):
                self._vault.unsealed(row["sealed"], row["owner"])
                if number % AT_ONCE == 0:
                    await asyncio.sleep(0)
        except KeyRefused:
            return False
        return True
