"""Names of functions and types that a sample query may use; everything else is refused.

Left out on purpose: whatever reads files, settings or the catalogue; whatever evaluates SQL text;
whatever sleeps, changes a seed or a variable; functions whose result length or running time is not
bounded by their input (repeat, format, printf, levenshtein, range, generate_series), which DuckDB
does not interrupt; and list functions that take a lambda.
"""

OPERATORS = frozenset(
    """
    + - * / // % ^ ** || ~~ !~~ ~~* !~~* ~~~
    like_escape not_like_escape ilike_escape not_ilike_escape
    """.split()
)

AGGREGATES = frozenset(
    """
    count count_star count_if countif sum avg mean min max median mode quantile quantile_cont
    quantile_disc approx_quantile approx_count_distinct stddev stddev_samp stddev_pop variance
    var_samp var_pop skewness kurtosis mad sem corr covar_pop covar_samp entropy geomean
    regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy
    bool_and bool_or first last any_value arg_min arg_max min_by max_by
    string_agg group_concat listagg list array_agg
    """.split()
)

WINDOWS = frozenset(
    """
    row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value
    nth_value
    """.split()
)

SCALARS = frozenset(
    """
    abs ceil ceiling floor round trunc sign sqrt cbrt exp ln log log2 log10 pow power mod pi
    greatest least sin cos tan asin acos atan atan2 degrees radians isnan isfinite isinf
    lower upper lcase ucase length len char_length character_length strlen trim ltrim rtrim
    left right substring substr reverse replace translate lpad rpad concat concat_ws strip_accents
    contains starts_with ends_with prefix suffix position strpos instr split_part ascii chr
    regexp_matches regexp_full_match regexp_extract regexp_replace
    date_part datepart date_trunc datetrunc date_diff datediff date_sub datesub date_add
    year month day quarter week weekofyear weekday dayofweek isodow dayofmonth dayofyear isoyear
    yearweek hour minute second millisecond microsecond epoch epoch_ms dayname monthname last_day
    make_date make_time make_timestamp strftime strptime try_strptime age time_bucket
    to_years to_quarters to_months to_weeks to_days to_hours to_minutes to_seconds to_milliseconds
    to_microseconds
    nullif if hash md5 row list_value typeof
    """.split()
)

FUNCTIONS = OPERATORS | AGGREGATES | SCALARS
"""Functions that may stand in an expression."""

WINDOW_FUNCTIONS = AGGREGATES | WINDOWS

TYPES = frozenset(
    """
    BOOLEAN BOOL TINYINT SMALLINT INTEGER INT BIGINT HUGEINT UTINYINT USMALLINT UINTEGER UBIGINT
    INT1 INT2 INT4 INT8 SHORT LONG SIGNED FLOAT REAL FLOAT4 FLOAT8 DOUBLE DECIMAL NUMERIC
    VARCHAR CHAR BPCHAR TEXT STRING DATE TIME TIMESTAMP DATETIME INTERVAL
    """.split()
)

LITERAL_ARGUMENT_MAX = {"lpad": (1, 1_000), "rpad": (1, 1_000)}
"""Argument (counted from 0) that must be an integer literal up to a value: it sets the length."""

REPLACEMENT_LENGTH_MAX = {"replace": (2, 32), "regexp_replace": (2, 32)}
"""Argument that must be a text literal up to a length: it multiplies the length of the result."""

GROWING_CALLS_MAX = 8
"""Calls of the functions above in one statement; nested, their growth multiplies."""
