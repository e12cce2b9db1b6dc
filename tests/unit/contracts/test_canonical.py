"""Canonical JSON: RFC 8785 output, and what the strict reader refuses."""

import enum
import hashlib
from typing import Any

import pytest
import rfc8785

from contracts.canonical import (
    MAX_INTEGER,
    bytes_digest,
    canonical_bytes,
    digest,
    parse_canonical,
    parse_json,
    parse_object,
)
from contracts.errors import MalformedJson, NotCanonical


def test_members_are_sorted_by_utf16_code_units_as_rfc_8785_section_3_2_3_shows() -> None:
    value = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }

    written = canonical_bytes(value)

    assert list(parse_object(written)) == [
        "\r",
        "1",
        "\u0080",
        "\u00f6",
        "\u20ac",
        "\U0001f600",
        "\ufb33",
    ]


def test_strings_and_literals_follow_rfc_8785_section_3_2_2() -> None:
    value = {
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }

    assert canonical_bytes(value) == (
        '{"literals":[null,true,false],"string":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'.encode()
    )


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({}, b"{}"),
        ([], b"[]"),
        ((1, "a"), b'[1,"a"]'),
        (MAX_INTEGER, b"9007199254740991"),
        (-MAX_INTEGER, b"-9007199254740991"),
        ({"b": 1, "a": {"d": [], "c": "\x7f"}}, b'{"a":{"c":"\x7f","d":[]},"b":1}'),
        (enum.StrEnum("Colour", {"RED": "red"})["RED"], b'"red"'),
    ],
)
def test_plain_values_have_one_form(value: object, written: bytes) -> None:
    assert canonical_bytes(value) == written


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        float("inf"),
        MAX_INTEGER + 1,
        -MAX_INTEGER - 1,
        {1: "a"},
        {"a": {"b": object()}},
        "\ud800",
        {"\udfff": 1},
        b"bytes",
        {"a", "b"},
    ],
)
def test_values_without_a_canonical_form_are_refused(value: object) -> None:
    with pytest.raises(NotCanonical):
        canonical_bytes(value)


def test_nesting_beyond_the_limit_is_refused_when_writing() -> None:
    value: list[Any] = []
    for _ in range(32):
        value = [value]

    with pytest.raises(NotCanonical, match="deeply"):
        canonical_bytes(value)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":1,"a":2}',
        b'{"a":{"b":1,"b":1}}',
        b"-0",
        b"[-0]",
        b"1.0",
        b"1e400",
        b"1E2",
        b"-0.0",
        b"NaN",
        b"Infinity",
        b"-Infinity",
        b"9007199254740992",
        b"-9007199254740992",
        b"9" * 5000,
        b'"\\ud800"',
        b'{"\\udc00":1}',
        b"\xef\xbb\xbf{}",
        b'"\xff"',
        b"{",
        b"",
        b"[1,]",
        b"{'a':1}",
        b'"\x01"',
        b"[" * 33 + b"]" * 33,
        b"[" * 200_000,
    ],
    ids=lambda raw: repr(raw[:20]),
)
def test_json_that_could_be_read_in_two_ways_is_refused(raw: bytes) -> None:
    with pytest.raises(MalformedJson):
        parse_json(raw)


def test_json_over_the_size_limit_is_refused_before_it_is_read() -> None:
    with pytest.raises(MalformedJson, match="more than 4 bytes"):
        parse_json(b'"abc"', max_bytes=4)


def test_brackets_inside_strings_do_not_count_as_nesting() -> None:
    text = "[" * 100 + '\\"' + "{" * 100

    assert parse_json(b'["' + text.encode() + b'"]') == [text.replace("\\", "")]


def test_an_object_is_asked_for_and_nothing_else_taken() -> None:
    assert parse_object(b'{"a": [1, true, null]}') == {"a": [1, True, None]}
    with pytest.raises(MalformedJson, match="not a JSON object"):
        parse_object(b"[]")


def test_only_the_canonical_spelling_is_read_as_canonical() -> None:
    assert parse_canonical(b'{"a":1,"b":"\xc3\xa9"}') == {"a": 1, "b": "é"}
    for other in (b'{"b":"\xc3\xa9","a":1}', b'{"a": 1}', b'{"b":"\\u00e9"}', b'{"a":1}\n'):
        with pytest.raises(MalformedJson, match="canonical form"):
            parse_canonical(other)


def test_digest_is_the_sha256_that_public_tools_print() -> None:
    assert bytes_digest(b"abc") == (
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )
    assert digest({"b": 1, "a": 2}) == "sha256:" + hashlib.sha256(b'{"a":2,"b":1}').hexdigest()


def test_the_form_is_that_of_the_reference_library_where_both_answer() -> None:
    value = {"z": [1, {"y": "\u2028\u0007"}], "a": "ü", "\U00010000": 1, "\uffff": 2}

    assert canonical_bytes(value) == rfc8785.dumps(value)
