"""The kinds of field that contracts are made of, each with its bound."""

import re
from datetime import date, datetime
from functools import lru_cache
from typing import Annotated, Any, Final, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
)

from jiesuan_events.words.glossary import wire_name
from jiesuan_events.words.instants import as_sent, moment

ID: Final = r"[A-Za-z0-9_.:/-]{1,50}"
CODE: Final = r"[A-Za-z0-9_.-]{1,20}"
REGION: Final = r"[0-9]{6}"
YEAR: Final = r"[0-9]{4}"
DIGEST: Final = r"[0-9a-f]{64}"
_TO_THE_SECOND: Final = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T"
    r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?"
)
INSTANT: Final = _TO_THE_SECOND + r"(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
"""RFC 3339, without its leap seconds and small letters."""
KEPT_INSTANT: Final = _TO_THE_SECOND + r"(Z|[+-][0-9]{2}:[0-9]{2})"
"""As the ledger may hold it: offsets like +08:60 were taken once, and stay taken."""
RATE: Final = r"(0(\.[0-9]{1,4})?|1(\.0{1,4})?)"

Id = Annotated[str, Field(pattern=f"^{ID}$")]
Code = Annotated[str, Field(pattern=f"^{CODE}$")]
Region = Annotated[str, Field(pattern=f"^{REGION}$")]
Year = Annotated[str, Field(pattern=f"^{YEAR}$")]
Text = Annotated[str, Field(max_length=500)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Flag = Literal["0", "1"]
Days = Annotated[int, Field(strict=True, ge=1, le=366)]
Digest = Annotated[str, Field(pattern=f"^{DIGEST}$")]
RateText = Annotated[str, Field(pattern=f"^{RATE}$")]
Price = Annotated[str, Field(pattern=r"^[0-9]{1,10}(\.[0-9]{1,6})?$")]
Quantity = Annotated[str, Field(pattern=r"^-?[0-9]{1,12}(\.[0-9]{1,4})?$")]


_NOT_AN_INSTANT = "not an instant with offset, like 2022-03-01T08:50:00+08:00"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def read_instant(value: Any) -> datetime:
    """Read an aware instant, or raise ValueError saying what one looks like."""
    return _instant_of(_text_of(value), INSTANT)


def read_kept_instant(value: Any) -> datetime:
    """Read an instant of the ledger: what was taken once is taken for ever."""
    return _instant_of(_text_of(value), KEPT_INSTANT)


def _text_of(value: Any) -> str:
    if isinstance(value, datetime):
        return as_sent(value)
    if not isinstance(value, str):
        raise ValueError(_NOT_AN_INSTANT)
    return value


@lru_cache(maxsize=4096)
def _instant_of(text: str, form: str) -> datetime:
    """Read an instant; the lines of a bill tend to share theirs."""
    if re.fullmatch(form, text) is None:
        raise ValueError(_NOT_AN_INSTANT)
    return moment(text)


def _read_day(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if not isinstance(value, str) or _DAY.fullmatch(value) is None:
        raise ValueError("not a day, like 2022-03-01")
    return date.fromisoformat(value)


Instant = Annotated[
    datetime,
    PlainValidator(read_instant),
    PlainSerializer(as_sent, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
KeptInstant = Annotated[
    datetime,
    PlainValidator(read_kept_instant),
    PlainSerializer(as_sent, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
Day = Annotated[
    date,
    PlainValidator(_read_day),
    PlainSerializer(date.isoformat, return_type=str),
    WithJsonSchema({"type": "string", "format": "date"}),
]


class Contract(BaseModel):
    """The base of all contracts: strict, no unknown fields, under national names."""

    model_config = ConfigDict(
        alias_generator=wire_name,
        validate_by_name=True,
        validate_by_alias=True,
        extra="forbid",
        strict=True,
        hide_input_in_errors=True,
    )

    def wire(self) -> dict[str, Any]:
        """Render under wire names, absent values left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)
