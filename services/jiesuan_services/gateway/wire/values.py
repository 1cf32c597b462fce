"""The kinds of value on this wire: read from whatever form a client gives them.

Yuan exist here and on screens only: what is read comes out as integer fen.
"""

import base64
import json
import re
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from jiesuan_events.words.instants import BEIJING
from jiesuan_events.words.money import Fen

_NUMBER: Final = re.compile(r"[+-]?\d{1,400}(\.\d{0,40})?([eE][+-]?\d{1,3})?")
_MOST_DIGITS: Final = 17
_MOST_PLAIN: Final = 4_000
"""Digits before or behind the point of a number for a text: no field takes more."""
_CENT: Final = Decimal("0.01")
_MOMENT: Final = re.compile(
    r"(\d{4})[-/年]?(\d{1,2})[-/月]?(\d{1,2})日?"
    r"(?:[T ]?(\d{2}):?(\d{2}):?(\d{2})(?:[.,]?(\d{1,9}))?)?"
    r"(Z|[+-]\d{2}:?\d{2})?"
)
_HOUR: Final = 4
"""The group of `_MOMENT` that a day alone does not have."""
_MOST_MOMENT: Final = 60
"""Longer no moment is; `_CLOCK` would look at a text of blanks from every one."""
_CLOCK: Final = re.compile(r"[T ]\s*(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?(?![\d:])")
_EPOCH: Final = re.compile(r"\d{9,13}")
"""Seconds or milliseconds since 1970, which would be read as a day of another year."""
_TO_MILLISECONDS: Final = len("2022-03-01T08:50:00.007")
_NO_DIGITS: Final = str.maketrans("", "", "-T:.")
NOT_A_NUMBER: Final = "应为数字"
TOO_LARGE_A_NUMBER: Final = "数值过大"
TOO_LONG_A_NUMBER: Final = "数字过长"
NOT_TEXT: Final = "应为文字"
NOT_A_MOMENT: Final = "应为时间，如2022-03-01 08:50:00"
NOT_A_FILE: Final = "应为文件数据（Base64文本或字节数组）"
NOT_A_FILE_NAME: Final = "应为文件名：200字以内，不含路径和控制字符"
_FILE_NAME: Final = re.compile(r"[^/\\\\\x00-\x1f\x7f:*?\"<>|]{1,200}")
NOT_A_DAY: Final = "应为日期，如2022-03-01"
NOT_A_NAME: Final = "应为1至{}个字符，不含换行等控制符"
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def read_decimal(value: Any) -> Decimal:
    """Return a number given as a number or as text; scientific notation is one.

    >>> read_decimal("1.0E7"), read_decimal(Decimal("0.30000000000000004"))
    (Decimal('1.0E+7'), Decimal('0.30000000000000004'))
    """
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise ValueError(NOT_A_NUMBER)
    if isinstance(value, str):
        if _NUMBER.fullmatch(value.strip()) is None:
            raise ValueError(NOT_A_NUMBER)
        value = value.strip()
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError(NOT_A_NUMBER)
    if number.adjusted() > _MOST_DIGITS:
        raise ValueError(TOO_LARGE_A_NUMBER)
    return number


def rounded(number: Decimal, decimals: int) -> Decimal:
    """Round half up: clients print amounts from binary doubles."""
    return number.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def read_fen(value: Any) -> Fen:
    """Return yuan, of whatever form, as fen.

    >>> read_fen(Decimal("0.30000000000000004")), read_fen("-12.5"), read_fen(3)
    (30, -1250, 300)
    """
    return int(rounded(read_decimal(value), 2).scaleb(2))


def to_yuan(fen: Fen) -> Decimal:
    """Return fen as yuan with two decimals, exactly.

    >>> to_yuan(-5), to_yuan(123400)
    (Decimal('-0.05'), Decimal('1234.00'))
    """
    return Decimal(fen).scaleb(-2).quantize(_CENT)


def _plain(number: Decimal) -> str:
    """Write a number without an exponent and without zeros that say nothing."""
    text = format(number, "f")
    whole, dot, fraction = text.partition(".")
    fraction = fraction.rstrip("0")
    whole = "0" if whole == "-0" and not fraction else whole
    return f"{whole}{dot}{fraction}" if fraction else whole


def read_price(value: Any) -> str:
    """Return a unit price with at most six decimals, as the ledger takes it."""
    return _plain(rounded(read_decimal(value), 6))


def read_quantity(value: Any) -> str:
    """Return a quantity with at most four decimals, as the ledger takes it."""
    return _plain(rounded(read_decimal(value), 4))


