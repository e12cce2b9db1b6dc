"""Suggesting rules from what a revision holds; the provider decides which to put in force.

Nothing that is suggested tells a value of a hidden column (an identifier, a quasi-identifier, a
sensitive or unscanned column): members of a set and limits are suggested for open columns only.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal
from itertools import permutations
from typing import Any, Final

from pricing.quality.columns import ColumnSpec, ColumnType, UpdateFrequency
from pricing.quality.derive import UpdateSchedule
from pricing.quality.profile import ColumnProfile
from pricing.quality.rule_document import RULES_MAX, check_to_json
from pricing.quality.rules import (
    CODE_CHARACTERS_MAX,
    Check,
    Checksum,
    ChecksumScheme,
    CleanText,
    Compared,
    Comparison,
    Fresh,
    InCodes,
    InRange,
    NoDuplicateRows,
    Unique,
)

CODES_SUGGESTED_MAX: Final = 20
ROWS_PER_CODE_MIN: Final = 10
TIMES_COMPARED_MAX: Final = 6
CHECKSUMS_TRIED_MAX: Final = 20
CODED_TRIED_MAX: Final = 100
_LOOKS_LIKE_NUMERATOR, _LOOKS_LIKE_DENOMINATOR = 19, 20
"""A column looks like a numbering scheme when 19 of 20 values have its length."""
_SCHEME_LENGTHS: Final[Mapping[ChecksumScheme, tuple[int, int]]] = {
    ChecksumScheme.USCC: (18, 18),
    ChecksumScheme.RESIDENT_ID: (18, 18),
    ChecksumScheme.LUHN: (12, 19),
}
_RANGES: Final[Mapping[str, tuple[int, int | None]]] = {
    # Suggested under these names when all values lie inside already.
    "month": (1, 12),
    "月": (1, 12),
    "day": (1, 31),
    "日": (1, 31),
    "hour": (0, 23),
    "minute": (0, 59),
    "age": (0, 150),
    "年龄": (0, 150),
    "latitude": (-90, 90),
    "纬度": (-90, 90),
    "longitude": (-180, 180),
    "经度": (-180, 180),
}
_FRESH_HOURS: Final[Mapping[UpdateFrequency, int]] = {
    # Twice the promised period.
    UpdateFrequency.HOURLY: 2,
    UpdateFrequency.DAILY: 48,
    UpdateFrequency.WEEKLY: 14 * 24,
    UpdateFrequency.MONTHLY: 62 * 24,
    UpdateFrequency.QUARTERLY: 184 * 24,
    UpdateFrequency.YEARLY: 732 * 24,
}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A rule that would fit, and why."""

    check: Check
    reason_en: str
    reason_zh: str


@dataclass(frozen=True, slots=True)
class Candidates:
    """What is worth a closer look: columns by scheme, columns with few values, pairs of times."""

    checksums: tuple[tuple[str, ChecksumScheme], ...]
    coded: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]


def length_bounds(scheme: ChecksumScheme) -> tuple[int, int]:
    """Return the least and the greatest length of a number of a scheme."""
    return _SCHEME_LENGTHS[scheme]


def find_candidates(
    columns: Sequence[ColumnSpec],
    profiles: Sequence[ColumnProfile],
    rows: int,
    lengths: Mapping[str, Any],
) -> Candidates:
    """Choose what to look at from the profiles and the one row of `length_aggregate`."""
    checksums = [
        (column.name, scheme)
        for position, column in enumerate(columns)
        for scheme in ChecksumScheme
        if _looks_like(lengths, position, scheme)
    ]
    coded = [
        profile.name
        for profile in profiles
        if not profile.is_hidden
        and profile.type == ColumnType.STRING
        and 1 <= (profile.distinct or 0) <= CODES_SUGGESTED_MAX
        and rows >= (profile.distinct or 0) * ROWS_PER_CODE_MIN
    ]
    times = [column.name for column in columns if column.type.is_temporal][:TIMES_COMPARED_MAX]
    return Candidates(
        checksums=tuple(checksums[:CHECKSUMS_TRIED_MAX]),
        coded=tuple(coded[:CODED_TRIED_MAX]),
        pairs=tuple(permutations(times, 2)),
    )


def suggest(
    columns: Sequence[ColumnSpec],
    profiles: Sequence[ColumnProfile],
    rows: int,
    candidates: Candidates,
    evidence: Mapping[str, Any],
) -> tuple[Suggestion, ...]:
    """Return suggestions from the profiles and the one row of `evidence_aggregate`."""
    if rows == 0:
        return ()
    found = [
        *_checksums(candidates, evidence),
        *_codes(candidates, evidence),
        *_ranges(profiles),
        *_pairs(candidates, evidence),
        *_uniques(profiles, rows),
        *_clean_texts(columns),
        Suggestion(
            NoDuplicateRows(),
            "Rows that are there twice are counted and paid for twice.",
            "重复的行会被重复计数和计费。",
        ),
    ]
    return tuple(found[:RULES_MAX])


