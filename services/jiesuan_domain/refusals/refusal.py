"""One reason to refuse, and the order in which reasons count."""

from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from jiesuan_events.words.codes import RefusalCode


class Refusal(Struct, frozen=True):
    """One reason to refuse: a code, a plain Chinese sentence, and the particulars."""

    code: RefusalCode
    message: str
    details: dict[str, Any]

    def wire(self) -> dict[str, Any]:
        """Render for an answer."""
        return {
            "code": self.code.value,
            "message": self.message,
            "transient": self.code.is_transient,
            "details": self.details,
        }


def in_order(refusals: Iterable[Refusal]) -> tuple[Refusal, ...]:
    """Put refusals in the order of precedence; the first is the one that counts."""
    return tuple(sorted(refusals, key=lambda refusal: refusal.code.precedence))
