"""Completes the generated OpenAPI document: problem responses, authentication, idempotency keys.

What the shared edge may answer on any route (a bad token, a wrong role, a malformed body) is
declared here once instead of on every handler. A handler that answers in several media types names
the others in `also_answers`.
"""

from collections.abc import Sequence
from typing import Any

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.spec import (
    Components,
    OpenAPIMediaType,
    OpenAPIResponse,
    Operation,
    Parameter,
    Reference,
    Schema,
    SecurityScheme,
)
from litestar.openapi.spec.enums import OpenAPIType

from exchange_market.edge.access import Access, every_handler
from exchange_market.edge.problems import PROBLEM_MEDIA_TYPE

_WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_WITHOUT_CONTENT = frozenset({"204", "304"})
_FIRST_REFUSAL = 400
_FILE = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING))
_SECURITY = {Access.API_KEY: "api_key"}


def complete_openapi(app: Litestar) -> None:
    """Add to the application's OpenAPI document what the edge does on every route."""
    document = app.openapi_schema
    components = document.components
    _declare_components(components)
    for path, handler in every_handler(app):
        item = (document.paths or {}).get(path.replace(":str", "").replace(":int", ""))
        if item is None:
            continue
        for method in handler.http_methods:
            operation: Operation | None = getattr(item, method.lower(), None)
            if operation is not None:
                _complete(operation, handler, str(method), path)


def _complete(operation: Operation, handler: HTTPRouteHandler, method: str, path: str) -> None:
    level: Access = handler.opt["access"]
    if level is not Access.PUBLIC:
        operation.security = [{_SECURITY.get(level, "session"): []}]
    responses = operation.responses = operation.responses or {}
    statuses = _statuses(operation, level, method, path)
    # The framework declares its own form of 400; ours has another.
    statuses |= {int(status) for status in responses if int(status) >= _FIRST_REFUSAL}
    for status in sorted(statuses):
        declared = responses.get(str(status))
        content = declared.content if isinstance(declared, OpenAPIResponse) else None
        if PROBLEM_MEDIA_TYPE not in (content or {}):
            responses[str(status)] = _problem_response()
    for status in _WITHOUT_CONTENT:
        if isinstance(answer := responses.get(status), OpenAPIResponse):
            answer.content = None
    _add_media_types(responses.get("200"), handler.opt.get("also_answers", ()))
    takes_key = handler.opt.get("takes_idempotency_key", False)
    if takes_key or "commands" in handler.parsed_fn_signature.parameters:
        _offer_idempotency_key(operation)


def _add_media_types(
    answer: OpenAPIResponse | Reference | None, media_types: Sequence[str]
) -> None:
    if media_types and isinstance(answer, OpenAPIResponse):
        answer.content = (answer.content or {}) | dict.fromkeys(media_types, _FILE)


def _statuses(operation: Operation, level: Access, method: str, path: str) -> set[int]:
    """The refusals of the edge itself."""
    # A token that was sent but is not good is refused on public routes too.
    statuses = {401}
    if level is not Access.PUBLIC:
        statuses |= {403}
    if operation.parameters or operation.request_body is not None:
        statuses |= {400}
    if "{" in path:
        statuses |= {404}
    if method in _WRITES:
        statuses |= {400, 409, 413}
    if operation.request_body is not None:
        statuses |= {415}
    return statuses


def _problem_response() -> OpenAPIResponse:
    schema = Reference(ref="#/components/schemas/Problem")
    return OpenAPIResponse(
        description="A refusal, as problem+json",
        content={PROBLEM_MEDIA_TYPE: OpenAPIMediaType(schema=schema)},
    )


def _offer_idempotency_key(operation: Operation) -> None:
    operation.parameters = [
        *(operation.parameters or []),
        Parameter(
            name="Idempotency-Key",
            param_in="header",
            required=False,
            description="A fresh UUID; the same key and body always give the same answer.",
            schema=Schema(type=OpenAPIType.STRING, max_length=200),
        ),
    ]


def _declare_components(components: Components) -> None:
    components.security_schemes = {
        "session": SecurityScheme(type="http", scheme="bearer", bearer_format="JWT"),
        "api_key": SecurityScheme(
            type="http",
            scheme="bearer",
            description="An API key: `Authorization: Bearer dxk_live_…`",
        ),
    }
    text: dict[str, Any] = {"type": OpenAPIType.STRING}
    field = Schema(
        type=OpenAPIType.OBJECT, properties={"field": Schema(**text), "message": Schema(**text)}
    )
    components.schemas.setdefault(
        "Problem",
        Schema(
            type=OpenAPIType.OBJECT,
            description="A problem detail object (RFC 9457).",
            properties={
                **{
                    name: Schema(**text) for name in ("type", "title", "detail", "code", "instance")
                },
                "status": Schema(type=OpenAPIType.INTEGER),
                "errors": Schema(type=OpenAPIType.ARRAY, items=field),
                "params": Schema(type=OpenAPIType.OBJECT),
            },
            required=["type", "title", "status", "detail", "code"],
        ),
    )
