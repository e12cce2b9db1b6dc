"""The measured facts of a column, one SQL query over the whole column each."""

from dataclasses import dataclass

from sandbox.parquet_sql import ParquetSql, quoted
from sandbox.scan.patterns import VALUE_RULES, ValueRule

_INTEGERS = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT"} | {
    "UINTEGER",
    "UBIGINT",
    "UHUGEINT",
}
# No rule for digits knows a shorter number; smaller integers are not turned into text.
_LEAST_IDENTIFYING_INTEGER = 10_000_000_000
_SAMPLED_WORDS = 20_000


@dataclass(frozen=True, slots=True)
class Measured:
    """Counts in rows, `mean_length` in characters (text only), hit rates by rule code."""

    physical_type: str
    rows: int
    nulls: int
    distinct: int
    mean_length: float
    hit_rates: dict[str, float]

    @property
    def is_text(self) -> bool:
        """Whether values are strings."""
        return self.physical_type == "VARCHAR"

    @property
    def is_integer(self) -> bool:
        """Whether values are whole numbers."""
        return self.physical_type in _INTEGERS

    @property
    def is_temporal(self) -> bool:
        """Whether values are dates or instants."""
        return self.physical_type.startswith(("DATE", "TIMESTAMP"))

    @property
    def is_opaque(self) -> bool:
        """Whether values are bytes or nested, so that no rule can look into them."""
        return self.physical_type == "BLOB" or (
            self.physical_type.endswith(("]", ")"))
            and (not self.physical_type.startswith(("DECIMAL", "ENUM")))
        )

    @property
    def distinct_ratio(self) -> float:
        """Distinct values over non-null rows."""
        return self.distinct / max(self.rows - self.nulls, 1)


def measure(sql: ParquetSql, name: str, physical_type: str, rows: int) -> Measured:
    """Measure one column of the view `source`."""
    column = quoted(name)
    if physical_type in _INTEGERS:
        nulls, distinct, greatest = sql.row(
            f"SELECT count(*) - count({column}), count(DISTINCT {column}),"  # noqa: S608
            f" max({column}) FROM source"
        )
        rates: dict[str, float] = {}
        if (greatest or 0) >= _LEAST_IDENTIFYING_INTEGER:
            rules = tuple(rule for rule in VALUE_RULES if rule.digits_only)
            rates = _text_facts(sql, f"{column}::VARCHAR", rules)[3]
        return Measured(physical_type, rows, int(nulls), int(distinct), 0.0, rates)
    if physical_type == "VARCHAR":
        filled, distinct, length, rates = _text_facts(sql, f"trim({column})", VALUE_RULES)
        return Measured(physical_type, rows, rows - filled, distinct, length, rates)
    nulls, distinct = sql.row(
        f"SELECT count(*) - count({column}), count(DISTINCT {column}) FROM source"  # noqa: S608
    )
    return Measured(physical_type, rows, int(nulls), int(distinct), 0.0, {})


def _text_facts(
    sql: ParquetSql, value: str, rules: tuple[ValueRule, ...]
) -> tuple[int, int, float, dict[str, float]]:
    """Return non-null rows, distinct values, mean length and hit rates of a text expression.

    Rules look at each distinct value once and weigh it by its rows. Of a column with many values, a
    fixed sample decides which rules are worth the whole column: a rule that stays under a quarter
    of its threshold there keeps the rate of the sample.
    """
    sql.run(
        "CREATE OR REPLACE TEMP TABLE words AS SELECT v, count(*) AS n"  # noqa: S608
        f" FROM (SELECT {value} AS v FROM source) WHERE v IS NOT NULL GROUP BY v"
    )
    filled, distinct, length = sql.row("SELECT sum(n), count(*), sum(n * length(v)) FROM words")
    if not filled:
        return 0, 0, 0.0, {}
    rates: dict[str, float] = {}
    if distinct > 2 * _SAMPLED_WORDS:
        sql.run(
            "CREATE OR REPLACE TEMP TABLE some_words AS SELECT v, n FROM words"  # noqa: S608
            f" WHERE hash(v) % {distinct // _SAMPLED_WORDS} = 0"
        )
        rates = _hit_rates(sql, rules, "some_words")
        rules = tuple(rule for rule in rules if rates[rule.code] * 4 >= rule.threshold)
    rates |= _hit_rates(sql, rules, "words")
    return int(filled), int(distinct), int(length) / int(filled), rates


def _hit_rates(sql: ParquetSql, rules: tuple[ValueRule, ...], words: str) -> dict[str, float]:
    filled = sql.figure(f"SELECT sum(n) FROM {words}")  # noqa: S608
    return {rule.code: sql.figure(rule.hits_sql(words)) / max(filled, 1) for rule in rules}
