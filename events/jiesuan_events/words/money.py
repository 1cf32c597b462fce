"""Money and ratios: integer fen, integer ten-thousandths, rounding with a name.

Fen is checked where it enters (strict, bounded) and a bare int inside: an int that
guards its own operators costs the law a third of its speed (docs/decisions/0003).
"""

from functools import cache
from typing import Annotated, Final

from pydantic import Field

MAX_FEN: Final = 2**53 - 1
"""No amount above this, so that readers in JavaScript cannot round it."""
MAX_LINE_FEN: Final = 10**12
_POWERS: Final[tuple[int, ...]] = tuple(10**power for power in range(11))
_BELOW_YUAN: Final = tuple(f".{fen:02d}" for fen in range(100))
WHOLE: Final = 10_000
"""A ratio of one, in ten-thousandths."""
_TWICE_WHOLE: Final = 2 * WHOLE

Fen = int
"""An amount in fen."""
Rate = int
"""A ratio in ten-thousandths."""

StrictFen = Annotated[int, Field(strict=True, ge=-MAX_FEN, le=MAX_FEN)]
LineFen = Annotated[int, Field(strict=True, ge=-MAX_LINE_FEN, le=MAX_LINE_FEN)]
PositiveFen = Annotated[int, Field(strict=True, ge=0, le=MAX_FEN)]


def half_up(numerator: int, denominator: int) -> int:
    """Divide and round half away from zero: the mirror of a positive is its negative.

    >>> half_up(5, 10), half_up(-5, 10), half_up(4, 10)
    (1, -1, 0)
    """
    twice = 2 * denominator
    if numerator < 0:
        return -((denominator - 2 * numerator) // twice)
    return (2 * numerator + denominator) // twice


def share(amount: Fen, rate: Rate) -> Fen:
    """Take a ratio of an amount, rounded half up to the fen (四舍五入).

    >>> share(10, 6500)
    7
    """
    twice = 2 * amount * rate
    if twice < 0:
        return -((WHOLE - twice) // _TWICE_WHOLE)
    return (twice + WHOLE) // _TWICE_WHOLE


def scaled(text: str, decimals: int) -> int:
    """Read a decimal string as an integer of that many decimals, exactly.

    >>> scaled("12.5", 6)
    12500000
    """
    whole, _, fraction = text.partition(".")
    missing = decimals - len(fraction)
    digits = int(whole + fraction)
    return digits * _POWERS[missing] if missing else digits


def rate_of(text: str) -> Rate:
    """Read a ratio string of at most four decimals: ten-thousandths."""
    return scaled(text, 4)


@cache
def rate_text(rate: Rate) -> str:
    """Write a ratio as the standard does, four decimals.

    >>> rate_text(8000)
    '0.8000'
    """
    return f"{rate // WHOLE}.{rate % WHOLE:04d}"


def price_times_quantity(price: str, quantity: str) -> Fen:
    """Multiply yuan (6 decimals) by a quantity (4 decimals): fen, rounded half up.

    >>> price_times_quantity("12.345678", "3.0000")
    3704
    """
    yuan_, _, below_yuan = price.partition(".")
    whole, _, below_one = quantity.partition(".")
    product = int(yuan_ + below_yuan) * int(whole + below_one)
    below_fen = len(below_yuan) + len(below_one) - 2
    if below_fen <= 0:
        return product * _POWERS[-below_fen]
    return half_up(product, _POWERS[below_fen])


def yuan(amount: Fen) -> str:
    """Write fen as yuan for a screen.

    >>> yuan(-5), yuan(123456)
    ('-0.05', '1234.56')
    """
    if amount < 0:
        return "-" + yuan(-amount)
    return f"{amount // 100}{_BELOW_YUAN[amount % 100]}"
