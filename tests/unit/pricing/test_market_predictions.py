"""Regression, nearest comparables and multiples on deals whose true prices are known."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from pricing.errors import InvalidInput
from pricing.valuation.distributions import Empirical, Fixed, LogStudent, Outcome
from pricing.valuation.market import hedonic, multiples, nearest
from pricing.valuation.market.deal import Assumption, Comparables, Deal, Party, Rules, Target
from pricing.valuation.market.features import Dropped
from pricing.valuation.market.prediction import observed
from pricing.valuation.market.selection import Comparable, select
from pricing.valuation.methods import Basis
from tests.support.deals import EFFECTS, VALUED_ON, deal, planted, planted_price, target


def used(deals: Sequence[Deal], rules: Rules | None = None) -> tuple[Comparable, ...]:
    section = Comparables(target(), tuple(deals), rules or Rules())
    return select(section, currency="CNY", valued_on=VALUED_ON).used


def asked(one: Deal) -> Target:
    return target(
        rows=one.rows,
        quality=one.quality,
        age_years=one.age_years,
        term_months=one.term_months,
        is_exclusive=one.is_exclusive,
        subject=one.subject,
    )


def median_of(fitted: hedonic.HedonicFit) -> float:
    return float(fitted.prediction.quantile(np.array([0.5]))[0])


def test_a_regression_finds_the_planted_model_exactly_where_there_is_no_noise() -> None:
    fitted = hedonic.fit(used(planted(40, 0.0, 1)), target())

    found = {effect.column: effect.estimate for effect in fitted.effects}
    assert {name: found[name] for name in EFFECTS} == pytest.approx(EFFECTS, abs=1e-8)
    assert found["log_term_months"] == pytest.approx(-0.15, abs=1e-8)
    assert found["subject=finance"] == pytest.approx(0.4, abs=1e-8)
    assert median_of(fitted) == pytest.approx(planted_price(target()), rel=1e-7)
    assert fitted.r_squared == pytest.approx(1.0)


def test_noise_widens_the_interval_and_the_estimates_stay_within_their_errors() -> None:
    fitted = hedonic.fit(used(planted(200, 0.35, 1)), target())

    effects = {effect.column: effect for effect in fitted.effects}
    for name, planted_effect in EFFECTS.items():
        distance = abs(effects[name].estimate - planted_effect)
        assert distance < 3 * effects[name].standard_error, name
    assert fitted.residual_sd == pytest.approx(0.35, rel=0.1)
    assert fitted.degrees_of_freedom == 193
    assert fitted.coverage == 0.895
    assert fitted.median_error == pytest.approx(0.2455, abs=1e-4)


def test_the_ninety_per_cent_interval_holds_ninety_per_cent_of_further_deals() -> None:
    """400 draws: three standard errors of a share of 0.9 are 0.045."""
    hits: list[bool] = []
    coverages: list[float] = []
    for seed in range(400):
        further, *known = planted(41, 0.35, seed)
        fitted = hedonic.fit(used(known), asked(further))
        low, high = fitted.prediction.quantile(np.array([0.05, 0.95]))
        hits.append(low <= float(further.price) <= high)
        coverages.append(fitted.coverage)

    assert np.mean(hits) == pytest.approx(0.9, abs=0.045)
    assert np.mean(coverages) == pytest.approx(0.9, abs=0.01)


def test_leaving_one_out_by_the_hat_matrix_is_leaving_one_out() -> None:
    deals = planted(31, 0.3, 7)
    fitted = hedonic.fit(used(deals), target())

    within: list[bool] = []
    errors: list[float] = []
    for left_out in deals:
        others = hedonic.fit(
            used([each for each in deals if each is not left_out]), asked(left_out)
        )
        low, high = others.prediction.quantile(np.array([0.05, 0.95]))
        within.append(low <= float(left_out.price) <= high)
        errors.append(abs(median_of(others) / float(left_out.price) - 1))

    assert fitted.coverage == pytest.approx(np.mean(within))
    assert fitted.median_error == pytest.approx(np.median(errors), rel=1e-6)


def test_constant_and_collinear_columns_are_dropped_and_named() -> None:
    alike = [
        replace(each, is_exclusive=False, licence="rows" if each.subject == "finance" else "file")
        for each in planted(60, 0.2, 3)
    ]

    fitted = hedonic.fit(used(alike), target(is_exclusive=True))

    assert fitted.dropped == (
        Dropped("exclusive", "constant"),
        Dropped("subject=finance", "collinear"),
    )
    assert fitted.extrapolated == ("exclusive",)


def test_rare_subjects_are_pooled_and_an_unknown_one_is_refused() -> None:
    deals = planted(40, 0.2, 3)
    rare = [replace(each, subject=f"rare_{i}") if i < 4 else each for i, each in enumerate(deals)]

    fitted = hedonic.fit(used(rare), target(subject="oceans"))

    assert "subject=*" in {effect.column for effect in fitted.effects}
    with pytest.raises(InvalidInput, match="no settled deal has the subject 'oceans'") as refusal:
        hedonic.fit(used(deals), target(subject="oceans"))
    assert refusal.value.field == "comparables.target.subject"


def test_twenty_nine_deals_are_no_regression_and_thirty_are() -> None:
    deals = planted(30, 0.3, 5)

    assert hedonic.fit(used(deals), target()).deals == 30
    with pytest.raises(InvalidInput, match="at least 30 comparable deals, found 29"):
        hedonic.fit(used(deals[:29]), target())


def neighbourhood(deals: Sequence[Deal], neighbours: int = 5) -> nearest.Neighbourhood:
    found = used(deals)
    prices = [multiples.indicated(each, target(), Basis.PERIOD, Rules()) for each in found]
    return nearest.nearest(found, prices, target(), neighbours)


def test_the_nearest_deals_are_those_most_like_the_target() -> None:
    like = [
        deal(id=f"like_{n}", rows=19_000 + n, quality=Decimal("0.8"), age_years=Decimal("0.5"))
        for n in range(5)
    ]
    far = [
        deal(id=f"far_{n}", rows=10**7, subject="finance", age_years=Decimal(9)) for n in range(5)
    ]

    found = neighbourhood([*far, *like])

    assert {each.comparable.deal.id for each in found.neighbours} == {each.id for each in like}
    assert [each.distance for each in found.neighbours] == sorted(
        each.distance for each in found.neighbours
    )
    assert [each.column for each in found.dropped] == ["exclusive", "log_term_months"]


def test_four_deals_have_no_nearest_five() -> None:
    deals = [deal(id=f"d{n}", price=Decimal(1_000 + n)) for n in range(5)]

    assert len(neighbourhood(deals).neighbours) == 5
    with pytest.raises(InvalidInput, match="at least 5 comparable deals, found 4"):
        neighbourhood(deals[:4])


def test_the_interval_of_five_neighbours_holds_its_share_of_further_deals() -> None:
    """The spread of five is itself uncertain, and Student's t pays for it."""
    random = np.random.default_rng(11)
    hits: list[bool] = []
    for _ in range(400):
        paid = np.exp(random.normal(8, 0.4, 6)).round(6)
        deals = [deal(id=f"d{n}", price=Decimal(repr(float(p)))) for n, p in enumerate(paid[:5])]
        low, high = neighbourhood(deals).prediction.quantile(np.array([0.05, 0.95]))
        hits.append(low <= paid[5] <= high)

    assert np.mean(hits) == pytest.approx(0.9, abs=0.045)


