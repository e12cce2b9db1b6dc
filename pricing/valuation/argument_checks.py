"""What must hold between a method, its kind and the parameters it names; refused field by field."""

from collections.abc import Iterable, Mapping, Sequence, Set
from decimal import Decimal
from math import inf
from typing import Final

from pricing.errors import InvalidInput
from pricing.valuation.adjustments import Adjustment
from pricing.valuation.kinds import KINDS
from pricing.valuation.methods import Argument, Kind, Method, Rules, Shape
from pricing.valuation.parameters import Parameter

SERIES_MAX: Final = 50
SUM_MAX: Final = 20

Known = Mapping[str, Parameter]


def check_method(method: Method, known: Known, path: str) -> None:
    """Refuse a method whose options, arguments or adjustments do not fit its kind."""
    kind = KINDS[method.kind]
    _check_options(method, kind, path)
    unknown = sorted(set(method.arguments) - set(kind.arguments))
    if unknown:
        raise InvalidInput(f"{path}.arguments.{unknown[0]}", f"is no argument of {method.kind}")
    for name, argument in kind.arguments.items():
        at = f"{path}.arguments.{name}"
        if name in method.arguments:
            _check_references(method.arguments[name], argument, known, at)
        elif argument.is_required:
            raise InvalidInput(at, "is required")
    _check_rules(method, kind.rules, known, f"{path}.arguments")
    check_adjustments(method.adjustments, known, path)


def check_adjustments(adjustments: Sequence[Adjustment], known: Known, path: str) -> None:
    """Refuse an adjustment whose parameter is not known or is no share."""
    for index, adjustment in enumerate(adjustments):
        at = f"{path}.adjustments[{index}]".lstrip(".")
        parameter = _known(adjustment.parameter, known, f"{at}.parameter")
        _check_bounds(parameter, (0.0, adjustment.kind.share_max), f"{at}.parameter")


def _check_options(method: Method, kind: Kind, path: str) -> None:
    options = method.options
    taken = {
        "timing": (options.timing, kind.takes_timing),
        "tax_amortisation_years": (options.tax_amortisation_years, kind.takes_tax_amortisation),
        "charges_taken": (options.charges_taken, kind.takes_charges),
        "deals": (options.market.deals or None, kind.takes_deals),
        "basis": (options.market.basis, kind.takes_basis),
        "neighbours": (options.market.neighbours, kind.takes_neighbours),
    }
    for name, (value, is_taken) in taken.items():
        if value is not None and not is_taken:
            raise InvalidInput(f"{path}.{name}", f"is no option of {method.kind}")
    if kind.takes_charges and options.charges_taken is None:
        raise InvalidInput(f"{path}.charges_taken", "is required: before_tax or after_tax")
    taxed = ("tax_rate", "deduction_tax_rate")
    if options.tax_amortisation_years is not None and not set(taxed) & set(method.arguments):
        raise InvalidInput(f"{path}.arguments.tax_rate", "is required by tax_amortisation_years")
    if "deduction_tax_rate" in method.arguments and options.tax_amortisation_years is None:
        raise InvalidInput(f"{path}.tax_amortisation_years", "is required by deduction_tax_rate")


def _check_references(names: Sequence[str], argument: Argument, known: Known, at: str) -> None:
    most = {Shape.ONE: 1, Shape.SUM: SUM_MAX, Shape.SERIES: SERIES_MAX}[argument.shape]
    if not 1 <= len(names) <= most:
        raise InvalidInput(at, f"must name 1 to {most} parameters")
    named = [_known(name, known, at) for name in names]
    if argument.shape is not Shape.SUM or len(names) == 1:
        for parameter in named:
            _check_bounds(parameter, (argument.low, argument.high), at)
        return
    if len(set(names)) < len(names):
        raise InvalidInput(at, "must add up different parameters")
    for parameter in named:
        _check_bounds(parameter, (0.0, argument.high), at)
    low, high = _bounds(names, known)
    if low < argument.low or high > argument.high:
        raise InvalidInput(at, f"must add up to {argument.low:g} to {argument.high:g}")


def _check_rules(method: Method, rules: Rules, known: Known, at: str) -> None:
    given = method.arguments
    _check_presence(set(given), rules, at)
    for one, other in rules.same_length:
        if {one, other} <= set(given) and len(given[one]) != len(given[other]):
            raise InvalidInput(f"{at}.{other}", f"must be as long as {one}")
    for lower, upper in rules.below:
        if lower in given and _bounds(given[lower], known)[1] >= _bounds(given[upper], known)[0]:
            raise InvalidInput(f"{at}.{lower}", f"must stay below {upper} in every outcome")


def _check_presence(given: Set[str], rules: Rules, at: str) -> None:
    for group in rules.at_most_one:
        both = [name for name in group if name in given]
        if len(both) > 1:
            raise InvalidInput(f"{at}.{both[1]}", f"would count {both[0]} twice: give one of them")
    for group in rules.at_least_one:
        if not given & set(group):
            raise InvalidInput(f"{at}.{group[0]}", f"is required, or {' or '.join(group[1:])}")
    for name, helpers in rules.needs:
        if name in given and not given & set(helpers):
            raise InvalidInput(f"{at}.{helpers[0]}", f"is required by {name}")


def _known(name: str, known: Known, at: str) -> Parameter:
    if name not in known:
        raise InvalidInput(at, f"{name!r} is not a parameter of the case")
    return known[name]


def _check_bounds(parameter: Parameter, allowed: tuple[float, float], at: str) -> None:
    low, high = parameter.distribution.bounds
    if low < allowed[0] or high > allowed[1]:
        least, most = allowed
        bounds = f"at {least:g} or more" if most == inf else f"from {least:g} to {most:g}"
        raise InvalidInput(f"parameters.{parameter.name}", f"must stay {bounds} to be used as {at}")


def _bounds(names: Sequence[str], known: Known) -> tuple[float, float]:
    each = [known[name].distribution.bounds for name in names]
    return _sum_as_written(low for low, _ in each), _sum_as_written(high for _, high in each)


def _sum_as_written(bounds: Iterable[float]) -> float:
    # As decimals: as floats 0.02 and 0.1 are a little more than 0.12, and above such a growth.
    # An infinite bound stays infinite.
    return float(sum((Decimal(repr(each)) for each in bounds), Decimal(0)))
