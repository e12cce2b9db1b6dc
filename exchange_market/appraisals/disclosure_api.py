"""The route of the accounting disclosure: as a document, or as a table for the books."""

from enum import StrEnum
from typing import Annotated, Any, Final

import msgspec
from litestar import Controller, MediaType, Response, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody, QueryParameter

from exchange_market.appraisals.disclosures import disclosure_of
from exchange_market.appraisals.wire import Document
from exchange_market.documents.spreadsheet import write_csv
from exchange_market.edge.access import Access, access
from exchange_market.edge.headers import content_disposition
from exchange_market.edge.problems import problems
from exchange_market.kernel.principal import Principal
from exchange_market.persistence.transaction import Database
from pricing.disclosure import disclosure_rows

CSV: Final = "text/csv"
_DISCLOSURE: Final = ResponseSpec(
    data_container=dict[str, Any], generate_examples=False, description="The disclosure"
)


class DisclosureFormat(StrEnum):
    """A document with sections, or one row for each field."""

    JSON = "json"
    CSV = "csv"


class DisclosureIn(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """What only the enterprise knows; everything may be left open.

    `answers` lead to the classification (`controlled`, `benefits_probable`, `cost_measurable`,
    `held_for_sale`, `identifiable`, `acquisition`, `development_criteria_met`); `statements` fill
    fields by their id.
    """

    answers: Document = {}
    statements: Document = {}


class DisclosureController(Controller):
    """The disclosure of one valuation."""

    path = "/v1/valuations/{valuation_id:str}/disclosure"
    tags = ("appraisals",)

    @post(
        operation_id="discloseResource",
        summary="The accounting disclosure of a valued data resource",
        status_code=200,
        opt={**access(Access.SIGNED_IN), "also_answers": (CSV,)},
        responses={200: _DISCLOSURE} | problems(400, 404),
    )
    async def disclose(
        self,
        valuation_id: FromPath[str],
        data: JSONBody[DisclosureIn],
        database: NamedDependency[Database],
        principal: NamedDependency[Principal],
        format: Annotated[  # noqa: A002 - the name in the query
            DisclosureFormat, QueryParameter(description="A document, or a table.")
        ] = DisclosureFormat.JSON,
    ) -> Response[bytes]:
        """For its provider and administrators. An aid, not accounting advice; nothing is stored."""
        async with database.read() as reading:
            document = await disclosure_of(
                reading, principal, valuation_id, data.answers, data.statements
            )
        if format is DisclosureFormat.JSON:
            return Response(msgspec.json.encode(document), media_type=MediaType.JSON)
        name = f"disclosure-{valuation_id}.csv"
        return Response(
            write_csv(disclosure_rows(document)),
            media_type=CSV,
            headers={"Content-Disposition": content_disposition(name, name, is_shown=False)},
        )