def read_text(value: Any) -> str:
    """Return a text or a code, which some clients send as a number."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise ValueError(NOT_TEXT)
    if isinstance(value, str):
        return value.strip()
    number = Decimal(value)
    # Of an exponent in a few digits gigabytes of zeros would be made.
    if not -_MOST_PLAIN <= number.adjusted() <= _MOST_PLAIN:
        raise ValueError(TOO_LONG_A_NUMBER)
    return _plain(number)


def _in_full(clock: re.Match[str]) -> str:
    """Write a time of day with both digits of each, its seconds too."""
    hour, minute, second = (int(one or 0) for one in clock.groups())
    return f" {hour:02}:{minute:02}:{second:02}"


def read_moment(value: Any) -> datetime:
    """Return a moment of any of the forms that clients write, in Beijing's time.

    >>> read_moment("20220301085000").isoformat()
    '2022-03-01T08:50:00+08:00'
    """
    year, month, day, hour, minute, second, fraction, zone = _parts(value).groups()
    try:
        read = datetime(
            int(year),
            int(month),
            int(day),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            int(((fraction or "") + "000000")[:6]),
            tzinfo=BEIJING,
        )
        if zone not in (None, "+08:00", "+0800"):
            offset = zone.replace("Z", "+00:00")
            local = read.replace(tzinfo=None).isoformat() + offset
            read = datetime.fromisoformat(local).astimezone(BEIJING)
    except (ValueError, OverflowError):
        raise ValueError(NOT_A_MOMENT) from None
    if not date.min.year < read.year < date.max.year:
        raise ValueError(NOT_A_MOMENT)
    return read


def _parts(value: Any) -> re.Match[str]:
    text = read_text(value)
    if len(text) > _MOST_MOMENT:
        raise ValueError(NOT_A_MOMENT)
    text = _CLOCK.sub(_in_full, text, count=1)
    found = _MOMENT.fullmatch(text)
    if found is None or _EPOCH.fullmatch(text) is not None:
        raise ValueError(NOT_A_MOMENT)
    return found


def read_moment_if_any(value: Any) -> datetime | None:
    """Return a moment, or None for what cannot be read as one.

    >>> read_moment_if_any(1764201600000)
    """
    try:
        return read_moment(value)
    except ValueError:
        return None


def read_day(value: Any) -> date:
    """Return a day; a time of day beside it says nothing more."""
    try:
        return read_moment(value).date()
    except ValueError:
        raise ValueError(NOT_A_DAY) from None


def read_end(value: Any) -> datetime:
    """Return the moment up to which is asked: of a day its last one.

    >>> read_end("2022-03-01").isoformat(), read_end("2022-03-01 08:50:00").hour
    ('2022-03-01T23:59:59.999999+08:00', 8)
    """
    read = read_moment(value)
    is_day = _parts(value)[_HOUR] is None
    return datetime.combine(read, time.max, BEIJING) if is_day else read


def read_end_if_any(value: Any) -> datetime | None:
    """Return the moment up to which is asked, or None for what cannot be read as one.

    >>> read_end_if_any("0001-01-01T00:00:00")
    """
    try:
        return read_end(value)
    except ValueError:
        return None


def read_extension(value: Any) -> dict[str, Any]:
    """Return an extension field: an object, or text that holds one; else nothing.

    >>> read_extension('{"TRUM_FLAG":"1"}'), read_extension("随便")
    ({'TRUM_FLAG': '1'}, {})
    """
    if isinstance(value, str) and value.strip().startswith("{"):
        try:
            value = json.loads(value, parse_constant=str, strict=False)
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, dict) else {}


def read_content(value: Any) -> bytes:
    """Return a file's bytes: Base64, or the numbers of a byte array, signed or not.

    >>> read_content("aGk="), read_content([104, -1])
    (b'hi', b'h\\xff')
    """
    try:
        if isinstance(value, str):
            return base64.b64decode("".join(value.split()), validate=True)
        if isinstance(value, list):
            return bytes(one & 0xFF if -128 <= one <= 255 else 256 for one in value)
    except (ValueError, TypeError):
        pass
    raise ValueError(NOT_A_FILE)


def read_file_name(value: Any) -> str:
    """Return a file's name, which is a name and no way to somewhere else."""
    name = read_text(value)
    if _FILE_NAME.fullmatch(name) is None or name.startswith("."):
        raise ValueError(NOT_A_FILE_NAME)
    return name


def _name(most: int) -> Any:
    """Return the kind of a sender's own name: any text, so long and on one line."""

    def read(value: Any) -> str:
        name = read_text(value)
        if not 1 <= len(name) <= most or _CONTROL.search(name):
            raise ValueError(NOT_A_NAME.format(most))
        return name

    schema = {"type": "string", "minLength": 1, "maxLength": most}
    return Annotated[str, BeforeValidator(read), WithJsonSchema(schema)]


def write_moment(instant: datetime) -> str:
    """Write a moment as the standard does: Beijing's time, no zone."""
    return instant.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def write_digits(instant: datetime) -> str:
    """Write an instant in Beijing's time as the standard's 17 digits.

    >>> write_digits(datetime(2022, 3, 1, 8, 50, 0, 7000, tzinfo=BEIJING))
    '20220301085000007'
    """
    text = instant.astimezone(BEIJING).isoformat(timespec="milliseconds")
    return text[:_TO_MILLISECONDS].translate(_NO_DIGITS)


