"""Draws of the uncertain parameters on scrambled Sobol points: reproducible from the seed."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from pricing.valuation.distributions import Array
from pricing.valuation.parameters import Parameter

POINTS_DEFAULT: Final = 4_096
POINTS_MIN: Final = 2
POINTS_MAX: Final = 65_536


def draw(parameters: Sequence[Parameter], *, seed: int, points: int) -> dict[str, Array]:
    """Return `points` values of every parameter; each uncertain one has its own Sobol dimension.

    `points` is a power of two. Dimensions follow the order of the parameters.
    """
    uncertain = [parameter for parameter in parameters if parameter.is_uncertain]
    return at_shares(parameters, sobol_shares(len(uncertain), seed=seed, points=points))


def at_shares(parameters: Sequence[Parameter], shares: Array) -> dict[str, Array]:
    """Return the values of every parameter at shares (points, uncertain parameters)."""
    uncertain = [parameter.name for parameter in parameters if parameter.is_uncertain]
    columns = {name: shares[:, i] for i, name in enumerate(uncertain)}
    middle = np.full(len(shares), 0.5)
    return {
        each.name: each.distribution.quantile(columns.get(each.name, middle)) for each in parameters
    }


def at_share(parameter: Parameter, share: float) -> Array:
    """Return the one value below which a share of the outcomes of a parameter lies; shape (1,)."""
    return parameter.distribution.quantile(np.array([share]))


def medians(parameters: Sequence[Parameter]) -> Mapping[str, Array]:
    """Return the median of every parameter, each of shape (1,)."""
    return {each.name: at_share(each, 0.5) for each in parameters}


def sobol_shares(dimensions: int, *, seed: int, points: int) -> Array:
    """Return points of the unit cube (points, dimensions), none on its faces.

    Source: Sobol, "On the distribution of points in a cube and the approximate evaluation of
    integrals"; scrambled as by Owen, "Scrambling Sobol' and Niederreiter-Xing points".
    """
    if dimensions == 0:
        return np.empty((points, 0))
    # Imported here: scipy costs memory that rating and certification never need.
    from scipy.stats import qmc  # noqa: PLC0415

    sampler = qmc.Sobol(d=dimensions, scramble=True, rng=np.random.default_rng(seed))
    shares = np.asarray(sampler.random_base2(points.bit_length() - 1), dtype=np.float64)
    # The first scrambled coordinate may be exactly 0, where a lognormal has no finite logarithm.
    return np.clip(shares, 0.5 / points, 1.0 - 0.5 / points)
