"""What the framework refuses by itself reads like every other refusal, in both languages."""

from typing import Any

import pytest

from tests.api.edge.conftest import Edge
from tests.support.accounts import registration

pytestmark = pytest.mark.anyio
PATH = "/v1/organisations"
JSON = {"Content-Type": "application/json"}


def body(**change: Any) -> dict[str, Any]:
    return {"json": registration() | change}


def content(sent: bytes, **headers: str) -> dict[str, Any]:
    return {"content": sent, "headers": JSON | headers}


# method, path, the rest of the request; status, code, fields, both details
REFUSALS: list[tuple[str, str, dict[str, Any], int, str, list[str], str, str]] = [
    ("GET", "/v1/nothing", {}, 404, "http.no_such_route", [],
     "There is no route /v1/nothing; /schema/openapi.json describes all of them.",
     "没有路径 /v1/nothing；全部路径见 /schema/openapi.json。"),
    ("DELETE", PATH, {}, 405, "http.method_not_allowed", [],
     "/v1/organisations does not take DELETE; it takes OPTIONS, POST.",
     "/v1/organisations 不支持 DELETE；支持 OPTIONS, POST。"),
    ("POST", PATH, content(b" " * 1_048_577), 413, "http.status_413", [],
     "The body has more than the 1048576 bytes that this route takes; send less.",
     "请求体超过此接口允许的 1048576 字节；请缩小后再发送。"),
    ("POST", PATH, content(b"{}", **{"Content-Type": "text/plain"}), 415, "http.json_expected",
     ["Content-Type"],
     "Send the body as JSON, with 'Content-Type: application/json'.",
     "请以 JSON 格式发送请求体，并设置 Content-Type: application/json。"),
    ("POST", PATH, content(b'{"name_zh": "\xff"}'), 400, "http.bytes_undecodable", [],
     "The body holds bytes that are not UTF-8; encode it as UTF-8.",
     "请求体中有非 UTF-8 的字节；请以 UTF-8 编码发送。"),
    ("POST", PATH, content(b'{"name_zh": 1,}'), 400, "http.status_400", [],
     "The body is not valid JSON: trailing comma in object at byte 14; correct it there.",
     "请求体不是有效的 JSON：第 14 字节处对象末尾有多余逗号，请更正。"),
    ("POST", PATH, content(b'{"name_zh": '), 400, "http.status_400", [],
     "The body ends in the middle of the JSON; send all of it.",
     "请求体的 JSON 不完整；请完整发送。"),
    ("POST", PATH, content(b"{}", **{"Content-Length": "two"}), 400, "http.status_400", [],
     "The Content-Length header must be the number of bytes of the body.",
     "Content-Length 请求头须为请求体的字节数。"),
    ("GET", "/v1/products", {"headers": {"Host": "a b/@"}}, 400, "http.status_400", [],
     "The Host header is not valid; send the name of this server.",
     "Host 请求头无效；请发送本服务器的名称。"),
    ("POST", PATH, content(b""), 400, "http.input_invalid", ["body"],
     "'body' is missing; send it.", "缺少“body”，请补上。"),
    ("POST", PATH, content(b"[]"), 400, "http.input_invalid", ["body"],
     "'body' must be an object, but is a list.", "“body”须为对象，收到的是列表。"),
    ("POST", PATH, content(b"{}"), 400, "http.input_invalid", ["name_zh"],
     "'name_zh' is missing; send it.", "缺少“name_zh”，请补上。"),
    ("POST", PATH, body(owner={"email": "a@b.example"}), 400, "http.input_invalid",
     ["owner.display_name"],
     "'owner.display_name' is missing; send it.", "缺少“owner.display_name”，请补上。"),
    ("POST", PATH, body(surprise=1), 400, "http.input_invalid", ["surprise"],
     "'surprise' is not known here; leave it out or correct its name.",
     "此处没有名为“surprise”的字段；请删除或更正名称。"),
    ("POST", PATH, body(name_zh=""), 400, "http.input_invalid", ["name_zh"],
     "'name_zh' is too short; it takes at least 1 characters.",
     "“name_zh”过短；至少须有 1 个字符。"),
    ("POST", PATH, body(may_buy="yes"), 400, "http.input_invalid", ["may_buy"],
     "'may_buy' must be true or false, but is text.",
     "“may_buy”须为布尔值（true 或 false），收到的是文本。"),
    ("POST", PATH, body(foreign={"scheme": "duns", "identifier": "1", "country": "SG"}), 400,
     "http.input_invalid", ["foreign.scheme"],
     "'foreign.scheme' cannot be 'duns'; it takes one of: lei, register.",
     "“foreign.scheme”不能为 'duns'；可用的值：lei, register。"),
    ("GET", "/v1/products?limit=ten", {}, 400, "http.input_invalid", ["limit"],
     "'limit' must be a whole number, but is text.", "“limit”须为整数，收到的是文本。"),
    ("GET", "/v1/products?limit=0", {}, 400, "http.input_invalid", ["limit"],
     "'limit' is out of range; it must be >= 1.", "“limit”超出范围；须 >= 1。"),
    ("GET", "/v1/data/prd_1/rows?format=xml", {}, 400, "http.input_invalid", ["format"],
     "'format' cannot be 'xml'; it takes one of: json, ndjson, csv, arrow.",
     "“format”不能为 'xml'；可用的值：json, ndjson, csv, arrow。"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path", "more", "status", "code", "fields", "english", "chinese"), REFUSALS
)
async def test_a_refusal_of_the_framework_names_field_and_remedy_in_both_languages(
    edge: Edge,
    method: str,
    path: str,
    more: dict[str, Any],
    status: int,
    code: str,
    fields: list[str],
    english: str,
    chinese: str,
) -> None:
    for language, detail in (("en", english), ("zh-CN", chinese)):
        headers = more.get("headers", {}) | {"Accept-Language": language}
        answer = await edge.client.request(method, path, **(more | {"headers": headers}))

        assert answer.status_code == status, answer.text
        found = answer.json()
        assert (found["code"], found["detail"]) == (code, detail)
        named = found.get("errors", [])
        assert [each["field"] for each in named] == fields
        assert all(each["message"] == detail for each in named)
