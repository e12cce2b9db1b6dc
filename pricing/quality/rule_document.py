"""Rules as JSON, as a provider writes them: strict reading, every refusal names its field.

A rule is an object with its `kind` (see `pricing.quality.rules.KINDS`) and the members of that
kind, for example `{"kind": "checksum", "column": "credit_code", "scheme": "uscc"}`. The reference
instant of timeliness is never part of a document; it belongs to the revision that is measured.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, TypeVar

from pricing.document import Document
from pricing.errors import InvalidInput
from pricing.quality.columns import ColumnType, UpdateFrequency
from pricing.quality.derive import rule_of
from pricing.quality.rules import (
    AGE_HOURS_MAX,
    CODES_MAX,
    KINDS,
    UNIQUE_COLUMNS_MAX,
    Check,
    Checksum,
    ChecksumScheme,
    CleanText,
    Compared,
    Comparison,
    DeclaredType,
    Decodable,
    Determines,
    ExistsIn,
    Fresh,
    InCodes,
    InRange,
    NoDuplicateRows,
    NotNull,
    Origin,
    Pattern,
    PeriodsCovered,
    Rule,
    Unique,
    kind_of,
)

RULES_MAX: Final = 200
_Choice = TypeVar("_Choice", bound=StrEnum)


def rules_from_json(value: object, path: str, reference_at: datetime) -> tuple[Rule, ...]:
    """Read the rules of a provider, timeliness measured as of `reference_at`.

    Raises InvalidInput with the path of the field, also for a rule that is there twice.
    """
    if isinstance(value, str) or not isinstance(value, Sequence) or len(value) > RULES_MAX:  # pyright: ignore[reportUnknownArgumentType]
        raise InvalidInput(path, f"must be an array of at most {RULES_MAX} rules")
    rules: dict[str, Rule] = {}
    for position, item in enumerate(value):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        at = f"{path}[{position}]"
        rule = rule_of(check_from_json(item, at, reference_at), Origin.PROVIDER)
        if rule.id in rules:
            raise InvalidInput(at, f"repeats the rule {rule.id}")
        rules[rule.id] = rule
    return tuple(rules.values())


def rules_to_json(rules: Sequence[Rule]) -> list[dict[str, Any]]:
    """Write rules as `rules_from_json` reads them."""
    return [check_to_json(rule.check) for rule in rules]


def check_from_json(value: object, path: str, reference_at: datetime) -> Check:
    """Read one rule; raises InvalidInput with the path of the field."""
    fields = Document(value, path)
    kind = fields.text("kind")
    if kind not in KINDS:
        raise InvalidInput(fields.at("kind"), f"must be one of {', '.join(KINDS)}")
    try:
        check = _READERS[KINDS[kind]](fields, reference_at.astimezone(UTC))
    except InvalidInput as error:
        if error.field.startswith(path):
            raise
        # Refused by the check itself, which does not know where it stands.
        raise InvalidInput(fields.at(error.field), error.problem) from None
    fields.finish()
    return check


def check_to_json(check: Check) -> dict[str, Any]:
    """Write one rule as `check_from_json` reads it."""
    return {"kind": kind_of(check), **_members(check)}


def _members(check: Check) -> dict[str, Any]:
    match check:
        case InCodes(column, codes):
            return {"column": column, "codes": list(codes)}
        case InRange(column, minimum, maximum):
            limits = {"minimum": minimum, "maximum": maximum}
            written = {name: f"{n:f}" for name, n in limits.items() if n is not None}
            return {"column": column, **written}
        case Unique(columns):
            return {"columns": list(columns)}
        case _:
            fields = type(check).__dataclass_fields__
            found = {name: getattr(check, name) for name in fields if name != "reference_at"}
            return {name: str(v) if isinstance(v, StrEnum) else v for name, v in found.items()}


def _column(fields: Document, name: str = "column") -> str:
    return fields.text(name)


def _choice(fields: Document, name: str, choices: type[_Choice]) -> _Choice:
    value = fields.value(name)
    if not isinstance(value, str) or value not in {each.value for each in choices}:
        names = ", ".join(each.value for each in choices)
        raise InvalidInput(fields.at(name), f"must be one of {names}")
    return choices(value)


def _texts(fields: Document, name: str, at_most: int) -> tuple[str, ...]:
    fields.value(name)
    found = fields.items(name, at_most=at_most)
    for path, text in found:
        if not isinstance(text, str):
            raise InvalidInput(path, "must be a text")
    return tuple(str(text) for _, text in found)


def _pattern(fields: Document, _: datetime) -> Check:
    return Pattern(_column(fields), fields.text("pattern"))


def _in_range(fields: Document, _: datetime) -> Check:
    minimum, maximum = fields.optional_decimal("minimum"), fields.optional_decimal("maximum")
    return InRange(_column(fields), minimum, maximum)


def _compared(fields: Document, _: datetime) -> Check:
    comparison = _choice(fields, "comparison", Comparison)
    return Compared(_column(fields, "first"), comparison, _column(fields, "second"))


def _fresh(fields: Document, reference_at: datetime) -> Check:
    hours = fields.integer("max_age_hours", low=1, high=AGE_HOURS_MAX)
    return Fresh(_column(fields), hours, reference_at)


def _periods_covered(fields: Document, reference_at: datetime) -> Check:
    frequency = _choice(fields, "frequency", UpdateFrequency)
    return PeriodsCovered(_column(fields), frequency, reference_at)


def _determines(fields: Document, _: datetime) -> Check:
    return Determines(_column(fields, "determinant"), _column(fields, "dependent"))


_READERS: Final[Mapping[type[Check], Callable[[Document, datetime], Check]]] = {
    DeclaredType: lambda each, _: DeclaredType(_column(each), _choice(each, "type", ColumnType)),
    Pattern: _pattern,
    InCodes: lambda each, _: InCodes(_column(each), _texts(each, "codes", CODES_MAX)),
    NotNull: lambda each, _: NotNull(_column(each)),
    InRange: _in_range,
    Unique: lambda each, _: Unique(_texts(each, "columns", UNIQUE_COLUMNS_MAX)),
    NoDuplicateRows: lambda _, __: NoDuplicateRows(),
    Checksum: lambda each, _: Checksum(_column(each), _choice(each, "scheme", ChecksumScheme)),
    CleanText: lambda each, _: CleanText(_column(each)),
    Compared: _compared,
    Determines: _determines,
    ExistsIn: lambda each, _: ExistsIn(_column(each), _column(each, "referenced")),
    PeriodsCovered: _periods_covered,
    Fresh: _fresh,
    Decodable: lambda each, _: Decodable(_column(each), _choice(each, "type", ColumnType)),
}
