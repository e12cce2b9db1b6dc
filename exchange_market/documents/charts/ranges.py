"""Ranges side by side on one axis: do the methods agree, and where does the conclusion lie?"""

import math
from dataclasses import dataclass
from typing import Final

from exchange_market.documents.charts.canvas import (
    ACCENT,
    LINE,
    PALE,
    QUIET,
    RAISES,
    Canvas,
    Scale,
    text_width,
)
from exchange_market.documents.text import Covers

_WIDTH: Final = 760.0
_LABEL: Final = 190.0
_ROW: Final = 46.0
_BAR: Final = 13.0
_SMALL: Final = 12.0
_TICKS: Final = 5


@dataclass(frozen=True, slots=True)
class RangeBar:
    """A range with its middle; `note` stands below the label, `text` says the range in figures."""

    label: str
    note: str
    low: float
    middle: float
    high: float
    text: str
    is_conclusion: bool = False


@dataclass(frozen=True, slots=True)
class Ranges:
    """Ranges from top to bottom; `unit` names the axis."""

    bars: tuple[RangeBar, ...]
    unit: str


def draw_ranges(chart: Ranges, covers: Covers | None) -> str:
    """The ranges as SVG, with round figures on the axis."""
    height = _ROW * len(chart.bars) + 40
    canvas = Canvas(_WIDTH, height, covers)
    lows, highs = [bar.low for bar in chart.bars], [bar.high for bar in chart.bars]
    ticks = round_ticks(min(lows), max(highs), _TICKS)
    edge = text_width(f"{ticks[-1]:,.10g}", _SMALL) / 2
    scale = Scale(ticks[0], ticks[-1], _LABEL + 16 + edge, _WIDTH - edge)
    bottom = _ROW * len(chart.bars) + 6
    for tick in ticks:
        x = scale.at(tick)
        canvas.line((x, 2), (x, bottom), LINE, width=0.8)
        canvas.text(x, bottom + 16, f"{tick:,.10g}", size=_SMALL, colour=QUIET, anchor="middle")
    canvas.text(_LABEL, bottom + 16, chart.unit, size=_SMALL, colour=QUIET, anchor="end")
    for index, bar in enumerate(chart.bars):
        _bar(canvas, bar, _ROW * index, scale)
    return canvas.svg()


def round_ticks(low: float, high: float, about: int) -> list[float]:
    """Equally spaced round figures (1, 2, 2.5 or 5 times a power of ten) that enclose a range."""
    span = max(high - low, abs(high) * 0.1, 1e-9)
    rough = span / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * each for each in (1, 2, 2.5, 5, 10) if power * each >= rough)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [index * step for index in range(first, max(last, first + 1) + 1)]


def _bar(canvas: Canvas, bar: RangeBar, top: float, scale: Scale) -> None:
    colour = ACCENT if bar.is_conclusion else RAISES
    y = top + 22
    low, middle, high = (scale.at(each) for each in (bar.low, bar.middle, bar.high))
    label_y = y - 2 if bar.note else y + 4
    canvas.text(_LABEL, label_y, bar.label, colour=colour, anchor="end", width=_LABEL)
    canvas.text(_LABEL, y + 13, bar.note, size=10.5, colour=QUIET, anchor="end", width=_LABEL)
    canvas.rectangle(low, y - _BAR / 2, max(high - low, 1.5), _BAR, PALE)
    for end in (low, high):
        canvas.line((end, y - _BAR / 2), (end, y + _BAR / 2), colour, width=1.6)
    canvas.line((low, y), (high, y), colour, width=2.2)
    canvas.circle(middle, y, 4.6, colour)
    half = text_width(bar.text, _SMALL) / 2
    x = min(max(middle, _LABEL + 16 + half), _WIDTH - half)
    canvas.text(x, top + 11, bar.text, size=_SMALL, colour=QUIET, anchor="middle")
