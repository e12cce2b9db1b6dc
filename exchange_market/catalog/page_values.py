"""How the page store keeps each type in SQLite, so that order and equality are those of the data.

SQLite has integers of 64 bits, doubles, text and bytes. Dates and times become integers; wider
numbers become digits of fixed width; NaN, which SQLite would take for NULL, becomes a text, and
texts sort after all numbers as NaN does in DuckDB.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from math import isnan
from typing import TypeAlias

Value: TypeAlias = bool | int | float | Decimal | str | bytes | date | datetime | time | None
"""What a reader of the page store sees."""
Stored: TypeAlias = int | float | str | bytes | None
"""What lies in SQLite."""

NAN = "nan"
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - timestamps without a zone count from it
_MICROSECOND = timedelta(microseconds=1)
_INTEGER_MAX = 2**63
_DECIMAL_DIGITS_NARROW = 18
_UBIGINT_DIGITS = 20
_WIDE_DIGITS = 39


@dataclass(frozen=True, slots=True)
class Codec:
    """One type's way into SQLite and back.

    `sql` turns a DuckDB expression into the stored form; `encode` does the same to a value given
    in a filter (ValueError or TypeError if it does not belong to the type); `decode` undoes it;
    `parse` reads a value from a query parameter (ValueError).
    """

    sql: Callable[[str], str]
    encode: Callable[[Value], Stored]
    decode: Callable[[Stored], Value]
    parse: Callable[[str], Value]


def codec_of(kind: str) -> Codec:
    """The codec of a DuckDB type that a revision may have."""
    if kind.startswith("DECIMAL("):
        digits, scale = kind.removeprefix("DECIMAL(").removesuffix(")").split(",")
        return _decimal(int(digits), int(scale))
    return _CODECS.get(kind, _INTEGER)


def encode_double(values: list[float | None]) -> list[float | str | None]:
    """A batch of doubles in stored form."""
    return [NAN if value is not None and isnan(value) else value for value in values]


def _same(sql: str) -> str:
    return sql


def _epoch_us(sql: str) -> str:
    return f"epoch_us({sql})"


def _whole(value: object) -> int:
    if type(value) is not int:
        raise TypeError("expected a whole number")
    return value


def _encode_integer(value: Value) -> Stored:
    number = _whole(value)
    if not -_INTEGER_MAX <= number < _INTEGER_MAX:
        raise ValueError("beyond 64 bits")
    return number


def _decode_integer(stored: Stored) -> Value:
    return _whole(stored)


def _encode_boolean(value: Value) -> Stored:
    if not isinstance(value, bool):
        raise TypeError("expected a boolean")
    return int(value)


def _decode_boolean(stored: Stored) -> Value:
    return bool(_whole(stored))


def _parse_boolean(text: str) -> Value:
    if text not in {"true", "false"}:
        raise ValueError("expected true or false")
    return text == "true"


def _encode_double(value: Value) -> Stored:
    if type(value) not in {int, float}:
        raise TypeError("expected a number")
    number = float(value)  # pyright: ignore[reportArgumentType] - narrowed by the line above
    return NAN if isnan(number) else number


def _decode_double(stored: Stored) -> Value:
    return float(stored)  # pyright: ignore[reportArgumentType] - a double, or the text of NaN


def _encode_text(value: Value) -> Stored:
    if not isinstance(value, str):
        raise TypeError("expected a text")
    value.encode()
    return value


def _encode_bytes(value: Value) -> Stored:
    if not isinstance(value, bytes):
        raise TypeError("expected bytes")
    return value


def _decode_as_is(stored: Stored) -> Value:
    return stored


def _encode_date(value: Value) -> Stored:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise TypeError("expected a date")
    return value.toordinal() - _EPOCH_DAY


def _decode_date(stored: Stored) -> Value:
    return date.fromordinal(_whole(stored) + _EPOCH_DAY)


def _encode_timestamp(value: Value) -> Stored:
    if not isinstance(value, datetime) or value.tzinfo is not None:
        raise TypeError("expected a date and time without a zone")
    return (value - _EPOCH) // _MICROSECOND


def _decode_timestamp(stored: Stored) -> Value:
    return _EPOCH + timedelta(microseconds=_whole(stored))


def _encode_instant(value: Value) -> Stored:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise TypeError("expected a date and time with a zone")
    return (value - _EPOCH.replace(tzinfo=UTC)) // _MICROSECOND


def _decode_instant(stored: Stored) -> Value:
    return _EPOCH.replace(tzinfo=UTC) + timedelta(microseconds=_whole(stored))


def _encode_time(value: Value) -> Stored:
    if not isinstance(value, time) or value.tzinfo is not None:
        raise TypeError("expected a time of day without a zone")
    since = timedelta(
        hours=value.hour,
        minutes=value.minute,
        seconds=value.second,
        microseconds=value.microsecond,
    )
    return since // _MICROSECOND


def _decode_time(stored: Stored) -> Value:
    return (_EPOCH + timedelta(microseconds=_whole(stored))).time()


def _encode_ubigint(value: Value) -> Stored:
    number = _whole(value)
    if not 0 <= number < 2 * _INTEGER_MAX:
        raise ValueError("beyond 64 bits without sign")
    return f"{number:0{_UBIGINT_DIGITS}d}"


def _decode_digits(stored: Stored) -> Value:
    return int(str(stored))


def _parse_decimal(text: str) -> Value:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError("expected a decimal number") from None
    if not number.is_finite() or abs(number.adjusted()) > _WIDE_DIGITS:
        # Beyond every column; and a huge exponent would be written out before it is compared.
        raise ValueError("expected at most 39 digits")
    return number


def _decimal(digits: int, scale: int) -> Codec:
    is_narrow = digits <= _DECIMAL_DIGITS_NARROW
    offset = 10**digits

    def sql(expression: str) -> str:
        unscaled = f"replace({expression}::VARCHAR, '.', '')"
        if is_narrow:
            return f"{unscaled}::BIGINT"
        # Shifted to be positive and padded, so that the order of the digits is that of the numbers.
        number = f"{unscaled}::HUGEINT"
        shifted = (
            f"CASE WHEN {number} < 0 THEN {offset}::UHUGEINT - (-({number}))::UHUGEINT "
            f"ELSE {offset}::UHUGEINT + {number}::UHUGEINT END"
        )
        return f"lpad(({shifted})::VARCHAR, {_WIDE_DIGITS}, '0')"

    def encode(value: Value) -> Stored:
        if type(value) not in {int, Decimal}:
            raise TypeError("expected a decimal number")
        numerator, denominator = Decimal(value).as_integer_ratio()  # pyright: ignore[reportArgumentType] - narrowed
        unscaled, rest = divmod(numerator * 10**scale, denominator)
        if rest or abs(unscaled) >= offset:
            raise ValueError(f"expected at most {digits} digits, {scale} of them decimals")
        return unscaled if is_narrow else f"{unscaled + offset:0{_WIDE_DIGITS}d}"

    def decode(stored: Stored) -> Value:
        unscaled = _whole(stored) if is_narrow else int(str(stored)) - offset
        sign, number = int(unscaled < 0), abs(unscaled)
        return Decimal((sign, tuple(map(int, str(number))), -scale))

    return Codec(sql, encode, decode, _parse_decimal)


def _days(sql: str) -> str:
    return f"({sql} - DATE '1970-01-01')"


def _ubigint_sql(sql: str) -> str:
    return f"lpad({sql}::VARCHAR, {_UBIGINT_DIGITS}, '0')"


def _boolean_sql(sql: str) -> str:
    return f"{sql}::TINYINT"


_INTEGER = Codec(_same, _encode_integer, _decode_integer, int)
_CODECS = {
    "BOOLEAN": Codec(_boolean_sql, _encode_boolean, _decode_boolean, _parse_boolean),
    "DOUBLE": Codec(_same, _encode_double, _decode_double, float),
    "VARCHAR": Codec(_same, _encode_text, _decode_as_is, str),
    "BLOB": Codec(_same, _encode_bytes, _decode_as_is, bytes.fromhex),
    "DATE": Codec(_days, _encode_date, _decode_date, date.fromisoformat),
    "TIMESTAMP": Codec(_epoch_us, _encode_timestamp, _decode_timestamp, datetime.fromisoformat),
    "TIMESTAMP WITH TIME ZONE": Codec(
        _epoch_us, _encode_instant, _decode_instant, datetime.fromisoformat
    ),
    "TIME": Codec(_epoch_us, _encode_time, _decode_time, time.fromisoformat),
    "UBIGINT": Codec(_ubigint_sql, _encode_ubigint, _decode_digits, int),
}
