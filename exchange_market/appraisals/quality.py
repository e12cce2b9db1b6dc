"""The measured quality of a revision: what is measured, and what of it a stranger may read."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from exchange_market.appraisals.quality_rule_set import (
    FIELD,
    QualityRules,
    Types,
    Unmeasured,
    divide_by_fit,
)
from exchange_market.catalog.product import Column, Product, Revision
from exchange_market.catalog.product import UpdateFrequency as DeclaredFrequency
from exchange_market.catalog.revision import ColumnRole
from pricing.quality import (
    ColumnSpec,
    ColumnType,
    Indicator,
    QualityReport,
    Rule,
    UpdateFrequency,
    UpdateSchedule,
    count_names,
    profile_rules,
    report_to_json,
    rules_from_json,
    score,
)
from pricing.quality.profile import RARE_ROWS
from pricing.quality.rules import (
    DeclaredType,
    Fresh,
    NoDuplicateRows,
    PeriodsCovered,
    columns_of,
)

_TYPES: Final = {
    "VARCHAR": ColumnType.STRING,
    "TINYINT": ColumnType.INTEGER,
    "SMALLINT": ColumnType.INTEGER,
    "INTEGER": ColumnType.INTEGER,
    "BIGINT": ColumnType.INTEGER,
    "HUGEINT": ColumnType.INTEGER,
    "UTINYINT": ColumnType.INTEGER,
    "USMALLINT": ColumnType.INTEGER,
    "UINTEGER": ColumnType.INTEGER,
    "UBIGINT": ColumnType.INTEGER,
    "FLOAT": ColumnType.FLOAT,
    "DOUBLE": ColumnType.FLOAT,
    "BOOLEAN": ColumnType.BOOLEAN,
    "DATE": ColumnType.DATE,
    "BLOB": ColumnType.BINARY,
}

_FREQUENCIES: Final = {
    # No period is counted finer than an hour.
    DeclaredFrequency.REAL_TIME: UpdateFrequency.HOURLY,
    DeclaredFrequency.HOURLY: UpdateFrequency.HOURLY,
    DeclaredFrequency.DAILY: UpdateFrequency.DAILY,
    DeclaredFrequency.WEEKLY: UpdateFrequency.WEEKLY,
    DeclaredFrequency.MONTHLY: UpdateFrequency.MONTHLY,
    DeclaredFrequency.QUARTERLY: UpdateFrequency.QUARTERLY,
    DeclaredFrequency.YEARLY: UpdateFrequency.YEARLY,
}

_LISTED_INDICATORS_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class Measured:
    """What was counted in one revision by a plan; profiles and suggestions are plain JSON."""

    plan: "QualityPlan"
    report: QualityReport
    profiles: tuple[dict[str, Any], ...]
    suggestions: tuple[dict[str, Any], ...]
    rows: int
    engine_versions: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityRecord:
    """The quality report of one revision as it is kept; all documents are plain JSON.

    `public_report` is what a stranger may read, under the column roles known when it was made.
    `profiles` never held values, extremes or rare counts of columns that were hidden then.
    `rules_version` is that of the provider's rules it measured, 0 for none; `suggestions` are for
    the provider.
    """

    id: str
    product_id: str
    revision_id: str
    report: Mapping[str, Any]
    public_report: Mapping[str, Any]
    profiles: Sequence[Mapping[str, Any]]
    engine_versions: Mapping[str, Any]
    rows: int
    measured_at: datetime
    rules_version: int = 0
    suggestions: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityPlan:
    """What to measure of a revision: the columns that rules can read, and the rules.

    `declared` are the rules that the exchange derives itself; `rules` holds them and those of the
    provider, of which `unmeasured` do not fit the revision.
    """

    specs: tuple[ColumnSpec, ...]
    types: Mapping[str, str]
    declared: tuple[Rule, ...]
    rules: tuple[Rule, ...]
    unmeasured: tuple[Unmeasured, ...]
    rules_version: int
    schedule: UpdateSchedule | None
    hidden: frozenset[str]


def plan_measurement(
    product: Product,
    revision: Revision,
    columns: Sequence[Column],
    asked_for: QualityRules | None = None,
) -> QualityPlan:
    """Derive the rules from what the provider declared and the ingestion found, and add its own.

    Columns of kinds without a rule (times of day) are named by no rule. Every column counts as
    required, since the dictionary cannot say otherwise: completeness is the share of values.
    """
    specs = tuple(
        ColumnSpec(column.name, column_type)
        for column in columns
        if (column_type := column_type_of(column.type)) is not None
    )
    known = {spec.name: spec for spec in specs}
    keys = product.key_columns if set(product.key_columns) <= known.keys() else ()
    schedule = _schedule(product, revision, known)
    documents = [] if asked_for is None else list(asked_for.rules)
    asked = rules_from_json(documents, FIELD, _reference_at(product, revision))
    fitting, unmeasured = divide_by_fit(asked, types_of(columns))
    return QualityPlan(
        specs=specs,
        types={each.name: each.type for each in columns if _is_read(each)},
        declared=profile_rules(specs, keys=keys, schedule=schedule),
        rules=profile_rules(specs, keys=keys, schedule=schedule, further=fitting),
        unmeasured=unmeasured,
        rules_version=0 if asked_for is None else asked_for.version,
        schedule=schedule,
        hidden=hidden_columns(columns),
    )


def types_of(columns: Sequence[Column]) -> Types:
    """What rules can know of the columns of a revision."""
    typed = {column.name: column_type_of(column.type) for column in columns}
    return Types(
        known={name: found for name, found in typed.items() if found is not None},
        unread=tuple(column.name for column in columns if not _is_read(column)),
    )


def hidden_columns(columns: Sequence[Column]) -> frozenset[str]:
    """Names of the columns whose values strangers may not learn of, unscanned ones included."""
    return frozenset(column.name for column in columns if column.role is not ColumnRole.FREE)


def column_type_of(duckdb_type: str) -> ColumnType | None:
    """The declared type for a DuckDB type name; None for a kind that no rule reads."""
    if duckdb_type.startswith("DECIMAL"):
        return ColumnType.DECIMAL
    if duckdb_type.startswith("TIMESTAMP"):
        return ColumnType.TIMESTAMP
    return _TYPES.get(duckdb_type)


def reads_hidden(rule: Rule, hidden: Set[str]) -> bool:
    """Whether a rule reads a column whose values strangers may not learn of."""
    if isinstance(rule.check, NoDuplicateRows):  # reads all columns
        return bool(hidden)
    return any(name in hidden for name in columns_of(rule.check))


def full_report(measured: Measured) -> dict[str, Any]:
    """The report as the provider and administrators read it."""
    unmeasured = [
        {"id": each.rule_id, "problem": each.problem} for each in measured.plan.unmeasured
    ]
    return report_to_json(measured.report) | {"unmeasured": unmeasured}


def public_report(report: QualityReport, hidden: Set[str]) -> dict[str, Any]:
    """The report as a stranger may read it (DESIGN rule on published profiles).

    Indicators of hidden columns are left out. So that their counts cannot be worked out from the
    scores either, these count fewer than ten rows as none, and no period of a hidden time column.
    """
    counted = [each for each in report.indicators if not _tells_extreme(each, hidden)]
    counts: dict[str, int] = {}
    for position, indicator in enumerate(counted):
        conforming = (
            _without_rare(indicator) if _is_hidden(indicator, hidden) else indicator.conforming
        )
        names = count_names(position)
        counts |= dict(zip(names, (conforming, indicator.examined), strict=True))
    sql = {each.rule.id: each.sql for each in counted if each.sql is not None}
    document = report_to_json(score([each.rule for each in counted], counts, sql=sql))
    shown = {each.rule.id for each in counted if not _is_hidden(each, hidden)}
    indicators = [each for each in document["indicators"] if each["id"] in shown]
    return document | {
        # The counts beside a score are those of the indicators shown: no difference to take.
        "dimensions": [_counted_again(each, indicators) for each in document["dimensions"]],
        "indicators": indicators,
        "withheld_indicators": len(report.indicators) - len(shown),
    }


def quality_fact(record: QualityRecord) -> dict[str, Any]:
    """What a listing shows of a revision's quality: the public report, cut to a bounded length."""
    public = record.public_report
    return {
        "total": public["total"],
        "declared_total": public.get("declared_total"),
        "dimensions": public["dimensions"],
        "indicators": public["indicators"][:_LISTED_INDICATORS_MAX],
        "indicators_total": len(public["indicators"]),
        "withheld_indicators": public["withheld_indicators"],
        "rows": record.rows,
        "engine_versions": dict(record.engine_versions),
        "measured_at": record.measured_at.isoformat(),
    }


