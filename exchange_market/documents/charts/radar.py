"""The radar of scores from 0 to 1, one axis for each; what was not measured says so."""

import math
from dataclasses import dataclass
from typing import Final

from exchange_market.documents.charts.canvas import ACCENT, INK, LINE, QUIET, RAISES, Canvas
from exchange_market.documents.text import Covers

_WIDTH: Final = 520.0
_HEIGHT: Final = 330.0
_RADIUS: Final = 112.0
_CENTRE: Final = (_WIDTH / 2, _HEIGHT / 2)
_RINGS: Final = (0.25, 0.5, 0.75, 1.0)
_UPRIGHT: Final = 0.15


@dataclass(frozen=True, slots=True)
class RadarAxis:
    """One dimension: its score, and what stands below its name; None was not measured."""

    label: str
    score: float | None
    text: str


@dataclass(frozen=True, slots=True)
class Radar:
    """At least three axes, clockwise from the top."""

    axes: tuple[RadarAxis, ...]


def draw_radar(chart: Radar, covers: Covers | None) -> str:
    """The radar as SVG: an axis without a score keeps the outline at the centre."""
    canvas = Canvas(_WIDTH, _HEIGHT, covers)
    count = len(chart.axes)
    for ring in _RINGS:
        canvas.polygon([_place(index, count, ring) for index in range(count)], width=0.8)
        x, y = _CENTRE[0] + 4, _CENTRE[1] - ring * _RADIUS - 3
        if ring < 1:
            canvas.text(x, y, f"{ring:g}", size=9.5, colour=QUIET)
    for index in range(count):
        canvas.line(_CENTRE, _place(index, count, 1.0), LINE, width=0.8)
    scores = [axis.score for axis in chart.axes]
    outline = [_place(index, count, score or 0.0) for index, score in enumerate(scores)]
    canvas.polygon(outline, fill=RAISES, opacity=0.22, stroke=ACCENT, width=2)
    for index, axis in enumerate(chart.axes):
        if axis.score is not None:
            canvas.circle(*_place(index, count, axis.score), 3.6, ACCENT)
        _label(canvas, axis, index, count)
    return canvas.svg()


def _place(index: int, count: int, share: float) -> tuple[float, float]:
    angle = 2 * math.pi * index / count
    distance = share * _RADIUS
    return _CENTRE[0] + distance * math.sin(angle), _CENTRE[1] - distance * math.cos(angle)


def _label(canvas: Canvas, axis: RadarAxis, index: int, count: int) -> None:
    x, y = _place(index, count, 1.14)
    side = math.sin(2 * math.pi * index / count)
    anchor = "middle" if abs(side) < _UPRIGHT else ("start" if side > 0 else "end")
    top = y - 10 if y < _CENTRE[1] - _RADIUS / 2 else y
    room = _WIDTH if anchor == "middle" else (_WIDTH - x if anchor == "start" else x)
    canvas.text(x, top, axis.label, anchor=anchor, colour=INK, width=room)
    colour = QUIET if axis.score is None else ACCENT
    canvas.text(x, top + 16, axis.text, size=12, anchor=anchor, colour=colour, width=room)
