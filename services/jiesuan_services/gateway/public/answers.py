"""Public queries (问答): opened institutions, notices, and the asker's own standing."""

import hmac
import json
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any, Final

from jiesuan_domain.policy.model import Pack, Packs, Rules
from jiesuan_domain.policy.parameters import ALL
from jiesuan_events.words.codes import name_of
from jiesuan_services.gateway.store.database import Connection
from jiesuan_services.gateway.store.sql import query
from jiesuan_services.gateway.transactions.persons.qualifications_5301 import (
    with_last_days,
)
from jiesuan_services.gateway.vault.identities import Vault

MOST_INSTITUTIONS: Final = 500
SCHEMES: Final = (("310", "职工医保"), ("390", "居民医保"))


async def institutions(
    db: Connection, *, admdvs: str, name: str, dise_code: str, day: date
) -> list[dict[str, Any]]:
    """List a region's institutions that are opened today, with what is, by name."""
    prefix = admdvs
    while prefix.endswith("00"):
        prefix = prefix[:-2]
    rows = await db.fetch(
        query("store", "reference", name="places"),
        *(prefix, name, dise_code, day.isoformat(), MOST_INSTITUTIONS),
    )
    return [_institution(row, day) for row in rows]


def _institution(row: Any, day: date) -> dict[str, Any]:
    opened = [
        {
            "opsp_dise_code": one["opsp_dise_code"],
            "opsp_dise_name": name_of(one["opsp_dise_code"]),
            "begndate": one["begndate"],
            "enddate": one.get("enddate"),
        }
        for one in json.loads(row["opened"])
        if (one.get("enddate") or "9999") >= day.isoformat() >= one["begndate"]
    ]
    return {
        "fixmedins_code": row["fixmedins_code"],
        "fixmedins_name": row["fixmedins_name"],
        "admdvs": row["admdvs"],
        "fixmedins_type": row["fixmedins_type"],
        "dedc_hosp_lv": row["dedc_hosp_lv"],
        "outpatient_opened": row["outpatient_opened"],
        "opened": opened,
    }


def notice(packs: Packs, *, admdvs: str, day: date) -> dict[str, Any] | None:
    """Return the notice (告知书) of a region: what its packs say on a day, with why."""
    schemes = []
    for scheme, zh in SCHEMES:
        pack = packs.find(admdvs, scheme)
        if pack is None:
            continue
        rules = pack.on(day)
        diseases = sorted(rules.chronic_diseases or ())
        schemes.append(
            {
                "insutype": scheme,
                "insutype_name": zh,
                "title": pack.title,
                "filing_required": dict(rules.filing_required or {}),
                "chronic_diseases": _named(diseases),
                "cross_province_diseases": _named(
                    sorted(rules.cross_province_diseases)
                ),
                "sources": _sources(pack, rules),
            }
        )
    if not schemes:
        return None
    return {"admdvs": admdvs, "on": day.isoformat(), "schemes": schemes}


def _sources(pack: Pack, rules: Rules) -> list[dict[str, str]]:
    """List where each rule stands, those that hold in every region among them."""
    own = pack.parameters
    return [
        {
            "name": own[name].zh if name in own else ALL[name].zh,
            "instrument": because.instrument,
            "article": because.article,
            "quote": because.quote,
        }
        for name, because in rules.sources.items()
    ]


def _named(codes: list[str]) -> list[dict[str, str]]:
    return [{"opsp_dise_code": one, "opsp_dise_name": name_of(one)} for one in codes]


def _is_same(kept: str, said: str) -> bool:
    """Whether two texts are one; what is said may hold any character."""
    return hmac.compare_digest(kept.encode(), said.encode())


async def qualification(
    db: Connection,
    vault: Vault,
    *,
    number: str,
    psn_no: str,
    birth: str,
    packs: Packs,
    day: date,
    look: Callable[[str], Awaitable[None]],
) -> list[dict[str, Any]] | None:
    """List the asker's own qualifications; None unless both numbers are his.

    A number that nobody has and one of another person's are looked for in the same
    way: neither answer nor time tells which it was. ``look`` puts on record who is
    about to be read. Who says when he was born must be right.
    """
    if not await vault.is_of(db, number, psn_no=psn_no):
        return None
    await look(psn_no)
    if birth:
        identity = await vault.identity(db, psn_no)
        if identity is None or not _is_same(identity.brdy, birth):
            return None
    return [
        {
            "insutype": row["insutype"],
            "opsp_dise_code": row["opsp_dise_code"],
            "opsp_dise_name": name_of(row["opsp_dise_code"]),
            "begndate": row["begndate"].isoformat(),
            "enddate": last.isoformat(),
        }
        for row, last in await with_last_days(db, psn_no, packs=packs, day=day)
    ]
