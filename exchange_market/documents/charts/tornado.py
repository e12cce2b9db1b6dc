"""The tornado: what each input moves the value to, at its low and at its high end."""

from dataclasses import dataclass
from typing import Final

from exchange_market.documents.charts.canvas import (
    ACCENT,
    INK,
    LOWERS,
    QUIET,
    RAISES,
    Canvas,
    Scale,
    text_width,
)
from exchange_market.documents.text import Covers

_WIDTH: Final = 760.0
_LABEL: Final = 190.0
_NOTE: Final = 80.0
_ROW: Final = 32.0
_BAR: Final = 17.0
_TOP: Final = 46.0
_SMALL: Final = 12.0


@dataclass(frozen=True, slots=True)
class TornadoBar:
    """One input: the value at its low and at its high end, as figures and as they are written."""

    label: str
    at_low: float
    at_high: float
    low_text: str
    high_text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Tornado:
    """Bars round the middle value, widest first; `low_word` and `high_word` explain the colours."""

    bars: tuple[TornadoBar, ...]
    middle: float
    middle_text: str
    low_word: str
    high_word: str
    note_word: str = ""


def draw_tornado(chart: Tornado, covers: Covers | None) -> str:
    """The tornado as SVG."""
    height = _TOP + _ROW * len(chart.bars) + 12
    canvas = Canvas(_WIDTH, height, covers)
    scale = _scale(chart)
    middle = scale.at(chart.middle)
    _key(canvas, chart)
    canvas.text(middle, _TOP - 7, chart.middle_text, size=_SMALL, colour=ACCENT, anchor="middle")
    canvas.line((middle, _TOP), (middle, height - 8), ACCENT, width=1.2, dashes="4 3")
    for index, bar in enumerate(chart.bars):
        _bar(canvas, bar, _TOP + _ROW * index + (_ROW - _BAR) / 2, scale, middle)
    return canvas.svg()


def _scale(chart: Tornado) -> Scale:
    ends = [end for bar in chart.bars for end in (bar.at_low, bar.at_high)] + [chart.middle]
    texts = [text for bar in chart.bars for text in (bar.low_text, bar.high_text)]
    # Figures stand outside the bars, so the plot leaves room for the widest on both sides.
    room = max((text_width(text, _SMALL) for text in texts), default=0.0) + 10
    right = _WIDTH - (_NOTE if chart.note_word else 0.0)
    return Scale(min(ends), max(ends), _LABEL + 12 + room, right - room)


def _key(canvas: Canvas, chart: Tornado) -> None:
    x = 0.0
    for colour, word in ((LOWERS, chart.low_word), (RAISES, chart.high_word)):
        canvas.rectangle(x, 5, 11, 11, colour, rounding=1.5)
        canvas.text(x + 16, 15, word, size=_SMALL, colour=QUIET)
        x += 16 + text_width(word, _SMALL) + 22
    if chart.note_word:
        canvas.text(_WIDTH, 15, chart.note_word, size=_SMALL, colour=QUIET, anchor="end")


def _bar(canvas: Canvas, bar: TornadoBar, y: float, scale: Scale, middle: float) -> None:
    baseline = y + _BAR - 4
    canvas.text(_LABEL, baseline, bar.label, anchor="end", width=_LABEL)
    for end, colour in ((bar.at_low, LOWERS), (bar.at_high, RAISES)):
        at = scale.at(end)
        canvas.rectangle(min(at, middle), y, abs(at - middle), _BAR, colour)
    left, right = (bar.at_low, bar.low_text), (bar.at_high, bar.high_text)
    if bar.at_low > bar.at_high:
        left, right = right, left
    for (end, text), anchor, shift in ((left, "end", -6), (right, "start", 6)):
        place = min(scale.at(end), middle) if anchor == "end" else max(scale.at(end), middle)
        canvas.text(place + shift, baseline, text, size=_SMALL, colour=INK, anchor=anchor)
    if bar.note:
        canvas.text(_WIDTH, baseline, bar.note, size=_SMALL, colour=QUIET, anchor="end")
