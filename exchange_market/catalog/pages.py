"""Pages of a ready revision: filtered, ordered, and continued by keyset, from its indexed page
store.

The file is written once (`ingestion.page_file`) and never changes, so it is opened read-only and
immutable, and any number of threads may read. Statements contain only our own column numbers; every
value is bound.
"""

import sqlite3
import time
from collections import deque
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from math import inf
from pathlib import Path
from typing import Self
from urllib.parse import quote

from exchange_market.catalog.page_values import Codec, Stored, Value, codec_of
from exchange_market.kernel.errors import Invalid, Unavailable

_MEMBERS_MAX = 1_000
_FILTERS_MAX = 50
_PROGRESS_STEPS = 2_000
_IDLE_MAX = 8
_FIXED_BYTES = 8


class PageColumnUnknown(Invalid):
    """The revision has no such column."""

    code = "catalog.page_column_unknown"
    en = "There is no column '{column}'."
    zh = "没有名为“{column}”的列。"


class FilterRefused(Invalid):
    """The value cannot be compared with the column, or the filter is too big."""

    code = "catalog.filter_refused"
    en = "The filter on '{column}' cannot be used: {reason}."
    zh = "列“{column}”的筛选条件无法使用：{reason}。"


class PageTimedOut(Unavailable):
    """Finding the rows took too long; the filters probably have no index."""

    code = "catalog.page_timed_out"
    en = "Finding these rows took longer than {seconds} s; filter by the key columns {keys} first."
    zh = "查找这些行超过 {seconds} 秒；请先按键列 {keys} 筛选。"


class Comparison(StrEnum):
    """How a filter compares. A missing value satisfies none of them."""

    EQ = "eq"
    NE = "ne"
    LT = "lt"
    LTE = "lte"
    GT = "gt"
    GTE = "gte"
    IN = "in"


