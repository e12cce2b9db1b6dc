"""Routes of revisions: upload and progress."""

import base64
import binascii
import re
from typing import Annotated, Any, Final

from litestar import Controller, Request, Response, get, post
from litestar.datastructures import ResponseHeader
from litestar.di import NamedDependency
from litestar.exceptions import InternalServerException
from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.params import FromQuery, PathParameter, QueryParameter

from exchange_market.catalog import service
from exchange_market.catalog.errors import (
    FormatUnknown,
    UploadDigestMalformed,
    UploadInterrupted,
)
from exchange_market.catalog.receiving import Upload
from exchange_market.catalog.revision_wire import RevisionOut
from exchange_market.catalog.uploads import Uploads
from exchange_market.catalog.vocabulary import FileFormat
from exchange_market.catalog.wire import ProductId
from exchange_market.edge.access import Access, access
from exchange_market.edge.commands import idempotency_key_of
from exchange_market.edge.paging import LIMIT_DEFAULT, Cursor, Limit, PageOut
from exchange_market.edge.problems import problems
from exchange_market.kernel.paging import CursorSeal
from exchange_market.kernel.principal import Principal
from exchange_market.kernel.settings import Settings
from exchange_market.kernel.text import single_line
from exchange_market.persistence.transaction import Database
from exchange_market.storage.objects import ObjectStore

AnyRequest = Request[Any, Any, Any]
Number = Annotated[int, PathParameter(ge=1, le=2_147_483_647)]
FileName = Annotated[
    str, QueryParameter(max_length=200, description="Name of the file, a label only.")
]

_FORMATS: Final = {file_format.media_type: file_format for file_format in FileFormat} | {
    "application/csv": FileFormat.CSV,
    "application/parquet": FileFormat.PARQUET,
    "application/ndjson": FileFormat.NDJSON,
    "application/jsonl": FileFormat.NDJSON,
}
_HEX: Final = re.compile(r"[0-9a-fA-F]{64}")
_SHA256_MEMBER: Final = re.compile(r"(?i)(?:^|,)\s*sha-256=:?([A-Za-z0-9+/]{43}=):?\s*(?:,|$)")


class _UploadOperation(Operation):
    """Tells the OpenAPI document that the body is the file itself."""

    def __post_init__(self) -> None:
        file = Schema(type=OpenAPIType.STRING, content_media_type="application/octet-stream")
        kinds = [*_FORMATS, "application/octet-stream"]
        self.request_body = RequestBody(
            description="The file, as it is.",
            required=True,
            content={kind: OpenAPIMediaType(schema=file) for kind in kinds},
        )


class RevisionController(Controller):
    """Revisions of a product."""

    path = "/v1/products/{product_id:str}/revisions"
    tags = ("catalogue",)

    @post(
        operation_id="uploadRevision",
        summary="Upload a file as the next revision",
        opt=access(Access.PROVIDER) | {"takes_idempotency_key": True},
        responses=problems(400, 404, 409, 413, 415),
        status_code=202,
        response_headers=[
            ResponseHeader(
                name="Location",
                description="Where to see its progress.",
                documentation_only=True,
            )
        ],
        request_max_body_size=None,
        operation_class=_UploadOperation,
    )
    async def upload(  # noqa: PLR0913, PLR0917 - dependencies by name
        self,
        request: AnyRequest,
        product_id: ProductId,
        database: NamedDependency[Database],
        objects: NamedDependency[ObjectStore],
        settings: NamedDependency[Settings],
        principal: NamedDependency[Principal],
        format: FromQuery[FileFormat | None] = None,  # noqa: A002 - the name of the query parameter
        name: FileName = "",
    ) -> Response[RevisionOut]:
        """The body is the file, streamed. Announce its SHA-256 in `X-Content-SHA256` (hexadecimal)
        or `Content-Digest` (RFC 9530) to have the transfer checked. Ingestion goes on after the
        answer.
        """
        upload = Upload(
            product_id=product_id,
            file_format=format or _format_of(request),
            file_name=single_line(name, "name") if name.strip() else "",
            declared_bytes=request.content_length,
            announced_sha256=_announced_sha256(request),
            upload_key=idempotency_key_of(request),
        )
        uploads = Uploads(database, objects, settings.upload_bytes_max)
        try:
            received = await uploads.receive(principal, upload, request.stream())
        except InternalServerException:
            # How the framework says that the connection was lost in the middle of the body.
            raise UploadInterrupted(received_bytes=0) from None
        revision = received.revision
        headers = {"Location": f"/v1/products/{product_id}/revisions/{revision.number}"}
        if received.replayed:
            headers["Idempotent-Replay"] = "true"
        return Response(RevisionOut.of(revision), status_code=202, headers=headers)

    @get(
        operation_id="listRevisions",
        summary="The revisions of a product, newest first",
        opt=access(Access.PUBLIC),
        responses=problems(404),
    )
    async def list_all(  # noqa: PLR0913 - dependencies by name
        self,
        product_id: ProductId,
        database: NamedDependency[Database],
        viewer: NamedDependency[Principal | None],
        cursors: NamedDependency[CursorSeal],
        *,
        limit: Limit = LIMIT_DEFAULT,
        cursor: Cursor = None,
    ) -> PageOut[RevisionOut]:
        """Of a published listing everybody sees the ready ones; its provider sees all."""
        context = f"revisions:{viewer.user_id if viewer else 'public'}:{product_id}"
        before = None if cursor is None else int(cursors.unseal(cursor, context)[0] or 0)
        async with database.read() as reading:
            revisions = await service.revisions_for(
                reading, viewer, product_id, before=before, limit=limit + 1
            )
        page = cursors.page(revisions, limit, context, lambda revision: [revision.number])
        return PageOut.of(page, RevisionOut.of)

    @get(
        "/{number:int}",
        operation_id="getRevision",
        summary="A revision and how far it is",
        opt=access(Access.PUBLIC),
        responses=problems(404),
    )
    async def show(
        self,
        product_id: ProductId,
        number: Number,
        database: NamedDependency[Database],
        viewer: NamedDependency[Principal | None],
    ) -> RevisionOut:
        """`receiving` with the bytes so far, `ingesting` with the rows so far, `ready`, or `failed`
        with the reason.
        """
        async with database.read() as reading:
            return RevisionOut.of(await service.revision_for(reading, viewer, product_id, number))


def _format_of(request: AnyRequest) -> FileFormat:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in _FORMATS:
        raise FormatUnknown(field="format")
    return _FORMATS[media_type]


def _announced_sha256(request: AnyRequest) -> str | None:
    if (text := request.headers.get("x-content-sha256")) is not None:
        if _HEX.fullmatch(text.strip()) is None:
            raise UploadDigestMalformed(field="X-Content-SHA256")
        return text.strip().lower()
    if (text := request.headers.get("content-digest")) is None:
        return None
    member = _SHA256_MEMBER.search(text)
    if member is None:
        raise UploadDigestMalformed(field="Content-Digest")
    try:
        return base64.b64decode(member.group(1), validate=True).hex()
    except binascii.Error:
        raise UploadDigestMalformed(field="Content-Digest") from None
