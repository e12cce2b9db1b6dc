"""The page on valuation says what the engine does: its example, its kinds, its flags."""

import json
import re
from pathlib import Path

from pricing.valuation import KINDS, AdjustmentKind
from pricing.valuation.reconcile import Flag
from tests.support.valuation import report

PAGE = (Path(__file__).parents[3] / "docs" / "valuation.md").read_text("utf-8")


def test_the_example_of_the_page_is_valued() -> None:
    (example,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)

    found = report(json.loads(example))

    assert [method["role"] for method in found["methods"]] == ["indication", "floor"]
    assert 0 < float(found["value"]["p10"]) < float(found["value"]["p90"])
    assert {each["parameter"] for each in found["sensitivity"]} == {
        "forecast_error",
        "premium",
        "royalty",
    }


def test_the_page_names_every_kind_argument_adjustment_and_flag() -> None:
    arguments = {name for kind in KINDS.values() for name in kind.arguments}
    said = set(re.findall(r"`([a-z0-9_]+)`", PAGE))

    assert {*KINDS, *arguments, *map(str, AdjustmentKind), *map(str, Flag)} - said == set()
