"""Routes of valuation reports: PDF and HTML for readers, working papers for those who check."""

from typing import Annotated, Any, Final, Literal

from litestar import Controller, Request, Response, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from exchange_market.appraisals.errors import ValuationNotFound
from exchange_market.appraisals.report_files import ReportFile, ReportFiles, ReportFormat
from exchange_market.appraisals.reports import report_material
from exchange_market.documents.html import content_security_policy
from exchange_market.edge.access import Access, access
from exchange_market.edge.headers import content_disposition, names_tag
from exchange_market.edge.problems import language_of, problems
from exchange_market.kernel.errors import Language
from exchange_market.kernel.principal import Principal
from exchange_market.kernel.settings import Settings
from exchange_market.persistence.transaction import Database

AnyRequest = Request[Any, Any, Any]
PDF: Final = "application/pdf"
HTML: Final = "text/html"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MEDIA_TYPES: Final = {ReportFormat.PDF: PDF, ReportFormat.HTML: HTML}
_UNCHANGED: Final = ResponseSpec(
    data_container=None, generate_examples=False, description="The file is the one you have"
)
Form = Annotated[ReportFormat, QueryParameter(description="One file for paper, or one page.")]
ReportLanguage = Annotated[
    Literal["zh", "en"] | None,
    QueryParameter(description="Chinese or English; default: as Accept-Language prefers"),
]


def _file(media_type: str, description: str) -> dict[int, ResponseSpec]:
    return {
        200: ResponseSpec(
            data_container=bytes,
            generate_examples=False,
            description=description,
            media_type=media_type,  # type: ignore[arg-type]
        ),
        304: _UNCHANGED,
    }


class ValuationReportController(Controller):
    """The documents of one valuation."""

    path = "/v1/valuations/{valuation_id:str}"
    tags = ("appraisals",)

    @get(
        "/report",
        operation_id="getValuationReport",
        summary="The valuation report for people",
        opt={**access(Access.PUBLIC), "also_answers": (HTML,)},
        responses=_file(PDF, "The report as PDF/A-2b or as one HTML file")
        | problems(400, 404, 413, 503),
    )
    async def report(  # noqa: PLR0913, PLR0917 - dependencies by name
        self,
        request: AnyRequest,
        valuation_id: FromPath[str],
        database: NamedDependency[Database],
        viewer: NamedDependency[Principal | None],
        settings: NamedDependency[Settings],
        report_files: NamedDependency[ReportFiles],
        format: Form = ReportFormat.PDF,  # noqa: A002 - the name in the query
        language: ReportLanguage = None,
    ) -> Response[bytes | None]:
        """In full for its provider and administrators; of an approved one strangers see a part.

        503 `documents.chinese_font_missing`: this server has no font for a PDF; HTML works.
        """
        async with database.read() as reading:
            material = await report_material(reading, viewer, valuation_id, settings.operator_name)
        chosen: Language = language or language_of(request)
        found = await report_files.report(material, chosen, format)
        return _answer(request, found, _MEDIA_TYPES[format], is_shown=True)

    @get(
        "/working-papers",
        operation_id="getValuationWorkingPapers",
        summary="The working papers of a valuation as a workbook",
        opt=access(Access.SIGNED_IN),
        responses=_file(XLSX, "A workbook whose amounts are formulas") | problems(404, 413),
    )
    async def working_papers(  # noqa: PLR0913, PLR0917
        self,
        request: AnyRequest,
        valuation_id: FromPath[str],
        database: NamedDependency[Database],
        principal: NamedDependency[Principal],
        settings: NamedDependency[Settings],
        report_files: NamedDependency[ReportFiles],
        language: ReportLanguage = None,
    ) -> Response[bytes | None]:
        """For its provider and administrators: methods year by year, inputs, sensitivity, SQL."""
        async with database.read() as reading:
            material = await report_material(
                reading, principal, valuation_id, settings.operator_name
            )
        if not material.is_full:
            raise ValuationNotFound(valuation=valuation_id)
        found = await report_files.working_papers(material, language or language_of(request))
        return _answer(request, found, XLSX, is_shown=False)


def _answer(
    request: AnyRequest, found: ReportFile, media_type: str, *, is_shown: bool
) -> Response[bytes | None]:
    etag = f'"{found.digest}"'
    headers = {
        "ETag": etag,
        # Who asks decides what is shown, so no shared cache may keep it; the tag saves the bytes.
        "Cache-Control": "private, no-cache",
        "Vary": "Authorization, Accept-Language",
    }
    if names_tag(request.headers.get("if-none-match"), etag):
        return Response(None, status_code=304, headers=headers)
    headers["Content-Disposition"] = content_disposition(
        found.name, found.ascii_name, is_shown=is_shown
    )
    if media_type.startswith(HTML):
        headers["Content-Security-Policy"] = content_security_policy()
    return Response(found.content, media_type=media_type, headers=headers)
