"""What msgspec says about input, told to people in both languages.

The sentences of msgspec 0.22 name types of Python and no remedy. Each pattern here is one of its
messages (`msgspec/_core.c`); one that no pattern knows is passed on inside a general sentence.
"""

import re
from dataclasses import dataclass, field

from exchange_market.kernel.errors import Language

_SHOWN_CHARACTERS_MAX = 100


@dataclass(frozen=True, slots=True)
class Sentence:
    """One statement in both languages; `params` are for programs."""

    en: str
    zh: str
    params: dict[str, str] = field(default_factory=dict[str, str])

    def text(self, language: Language) -> str:
        """The statement in one language."""
        return self.zh if language == "zh" else self.en


_KINDS = {
    "int": ("a whole number", "整数"),
    "float": ("a number", "数字"),
    "str": ("text", "文本"),
    "bool": ("true or false", "布尔值（true 或 false）"),
    "array": ("a list", "列表"),
    "object": ("an object", "对象"),
    "null": ("null", "空值（null）"),
    "date": ("a date", "日期"),
    "datetime": ("a date with time", "日期时间"),
    "time": ("a time of day", "时刻"),
    "decimal": ("a decimal number as text", "文本形式的小数"),
    "bytes": ("Base64 text", "Base64 文本"),
}

# {field} is the field's name; {kinds} and {got} are kinds of values; the rest as the pattern names
# it.
_TYPE = r"(?P<kinds>[a-z]+(?: \| [a-z]+)*)"
_MESSAGES: tuple[tuple[str, str, str], ...] = (
    (
        rf"Expected `{_TYPE}`, got `(?P<got>\w+)`",
        "'{field}' must be {kinds}, but is {got}.",
        "“{field}”须为{kinds}，收到的是{got}。",
    ),
    (
        rf"Expected `{_TYPE}`",
        "'{field}' must be {kinds}.",
        "“{field}”须为{kinds}。",
    ),
    (
        r"Object missing required field `(?P<name>.*?)`?",
        "'{field}' is missing; send it.",
        "缺少“{field}”，请补上。",
    ),
    (
        r"Object contains unknown field `(?P<name>.*?)`?",
        "'{field}' is not known here; leave it out or correct its name.",
        "此处没有名为“{field}”的字段；请删除或更正名称。",
    ),
    (
        r"Expected `str` of length >= (?P<n>\d+)",
        "'{field}' is too short; it takes at least {n} characters.",
        "“{field}”过短；至少须有 {n} 个字符。",
    ),
    (
        r"Expected `str` of length <= (?P<n>\d+)",
        "'{field}' is too long; it takes at most {n} characters.",
        "“{field}”过长；最多 {n} 个字符。",
    ),
    (
        r"Expected `(?:array|object)` of (?:at least length|length >=) (?P<n>\d+)(?:, got \d+)?",
        "'{field}' has too few entries; it takes at least {n}.",
        "“{field}”的条目过少；至少须有 {n} 项。",
    ),
    (
        r"Expected `(?:array|object)` of (?:at most length|length <=) (?P<n>\d+)(?:, got \d+)?",
        "'{field}' has too many entries; it takes at most {n}.",
        "“{field}”的条目过多；最多 {n} 项。",
    ),
    (
        r"Expected `array` of length (?P<n>\d+(?: to \d+)?)(?:, got \d+)?",
        "'{field}' must have {n} entries.",
        "“{field}”须有 {n} 项。",
    ),
    (
        r"Expected `bytes` of length (?P<sign>[<>]=) (?P<n>\d+)",
        "'{field}' has the wrong size; it takes {sign} {n} bytes.",
        "“{field}”的长度不符；须 {sign} {n} 字节。",
    ),
    (
        r"Expected `(?:int|float)` (?P<sign>[<>]=?) (?P<n>\S+)",
        "'{field}' is out of range; it must be {sign} {n}.",
        "“{field}”超出范围；须 {sign} {n}。",
    ),
    (
        r"Expected `(?:int|float)` that's a multiple of (?P<n>\S+)",
        "'{field}' must be a multiple of {n}.",
        "“{field}”须为 {n} 的倍数。",
    ),
    (
        r"Expected `str` matching regex (?P<pattern>.*)",
        "'{field}' does not have the expected form; it must match {pattern}.",
        "“{field}”的格式不符；须匹配 {pattern}。",
    ),
    (
        r"Invalid (?:enum )?value (?P<value>.*)",
        "'{field}' cannot be {value}; the API description lists the values it takes.",
        "“{field}”不能为 {value}；可用的值见接口说明。",
    ),
    (
        r"Invalid RFC3339 encoded date",
        "'{field}' is not a date; write it as 2026-11-23.",
        "“{field}”不是日期；请写作 2026-11-23。",
    ),
    (
        r"Invalid RFC3339 encoded datetime|Invalid epoch timestamp|Timestamp is out of range ?",
        "'{field}' is not a date with time; write it as 2026-11-23T08:30:00Z.",
        "“{field}”不是日期时间；请写作 2026-11-23T08:30:00Z。",
    ),
    (
        r"Invalid RFC3339 encoded time",
        "'{field}' is not a time of day; write it as 08:30:00.",
        "“{field}”不是时刻；请写作 08:30:00。",
    ),
    (
        r"Expected `\w+` with a timezone component",
        "'{field}' lacks its time zone; end it with Z or an offset such as +08:00.",
        "“{field}”缺少时区；请以 Z 或 +08:00 等偏移量结尾。",
    ),
    (
        r"Expected `\w+` with no timezone component",
        "'{field}' must not have a time zone; leave out Z or the offset.",
        "“{field}”不应带时区；请删去 Z 或偏移量。",
    ),
    (
        r"Invalid ISO8601 duration|Duration is out of range"
        r"|Only units 'D', 'H', 'M', and 'S' are supported when parsing ISO8601 durations",
        "'{field}' is not a duration; write it as P1DT12H.",
        "“{field}”不是时长；请写作 P1DT12H。",
    ),
    (
        r"Invalid decimal string",
        "'{field}' is not a decimal number; write it as \"12.50\".",
        '“{field}”不是小数；请写作 "12.50"。',
    ),
    (
        r"Invalid base64 encoded string",
        "'{field}' is not Base64; encode it by RFC 4648, section 4.",
        "“{field}”不是 Base64；请按 RFC 4648 第 4 节编码。",
    ),
    (
        r"Invalid UUID(?: bytes)?",
        "'{field}' is not a UUID.",
        "“{field}”不是 UUID。",
    ),
    (
        r"(?:Integer value|Number) out of range",
        "'{field}' is a number too large to be read; send a smaller one.",
        "“{field}”的数字过大，无法读取；请改用较小的数。",
    ),
)
_PATTERNS = tuple((re.compile(pattern, re.DOTALL), en, zh) for pattern, en, zh in _MESSAGES)

