"""Names and numbers added to a reply as it is sent; each reading is on record first."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from jiesuan_events.words.instants import completed_years
from jiesuan_events.words.topics import LOOKS
from jiesuan_services.audit.looks import LookNote
from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.ledger.asking import LedgerClient
from jiesuan_services.gateway.store.database import Connection
from jiesuan_services.gateway.store.together.statements import Together
from jiesuan_services.gateway.vault.identities import Identity, Vault

IDENTITY: Final = "identity"
NODES: Final = ("baseinfo", "setlinfo")
"""The nodes that say who somebody is."""
ROWS: Final = "data"
"""The node of which each row says whose it is."""
UNKNOWN: Final = Identity(
    psn_cert_type="", certno="", psn_name="", gend="9", naty="", brdy=""
)
"""Someone never loaded, or erased: every field is there, and says nothing."""


async def joined(
    output: Mapping[str, Any],
    *,
    db: Connection,
    together: Together,
    vault: Vault,
    today: date,
) -> Mapping[str, Any]:
    """Return an output with who the person is."""
    node = next((name for name in NODES if name in output), None)
    if node is None:
        return await _joined_rows(output, db=db, vault=vault)
    sealed = await together.person(output[node]["psn_no"])
    identity = UNKNOWN if sealed is None else vault.opened(sealed)
    named = {**output, node: {**output[node], **_fields(identity, today)}}
    if "insuinfo" in output:
        employer = identity.emp_name or ""
        named["insuinfo"] = [
            {**row, "emp_name": employer} for row in output["insuinfo"]
        ]
    return named


async def _joined_rows(
    output: Mapping[str, Any], *, db: Connection, vault: Vault
) -> Mapping[str, Any]:
    persons = await vault.identities(db, persons_in(output))
    rows = [
        {**row, "certno": persons.get(row["psn_no"], UNKNOWN).certno}
        for row in output.get(ROWS, ())
    ]
    return {**output, ROWS: rows} if rows else output


def persons_in(output: Mapping[str, Any]) -> list[str]:
    """Return whom an output will name, each once."""
    named = [output[node]["psn_no"] for node in NODES if node in output]
    rows = [row["psn_no"] for row in output.get(ROWS, ())]
    return list(dict.fromkeys(named or rows))


def _fields(identity: Identity, today: date) -> dict[str, Any]:
    return {
        "psn_cert_type": identity.psn_cert_type,
        "certno": identity.certno,
        "psn_name": identity.psn_name,
        "gend": identity.gend,
        "naty": identity.naty,
        "brdy": identity.brdy,
        "age": _age(identity.brdy, today),
    }


def _age(brdy: str, today: date) -> Decimal:
    """Return the age with one decimal, as the standard has it: months are tenths."""
    if not brdy:
        return Decimal("0.0")
    born = date.fromisoformat(brdy)
    years = max(0, completed_years(born, today))
    months = (today.month - born.month - (today.day < born.day)) % 12
    return Decimal(years) + Decimal(months * 10 // 12).scaleb(-1)


async def note_look(call: Call[Any], psn_no: str, *, why: str) -> None:
    """Write down that a message reads who a person is, once, before it is used."""
    if psn_no in call.noted:
        return
    await record_look(
        call.services.ledger,
        psn_no,
        who=call.looker,
        detail=call.noted_as,
        why=why,
        when=call.services.now(),
    )
    call.noted.add(psn_no)


async def record_look(
    ledger: LedgerClient,
    psn_no: str,
    *,
    who: str,
    detail: str,
    why: str,
    when: datetime,
) -> None:
    """Write down who reads whose identity, when and why, before it is shown."""
    at = when.isoformat(timespec="milliseconds")
    look = LookNote(at, who, IDENTITY, psn_no, detail, why)
    await ledger.tell(LOOKS, look.record())
