"""What a request body may be before anybody decodes it."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from exchange_market.kernel.errors import UnsupportedMedia

_JSON = "application/json"


class JsonExpected(UnsupportedMedia):
    """The body is declared to be something else than JSON."""

    code = "http.json_expected"
    en = "Send the body as JSON, with 'Content-Type: application/json'."
    zh = "请以 JSON 格式发送请求体，并设置 Content-Type: application/json。"


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
