"""The views of §10 from the naive books."""

from typing import Any

from tests.domain.clearing.naive_books import Books, kinds, name

Json = dict[str, Any]


def views(books: Books, warn: int) -> dict[str, list[Json]]:
    """Show every view, each in the order of its key; an empty one is left out."""
    found = {
        "clearing_statement": [books.shown(id_) for id_ in sorted(books.statements)],
        "clearing_row": lines(books),
        "clearing_waiting": waiting(books),
        "clearing_recovery": recoveries(books),
        "clearing_balance": balances(books),
        "prepayment": prepayments(books, warn),
        "clearing_fine": books.fines(),
    }
    return {view: rows for view, rows in found.items() if rows}


def lines(books: Books) -> list[Json]:
    """Show every row in every statement that it was drawn into."""
    found = []
    for row_id, months in books.places.items():
        row = books.rows[row_id]
        for at, month in enumerate(months):
            stands = books.stands(row_id) == month
            for kind in kinds(row):
                before, after = months[:at], months[at + 1 :]
                found.append(
                    {
                        "statement_id": name(kind, month, row),
                        "setl_id": row_id,
                        "cnfm_flag": books.flag(row_id, month),
                        "deducted_fen": books.on_row(kind, row) if stands else 0,
                        "carried_from": name(kind, before[-1], row) if before else None,
                        "carried_to": name(kind, after[0], row) if after else None,
                    }
                )
    return sorted(found, key=lambda one: (one["statement_id"], one["setl_id"]))


def waiting(books: Books) -> list[Json]:
    """Show every row that stands nowhere."""
    found = []
    for row_id, row in sorted(books.rows.items()):
        if books.stands(row_id):
            continue
        care = row["mdtrtarea_admvs"]
        is_late = row["clr_ym"] <= books.drawn.get(care, "")
        why = "late" if is_late else "undrawn"
        found.append(
            {
                "setl_id": row_id,
                "mdtrtarea_admvs": care,
                "since_clr_ym": row["clr_ym"],
                "why": "carried" if row_id in books.places else why,
            }
        )
    return found


def recoveries(books: Books) -> list[Json]:
    """Show what the next statements recover."""
    return [
        {
            "kind": kind,
            "mdtrtarea_admvs": care,
            "insuplc_admdvs": party if kind == "region" else None,
            "fixmedins_code": party if kind == "institution" else None,
            "insutype": scheme,
            "clr_type": category,
            "pending_fen": pending,
        }
        for (kind, care, party, scheme, category), pending in sorted(
            books.pending.items()
        )
        if pending
    ]


def balances(books: Books) -> list[Json]:
    """Show who owes whom."""
    sums: dict[tuple[str, str, str], list[int]] = {}
    for id_ in books.statements:
        one = books.shown(id_)
        if one["kind"] == "region":
            parties = (one["mdtrtarea_admvs"], one["insuplc_admdvs"])
            for side, region in enumerate(parties):
                at = (region, one["clr_ym"], one["clr_stas"])
                sums.setdefault(at, [0, 0])[side] += one["payable_fen"]
    return [
        {
            "admdvs": region,
            "clr_ym": month,
            "clr_stas": state,
            "receivable_fen": owed,
            "payable_fen": owes,
        }
        for (region, month, state), (owed, owes) in sorted(sums.items())
        if owed or owes
    ]


def prepayments(books: Books, warn: int) -> list[Json]:
    """Show the prepayment accounts; ``warn`` is the ratio in ten-thousandths."""
    accounts: dict[tuple[str, ...], list[int]] = {at: [0, 0, 0] for at in books.quotas}
    for row_id, row in books.rows.items():
        if len(kinds(row)) == 1:
            continue
        year = row["clr_ym"][:4]
        at = (row["mdtrtarea_admvs"], row["insuplc_admdvs"], row["insutype"], year)
        account = accounts.setdefault(at, [0, 0, 0])
        fund, month = row["fund_pay_sumamt_fen"], books.stands(row_id)
        state = month and books.statements[name("region", month, row)]["clr_stas"]
        if state == "60":
            deducted = books.on_row("region", row)
            account[1] += fund - deducted
            account[2] += deducted
        else:
            account[0] += fund
    for id_, one in books.statements.items():
        kind, month, care, party, scheme, _ = id_.split(":")
        if kind == "region" and one["clr_stas"] == "60" and one["recovered"]:
            account = accounts.setdefault((care, party, scheme, month[:4]), [0, 0, 0])
            account[1] -= one["recovered"]
            account[2] += one["recovered"]
    return [prepayment(at, accounts[at], books, warn) for at in sorted(accounts)]


def prepayment(
    at: tuple[str, ...], account: list[int], books: Books, warn: int
) -> Json:
    """Show one account."""
    used, paid, deducted = account
    quota = books.quotas.get(at)
    ratio = None
    if quota:
        size = (abs(used) * 20_000 + quota) // (2 * quota)
        sign = "-" if used < 0 and size else ""
        ratio = f"{sign}{size // 10_000}.{size % 10_000:04}"
    care, insured, scheme, year = at
    return {
        "mdtrtarea_admvs": care,
        "insuplc_admdvs": insured,
        "insutype": scheme,
        "year": year,
        "quota_fen": quota,
        "used_fen": used,
        "paid_fen": paid,
        "deducted_fen": deducted,
        "used_ratio": ratio,
        "warned": quota is not None and used * 10_000 >= warn * quota,
    }
