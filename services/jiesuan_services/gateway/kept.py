"""A message as it is kept: what it asked, and the reply that its sender gets again."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson

from jiesuan_events.clearing.requests import CLEARING_REQUEST_TYPES
from jiesuan_events.words.topics import CLEARING, LEDGER
from jiesuan_services.gateway.store.database import Connection
from jiesuan_services.gateway.store.sql import query
from jiesuan_services.gateway.store.together.rows import (
    IntendedMessage,
    Key,
    MessageName,
)
from jiesuan_services.gateway.transactions.kinds import (
    Asking,
    LedgerRequest,
    Reading,
)
from jiesuan_services.gateway.transactions.table import TRANSACTIONS
from jiesuan_services.gateway.wire.reply import Reply


class KeptReply:
    """A message as it is kept: our name for it, and its reply if it has one."""

    def __init__(
        self, row: Mapping[str, Any], *, said: Reply | None = None, asked: Any = None
    ) -> None:
        self.row = row
        self.inf_refmsgid: str = row["inf_refmsgid"]
        self._said = said
        self._asked = asked

    @property
    def is_replied(self) -> bool:
        """Whether the message has its reply."""
        return self._said is not None or self.row["replied_at"] is not None

    @property
    def reply(self) -> Reply:
        """Return the reply that was kept."""
        if self._said is not None:
            return self._said
        # As long as it was when it was written: what bounds senders does not bound it.
        output = json.loads(self.row["output"], parse_float=Decimal)
        return Reply(output, self.row["err_msg"])

    @property
    def asked(self) -> Any:
        """Return what the ledger was to be asked, and what its reply needs."""
        if self._asked is None:
            self._asked = orjson.loads(self.row["request"])
        return self._asked

    @property
    def work(self) -> Asking:
        """Return what a message does that asks the ledger."""
        work = TRANSACTIONS[self.row["infno"]].work
        assert isinstance(work, Asking)
        return work

    @property
    def key(self) -> Key:
        """Return what names the message."""
        row = self.row
        return row["fixmedins_code"], row["msgid"], row["infno"], row["digest"]


def whose(output: Mapping[str, Any]) -> str | None:
    """Return the person whom a reply found by his number."""
    found: str | None = output.get("baseinfo", {}).get("psn_no")
    return found


async def forget(on: Connection, psn_no: str) -> None:
    """Forget who asked for what of a person: asked again, it is looked up again.

    What changed something stays, for its sender must not change it twice.
    """
    readings = [
        one.infno for one in TRANSACTIONS.values() if isinstance(one.work, Reading)
    ]
    await on.execute(query("store", "messages", name="forget"), psn_no, readings)


def row_of(name: MessageName, **more: Any) -> dict[str, Any]:
    """Return a message's row as it was written."""
    fixmedins_code, msgid, infno, digest = name.key
    return {
        "fixmedins_code": fixmedins_code,
        "msgid": msgid,
        "infno": infno,
        "digest": digest,
        "inf_refmsgid": name.inf_refmsgid,
        "psn_no": name.psn_no,
        **more,
    }


def intended_as(
    name: MessageName, asked: LedgerRequest, *, kept: Any, version: int | None
) -> IntendedMessage:
    """Return a message as it is written down before the ledger is asked."""
    return IntendedMessage(
        name,
        kept["message"]["id"],
        orjson.dumps(kept).decode(),
        asked.mdtrt_id,
        asked.chrg_bchno,
        version,
        asked.uses_account,
        CLEARING if asked.type in CLEARING_REQUEST_TYPES else LEDGER,
    )
