"""Why a body is no JSON is told in both languages, whatever msgspec finds wrong with it."""

import msgspec
import pytest

from exchange_market.edge.validation_texts import explain_body

MALFORMED = [
    (
        b'{"a": ',
        "ends in the middle",
        "不完整",
    ),
    (
        b"",
        "ends in the middle",
        "不完整",
    ),
    (
        b"{'a': 1}",
        "object keys must be strings at byte 1",
        "第 1 字节处对象的键须为字符串",
    ),
    (
        b'{"a": NaN}',
        "invalid character at byte 6",
        "第 6 字节处无效字符",
    ),
    (
        b'{"a": 01}',
        "invalid number at byte 7",
        "第 7 字节处无效的数字",
    ),
    (
        b'{"a": 1,}',
        "trailing comma in object at byte 8",
        "第 8 字节处对象末尾有多余逗号",
    ),
    (
        b"[1,]",
        "trailing comma in array at byte 3",
        "第 3 字节处列表末尾有多余逗号",
    ),
    (
        b"1 2",
        "trailing characters at byte 3",
        "第 3 字节处结尾之后有多余字符",
    ),
    (
        b'{"a" 1}',
        "expected ':' at byte 5",
        "第 5 字节处此处应为 :",
    ),
    (
        b'{"a": 1 2}',
        "expected ',' or '}' at byte 8",
        "第 8 字节处此处应为 , 或 }",
    ),
    (
        b"[1 2]",
        "expected ',' or ']' at byte 3",
        "第 3 字节处此处应为 , 或 ]",
    ),
    (
        b'{"a": 1, 2}',
        "object keys must be strings at byte 9",
        "第 9 字节处对象的键须为字符串",
    ),
    (
        rb'"\x"',
        "invalid escape character in string at byte 3",
        "第 3 字节处字符串中有无效的转义字符",
    ),
    (
        rb'"\u12x4"',
        "invalid character in unicode escape",
        "Unicode 转义中有无效字符",
    ),
    (
        rb'"\ud800\u1111"',
        "invalid utf-16 surrogate pair",
        "无效的 UTF-16 代理对",
    ),
    (
        rb'"\ud800 and more"',
        "unexpected end of escaped utf-16 surrogate pair",
        "UTF-16 代理对不完整",
    ),
    (
        b"1e999",
        "a number too large",
        "数字过大",
    ),
]


@pytest.mark.parametrize(("body", "english", "chinese"), MALFORMED)
def test_why_a_body_is_no_json_is_told_in_both_languages(
    body: bytes, english: str, chinese: str
) -> None:
    with pytest.raises(msgspec.DecodeError) as refused:
        msgspec.json.decode(body)
    told = explain_body(str(refused.value))

    assert english in told.en
    assert chinese in told.zh
    assert told.params == {}
