"""Whether a prepayment may be set (118号 七(一): 先预付、后清算)."""

from jiesuan_domain.clearing.rules.case import ClearingCase, Verdict
from jiesuan_domain.clearing.showing.results import prepayment_row, warn_ratio
from jiesuan_domain.clearing.state.region import Account
from jiesuan_domain.refusals.of_request import malformed
from jiesuan_events.clearing.requests import SetQuota
from jiesuan_events.words.money import rate_text
from jiesuan_ledger.clearing.facts import QuotaSet

EMERGENCY = "emergency"


def decide_quota(case: ClearingCase, command: SetQuota) -> Verdict:
    """Decide a quota: the whole from now on; an emergency must raise it (紧急调增)."""
    key = (command.insured_region, command.scheme, command.year)
    account = case.region.accounts.get(key, Account())
    if command.basis == EMERGENCY and command.quota <= (account.quota or 0):
        zh = "紧急调增后的额度应高于现有额度"
        reason = "an emergency must raise the quota"
        return [malformed("data.quota_fen", reason, zh=zh)]
    ratio = warn_ratio(case.packs, key)
    return QuotaSet(
        **case.caused(),
        insured_region=command.insured_region,
        scheme=command.scheme,
        year=command.year,
        quota=command.quota,
        basis=command.basis,
        warn_ratio=None if ratio is None else rate_text(ratio),
        prepayment=prepayment_row(
            key, account, care_region=command.care_region, packs=case.packs
        ),
    )
