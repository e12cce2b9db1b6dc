"""All kinds of methods by name, and what a method gives on draws of its parameters."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from pricing.valuation.capitalisation_methods import CAPITALISATION_KINDS
from pricing.valuation.cost_methods import COST_KINDS
from pricing.valuation.distributions import Array
from pricing.valuation.income_methods import INCOME_KINDS
from pricing.valuation.methods import Draws, Kind, Lines, Method, Shape, WorkingPaper

KINDS: Final[Mapping[str, Kind]] = {**COST_KINDS, **INCOME_KINDS, **CAPITALISATION_KINDS}


def compute(method: Method, parameters: Mapping[str, Array], draws: int) -> Lines:
    """Return the lines of a method over all draws of the parameters it refers to."""
    return KINDS[method.kind].compute(_arguments(method, parameters, draws), method.options)


def working_paper(method: Method, parameters: Mapping[str, Array]) -> WorkingPaper:
    """Return the table of a method on one draw (shape (1,)) of each parameter."""
    kind = KINDS[method.kind]
    arguments = _arguments(method, parameters, 1)
    paper = kind.paper(arguments, method)
    given = tuple(
        (name, float(values[0]))
        for name, values in arguments.items()
        if kind.arguments[name].shape is not Shape.SERIES
    )
    return replace(paper, figures=given + paper.figures)


def _arguments(method: Method, parameters: Mapping[str, Array], draws: int) -> Draws:
    """Return an array for every argument that is given or has a default."""
    arrays: dict[str, Array] = {}
    for name, argument in KINDS[method.kind].arguments.items():
        names = method.arguments.get(name)
        if names is None:
            if argument.default is not None:
                arrays[name] = np.full(draws, argument.default)
            continue
        drawn = np.stack([parameters[each] for each in names])
        match argument.shape:
            case Shape.ONE:
                arrays[name] = drawn[0]
            case Shape.SERIES:
                arrays[name] = drawn
            case Shape.SUM:
                arrays[name] = drawn.sum(axis=0)
    return arrays
