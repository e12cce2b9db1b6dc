"""Every refusal as problem+json (RFC 9457), in Chinese or English as the caller prefers.

The table below is the only place where a kind of error meets an HTTP status.
"""

from typing import Any

import msgspec
import structlog
from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException
from litestar.openapi.datastructures import ResponseSpec
from litestar.status_codes import HTTP_401_UNAUTHORIZED, HTTP_500_INTERNAL_SERVER_ERROR

from exchange_market.edge.framework import explain
from exchange_market.kernel import errors
from exchange_market.kernel.errors import ExchangeError, Language
from exchange_market.kernel.ids import new_id
from exchange_market.kernel.text import NullCharacter

log = structlog.get_logger()
# character_not_in_repertoire, untranslatable_character (PostgreSQL manual, appendix A)
_TEXT_NOT_STORABLE = frozenset({"22021", "22P05"})
PROBLEM_MEDIA_TYPE = "application/problem+json"

STATUS: dict[type[ExchangeError], int] = {
    errors.Invalid: 400,
    errors.Unauthenticated: 401,
    errors.PaymentRequired: 402,
    errors.Forbidden: 403,
    errors.Missing: 404,
    errors.Conflict: 409,
    errors.Gone: 410,
    errors.TooLarge: 413,
    errors.UnsupportedMedia: 415,
    errors.RangeRefused: 416,
    errors.RateLimited: 429,
    errors.Unavailable: 503,
}

_TITLES: dict[int, tuple[str, str]] = {
    400: ("The input is not valid", "输入无效"),
    401: ("Not signed in", "未登录"),
    402: ("The balance is too low", "余额不足"),
    403: ("Not allowed", "无权操作"),
    404: ("Not found", "未找到"),
    405: ("Method not allowed", "不支持的方法"),
    409: ("It does not fit the present state", "与当前状态冲突"),
    410: ("Withdrawn", "已撤下"),
    413: ("Too large", "内容过大"),
    415: ("Media type not supported", "不支持的媒体类型"),
    416: ("Range not satisfiable", "范围无法满足"),
    429: ("Too many requests", "请求过于频繁"),
    500: ("Internal error", "内部错误"),
    503: ("Not available now", "暂时不可用"),
}


