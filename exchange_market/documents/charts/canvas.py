"""A canvas that collects SVG elements; lengths are pixels of the drawing's own grid.

The font is left to whoever shows the drawing: typst takes that of the document, a browser that of
the page. Source: Scalable Vector Graphics (SVG) 2, chapters "Basic Shapes" and "Text".
"""

import unicodedata
from dataclasses import dataclass, field
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from exchange_market.documents.text import Covers, visible

INK: Final = "#1b2733"
QUIET: Final = "#5b6b7a"
ACCENT: Final = "#12556b"
LINE: Final = "#c9d5db"
PALE: Final = "#e3edf1"
RAISES: Final = "#2b8a8f"
LOWERS: Final = "#c4703a"
_WIDE: Final = frozenset("WFA")
_NARROW_EM: Final = 0.56


@dataclass(slots=True)
class Canvas:
    """Elements in the order they are drawn."""

    width: float
    height: float
    covers: Covers | None = None
    elements: list[str] = field(default_factory=list[str])

    def text(  # noqa: PLR0913 - where, what and how it looks
        self,
        x: float,
        y: float,
        value: str,
        *,
        size: float = 13,
        colour: str = INK,
        anchor: str = "start",
        width: float | None = None,
    ) -> None:
        """One line of text with its baseline at `y`, cut to `width`."""
        line = visible(value.replace("\n", " ").replace("\t", " "), self.covers)
        if width is not None:
            line = cut_to_width(line, width, size)
        attributes = _attributes(x=x, y=y, font_size=size, fill=colour, text_anchor=anchor)
        self.elements.append(f"<text{attributes}>{escape(line)}</text>")

    def rectangle(  # noqa: PLR0913
        self, x: float, y: float, width: float, height: float, colour: str, *, rounding: float = 0
    ) -> None:
        """A filled rectangle."""
        attributes = _attributes(x=x, y=y, width=width, height=height, fill=colour, rx=rounding)
        self.elements.append(f"<rect{attributes}/>")

    def line(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        colour: str = LINE,
        *,
        width: float = 1,
        dashes: str = "",
    ) -> None:
        """A straight line."""
        (x1, y1), (x2, y2) = start, end
        attributes = _attributes(x1=x1, y1=y1, x2=x2, y2=y2, stroke=colour, stroke_width=width)
        dashed = _attributes(stroke_dasharray=dashes) if dashes else ""
        self.elements.append(f"<line{attributes}{dashed}/>")

    def circle(self, x: float, y: float, radius: float, colour: str) -> None:
        """A filled disc."""
        self.elements.append(f"<circle{_attributes(cx=x, cy=y, r=radius, fill=colour)}/>")

    def polygon(
        self, points: list[tuple[float, float]], *, fill: str = "none", opacity: float = 1.0,
        stroke: str = LINE, width: float = 1,
    ) -> None:  # fmt: skip
        """A closed outline."""
        corners = " ".join(f"{_number(x)},{_number(y)}" for x, y in points)
        attributes = _attributes(
            points=corners, fill=fill, fill_opacity=opacity, stroke=stroke, stroke_width=width
        )
        self.elements.append(f"<polygon{attributes}/>")

    def svg(self) -> str:
        """The drawing."""
        size = f"{_number(self.width)} {_number(self.height)}"
        head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}">'
        return head + "".join(self.elements) + "</svg>"


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear way from figures to places between `start` and `stop`."""

    low: float
    high: float
    start: float
    stop: float

    def at(self, figure: float) -> float:
        """Where a figure stands."""
        span = self.high - self.low
        share = (figure - self.low) / span if span else 0.5
        return self.start + share * (self.stop - self.start)


def text_width(text: str, size: float) -> float:
    """About how wide a line is: a Chinese character is a square, others about half of one."""
    wide = sum(unicodedata.east_asian_width(character) in _WIDE for character in text)
    return size * (wide + _NARROW_EM * (len(text) - wide))


def cut_to_width(text: str, width: float, size: float) -> str:
    """The text, or as much of it as fits before an ellipsis."""
    if text_width(text, size) <= width:
        return text
    while text and text_width(text + "…", size) > width:
        text = text[:-1]
    return text.rstrip() + "…"


def _attributes(**given: str | float) -> str:
    return "".join(
        f" {name.replace('_', '-')}={quoteattr(_number(value))}" for name, value in given.items()
    )


def _number(value: str | float) -> str:
    return value if isinstance(value, str) else format(round(value, 2), "g")
