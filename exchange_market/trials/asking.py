"""One query on a sample, from the asker to the sandbox and back.

The statement is judged inside the locked worker, never in this process: DuckDB's parser can be
made to take gigabytes. Every query is written down before it runs, and counted from then on.
"""

import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from exchange_market.kernel.ids import new_id
from exchange_market.kernel.principal import Principal
from exchange_market.kernel.secrets import Secrets
from exchange_market.persistence.locks import hold
from exchange_market.persistence.transaction import Database
from exchange_market.storage.objects import ObjectMissing, ObjectStore
from exchange_market.trials import store
from exchange_market.trials.errors import SampleNotFound, TooManyQueries, refusal_of
from exchange_market.trials.query import ANSWERED, SandboxQuery
from exchange_market.trials.sample import BuiltSample, Sample
from exchange_market.trials.service import approved_sample_for
from exchange_market.trust import audit
from sandbox.broker import BrokerClient, QueryFailed, QueryResult, StatementRefused

QUERIES_MAX: Final = 60
WINDOW_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class SampleAnswer:
    """Rows of a query, and the sample they were computed on."""

    result: QueryResult
    sample: Sample
    built: BuiltSample


class Asking:
    """Sends queries to the sandbox."""

    def __init__(
        self, database: Database, objects: ObjectStore, secrets: Secrets, broker: BrokerClient
    ) -> None:
        self._database = database
        self._objects = objects
        self._broker = broker
        self._digest_secret = secrets.derive("sandbox-statements")

    async def ask(
        self, principal: Principal, product_id: str, statement: str, rows_max: int
    ) -> SampleAnswer:
        """Run one statement on the approved sample of a product.

        Raises ProductNotFound, SampleNotFound, SampleNotApproved, TooManyQueries or
        what `refusal_of` makes of the sandbox's answer.
        """
        sample, built, query = await self._note(principal, product_id, statement)
        try:
            result = await self._run(sample, built, statement, rows_max)
        except (StatementRefused, QueryFailed) as told:
            await self._close(principal, replace(query, outcome=told.code))
            raise refusal_of(told) from None
        answered = replace(
            query,
            outcome=ANSWERED,
            answered_rows=len(result.rows),
            elapsed_ms=result.elapsed_ms,
        )
        await self._close(principal, answered)
        return SampleAnswer(result, sample, built)

    async def _note(
        self, principal: Principal, product_id: str, statement: str
    ) -> tuple[Sample, BuiltSample, SandboxQuery]:
        async with self._database.write() as tx:
            sample = await approved_sample_for(tx, principal, product_id)
            if sample.built is None:
                raise SampleNotFound(product_id=product_id)
            # Else two queries at once could both find the last place free.
            await hold(tx, f"sandbox-queries:{principal.organisation_id}")
            since = tx.now() - timedelta(seconds=WINDOW_SECONDS)
            sent = await store.count_queries_since(tx, principal.organisation_id, since)
            if sent >= QUERIES_MAX:
                raise TooManyQueries(
                    limit=QUERIES_MAX, seconds=WINDOW_SECONDS, retry_after_seconds=WINDOW_SECONDS
                )
            query = SandboxQuery(
                id=new_id("sbq"),
                product_id=product_id,
                revision_id=sample.revision_id,
                organisation_id=principal.organisation_id,
                user_id=principal.user_id,
                asked_at=tx.now(),
                statement=statement,
            )
            await store.add_query(tx, query)
        return sample, sample.built, query

    async def _run(
        self, sample: Sample, built: BuiltSample, statement: str, rows_max: int
    ) -> QueryResult:
        try:
            path = await self._objects.as_file(built.object_key)
        except ObjectMissing:
            raise QueryFailed("sample_not_found", sample_id=sample.id) from None
        return await self._broker.query(
            sample_id=sample.id, sample_path=path, sql=statement, max_rows=rows_max
        )

    async def _close(self, principal: Principal, query: SandboxQuery) -> None:
        digest = hmac.new(self._digest_secret, query.statement.encode(), hashlib.sha256)
        async with self._database.write() as tx:
            await store.close_query(tx, query)
            audit.record(
                tx,
                principal,
                "trials.sample_queried",
                audit.Subject("product", query.product_id),
                {
                    "query_id": query.id,
                    "revision_id": query.revision_id,
                    "outcome": query.outcome,
                    "rows": query.answered_rows,
                    "statement_digest": digest.hexdigest(),
                },
            )
