"""Whether a statement may go on its way: who asks, in which state, by when."""

from collections.abc import Sequence
from typing import Final

from jiesuan_domain.clearing import refusals
from jiesuan_domain.clearing.asked import INSTITUTION as FROM_INSTITUTION
from jiesuan_domain.clearing.asked import acts_for
from jiesuan_domain.clearing.rules.case import ClearingCase, Verdict
from jiesuan_domain.clearing.state.row import INSTITUTION
from jiesuan_domain.clearing.state.statement import CLEARED, Statement
from jiesuan_domain.refusals.refusal import Refusal
from jiesuan_events.clearing import requests
from jiesuan_events.words.glossary import wire_name
from jiesuan_ledger.clearing.facts import (
    Accepted,
    Audited,
    AuditFinished,
    Cleared,
    Deduction,
    Fine,
    Fined,
    StatementPaid,
    StatementRejected,
    StatementsDeclared,
    Withdrawn,
)

PlainStep = Withdrawn | Accepted | AuditFinished | Cleared

_PLAIN: Final[dict[type[requests.ClearingRequest], type[PlainStep]]] = {
    requests.Withdraw: Withdrawn,
    requests.Accept: Accepted,
    requests.FinishAudit: AuditFinished,
    requests.Clear: Cleared,
}
"""The facts that say no more than their statement."""


def is_payee(source: str, statement: Statement) -> bool:
    """Whether a source is whom a statement pays."""
    if statement.kind == INSTITUTION:
        return source == FROM_INSTITUTION + statement.party
    return acts_for(source, statement.care_region)


def is_payer(source: str, statement: Statement) -> bool:
    """Whether a source is who pays a statement."""
    if statement.kind == INSTITUTION:
        return acts_for(source, statement.care_region)
    return acts_for(source, statement.party)


def decide_declare(case: ClearingCase, command: requests.Declare) -> Verdict:
    """Decide a declaration of statements together: all or none."""
    found, statements = _looked_up(case, command.statement_ids)
    if len(statements) == len(command.statement_ids):
        found += _sums(statements, command)
        found += _deadline(case, statements, exception=command.exception)
    if found:
        return found
    return StatementsDeclared(
        **case.caused(),
        statement_ids=tuple(command.statement_ids),
        exception=command.exception,
    )


def decide_step(
    case: ClearingCase, command: requests.Withdraw | requests.OfPayer
) -> Verdict:
    """Decide a request about one statement."""
    found, statements = _looked_up(case, [command.statement_id])
    for statement in statements:
        if isinstance(command, requests.Audit):
            found += _deductions(case, statement, command=command)
        if isinstance(command, requests.Pay) and statement.state == CLEARED:
            found += _amount(statement, command)
    return found or _step(case, command)


def _step(case: ClearingCase, command: requests.Withdraw | requests.OfPayer) -> Verdict:
    caused = {**case.caused(), "statement_id": command.statement_id}
    plain = _PLAIN.get(type(command))
    if plain is not None:
        return plain(**caused)
    match command:
        case requests.Audit():
            made = tuple(Deduction(**dict(one)) for one in command.deductions)
            return Audited(**caused, deductions=made)
        case requests.Pay():
            return StatementPaid(**caused, paid=command.paid, paid_on=command.paid_on)
        case requests.Reject():
            return StatementRejected(**caused, reason=command.reason)
        case requests.SetFines():
            fines = tuple(Fine(**dict(one)) for one in command.fines)
            return Fined(**caused, fines=fines)
    raise AssertionError(f"{type(command).__name__} comes to no fact")


def _looked_up(
    case: ClearingCase, ids: Sequence[str]
) -> tuple[list[Refusal], list[Statement]]:
    """Find statements that the sender may act on; of each kind of fault the first."""
    command, source = case.asked.command, case.asked.source
    is_party = (
        is_payee
        if isinstance(command, requests.Declare | requests.Withdraw)
        else is_payer
    )
    known = [case.region.statements.get(id_) for id_ in ids]
    there = [one for one in known if one is not None]
    own = [one for one in there if is_party(source, one)]
    found = case.bad_time(there)
    if len(there) < len(ids):
        missing = next(id_ for id_, one in zip(ids, known, strict=True) if one is None)
        found.append(refusals.unknown_statement(missing))
    if len(own) < len(there):
        other = next(one for one in there if not is_party(source, one))
        found.append(refusals.not_your_statement(other.id))
    allowed = case.allowed
    wrong = [one for one in own if one.state not in allowed]
    if wrong:
        found.append(refusals.wrong_state(wrong[0], allowed))
    return found, own


def _sums(statements: list[Statement], command: requests.Declare) -> list[Refusal]:
    differences = []
    for word in requests.StatementSums.model_fields:
        expected = sum(getattr(one.sums, word) for one in statements)
        found = getattr(command, word)
        if expected != found:
            name = wire_name(word)
            differences.append({"field": name, "expected": expected, "found": found})
    return [refusals.sums_differ(differences)] if differences else []


def _deadline(
    case: ClearingCase, statements: list[Statement], *, exception: str | None
) -> list[Refusal]:
    """Refuse what comes after the last day, unless its exception was reported."""
    if exception is not None:
        return []
    day = case.counted_on
    for statement in statements:
        if statement.state not in case.allowed:
            continue
        last = statement.latest_on
        if statement.rejected_on is not None:
            last = max(last, case.calendar.redeclare_by(statement.rejected_on))
        if day > last:
            return [refusals.too_late(statement.id, last)]
    return []


def _deductions(
    case: ClearingCase, statement: Statement, *, command: requests.Audit
) -> list[Refusal]:
    """Refuse rows of another statement, and more than the fund paid for a row."""
    strange: dict[str, None] = {}
    together: dict[str, int] = {}
    for one in command.deductions:
        if _stands_in(case, statement, row_id=one.settlement_id):
            known = together.get(one.settlement_id, 0)
            together[one.settlement_id] = known + one.amount
        else:
            strange[one.settlement_id] = None
    found = [refusals.not_in_statement(list(strange))] if strange else []
    for row_id, amount in together.items():
        row = case.region.rows[row_id]
        in_force = case.region.deductions.get(row_id, ())
        whole = amount + sum(one.amount for one in in_force)
        limit = max(row.fund_pay, 0)
        if whole > limit:
            too_large = refusals.deduction_too_large(row_id, limit=limit, found=whole)
            return [*found, too_large]
    return found


def _stands_in(case: ClearingCase, statement: Statement, *, row_id: str) -> bool:
    row = case.region.rows.get(row_id)
    if row is None or case.draft.standing_in(row) != statement.month:
        return False
    return row.statement_id(statement.kind, statement.month) == statement.id


def _amount(statement: Statement, command: requests.Pay) -> list[Refusal]:
    if command.paid == statement.payable:
        return []
    return [refusals.not_the_full_amount(statement.payable, command.paid)]
