import json
import time
from decimal import Decimal
from typing import Any

import pytest

from pricing.errors import InvalidInput
from pricing.plans import certify_ladder, ladder_certificate_to_json, ladder_from_json
from pricing.plans.ladder import (
    Cover,
    Ladder,
    LadderProved,
    LadderRejected,
    LadderRepaired,
    Measure,
    Rung,
)
from pricing.plans.ladder_codec import ladder_to_json


def ladder(*rungs: tuple[str, str]) -> Ladder:
    return Ladder("CNY", Measure.EPSILON, tuple(Rung(Decimal(x), Decimal(y)) for x, y in rungs))


def test_a_ladder_whose_price_for_accuracy_falls_is_proved() -> None:
    assert certify_ladder(ladder(("0.5", "10"), ("1", "18"), ("2", "30"))) == LadderProved(
        "ladder.tier_ends"
    )


def test_several_worse_versions_that_make_up_for_a_better_one_are_the_counterexample() -> None:
    certificate = certify_ladder(ladder(("1", "10"), ("3", "35")))

    worse, better = Rung(Decimal(1), Decimal(10)), Rung(Decimal(3), Decimal(35))
    assert certificate == LadderRejected(Cover(((worse, 3),), better, Decimal(30)))
    assert ladder_certificate_to_json(certificate, "CNY")["explanation"] == [
        {
            "zh": "3 份精度 1 的版本合计 30 CNY, 合起来不低于精度 3, 而后者标价 35 CNY。",
            "en": "3 of accuracy 1 cost 30 CNY and are together as good as accuracy 3, listed at"
            " 35 CNY.",
        }
    ]


def test_a_ladder_with_a_gap_is_proved_when_no_combination_of_its_versions_is_cheaper() -> None:
    # On a line between the versions 2 would cost 20.67, but it is not on sale.
    assert certify_ladder(ladder(("1", "10"), ("2.5", "26"))) == LadderProved("ladder.no_cover")


def test_a_version_dearer_than_a_better_one_is_repaired() -> None:
    certificate = certify_ladder(ladder(("1", "10"), ("2", "9"), ("4", "18")))

    assert certificate == LadderRepaired(
        ladder(("1", "9"), ("2", "9"), ("4", "18")),
        (Rung(Decimal(1), Decimal(9)),),
        "ladder.tier_ends",
    )
    written = ladder_certificate_to_json(certificate, "CNY")
    assert written["changes"] == [{"accuracy": "1", "price": "9"}]
    assert json.loads(json.dumps(written)) == written


def test_a_free_version_makes_every_better_one_free() -> None:
    certificate = certify_ladder(ladder(("0.000000000001", "0"), ("1000000", "5")))

    assert isinstance(certificate, LadderRejected)
    assert certificate.cover is not None
    assert certificate.cover.bought == ((Rung(Decimal("1E-12"), Decimal(0)), 10**18),)


def test_a_counterexample_names_versions_as_they_are_listed() -> None:
    certificate = certify_ladder(ladder(("1", "10"), ("2", "9"), ("3", "25")))

    assert isinstance(certificate, LadderRejected)
    assert certificate.cover == Cover(
        ((Rung(Decimal(2), Decimal(9)), 2),), Rung(Decimal(3), Decimal(25)), Decimal(18)
    )


def test_a_search_without_end_is_given_up_and_refused_in_words() -> None:
    rungs = [
        (str(1000 + 7 * n), str(Decimal(1000) + 7 * n + Decimal(n % 5) / 100)) for n in range(49)
    ]
    certificate = certify_ladder(ladder(*rungs, ("9000000", "9000000")))

    assert certificate == LadderRejected(None)
    written = ladder_certificate_to_json(certificate, "CNY")
    assert written["counterexample"] is None
    assert "too many combinations" in str(written["explanation"])


def test_fifty_versions_are_certified_in_a_moment() -> None:
    rungs = [(str(n), str(round(100 - Decimal(100) / n, 2))) for n in range(1, 51)]
    started = time.perf_counter()

    certify_ladder(ladder(*rungs))

    assert time.perf_counter() - started < 1


def body(**changes: Any) -> dict[str, Any]:
    rungs = [{"accuracy": "1", "price": "10"}, {"accuracy": "2", "price": "15"}]
    return {"currency": "CNY", "measure": "inverse_variance", "rungs": rungs, **changes}


def test_a_ladder_survives_its_json_form() -> None:
    assert ladder_to_json(ladder_from_json(body())) == body()


@pytest.mark.parametrize(
    ("document", "field"),
    [
        (body(rungs=[]), "rungs"),
        (body(measure="taste"), "measure"),
        (body(currency="RMB"), "currency"),
        (body(note="x"), "note"),
        (body(rungs=[{"accuracy": "0", "price": "1"}]), "rungs[0].accuracy"),
        (body(rungs=[{"accuracy": "1", "price": "-1"}]), "rungs[0].price"),
        (body(rungs=body()["rungs"][::-1]), "rungs[1].accuracy"),
        (body(rungs=[{"accuracy": "1", "price": "1", "name": "x"}]), "rungs[0].name"),
    ],
)
def test_a_wrong_ladder_is_refused_with_the_field_named(document: object, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        ladder_from_json(document)

    assert refused.value.field == field


def test_a_long_search_is_bounded_in_time_and_memory() -> None:
    started = time.perf_counter()

    certificate = certify_ladder(ladder(("2", "2"), ("3", "3.1"), ("1000001", "1000001")))

    assert certificate == LadderRejected(None)
    assert time.perf_counter() - started < 10
