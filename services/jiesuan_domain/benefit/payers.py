"""Who pays what is left: supplement, account, cash (67号第二十三、二十九条, A32)."""

from jiesuan_events.words.money import Fen, Rate, share


def employer_supplement(borne: Fen, rate: Rate) -> Fen:
    """Pay a configured ratio of what the person bears in scope (67号第二十九条)."""
    return share(borne, rate)


def account_pay(burden: Fen, balance: Fen | None) -> Fen:
    """Return what the account pays of the person's part: at most its balance."""
    return min(balance or 0, burden)
