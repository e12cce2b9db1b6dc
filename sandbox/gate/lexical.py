"""Limits that are checked on the words of a statement before DuckDB parses it.

DuckDB 2.0's parser can be made to explode by short texts: eight nested unfinished `with a as (`
take gigabytes, the operand of `CASE x WHEN` is copied for every WHEN, and a named window for every
use. So the text is first cut into tokens and refused when it holds such a shape. To keep this lexer
exact, the exotic spellings (E'', U&'', dollar quotes, nested comments) are refused instead of
understood.
"""

import re
from dataclasses import dataclass

from sandbox.gate.refusal import StatementRefused

LENGTH_MAX_CHARACTERS = 20_000
TOKENS_MAX = 6_000
BRACKET_DEPTH_MAX = 32
WITH_DEPTH_MAX = 3
CASE_DEPTH_MAX = 16
CASE_OPERAND_TOKENS_MAX = 5
DIGITS_MAX = 38

_TOKEN = re.compile(
    r"""
    (?P<space>[ \t\r\n]+)
  | (?P<comment>--[^\r\n]*|/\*(?:(?!/\*|\*/).)*\*/)
  | (?P<text>'(?:[^']|'')*')
  | (?P<identifier>"(?:[^"]|"")*")
  | (?P<number>[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]+)?|\.[0-9][0-9_]*(?:[eE][+-]?[0-9_]+)?)
  | (?P<word>[^\W\d]\w*)
  | (?P<symbol>(?!/\*)[-()\[\],;.*/+%^<>=!|~:])
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word of the statement: `kind` is a group name of the lexer, `offset` in characters."""

    kind: str
    text: str
    offset: int


def check_words(sql: str) -> None:
    """Refuse a text that is too long, too deep, or of a shape that explodes the parser."""
    if len(sql) > LENGTH_MAX_CHARACTERS:
        raise StatementRefused("too_long", limit=LENGTH_MAX_CHARACTERS)
    tokens = _tokens(sql)
    if not any(token.text != ";" for token in tokens):
        raise StatementRefused("empty")
    if len(tokens) > TOKENS_MAX:
        raise StatementRefused("too_complex", construct="token", limit=TOKENS_MAX)
    _check_nesting(tokens)
    _check_copied_shapes(tokens)


def _tokens(sql: str) -> list[Token]:
    found: list[Token] = []
    offset = 0
    while offset < len(sql):
        match = _TOKEN.match(sql, offset)
        if match is None or match.lastgroup is None:
            raise StatementRefused(
                "character_not_allowed", construct=_visible(sql[offset]), offset=offset
            )
        kind, text = match.lastgroup, match.group()
        if "\0" in text:
            raise StatementRefused("character_not_allowed", construct="NUL", offset=offset)
        if kind == "text" and found and _touches(found[-1], offset):
            raise StatementRefused("character_not_allowed", construct="E'…'", offset=offset)
        if kind == "number" and sum(digit.isdigit() for digit in text) > DIGITS_MAX:
            raise StatementRefused("number_too_long", limit=DIGITS_MAX, offset=offset)
        if kind not in ("space", "comment"):
            found.append(Token(kind, text, offset))
        offset = match.end()
    return found


def _touches(previous: Token, offset: int) -> bool:
    """Tell whether a text literal carries a prefix such as E, B or X, which changes its escapes."""
    return previous.kind == "word" and previous.offset + len(previous.text) == offset


def _visible(character: str) -> str:
    return character if character.isprintable() else f"U+{ord(character):04X}"


def _check_nesting(tokens: list[Token]) -> None:
    brackets: list[bool] = []
    cases = 0
    with_at = -1
    for index, token in enumerate(tokens):
        word = token.text.lower() if token.kind == "word" else ""
        if word == "with":
            with_at = index
        elif token.text in ("(", "["):
            # Every bracket of a WITH body counts as one level of WITH until it closes.
            opens_with = with_at >= 0 and tokens[index - 1].text.lower() in ("as", "materialized")
            brackets.append(opens_with)
        elif token.text in (")", "]") and brackets:
            brackets.pop()
        cases += (word == "case") - (word == "end")
        if len(brackets) > BRACKET_DEPTH_MAX or cases > CASE_DEPTH_MAX:
            raise StatementRefused("too_deep", limit=BRACKET_DEPTH_MAX, offset=token.offset)
        if sum(brackets) > WITH_DEPTH_MAX:
            raise StatementRefused("too_deep", limit=WITH_DEPTH_MAX, offset=token.offset)


def _check_copied_shapes(tokens: list[Token]) -> None:
    for index, token in enumerate(tokens):
        word = token.text.lower() if token.kind == "word" else ""
        following = tokens[index + 1 : index + 1 + CASE_OPERAND_TOKENS_MAX + 1]
        if word == "with" and following and following[0].text.lower() == "recursive":
            raise StatementRefused("recursive", offset=token.offset)
        if word == "over" and (not following or following[0].text != "("):
            raise StatementRefused("named_window", offset=token.offset)
        if word == "case" and not _is_short_case_operand(following):
            raise StatementRefused("case_operand", offset=token.offset)


def _is_short_case_operand(following: list[Token]) -> bool:
    for token in following:
        if token.text.lower() == "when" and token.kind == "word":
            return True
        if token.kind not in ("word", "identifier") and token.text != ".":
            return False
        if token.text.lower() == "case":
            return False
    return False
