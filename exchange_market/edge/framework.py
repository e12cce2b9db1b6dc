"""What Litestar refuses by itself, told in both languages: routing, decoding, validation."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from litestar import Request
from litestar.exceptions import (
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)
from litestar.handlers import HTTPRouteHandler
from litestar.status_codes import HTTP_413_REQUEST_ENTITY_TOO_LARGE

from exchange_market.edge.allowed_values import allowed_values
from exchange_market.edge.validation_texts import (
    Sentence,
    explain_body,
    explain_field,
    name_inside,
    shortened,
    unexplained,
)

_BODY = "data"
"""The argument of a handler that takes the decoded body."""
_MISSING_PARAMETER = re.compile(r"Missing required \w+ parameter '(?P<name>.*)' for path ")
_CHOICE = re.compile(r"Invalid (?:enum )?value (?P<value>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class FieldRefusal:
    """What is wrong with one field."""

    field: str
    sentence: Sentence


@dataclass(frozen=True, slots=True)
class FrameworkRefusal:
    """A refusal of the framework as people should read it."""

    code: str
    sentence: Sentence
    fields: Sequence[FieldRefusal] = ()


def explain(request: Request[Any, Any, Any], error: HTTPException) -> FrameworkRefusal:
    """The refusal in both languages, with the fields it is about."""
    path = shortened(request.url.path)
    match error:
        case NotFoundException():
            sentence = Sentence(
                f"There is no route {path}; /schema/openapi.json describes all of them.",
                f"没有路径 {path}；全部路径见 /schema/openapi.json。",
            )
            return FrameworkRefusal("http.no_such_route", sentence)
        case MethodNotAllowedException():
            allowed = ", ".join(sorted((error.headers or {}).get("allow", "").split(", ")))
            sentence = Sentence(
                f"{path} does not take {request.method}; it takes {allowed}.",
                f"{path} 不支持 {request.method}；支持 {allowed}。",
            )
            return FrameworkRefusal("http.method_not_allowed", sentence)
        case ValidationException():
            return _validation(request, error)
        case _:
            code = f"http.status_{error.status_code}"
            return FrameworkRefusal(code, _other(request, error))


def _validation(request: Request[Any, Any, Any], error: ValidationException) -> FrameworkRefusal:
    handler: HTTPRouteHandler = request.scope["route_handler"]  # type: ignore[assignment]
    entries: list[Any] = list(error.extra) if isinstance(error.extra, list) else []
    if missing := _MISSING_PARAMETER.match(error.detail):
        entries = [{"key": missing["name"], "message": repr(missing["name"])}]
    fields = [
        _field(handler, str(entry.get("key", "")), str(entry.get("message", "")))
        for entry in entries
        if isinstance(entry, dict)
    ]
    sentence = fields[0].sentence if fields else unexplained(error.detail)
    return FrameworkRefusal("http.input_invalid", sentence, fields)


def _field(handler: HTTPRouteHandler, key: str, message: str) -> FieldRefusal:
    name = _name_on_the_wire(handler, key)
    # An argument without a value is reported as the KeyError of its name.
    if message == repr(key):
        message = f"Object missing required field `{name}`"
    elif (inner := name_inside(message)) is not None:
        name = inner if key == _BODY else f"{name}.{inner}"
    sentence = explain_field(message, name)
    if (choice := _CHOICE.fullmatch(message)) and (values := _allowed(handler, key)):
        value, listed = shortened(choice["value"]), ", ".join(values)
        sentence = Sentence(
            f"'{name}' cannot be {value}; it takes one of: {listed}.",
            f"“{name}”不能为 {value}；可用的值：{listed}。",
        )
    return FieldRefusal(shortened(name), sentence)


def _name_on_the_wire(handler: HTTPRouteHandler, key: str) -> str:
    if key == _BODY:
        return "body"
    argument = handler.parsed_fn_signature.parameters.get(key)
    return getattr(argument and argument.kwarg_definition, "name", None) or key


def _allowed(handler: HTTPRouteHandler, key: str) -> tuple[str, ...]:
    arguments = handler.parsed_fn_signature.parameters
    # Litestar leaves the name of the argument out where the field is one of the body.
    name, path = (key, "") if key in arguments else (_BODY, key)
    return allowed_values(arguments[name].annotation, path) if name in arguments else ()


def _other(request: Request[Any, Any, Any], error: HTTPException) -> Sentence:
    if error.status_code == HTTP_413_REQUEST_ENTITY_TOO_LARGE:
        most = request.scope["route_handler"].resolve_request_max_body_size()  # type: ignore[attr-defined]
        return Sentence(
            f"The body has more than the {most} bytes that this route takes; send less.",
            f"请求体超过此接口允许的 {most} 字节；请缩小后再发送。",
        )
    if isinstance(error.__cause__, Exception) and isinstance(
        error.__cause__.__cause__, msgspec.DecodeError
    ):
        return explain_body(str(error.__cause__.__cause__))
    for start, sentence in _HEADERS.items():
        if error.detail.startswith(start):
            return sentence
    return unexplained(error.detail)


_HEADERS = {
    "Invalid content-length": Sentence(
        "The Content-Length header must be the number of bytes of the body.",
        "Content-Length 请求头须为请求体的字节数。",
    ),
    "Invalid host header": Sentence(
        "The Host header is not valid; send the name of this server.",
        "Host 请求头无效；请发送本服务器的名称。",
    ),
    "Bad Request": Sentence(
        "The path or a value in it cannot be read; check how it is spelt.",
        "无法读取路径或其中的值；请检查写法。",
    ),
}
