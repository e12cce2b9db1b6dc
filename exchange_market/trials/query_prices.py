"""What a single query would cost, worked out on the approved sample: nothing is bought.

Each neighbour of the sample (`pricing.queryprice`) carries an equal share of the price of the whole
revision; a query costs those that it tells apart. DuckDB compares them in memory, locked, and over
the sample's values alone.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import anyio
import anyio.to_thread
import duckdb
import pyarrow.parquet as pq

from exchange_market.appraisals import service as appraisals
from exchange_market.appraisals.errors import DocumentRefused
from exchange_market.appraisals.price_plans import refused
from exchange_market.catalog import service as catalog
from exchange_market.kernel.principal import Principal
from exchange_market.persistence.transaction import Database
from exchange_market.storage.objects import ObjectMissing, ObjectStore
from exchange_market.trials.errors import SampleNotFound
from exchange_market.trials.sample import BuiltSample
from exchange_market.trials.service import approved_sample_for
from pricing.errors import PricingError
from pricing.money import Money
from pricing.queryprice import (
    DataQuery,
    difference_sql,
    plan_support,
    query_from_json,
    quote,
    quote_to_json,
    support_table,
)

HISTORY_MAX: Final = 50
_SUPPORTS_KEPT_MAX: Final = 8
_TABLE: Final = "support"
_SECONDS_MAX: Final = 2
_UNFIT_VALUES: Final = (
    duckdb.ConversionException,
    duckdb.OutOfRangeException,
    duckdb.InvalidInputException,  # a whole number of more than 128 bits
)
_AT_ONCE = anyio.CapacityLimiter(1)


@dataclass(frozen=True, slots=True)
class QuotedQuery:
    """A quote, and the price and the sample that it was worked out from."""

    price_plan_id: str
    revision_number: int
    sample_sha256: str
    quote: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Support:
    """The neighbours of one sample in a locked database, for one thread at a time."""

    types: Mapping[str, str]
    neighbours: int
    connection: duckdb.DuckDBPyConnection
    turn: threading.Lock = field(default_factory=threading.Lock)

    def told_apart(self, query: DataQuery, at: str) -> frozenset[int]:
        """The numbers of the neighbours that a query tells from the sample.

        `at` is the path of the query. Raises DocumentRefused where a value or a sum does not fit
        its column, or the query takes more memory or time than a quote is worth.
        """
        statement, values = difference_sql(query, self.types, _TABLE)
        with self.turn:
            try:
                found = self.connection.execute(statement, list(values)).fetchall()
            except _UNFIT_VALUES:
                raise DocumentRefused(
                    field=f"{at}.where", problem="a value does not fit the type of its column"
                ) from None
            except duckdb.BinderException:
                raise DocumentRefused(
                    field=f"{at}.aggregates", problem="only numbers have a sum or an average"
                ) from None
            except (duckdb.OutOfMemoryException, duckdb.InterruptException):
                raise DocumentRefused(
                    field=at,
                    problem="takes too much time or memory: name fewer columns or aggregates",
                ) from None
        return frozenset(number for (number,) in found)


class Supports:
    """The supports of samples that were asked for lately; made again when needed."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Support] = OrderedDict()

    def support_of(self, built: BuiltSample, path: Path) -> Support:
        """The support of a sample file; the same file always has the same one. Blocking."""
        kept = self._kept.get(built.sha256)
        if kept is None:
            kept = self._kept[built.sha256] = _open(path, int(built.sha256[-15:], 16))
            while len(self._kept) > _SUPPORTS_KEPT_MAX:
                self._kept.popitem(last=False)[1].connection.close()
        self._kept.move_to_end(built.sha256)
        return kept


class QueryPrices:
    """Quotes queries on the approved samples of products."""

    def __init__(self, database: Database, objects: ObjectStore) -> None:
        self._database = database
        self._objects = objects
        self._supports = Supports()

    async def quote(
        self, viewer: Principal | None, product_id: str, query: object, history: Sequence[object]
    ) -> QuotedQuery:
        """What a query costs whoever has already paid for those of the history.

        Raises ProductNotFound, SampleNotFound, SampleNotApproved, PricePlanNotFound or
        DocumentRefused.
        """
        async with self._database.read() as reading:
            sample = await approved_sample_for(reading, viewer, product_id)
            price = await appraisals.price_plan_for(reading, viewer, product_id)
            revision = await catalog.find_revision(reading, sample.revision_id)
        if sample.built is None or revision is None:
            raise SampleNotFound(product_id=product_id)
        whole = appraisals.price_of_everything(price.plan, revision)
        try:
            path = await self._objects.as_file(sample.built.object_key)
        except ObjectMissing:
            raise SampleNotFound(product_id=product_id) from None
        quoted = await anyio.to_thread.run_sync(
            self._quoted, sample.built, path, whole, (query, *history), limiter=_AT_ONCE
        )
        return QuotedQuery(price.id, sample.revision_number, sample.built.sha256, quoted)

    def _quoted(
        self, built: BuiltSample, path: Path, whole: Money, documents: Sequence[object]
    ) -> dict[str, object]:
        support = self._supports.support_of(built, path)
        paths = ["query", *(f"history[{i}]" for i in range(len(documents) - 1))]
        try:
            queries = [
                query_from_json(document, support.types, at)
                for document, at in zip(documents, paths, strict=True)
            ]
        except PricingError as error:
            raise refused(error) from error
        asked, *earlier = (
            support.told_apart(query, at) for query, at in zip(queries, paths, strict=True)
        )
        known: frozenset[int] = frozenset().union(*earlier)
        return quote_to_json(quote(whole, support.neighbours, asked, known))


def _open(path: Path, seed: int) -> Support:
    table = pq.read_table(path)
    plan = plan_support(table.num_rows, table.num_columns, seed=seed)
    signed = support_table(plan, table)
    config: dict[str, Any] = {
        "memory_limit": "128MiB",
        "threads": 1,
        "temp_directory": "",
        "autoload_known_extensions": False,
        "autoinstall_known_extensions": False,
    }
    connection = duckdb.connect(":memory:", config=config)
    connection.execute("SET TimeZone = 'UTC'")
    connection.register("signed_rows", signed)
    connection.execute(f"CREATE TABLE {_TABLE} AS FROM signed_rows")
    connection.unregister("signed_rows")
    described = connection.execute(f"DESCRIBE {_TABLE}").fetchall()
    connection.execute("SET enable_external_access = false")
    connection.execute("SET python_enable_replacements = false")
    connection.execute(f"SET max_execution_time = {_SECONDS_MAX * 1000}")
    connection.execute("SET lock_configuration = true")
    types = [row[1] for row in described[2:]]
    return Support(dict(zip(table.column_names, types, strict=True)), len(plan), connection)