def _is_read(column: Column) -> bool:
    # A time of day takes part in the comparison of whole rows, though no rule names it.
    return column.type == "TIME" or column_type_of(column.type) is not None


def _schedule(
    product: Product, revision: Revision, known: Mapping[str, ColumnSpec]
) -> UpdateSchedule | None:
    frequency = _FREQUENCIES.get(product.update_frequency) if product.update_frequency else None
    spec = known.get(product.time_column or "")
    if frequency is None or spec is None or not spec.type.is_temporal:
        return None
    return UpdateSchedule(spec.name, frequency, _reference_at(product, revision))


def _reference_at(product: Product, revision: Revision) -> datetime:
    """The last instant for which records are due: the end of coverage or the upload."""
    came_at = revision.ready_at or revision.updated_at
    if product.temporal_end is None:
        return came_at
    end = datetime.combine(product.temporal_end, time(), UTC) - timedelta(microseconds=1)
    return min(end, came_at)


def _is_hidden(indicator: Indicator, hidden: Set[str]) -> bool:
    return reads_hidden(indicator.rule, hidden)


def _tells_extreme(indicator: Indicator, hidden: Set[str]) -> bool:
    # How many periods are due gives the first record's day away, freshness that of the newest.
    is_of_time = isinstance(indicator.rule.check, PeriodsCovered | Fresh)
    return is_of_time and _is_hidden(indicator, hidden)


def _without_rare(indicator: Indicator) -> int:
    conforming, examined = indicator.conforming, indicator.examined
    if isinstance(indicator.rule.check, DeclaredType):  # counts the column, not its rows
        return conforming
    if 0 < examined - conforming < RARE_ROWS:
        return examined
    return 0 if 0 < conforming < RARE_ROWS else conforming


def _counted_again(
    dimension: dict[str, Any], indicators: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    inside = [each for each in indicators if each["dimension"] == dimension["dimension"]]
    return dimension | {
        "rules": len(inside),
        "conforming": sum(each["conforming"] for each in inside),
        "examined": sum(each["examined"] for each in inside),
    }