FORMS: Final[dict[str, str]] = {}
"""What each pattern allows, in words."""


def shaped(pattern: str, form: str) -> Any:
    """Return the bound of a text, and keep what it says for whoever breaks it."""
    FORMS[pattern] = form
    # pydantic says in a schema no pattern that a reader stands before.
    return Field(pattern=pattern, json_schema_extra={"pattern": pattern})


_ID_PATTERN: Final = r"^[A-Za-z0-9_.:/-]{1,50}$"
_CODE_PATTERN: Final = r"^[A-Za-z0-9_.-]{1,20}$"
_NUMBER_SCHEMA: Final = {
    "type": ["number", "string"],
    "pattern": r"^-?[0-9]{1,15}(\.[0-9]{1,6})?$",
}
_DAY: Final = "[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_TIME: Final = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_DAY_SCHEMA: Final = {"type": "string", "pattern": f"^{_DAY}$"}
_MOMENT_SCHEMA: Final = {"type": "string", "pattern": f"^{_DAY}( {_TIME})?$"}

Text = Annotated[str, BeforeValidator(read_text), Field(max_length=500)]
LongText = Annotated[str, BeforeValidator(read_text), Field(max_length=4000)]
Id = Annotated[
    str, BeforeValidator(read_text), shaped(_ID_PATTERN, "应为1至50个字母、数字或_.:/-")
]
MsgId = _name(200)
"""A sender's name for a message: nothing is read from it."""
OwnNumber = _name(64)
"""A number of the institution's own, which nothing is decided by."""
Code = Annotated[
    str, BeforeValidator(read_text), shaped(_CODE_PATTERN, "应为1至20个字母、数字或_.-")
]
Region = Annotated[
    str, BeforeValidator(read_text), shaped(r"^[0-9]{6}$", "应为6位数字")
]
FileName = Annotated[
    str,
    BeforeValidator(read_file_name),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 200}),
]
Content = Annotated[
    bytes,
    BeforeValidator(read_content),
    WithJsonSchema({"type": ["string", "array"], "minLength": 1}),
]
Month = Annotated[
    str,
    BeforeValidator(lambda value: read_text(value).replace("-", "")),
    shaped(r"^[0-9]{4}(0[1-9]|1[0-2])$", "应为年月，如2022-03"),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{4}-?(0[1-9]|1[0-2])$"}),
]
Extension = Annotated[
    dict[str, Any],
    BeforeValidator(read_extension),
    WithJsonSchema({"type": ["string", "object"]}),
]
"""What provinces add to the standard; what is read of it is named where it is read."""
Flag = Annotated[str, BeforeValidator(read_text), shaped(r"^[01]$", "应为0或1")]
YuanIn = Annotated[
    int,
    BeforeValidator(read_fen),
    Field(ge=-(10**17), le=10**17),
    WithJsonSchema(_NUMBER_SCHEMA),
]
"""Yuan on the wire, fen inside."""
PriceIn = Annotated[
    str,
    BeforeValidator(read_price),
    shaped(r"^[0-9]{1,10}(\.[0-9]{1,6})?$", "应为不小于0的数，整数不超过10位"),
    WithJsonSchema(_NUMBER_SCHEMA),
]
QuantityIn = Annotated[
    str,
    BeforeValidator(read_quantity),
    shaped(r"^-?[0-9]{1,12}(\.[0-9]{1,4})?$", "应为数字，整数不超过12位"),
    WithJsonSchema(_NUMBER_SCHEMA),
]
CountIn = Annotated[
    int,
    BeforeValidator(lambda value: int(rounded(read_decimal(value), 0))),
    WithJsonSchema(_NUMBER_SCHEMA),
]
MomentIn = Annotated[
    datetime, BeforeValidator(read_moment), WithJsonSchema(_MOMENT_SCHEMA)
]
LooseMomentIn = Annotated[
    datetime | None,
    BeforeValidator(read_moment_if_any),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "null"}]}),
]
"""A moment that nothing is decided by: what cannot be read says nothing."""
LooseEndIn = Annotated[
    datetime | None,
    BeforeValidator(read_end_if_any),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "null"}]}),
]
DayIn = Annotated[date, BeforeValidator(read_day), WithJsonSchema(_DAY_SCHEMA)]

Yuan = Annotated[
    int,
    PlainSerializer(to_yuan, return_type=Decimal),
    WithJsonSchema({"type": "number", "multipleOf": 0.01}),
]
"""Fen inside, yuan with two decimals on the wire."""
Number = Annotated[Decimal, WithJsonSchema({"type": "number"})]
"""A price, a quantity, a ratio or an age, written as it is."""
MomentOut = Annotated[
    datetime,
    PlainSerializer(write_moment, return_type=str),
    WithJsonSchema({"type": "string"}),
]
DayOut = Annotated[
    date,
    PlainSerializer(date.isoformat, return_type=str),
    WithJsonSchema({"type": "string", "format": "date"}),
]
