"""What the counter says no with: one plain sentence that reaches the cashier."""

from typing import Final

MOST_CHARACTERS: Final = 200
"""`err_msg` is C(200)."""
_CUT: Final = "…"


class CounterFault(Exception):
    """A transaction that fails for a reason that its sender can read and mend."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class NotRead(CounterFault):
    """A message that cannot be read: nothing was looked up, nothing was done."""


class NotAllowed(CounterFault):
    """A sender who is not who he says, or asks for what is not his."""


class Unavailable(CounterFault):
    """The counter cannot answer now; nothing final is said, asking again may succeed.

    Such a reply is not kept: the same message is looked at again when it comes again.
    """


def fitted(sentence: str) -> str:
    """Return a sentence no longer than `err_msg` holds, cut where it must be.

    >>> len(fitted("很长" * 200))
    200
    """
    if len(sentence) <= MOST_CHARACTERS:
        return sentence
    return sentence[: MOST_CHARACTERS - len(_CUT)] + _CUT