class Order(StrEnum):
    """By the declared key (missing values first), then ordinal; or by ordinal alone."""

    KEY = "key"
    ORDINAL = "ordinal"


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition; the value is of the column's type, or for IN a tuple of such values."""

    column: str
    op: Comparison
    value: Value | tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page ended: key values as stored (empty when ordered by ordinal) and ordinal.

    Of JSON types, except for keys of type BLOB. It tells key values, so a cursor must seal it.
    """

    keys: tuple[Stored, ...]
    ordinal: int


@dataclass(frozen=True, slots=True)
class PageColumn:
    """A column of the store with its DuckDB type and its place in the key, if it has one."""

    position: int
    name: str
    type: str
    key: int | None


@dataclass(frozen=True, slots=True)
class RowsPage:
    """Some rows, their ordinals, and the position to continue from (None at the end)."""

    rows: list[tuple[Value, ...]]
    ordinals: list[int]
    next: Position | None


_OPERATORS = {
    Comparison.EQ: "=",
    Comparison.NE: "<>",
    Comparison.LT: "<",
    Comparison.LTE: "<=",
    Comparison.GT: ">",
    Comparison.GTE: ">=",
}


@dataclass(frozen=True, slots=True)
class _Clause:
    sql: str
    values: tuple[Stored, ...]


class PageStore:
    """The pages of one revision, for any number of threads."""

    def __init__(self, path: Path, seconds_max: float = 5.0) -> None:
        self._uri = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
        self._seconds_max = seconds_max
        self._idle: deque[sqlite3.Connection] = deque()
        with self._connection() as database:
            self.columns = tuple(
                PageColumn(*row)
                for row in database.execute(
                    "SELECT position, name, type, key FROM page_column ORDER BY position"
                )
            )
            self.rows: int = database.execute(
                "SELECT coalesce(max(rowid) + 1, 0) FROM page_row"
            ).fetchone()[0]
        self._by_name = {column.name: column for column in self.columns}
        self._codecs = tuple(codec_of(column.type) for column in self.columns)
        keys = [(column.key, column) for column in self.columns if column.key is not None]
        self._keys = tuple(column for _, column in sorted(keys, key=lambda pair: pair[0]))

    @property
    def key_columns(self) -> tuple[str, ...]:
        """The names of the declared key columns, in the order of the index."""
        return tuple(column.name for column in self._keys)

    def column(self, name: str) -> PageColumn:
        """A column by its name; raises PageColumnUnknown."""
        column = self._by_name.get(name)
        if column is None:
            raise PageColumnUnknown(column=name)
        return column

    def parse(self, name: str, text: str) -> Value:
        """A value of the column's type from its text in a query; raises FilterRefused."""
        column = self.column(name)
        try:
            return self._codec(column).parse(text)
        except ValueError:
            raise FilterRefused(column=name, reason=f"the value is not a {column.type}") from None

    def page(  # noqa: PLR0913 - a page, told completely
        self,
        columns: Sequence[str],
        *,
        filters: Sequence[Filter] = (),
        order: Order = Order.KEY,
        after: Position | None = None,
        limit: int,
        bytes_max: int | None = None,
    ) -> RowsPage:
        """Up to `limit` rows after a position: while their values are at most about `bytes_max`,
        but one row where there is any. No more than that and one row is ever held in memory.

        Raises PageColumnUnknown, FilterRefused or PageTimedOut. A position of another order is a
        programming error: cursors are sealed together with order and filters.
        """
        wanted = [self.column(name) for name in columns]
        keys = self._keys if order is Order.KEY else ()
        if limit < 1 or (after is not None and len(after.keys) != len(keys)):
            raise ValueError("not a page of this order")
        clauses = self._clauses(filters)
        found: list[tuple[Stored, ...]] = []
        has_more = False
        left = inf if bytes_max is None else bytes_max
        with (
            self._connection() as database,
            closing(self._after(database, wanted, keys, clauses, after, limit + 1)) as rows,
        ):
            for row in rows:
                left -= sum(map(_size, row))
                has_more = len(found) == limit or (left < 0 and bool(found))
                if has_more:
                    break
                found.append(row)
        return self._shown(wanted, keys, found, has_more)

    def position_of(self, ordinal: int, order: Order) -> Position:
        """Where a page that ended with the row `ordinal` ended; raises LookupError."""
        keys = self._keys if order is Order.KEY else ()
        outputs = ", ".join(["rowid", *(f"c{column.position}" for column in keys)])
        with self._connection() as database:
            row = database.execute(
                f"SELECT {outputs} FROM page_row WHERE rowid = ?",  # noqa: S608 - our own names
                (ordinal,),
            ).fetchone()
        if row is None:
            raise LookupError(ordinal)
        return Position(tuple(row[1:]), ordinal)

    def close(self) -> None:
        """Close the connections that are not in use."""
        while self._idle:
            self._idle.pop().close()

    def __enter__(self) -> Self:
        """Use the store until the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def _codec(self, column: PageColumn) -> Codec:
        return self._codecs[column.position]

    def _clauses(self, filters: Sequence[Filter]) -> list[_Clause]:
        if len(filters) > _FILTERS_MAX:
            raise FilterRefused(
                column=filters[_FILTERS_MAX].column, reason=f"more than {_FILTERS_MAX} filters"
            )
        return [self._clause(condition) for condition in filters]

    def _clause(self, condition: Filter) -> _Clause:
        column = self.column(condition.column)
        many = condition.value if isinstance(condition.value, tuple) else (condition.value,)
        if isinstance(condition.value, tuple) is not (condition.op is Comparison.IN):
            raise FilterRefused(column=column.name, reason="only 'in' takes a list of values")
        if len(many) > _MEMBERS_MAX:
            raise FilterRefused(column=column.name, reason=f"more than {_MEMBERS_MAX} values")
        try:
            values = tuple(self._codec(column).encode(value) for value in many)
        except (TypeError, ValueError, OverflowError) as error:
            raise FilterRefused(column=column.name, reason=str(error)) from None
        if condition.op is Comparison.IN:
            return _Clause(f"c{column.position} IN ({', '.join('?' * len(values))})", values)
        return _Clause(f"c{column.position} {_OPERATORS[condition.op]} ?", values)

    def _statement(
        self,
        wanted: Sequence[PageColumn],
        keys: Sequence[PageColumn],
        clauses: Sequence[_Clause],
        limit: int,
    ) -> _Clause:
        outputs = ", ".join(["rowid", *(f"c{column.position}" for column in (*keys, *wanted))])
        conditions = " AND ".join(f"({clause.sql})" for clause in clauses)
        ordering = ", ".join([*(f"c{column.position}" for column in keys), "rowid"])
        values = tuple(value for clause in clauses for value in clause.values)
        return _Clause(
            f"SELECT {outputs} FROM page_row WHERE {conditions} ORDER BY {ordering} LIMIT ?",  # noqa: S608
            (*values, limit),
        )

    def _after(  # noqa: PLR0913, PLR0917 - a search, told completely
        self,
        database: sqlite3.Connection,
        wanted: Sequence[PageColumn],
        keys: Sequence[PageColumn],
        clauses: Sequence[_Clause],
        after: Position | None,
        limit: int,
    ) -> Generator[tuple[Stored, ...]]:
        for span in _spans(keys, after):
            statement = self._statement(wanted, keys, [*clauses, span], limit)
            for row in self._run(database, statement):
                limit -= 1
                yield row
            if not limit:
                return

    def _run(
        self, database: sqlite3.Connection, statement: _Clause
    ) -> Generator[tuple[Stored, ...]]:
        try:
            # Row by row: wide rows behind the end of the page must not be read.
            with closing(database.execute(statement.sql, statement.values)) as rows:
                yield from rows
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                raise
            raise PageTimedOut(
                seconds=self._seconds_max, keys=", ".join(self.key_columns) or "-"
            ) from None

    def _shown(
        self,
        wanted: Sequence[PageColumn],
        keys: Sequence[PageColumn],
        shown: Sequence[tuple[Stored, ...]],
        has_more: bool,
    ) -> RowsPage:
        first = 1 + len(keys)
        decoders = [self._codec(column).decode for column in wanted]
        rows = [
            tuple(
                None if value is None else decode(value)
                for decode, value in zip(decoders, row[first:], strict=True)
            )
            for row in shown
        ]
        ordinals = [int(str(row[0])) for row in shown]
        end = Position(shown[-1][1:first], ordinals[-1]) if has_more else None
        return RowsPage(rows, ordinals, end)

    @contextmanager
    def _connection(self) -> Generator[sqlite3.Connection]:
        # A deque's pop and append are atomic: a connection is in one thread's hands at a time.
        try:
            database = self._idle.pop()
        except IndexError:
            database = sqlite3.connect(
                self._uri, uri=True, check_same_thread=False, isolation_level=None
            )
        deadline = time.monotonic() + self._seconds_max
        database.set_progress_handler(lambda: time.monotonic() > deadline, _PROGRESS_STEPS)
        try:
            yield database
        finally:
            database.set_progress_handler(None, 0)
            if len(self._idle) < _IDLE_MAX:
                self._idle.append(database)
            else:
                database.close()


def _size(value: Stored) -> int:
    return len(value) if isinstance(value, str | bytes) else _FIXED_BYTES


def _spans(keys: Sequence[PageColumn], after: Position | None) -> list[_Clause]:
    # The rows after a position are those equal in all keys with a higher ordinal, then those equal
    # in all keys but the last and greater there, and so on. Each span is one stretch of the index,
    # which neither a row comparison (wrong for NULL) nor a chain of ORs (sorts everything) would
    # be.
    if after is None:
        return [_Clause("1", ())]
    spans: list[_Clause] = []
    for length in range(len(keys), -1, -1):
        same = [f"c{column.position} IS ?" for column in keys[:length]]
        values = after.keys[:length]
        if length == len(keys):
            spans.append(_Clause(" AND ".join([*same, "rowid > ?"]), (*values, after.ordinal)))
        elif after.keys[length] is None:
            beyond = f"c{keys[length].position} IS NOT NULL"
            spans.append(_Clause(" AND ".join([*same, beyond]), values))
        else:
            beyond = f"c{keys[length].position} > ?"
            spans.append(_Clause(" AND ".join([*same, beyond]), (*values, after.keys[length])))
    return spans