_MALFORMATIONS = {
    "invalid character": "无效字符",
    "invalid character in unicode escape": "Unicode 转义中有无效字符",
    "invalid escape character in string": "字符串中有无效的转义字符",
    "invalid escaped character": "无效的转义字符",
    "invalid number": "无效的数字",
    "invalid utf-16 surrogate pair": "无效的 UTF-16 代理对",
    "unexpected end of escaped utf-16 surrogate pair": "UTF-16 代理对不完整",
    "unexpected end of hex escape": "十六进制转义不完整",
    "object keys must be strings": "对象的键须为字符串",
    "trailing characters": "结尾之后有多余字符",
    "trailing comma in array": "列表末尾有多余逗号",
    "trailing comma in object": "对象末尾有多余逗号",
    "expected '\"'": '此处应为 "',
    "expected ':'": "此处应为 :",
    "expected ',' or ']'": "此处应为 , 或 ]",
    "expected ',' or '}'": "此处应为 , 或 }",
}
_MALFORMED = re.compile(r"JSON is malformed: (?P<what>.*) \(byte (?P<byte>\d+)\)")


def name_inside(message: str) -> str | None:
    """The field that a message of msgspec names itself, since it is missing or not known."""
    for pattern, _, _ in _PATTERNS[2:4]:
        if found := pattern.fullmatch(message):
            return found["name"]
    return None


def explain_field(message: str, name: str) -> Sentence:
    """A message of msgspec about the field called `name`."""
    for pattern, en, zh in _PATTERNS:
        if found := pattern.fullmatch(message):
            parts = {key: shortened(value) for key, value in found.groupdict().items()}
            return Sentence(
                en.format(**{**parts, **_kinds(found, 0), "field": shortened(name)}),
                zh.format(**{**parts, **_kinds(found, 1), "field": shortened(name)}),
            )
    return unexplained(message, name)


def unexplained(message: str, name: str | None = None) -> Sentence:
    """A message that nobody foresaw: a general sentence, with the original for a programmer."""
    original = shortened(message)
    return Sentence(
        f"'{shortened(name)}' is not valid: {original}." if name else f"{original.rstrip('.')}.",
        f"“{shortened(name)}”无效；详见参数 reason。" if name else "请求无效；详见参数 reason。",
        {"reason": original},
    )


def explain_body(message: str) -> Sentence:
    """Why msgspec could not read a body as JSON at all."""
    if found := _MALFORMED.fullmatch(message):
        what, byte = found["what"], found["byte"]
        return Sentence(
            f"The body is not valid JSON: {what} at byte {byte}; correct it there.",
            f"请求体不是有效的 JSON：第 {byte} 字节处{_MALFORMATIONS.get(what, what)}，请更正。",
        )
    if message == "Input data was truncated":
        return Sentence(
            "The body ends in the middle of the JSON; send all of it.",
            "请求体的 JSON 不完整；请完整发送。",
        )
    if message.startswith(("Number out of range", "Integer value out of range")):
        return Sentence(
            "The body has a number too large to be read; send a smaller one.",
            "请求体中有数字过大，无法读取；请改用较小的数。",
        )
    return unexplained(message)


def shortened(value: str) -> str:
    """Input is repeated to its sender, but not at any length."""
    if len(value) <= _SHOWN_CHARACTERS_MAX:
        return value
    return f"{value[:_SHOWN_CHARACTERS_MAX]}…"


def _kinds(found: re.Match[str], language: int) -> dict[str, str]:
    words: dict[str, str] = {}
    joined = (" or ", "或")[language]
    for group in ("kinds", "got"):
        if group in found.re.groupindex:
            names = found[group].split(" | ")
            words[group] = joined.join(_KINDS.get(name, (name, name))[language] for name in names)
    return words
