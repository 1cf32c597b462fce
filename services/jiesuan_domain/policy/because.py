"""Where a value of a policy stands."""

from msgspec import Struct


class Because(Struct, frozen=True):
    """Why a value holds: the instrument, its article, and the sentence itself."""

    instrument: str
    article: str
    quote: str
