"""A report as plain values: sections of blocks that every format lays out in its own way."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from exchange_market.documents.charts import Chart, draw
from exchange_market.documents.text import Covers, visible_values
from exchange_market.kernel.errors import Language


class Align(StrEnum):
    """Where the text of a table column stands."""

    LEFT = "left"
    RIGHT = "right"


class Tone(StrEnum):
    """How loudly a paragraph speaks."""

    PLAIN = "plain"
    QUIET = "quiet"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text; line breaks are kept."""

    text: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Bullets:
    """Short statements, one below the other."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and values in two columns."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Headline:
    """The few figures that a reader came for, large and side by side."""

    figures: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A table column: its heading, and its share of the width beside the others."""

    heading: str
    width: float = 1.0
    align: Align = Align.LEFT


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts under headings that repeat on every page; the last row may be a total."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    has_total: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart, what it shows, and what it says to those who cannot see it.

    `width` is its share of the width of the page.
    """

    chart: Chart
    caption: str
    description: str
    width: float = 1.0


@dataclass(frozen=True, slots=True)
class Code:
    """Text for a machine: a command, a query, a digest."""

    text: str
    caption: str = ""


Block = Paragraph | Bullets | Facts | Headline | Table | Figure | Code


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it; `starts_page` where a new part begins."""

    heading: str
    blocks: tuple[Block, ...]
    starts_page: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A document with a cover. `issued_at` is also its creation date: same values, same bytes.

    `kind` says what it is (the running head), `title` what it is about, `reference` which one, and
    `label` is a word beside it such as a state. `page_words`
    stand before, between and after the number of a page and how many there are.
    """

    language: Language
    kind: str
    title: str
    subtitle: str
    label: str
    reference: str
    issuer: str
    issued_at: datetime
    cover: tuple[tuple[str, str], ...]
    summary: Section
    sections: tuple[Section, ...]
    page_words: tuple[str, str, str]
    contents_word: str


def report_values(report: Report, covers: Covers | None = None) -> dict[str, Any]:
    """The report as JSON values for a template: blocks say their kind, charts are drawn.

    No text has anything in it that cannot be seen, or that `covers` says cannot be drawn.
    """
    values: dict[str, Any] = visible_values(msgspec.to_builtins(report), covers)
    for section, shown in zip(
        (report.summary, *report.sections), [values["summary"], *values["sections"]], strict=True
    ):
        for block, block_values in zip(section.blocks, shown["blocks"], strict=True):
            block_values["kind"] = type(block).__name__.lower()
            if isinstance(block, Figure):
                block_values["svg"] = draw(block.chart, covers)
    return values