class FieldProblem(msgspec.Struct, frozen=True):
    """What is wrong with one field of the input."""

    field: str
    message: str


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """A problem detail object (RFC 9457, section 3)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    instance: str | None = None
    errors: list[FieldProblem] = []
    params: dict[str, Any] = {}


def problems(*statuses: int) -> dict[int, ResponseSpec]:
    """The `responses` of a route handler that may answer with these problem statuses."""
    return {
        status: ResponseSpec(
            data_container=Problem,
            generate_examples=False,
            description=_TITLES[status][0],
            media_type=PROBLEM_MEDIA_TYPE,  # type: ignore[arg-type]
        )
        for status in statuses
    }


def status_of(error: type[ExchangeError]) -> int:
    """The HTTP status of an error class: that of its nearest kind."""
    for base in error.__mro__:
        if base in STATUS:
            return STATUS[base]
    raise LookupError(f"{error.__name__} derives from none of the kinds of error")


def language_of(request: Request[Any, Any, Any]) -> Language:
    """Chinese when the Accept-Language header prefers it, else English."""
    best, best_weight = "en", 0.0
    for part in request.headers.get("accept-language", "")[:200].split(","):
        tag, _, parameter = part.partition(";")
        primary = tag.strip().split("-")[0].lower()
        if primary in ("zh", "en") and (weight := _weight(parameter.strip())) > best_weight:
            best, best_weight = primary, weight
    return "zh" if best == "zh" else "en"


def _weight(parameter: str) -> float:
    """A weight such as `q=0.5` (RFC 9110, section 12.4.2); 1 when absent, 0 when malformed."""
    if not parameter:
        return 1.0
    name, _, value = parameter.partition("=")
    try:
        return float(value) if name.lower() == "q" else 0.0
    except ValueError:
        return 0.0


def answer_exchange_error(request: Request[Any, Any, Any], error: ExchangeError) -> Response[bytes]:
    """A refusal of our own."""
    language = language_of(request)
    status = status_of(type(error))
    detail = error.text(language)
    field = error.params.get("field")
    answer = _problem(
        request,
        status,
        error.code,
        detail,
        [FieldProblem(field, detail)] if isinstance(field, str) else [],
        {name: _plain(value) for name, value in error.params.items() if name != "field"},
    )
    if status == HTTP_401_UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, errors.RangeRefused) and "size_bytes" in error.params:
        # RFC 9110, section 15.5.17
        answer.headers["Content-Range"] = f"bytes */{error.params['size_bytes']}"
    if isinstance(error, errors.RateLimited | errors.Unavailable):
        answer.headers["Retry-After"] = str(error.params.get("retry_after_seconds", 1))
    return answer


def answer_http_exception(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """A refusal of the framework: routing, decoding, validation."""
    if error.status_code >= HTTP_500_INTERNAL_SERVER_ERROR:
        return answer_unexpected(request, error)
    refusal = explain(request, error)
    language = language_of(request)
    answer = _problem(
        request,
        error.status_code,
        refusal.code,
        refusal.sentence.text(language),
        [FieldProblem(each.field, each.sentence.text(language)) for each in refusal.fields],
        {**refusal.sentence.params},
    )
    answer.headers.update(error.headers or {})
    return answer


def answer_unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """A fault of ours: logged under an id that the caller is given, with nothing else told."""
    # The one fault of the caller that only PostgreSQL notices, in whatever field, path or query it
    # is.
    if getattr(getattr(error, "orig", None), "sqlstate", None) in _TEXT_NOT_STORABLE:
        return answer_exchange_error(request, NullCharacter())
    incident = new_id("inc")
    log.error("request.failed", incident=incident, path=request.url.path, exc_info=error)
    detail = {
        "en": f"Something went wrong on our side; quote {incident} when you report it.",
        "zh": f"服务器内部出错；报告问题时请注明 {incident}。",
    }[language_of(request)]
    return _problem(request, 500, "http.internal_error", detail, [], {"incident": incident})


def _problem(  # noqa: PLR0913, PLR0917 - the members of a problem object
    request: Request[Any, Any, Any],
    status: int,
    code: str,
    detail: str,
    fields: list[FieldProblem],
    params: dict[str, Any],
) -> Response[bytes]:
    title_en, title_zh = _TITLES.get(status, ("Refused", "请求被拒绝"))
    problem = Problem(
        type=f"/problems/{code}",
        title=title_zh if language_of(request) == "zh" else title_en,
        status=status,
        detail=detail,
        code=code,
        instance=request.url.path,
        errors=fields,
        params=params,
    )
    return Response(
        msgspec.json.encode(problem),
        status_code=status,
        media_type=PROBLEM_MEDIA_TYPE,
        headers={"Cache-Control": "no-store"},
    )


def _plain(value: object) -> Any:
    if value is None or isinstance(value, str | int | float | bool | list | dict):
        return value
    return str(value)


def answer_too_deep(request: Request[Any, Any, Any], error: RecursionError) -> Response[bytes]:
    """JSON nested so deeply that it cannot be decoded; the one recursion that input can drive."""
    del error
    detail = {"en": "The input is nested too deeply.", "zh": "输入内容嵌套过深。"}
    return _problem(request, 400, "http.input_too_deep", detail[language_of(request)], [], {})


EXCEPTION_HANDLERS: dict[Any, Any] = {
    RecursionError: answer_too_deep,
    ExchangeError: answer_exchange_error,
    HTTPException: answer_http_exception,
    Exception: answer_unexpected,
}

JSON = MediaType.JSON
