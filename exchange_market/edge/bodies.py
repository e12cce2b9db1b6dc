"""What a request body may be before anybody decodes it."""

from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from exchange_market.kernel.errors import Invalid, UnsupportedMedia

_JSON = "application/json"


class JsonExpected(UnsupportedMedia):
    """The body is declared to be something else than JSON."""

    code = "http.json_expected"
    en = "Send the body as JSON, with 'Content-Type: application/json'."
    zh = "请以 JSON 格式发送请求体，并设置 Content-Type: application/json。"


class BytesUndecodable(Invalid):
    """A text in the body is not UTF-8, which JSON must be (RFC 8259, section 8.1)."""

    code = "http.bytes_undecodable"
    en = "The body holds bytes that are not UTF-8; encode it as UTF-8."
    zh = "请求体中有非 UTF-8 的字节；请以 UTF-8 编码发送。"


class ExchangeRequest(Request[Any, Any, Any]):
    """A request whose body, when it is decoded, is refused for every fault the caller can make."""

    async def json(self) -> Any:
        """The body as JSON; raises BytesUndecodable, or what the framework raises."""
        try:
            return await super().json()
        except UnicodeDecodeError:
            raise BytesUndecodable from None


def require_json(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Litestar guard: refuse a body that says it is not JSON where the route decodes JSON.

    The framework decodes whatever it is given as JSON. A body without a content type is taken for
    JSON too (RFC 9110, section 8.3, leaves that to the recipient).
    """
    if "data" not in handler.parsed_fn_signature.parameters:
        return
    declared = connection.headers.get("content-type", _JSON).partition(";")[0].strip().lower()
    if declared != _JSON:
        raise JsonExpected(field="Content-Type")
