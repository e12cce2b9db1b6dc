"""Samples and sandbox queries on the wire."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from exchange_market.catalog.product import Column
from exchange_market.trials.asking import QUERIES_MAX, WINDOW_SECONDS, SampleAnswer
from exchange_market.trials.examples import example_queries
from exchange_market.trials.preview import SampleRows
from exchange_market.trials.query import SandboxQuery
from exchange_market.trials.query_prices import HISTORY_MAX, QuotedQuery
from exchange_market.trials.sample import BuiltSample, Sample
from sandbox.gate import TABLE_NAME

ANSWER_ROWS_MAX = 1_000
_STATEMENT_CHARACTERS_MAX = 20_000

Document = Annotated[dict[str, Any], Meta(max_length=8)]
"""A JSON document of `pricing`, which checks every field."""


class SampleDecisionIn(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The provider's decision. `sha256` is that of the sample looked at; no other is decided on."""

    decision: Literal["approve", "reject"]
    reason: Annotated[str, Meta(max_length=2_000)] = ""
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")] | None = None


class QueryIn(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """One SELECT over the table `sample`."""

    sql: Annotated[
        str,
        Meta(max_length=_STATEMENT_CHARACTERS_MAX, examples=["SELECT count(*) FROM sample"]),
    ]
    max_rows: Annotated[int, Meta(ge=1, le=ANSWER_ROWS_MAX)] = 100


class SampleColumnOut(msgspec.Struct, kw_only=True, frozen=True):
    """A column of the sample; `source` is the column of the revision it speaks of."""

    name: str
    type: str
    source: str
    role: str
    meaning_zh: str = ""
    meaning_en: str = ""


class SampleRowsOut(msgspec.Struct, kw_only=True, frozen=True):
    """Rows of the sample, cells in the order of `columns`."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    next_cursor: str | None

    @classmethod
    def of(cls, rows: SampleRows, next_cursor: str | None) -> "SampleRowsOut":
        """The rows as the API shows them."""
        return cls(columns=rows.columns, rows=rows.rows, next_cursor=next_cursor)


class SampleRefusalOut(msgspec.Struct, kw_only=True, frozen=True):
    """Why there is no sample, and what the provider can do."""

    code: str
    en: str
    zh: str


class SampleOut(msgspec.Struct, kw_only=True, frozen=True):
    """A sample with its risk report.

    `k` and `l` are measured on the released rows and null where the rows are not persons. `scan`,
    `refusal`, `decided_by` and `reason` are shown to the provider and administrators only.
    """

    product_id: str
    revision: int
    state: str
    holds_persons: bool
    engine: str
    updated_at: datetime
    decided_at: datetime | None
    rows: int | None = None
    k: int | None = None
    l: int | None = None  # noqa: E741 - the literature's name: l-diversity
    sha256: str | None = None
    file_bytes: int | None = None
    columns: Sequence[SampleColumnOut] = ()
    withheld: Sequence[str] = ()
    policy: Mapping[str, Any] | None = None
    risk: Mapping[str, Any] | None = None
    preview: SampleRowsOut | None = None
    scan: Mapping[str, Any] | None = None
    refusal: SampleRefusalOut | None = None
    decided_by: str | None = None
    reason: str | None = None

    @classmethod
    def of(cls, sample: Sample) -> "SampleOut":
        """What everybody who may see the sample is shown, besides its rows."""
        shown = cls(
            product_id=sample.product_id,
            revision=sample.revision_number,
            state=sample.state.value,
            holds_persons=sample.holds_persons,
            engine=sample.engine,
            updated_at=sample.updated_at,
            decided_at=sample.decided_at,
        )
        built = sample.built
        if built is None:
            return shown
        return msgspec.structs.replace(
            shown,
            rows=built.rows,
            k=built.k,
            l=built.l,
            sha256=built.sha256,
            file_bytes=built.file_bytes,
            columns=_columns_out(built),
            withheld=sorted(built.release["withheld"]),  # PostgreSQL keeps no order of members
            policy=built.policy,
            risk=built.risk,
        )

    @classmethod
    def of_insider(cls, sample: Sample) -> "SampleOut":
        """What the provider and administrators see, with the evidence of the scan."""
        refusal = sample.refusal
        return msgspec.structs.replace(
            cls.of(sample),
            scan=sample.scan,
            refusal=refusal and SampleRefusalOut(code=refusal.code, en=refusal.en, zh=refusal.zh),
            decided_by=sample.decided_by,
            reason=sample.reason,
        )


class SandboxTableOut(msgspec.Struct, kw_only=True, frozen=True):
    """A table that statements may name."""

    name: str
    rows: int
    columns: Sequence[SampleColumnOut]


class ExampleQueryOut(msgspec.Struct, kw_only=True, frozen=True):
    """A statement that runs as it is."""

    sql: str
    en: str
    zh: str


class SandboxOut(msgspec.Struct, kw_only=True, frozen=True):
    """What can be asked, and how often: `queries_max` per organisation in `window_seconds`."""

    tables: Sequence[SandboxTableOut]
    examples: Sequence[ExampleQueryOut]
    rows_max: int
    queries_max: int
    window_seconds: int

    @classmethod
    def of(cls, built: BuiltSample, dictionary: Sequence[Column]) -> "SandboxOut":
        """The sandbox of a sample, with the meanings of the revision's columns."""
        table = SandboxTableOut(
            name=TABLE_NAME, rows=built.rows, columns=_columns_out(built, dictionary)
        )
        return cls(
            tables=[table],
            examples=[
                ExampleQueryOut(sql=example.sql, en=example.en, zh=example.zh)
                for example in example_queries(built.columns)
            ],
            rows_max=ANSWER_ROWS_MAX,
            queries_max=QUERIES_MAX,
            window_seconds=WINDOW_SECONDS,
        )


class ResultColumnOut(msgspec.Struct, kw_only=True, frozen=True):
    """A column of an answer with its DuckDB type."""

    name: str
    type: str


class AskedSampleOut(msgspec.Struct, kw_only=True, frozen=True):
    """The sample an answer was computed on."""

    revision: int
    rows: int
    k: int | None
    l: int | None  # noqa: E741


class QueryAnswerOut(msgspec.Struct, kw_only=True, frozen=True):
    """An answer; `truncated` says that there are more rows than were asked for."""

    columns: Sequence[ResultColumnOut]
    rows: Sequence[Sequence[Any]]
    truncated: bool
    elapsed_ms: float
    sample: AskedSampleOut

    @classmethod
    def of(cls, answer: SampleAnswer) -> "QueryAnswerOut":
        """The answer as the API shows it."""
        result, built = answer.result, answer.built
        return cls(
            columns=[ResultColumnOut(name=c.name, type=c.type) for c in result.columns],
            rows=result.rows,
            truncated=result.truncated,
            elapsed_ms=result.elapsed_ms,
            sample=AskedSampleOut(
                revision=answer.sample.revision_number, rows=built.rows, k=built.k, l=built.l
            ),
        )


class QueryQuoteIn(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A query to price, and those that are known already.

    A query is `{"columns": […], "where": [{"column", "op", "value"}], "aggregates": [{"function",
    "column"}]}` over the columns of the sample: rows of the columns, or groups of equal ones.
    """

    query: Document
    history: Annotated[list[Document], Meta(max_length=HISTORY_MAX)] = []


class QueryQuoteOut(msgspec.Struct, kw_only=True, frozen=True):
    """What a query would cost, alone and beyond the history; nothing was bought."""

    product_id: str
    price_plan_id: str
    revision: int
    sample_sha256: str
    quote: dict[str, Any]

    @classmethod
    def of(cls, product_id: str, quoted: QuotedQuery) -> "QueryQuoteOut":
        """The quote as the API shows it."""
        return cls(
            product_id=product_id,
            price_plan_id=quoted.price_plan_id,
            revision=quoted.revision_number,
            sample_sha256=quoted.sample_sha256,
            quote=dict(quoted.quote),
        )


class SandboxQueryOut(msgspec.Struct, kw_only=True, frozen=True):
    """A query of the past. `outcome`: `answered`, `asked` while it runs, or the sandbox's code."""

    id: str
    user_id: str
    asked_at: datetime
    sql: str
    outcome: str
    rows: int | None
    elapsed_ms: float | None

    @classmethod
    def of(cls, query: SandboxQuery) -> "SandboxQueryOut":
        """The query as the API shows it."""
        return cls(
            id=query.id,
            user_id=query.user_id,
            asked_at=query.asked_at,
            sql=query.statement,
            outcome=query.outcome,
            rows=query.answered_rows,
            elapsed_ms=query.elapsed_ms,
        )


def _columns_out(built: BuiltSample, dictionary: Sequence[Column] = ()) -> list[SampleColumnOut]:
    known = {column.name: column for column in dictionary}
    shown: list[SampleColumnOut] = []
    for column in built.columns:
        entry = known.get(column.source)
        shown.append(
            SampleColumnOut(
                name=column.name,
                type=column.type,
                source=column.source,
                role=column.role.value,
                meaning_zh="" if entry is None else entry.meaning_zh,
                meaning_en="" if entry is None else entry.meaning_en,
            )
        )
    return shown
