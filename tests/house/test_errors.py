"""Every refusal of the exchange can be told apart, read in two languages and given a status."""

import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import Iterator
from string import Formatter

import pytest

import exchange_market
from exchange_market.edge.problems import STATUS, status_of
from exchange_market.kernel.errors import ExchangeError, Language

_CODE = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")


@pytest.fixture(scope="module")
def errors() -> list[type[ExchangeError]]:
    """Every error that the exchange can raise; a base without a code of its own is not raised."""
    for module in pkgutil.walk_packages(exchange_market.__path__, "exchange_market."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return [
        error
        for error in dict.fromkeys(_descendants(ExchangeError))
        if error not in STATUS
        and error.__module__.startswith("exchange_market.")
        and ("code" in error.__dict__ or not error.__subclasses__())
    ]


def test_every_error_has_a_code_of_its_own(errors: list[type[ExchangeError]]) -> None:
    uses = Counter(error.__dict__.get("code", "") for error in errors)

    assert [e.__qualname__ for e in errors if not _CODE.fullmatch(e.__dict__.get("code", ""))] == []
    assert [code for code, count in uses.items() if count > 1] == []


def test_every_error_speaks_two_languages_about_the_same_things(
    errors: list[type[ExchangeError]],
) -> None:
    assert [e.__qualname__ for e in errors if not (e.en.strip() and e.zh.strip())] == []
    assert [e.__qualname__ for e in errors if _parameters(e, "en") != _parameters(e, "zh")] == []
    assert [e.__qualname__ for e in errors if not re.search("[\u4e00-\u9fff]", e.zh)] == []


def test_every_error_becomes_a_client_error_or_a_temporary_one(
    errors: list[type[ExchangeError]],
) -> None:
    statuses = {error.__qualname__: status_of(error) for error in errors}

    assert {n: s for n, s in statuses.items() if not (400 <= s < 500 or s == 503)} == {}


def test_there_are_errors_to_check(errors: list[type[ExchangeError]]) -> None:
    assert len(errors) > 5


def _descendants(error: type[ExchangeError]) -> Iterator[type[ExchangeError]]:
    for child in error.__subclasses__():
        yield child
        yield from _descendants(child)


def _parameters(error: type[ExchangeError], language: Language) -> set[str]:
    """What a template fills in; `reason_en` and `reason_zh` are one thing in two languages."""
    fields = Formatter().parse(getattr(error, language))
    return {name.removesuffix(f"_{language}") for _, name, _, _ in fields if name is not None}
