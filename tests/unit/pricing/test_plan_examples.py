"""Published worked examples of billing engines, to the cent.

`plan_examples.csv` can be run against any engine: a plan, what was billed before (empty: nothing,
and the period closes), the usage of the whole period so far, and the bill that is due. "Rule" marks
figures that follow from the stated rule and were not printed by the source.
"""

import csv
import json
from pathlib import Path

import pytest

from pricing.plans import increment, plan_from_json, rate, rate_all, usage_from_json

with Path(__file__).with_name("plan_examples.csv").open(encoding="utf-8", newline="") as file:
    EXAMPLES = list(csv.DictReader(file))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["source"])
def test_a_published_example_is_rated_to_the_cent(example: dict[str, str]) -> None:
    plan = plan_from_json(json.loads(example["plan"]))
    usage = usage_from_json(json.loads(example["usage"]))

    bill = rate(plan, usage)
    if example["billed_before"]:
        bill = increment(rate(plan, usage_from_json(json.loads(example["billed_before"]))), bill)

    assert bill.total.format() == example["bill"]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["source"])
def test_rating_in_bulk_gives_the_same_figures(example: dict[str, str]) -> None:
    plan = plan_from_json(json.loads(example["plan"]))
    usage = usage_from_json(json.loads(example["usage"]))

    (bill,) = rate_all(plan, [usage])

    assert bill.total_micro == rate(plan, usage).total.amount_micro


def test_the_five_published_engines_are_among_the_sources() -> None:
    sources = " ".join(example["source"] for example in EXAMPLES)

    assert [
        name
        for name in ("Stripe", "Lago", "OpenMeter", "Chargebee", "Zuplo")
        if name not in sources
    ] == []