@pytest.mark.parametrize(
    ("basis", "price"),
    [(Basis.ROW, 24_000), (Basis.ENTITY, 48_000), (Basis.PERIOD, 12_000)],
)
def test_a_multiple_carries_a_price_over_to_other_data(basis: Basis, price: float) -> None:
    (found,) = used([deal(entities=100)])

    indicated = multiples.indicated(found, target(entities=400), basis, Rules())

    assert indicated == pytest.approx(price)


def test_another_kind_of_licence_counts_only_with_a_stated_factor() -> None:
    found = used([deal(id="a"), deal(id="b", is_exclusive=True)])
    rules = Rules(exclusivity=Assumption(Decimal("1.5"), "licences seen"))

    without = multiples.alike(found, target(), Basis.PERIOD, Rules())
    with_factor = multiples.alike(found, target(), Basis.PERIOD, rules)

    assert [each.deal.id for each in without] == ["a"]
    assert [multiples.indicated(each, target(), Basis.PERIOD, rules) for each in with_factor] == (
        pytest.approx([12_000, 8_000])
    )


def test_multiples_are_refused_below_five() -> None:
    with pytest.raises(InvalidInput, match="at least 5 comparable deals, found 4"):
        multiples.spread([1.0, 2.0, 3.0, 4.0])


def test_seen_prices_are_equally_likely_and_a_repeated_one_more_so() -> None:
    spread = observed([30.0, 10.0, 20.0, 30.0])

    assert spread == Empirical(
        tuple(Outcome(Decimal(value), Decimal(n)) for value, n in ((10, 1), (20, 1), (30, 2)))
    )
    assert observed([5.0, 5.0]) == Fixed(Decimal(5))


def test_a_log_student_price_has_its_median_and_the_tabled_tails() -> None:
    """Student's t with 10 degrees of freedom: the 95th percentile is 1.812."""
    price = LogStudent(Decimal(100), Decimal("0.5"), 10)

    middle, high = price.quantile(np.array([0.5, 0.95]))

    assert middle == pytest.approx(100)
    assert high == pytest.approx(100 * np.exp(0.5 * 1.8125), rel=1e-4)


def test_parties_do_not_change_a_prediction() -> None:
    deals = planted(35, 0.3, 9)
    renamed = [replace(each, buyer=Party(entity=f"other_{i}")) for i, each in enumerate(deals)]

    assert hedonic.fit(used(deals), target()) == hedonic.fit(used(renamed), target())