def suggest_freshness(schedule: UpdateSchedule) -> Suggestion:
    """Return the rule that the newest record is at most two promised periods old."""
    hours = _FRESH_HOURS[schedule.frequency]
    return Suggestion(
        Fresh(schedule.time_column, hours, schedule.reference_at),
        "The declared update frequency promises recent records.",
        "所声明的更新频率意味着应有近期记录。",
    )


def suggestion_to_json(suggestion: Suggestion) -> dict[str, Any]:
    """Write a suggestion as plain JSON; `rule` is as a provider sends it."""
    return {
        "rule": check_to_json(suggestion.check),
        "reason_en": suggestion.reason_en,
        "reason_zh": suggestion.reason_zh,
    }


def hides_values(check: Check, hidden: Set[str]) -> bool:
    """Whether the rule would tell values of a hidden column."""
    return isinstance(check, InCodes | InRange) and check.column in hidden


def _looks_like(lengths: Mapping[str, Any], position: int, scheme: ChecksumScheme) -> bool:
    present, fitting = lengths.get(f"present_{position}"), lengths.get(f"{scheme}_{position}")
    if not present or fitting is None:
        return False
    return fitting * _LOOKS_LIKE_DENOMINATOR >= present * _LOOKS_LIKE_NUMERATOR


def _checksums(candidates: Candidates, evidence: Mapping[str, Any]) -> Iterator[Suggestion]:
    best: dict[str, tuple[int, ChecksumScheme]] = {}
    for position, (name, scheme) in enumerate(candidates.checksums):
        valid, present = evidence[f"valid_{position}"], evidence[f"present_{position}"]
        # A number of another kind passes by chance in one of ten cases at most.
        if valid * 2 >= present and valid > best.get(name, (0, scheme))[0]:
            best[name] = (valid, scheme)
    for name, (_, scheme) in best.items():
        yield Suggestion(
            Checksum(name, scheme),
            "Most values have the shape and the check character of this kind of number.",
            "多数取值符合该类号码的格式和校验码。",
        )


def _codes(candidates: Candidates, evidence: Mapping[str, Any]) -> Iterator[Suggestion]:
    for position, name in enumerate(candidates.coded):
        codes = sorted(str(code) for code in evidence[f"codes_{position}"] or ())
        if codes and all(len(code) <= CODE_CHARACTERS_MAX and "\0" not in code for code in codes):
            yield Suggestion(
                InCodes(name, tuple(codes)),
                "The column has few different values; check that none is a mistake.",
                "该列取值种类很少；请核对其中没有错误取值。",
            )


def _ranges(profiles: Sequence[ColumnProfile]) -> Iterator[Suggestion]:
    for profile in profiles:
        low, high = profile.minimum, profile.maximum
        if profile.is_hidden or not ColumnType(profile.type).is_numeric:
            continue
        if not isinstance(low, int | float | Decimal) or not isinstance(
            high, int | float | Decimal
        ):
            continue
        least, most = _RANGES.get(profile.name.lower(), (0, None))
        if low >= least and (most is None or high <= most):
            yield Suggestion(
                InRange(profile.name, Decimal(least), None if most is None else Decimal(most)),
                "All values of this revision lie inside; later ones should too.",
                "本版本的全部取值均在此范围内；后续版本也应如此。",
            )


def _pairs(candidates: Candidates, evidence: Mapping[str, Any]) -> Iterator[Suggestion]:
    taken: set[frozenset[str]] = set()
    for position, (first, second) in enumerate(candidates.pairs):
        ordered, both = evidence[f"ordered_{position}"], evidence[f"both_{position}"]
        if both and ordered == both and frozenset((first, second)) not in taken:
            taken.add(frozenset((first, second)))
            yield Suggestion(
                Compared(first, Comparison.AT_MOST, second),
                "The first is never after the second in this revision.",
                "本版本中前者从不晚于后者。",
            )


def _uniques(profiles: Sequence[ColumnProfile], rows: int) -> Iterator[Suggestion]:
    for profile in profiles:
        if not profile.is_hidden and rows > 1 and profile.distinct == rows:
            yield Suggestion(
                Unique((profile.name,)),
                "Every row has a value of its own here.",
                "该列每行取值均不相同。",
            )


def _clean_texts(columns: Sequence[ColumnSpec]) -> Iterator[Suggestion]:
    for column in columns:
        if column.type is ColumnType.STRING:
            yield Suggestion(
                CleanText(column.name),
                "Text can be damaged when files change their encoding.",
                "文件转换编码时文本可能受损。",
            )
