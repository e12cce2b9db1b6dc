"""Everything msgspec can say about input of ours is told to people in both languages."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
import pytest
from msgspec import Meta, inspect

from exchange_market.app import create_app
from exchange_market.edge.access import every_handler
from exchange_market.edge.validation_texts import explain_field
from exchange_market.kernel.settings import Settings
from exchange_market.wiring import assemble


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    name: int


class Colour(Enum):
    RED = "red"


# Kind of constraint: a type that has it, a value against it, both sentences.
KINDS: dict[str, tuple[Any, Any, str, str]] = {
    "BoolType": (
        bool,
        "yes",
        "'x' must be true or false, but is text.",
        "“x”须为布尔值（true 或 false），收到的是文本。",
    ),
    "IntType": (
        int,
        "ten",
        "'x' must be a whole number, but is text.",
        "“x”须为整数，收到的是文本。",
    ),
    "FloatType": (
        float,
        [],
        "'x' must be a number, but is a list.",
        "“x”须为数字，收到的是列表。",
    ),
    "StrType": (
        str,
        1,
        "'x' must be text, but is a whole number.",
        "“x”须为文本，收到的是整数。",
    ),
    "NoneType": (
        int | None,
        {},
        "'x' must be a whole number or null, but is an object.",
        "“x”须为整数或空值（null），收到的是对象。",
    ),
    "ListType": (
        list[int],
        1.5,
        "'x' must be a list, but is a number.",
        "“x”须为列表，收到的是数字。",
    ),
    "VarTupleType": (
        tuple[int, ...],
        True,
        "'x' must be a list, but is true or false.",
        "“x”须为列表，收到的是布尔值（true 或 false）。",
    ),
    "TupleType": (
        tuple[int, int],
        [1],
        "'x' must have 2 entries.",
        "“x”须有 2 项。",
    ),
    "DictType": (
        dict[str, int],
        None,
        "'x' must be an object, but is null.",
        "“x”须为对象，收到的是空值（null）。",
    ),
    "StructType": (
        Inner,
        1,
        "'x' must be an object, but is a whole number.",
        "“x”须为对象，收到的是整数。",
    ),
    "StructType.required": (
        Inner,
        {},
        "'x' is missing; send it.",
        "缺少“x”，请补上。",
    ),
    "StructType.unknown": (
        Inner,
        {"name": 1, "x": 2},
        "'x' is not known here; leave it out or correct its name.",
        "此处没有名为“x”的字段；请删除或更正名称。",
    ),
    "EnumType": (
        Colour,
        "blue",
        "'x' cannot be 'blue'; the API description lists the values it takes.",
        "“x”不能为 'blue'；可用的值见接口说明。",
    ),
    "LiteralType": (
        Literal["a", "b"],
        "c",
        "'x' cannot be 'c'; the API description lists the values it takes.",
        "“x”不能为 'c'；可用的值见接口说明。",
    ),
    "DateType": (
        date,
        "23.11.2026",
        "'x' is not a date; write it as 2026-11-23.",
        "“x”不是日期；请写作 2026-11-23。",
    ),
    "DateTimeType": (
        datetime,
        "noon",
        "'x' is not a date with time; write it as 2026-11-23T08:30:00Z.",
        "“x”不是日期时间；请写作 2026-11-23T08:30:00Z。",
    ),
    "DateTimeType.tz": (
        Annotated[datetime, Meta(tz=True)],
        "2026-11-23T08:30:00",
        "'x' lacks its time zone; end it with Z or an offset such as +08:00.",
        "“x”缺少时区；请以 Z 或 +08:00 等偏移量结尾。",
    ),
    "DateTimeType.no_tz": (
        Annotated[datetime, Meta(tz=False)],
        "2026-11-23T08:30:00Z",
        "'x' must not have a time zone; leave out Z or the offset.",
        "“x”不应带时区；请删去 Z 或偏移量。",
    ),
    "TimeType": (
        time,
        "noon",
        "'x' is not a time of day; write it as 08:30:00.",
        "“x”不是时刻；请写作 08:30:00。",
    ),
    "TimeDeltaType": (
        timedelta,
        "a day",
        "'x' is not a duration; write it as P1DT12H.",
        "“x”不是时长；请写作 P1DT12H。",
    ),
    "DecimalType": (
        Decimal,
        "much",
        "'x' is not a decimal number; write it as \"12.50\".",
        '“x”不是小数；请写作 "12.50"。',
    ),
    "UUIDType": (
        UUID,
        "1",
        "'x' is not a UUID.",
        "“x”不是 UUID。",
    ),
    "BytesType": (
        bytes,
        "%",
        "'x' is not Base64; encode it by RFC 4648, section 4.",
        "“x”不是 Base64；请按 RFC 4648 第 4 节编码。",
    ),
    "BytesType.max_length": (
        Annotated[bytes, Meta(max_length=1)],
        "aGVsbG8=",
        "'x' has the wrong size; it takes <= 1 bytes.",
        "“x”的长度不符；须 <= 1 字节。",
    ),
    "IntType.ge": (
        Annotated[int, Meta(ge=1)],
        0,
        "'x' is out of range; it must be >= 1.",
        "“x”超出范围；须 >= 1。",
    ),
    "IntType.gt": (
        Annotated[int, Meta(gt=1)],
        1,
        "'x' is out of range; it must be >= 2.",
        "“x”超出范围；须 >= 2。",
    ),
    "IntType.le": (
        Annotated[int, Meta(le=9)],
        2**70,
        "'x' is out of range; it must be <= 9.",
        "“x”超出范围；须 <= 9。",
    ),
    "IntType.lt": (
        Annotated[int, Meta(lt=9)],
        9,
        "'x' is out of range; it must be <= 8.",
        "“x”超出范围；须 <= 8。",
    ),
    "IntType.multiple_of": (
        Annotated[int, Meta(multiple_of=5)],
        3,
        "'x' must be a multiple of 5.",
        "“x”须为 5 的倍数。",
    ),
    "FloatType.ge": (
        Annotated[float, Meta(ge=0)],
        -0.5,
        "'x' is out of range; it must be >= 0.0.",
        "“x”超出范围；须 >= 0.0。",
    ),
    "FloatType.gt": (
        Annotated[float, Meta(gt=0)],
        0.0,
        "'x' is out of range; it must be > 0.0.",
        "“x”超出范围；须 > 0.0。",
    ),
    "FloatType.le": (
        Annotated[float, Meta(le=1)],
        1.5,
        "'x' is out of range; it must be <= 1.0.",
        "“x”超出范围；须 <= 1.0。",
    ),
    "FloatType.lt": (
        Annotated[float, Meta(lt=1)],
        1.0,
        "'x' is out of range; it must be < 1.0.",
        "“x”超出范围；须 < 1.0。",
    ),
    "StrType.min_length": (
        Annotated[str, Meta(min_length=2)],
        "",
        "'x' is too short; it takes at least 2 characters.",
        "“x”过短；至少须有 2 个字符。",
    ),
    "StrType.max_length": (
        Annotated[str, Meta(max_length=2)],
        "abc",
        "'x' is too long; it takes at most 2 characters.",
        "“x”过长；最多 2 个字符。",
    ),
    "StrType.pattern": (
        Annotated[str, Meta(pattern="^[0-9]{6}$")],
        "1",
        "'x' does not have the expected form; it must match '^[0-9]{6}$'.",
        "“x”的格式不符；须匹配 '^[0-9]{6}$'。",
    ),
    "ListType.min_length": (
        Annotated[list[int], Meta(min_length=1)],
        [],
        "'x' has too few entries; it takes at least 1.",
        "“x”的条目过少；至少须有 1 项。",
    ),
    "ListType.max_length": (
        Annotated[list[int], Meta(max_length=1)],
        [1, 2],
        "'x' has too many entries; it takes at most 1.",
        "“x”的条目过多；最多 1 项。",
    ),
    "DictType.min_length": (
        Annotated[dict[str, int], Meta(min_length=1)],
        {},
        "'x' has too few entries; it takes at least 1.",
        "“x”的条目过少；至少须有 1 项。",
    ),
    "DictType.max_length": (
        Annotated[dict[str, int], Meta(max_length=1)],
        {"a": 1, "b": 2},
        "'x' has too many entries; it takes at most 1.",
        "“x”的条目过多；最多 1 项。",
    ),
}
CONSTRAINTS = ("ge", "gt", "le", "lt", "multiple_of", "min_length", "max_length", "pattern", "tz")
HOLD_FOR_NO_VALUE = {"AnyType"}


@pytest.mark.parametrize("kind", KINDS)
def test_what_msgspec_says_is_told_in_both_languages(kind: str) -> None:
    wanted, value, english, chinese = KINDS[kind]

    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.convert(value, wanted, strict=False)
    told = explain_field(str(refused.value).split(" - ", maxsplit=1)[0], "x")

    assert (told.en, told.zh, told.params) == (english, chinese, {})


def test_every_kind_of_constraint_that_a_route_declares_has_its_sentence(tmp_path: Path) -> None:
    app = create_app(assemble(Settings(data_dir=tmp_path)))  # pyright: ignore[reportCallIssue]
    found: set[str] = set()
    for _, handler in every_handler(app):
        for name, argument in handler.parsed_fn_signature.parameters.items():
            if name in {"request", *handler.resolve_dependencies()}:
                continue
            kinds = list(_kinds(inspect.type_info(argument.annotation), set()))
            declared = _declared(argument.kwarg_definition)
            found.update(kinds)
            bound = [kind for kind in kinds if kind != "NoneType"]
            found.update(f"{kind}.{each}" for kind in bound for each in declared)

    # That the walk sees anything at all is shown by what is known to be declared.
    assert {"IntType.ge", "StrType.pattern", "ListType.max_length", "DateType"} <= found
    assert sorted(found - set(KINDS) - HOLD_FOR_NO_VALUE) == []


def _declared(constrained: object) -> list[str]:
    return [each for each in CONSTRAINTS if getattr(constrained, each, None) is not None]


def _kinds(kind: inspect.Type, seen: set[type]) -> Iterator[str]:
    name = type(kind).__name__
    if isinstance(kind, inspect.StructType):
        if kind.cls in seen:
            return
        seen.add(kind.cls)
        yield from ("StructType.required", "StructType.unknown")
    if not isinstance(kind, inspect.Metadata | inspect.UnionType):
        yield name
        yield from (
            f"{name}.{each}" for each in CONSTRAINTS if getattr(kind, each, None) is not None
        )
    for inner in _inner(kind):
        yield from _kinds(inner, seen)


def _inner(kind: inspect.Type) -> Iterator[inspect.Type]:
    for attribute in kind.__struct_fields__:
        value = getattr(kind, attribute)
        for each in value if isinstance(value, tuple) else (value,):
            inner = each.type if isinstance(each, inspect.Field) else each
            if isinstance(inner, inspect.Type):
                yield inner


def test_a_message_that_nobody_foresaw_is_passed_on_beside_a_general_sentence() -> None:
    told = explain_field("Struck by lightning", "x")

    assert told.en == "'x' is not valid: Struck by lightning."
    assert told.zh == "“x”无效；详见参数 reason。"
    assert told.params == {"reason": "Struck by lightning"}


def test_input_is_not_repeated_at_any_length() -> None:
    told = explain_field(f"Object contains unknown field `{'x' * 10_000}`", "x" * 10_000)

    assert len(told.en) < 200
    assert len(told.zh) < 200


def test_the_texts_of_a_message_cannot_be_mistaken_for_a_template() -> None:
    told = explain_field("Invalid enum value '{field}{0}'", "{x}")

    assert told.en.startswith("'{x}' cannot be '{field}{0}';")
