"""Charts as SVG, drawn by our own code from values; every text in them is escaped."""

from exchange_market.documents.charts.radar import Radar, RadarAxis, draw_radar
from exchange_market.documents.charts.ranges import RangeBar, Ranges, draw_ranges
from exchange_market.documents.charts.tornado import Tornado, TornadoBar, draw_tornado
from exchange_market.documents.text import Covers

Chart = Tornado | Ranges | Radar

__all__ = [
    "Chart",
    "Radar",
    "RadarAxis",
    "RangeBar",
    "Ranges",
    "Tornado",
    "TornadoBar",
    "draw",
]


def draw(chart: Chart, covers: Covers | None = None) -> str:
    """The chart as an SVG document; texts show only what `covers` says can be drawn."""
    match chart:
        case Tornado():
            return draw_tornado(chart, covers)
        case Ranges():
            return draw_ranges(chart, covers)
        case Radar():
            return draw_radar(chart, covers)
