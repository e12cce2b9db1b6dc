"""What a report says of comparable deals: how many, which by digest, and why others are none."""

from exchange_market.appraisals.report.evidence_sheets import Row, headings
from exchange_market.appraisals.report.material import Material
from exchange_market.appraisals.report.result_view import MarketView
from exchange_market.appraisals.report.words import Words
from exchange_market.documents.report import Align, Block, Column, Paragraph, Table
from exchange_market.documents.spreadsheet import Cell, Sheet, Style


def comparables(material: Material, words: Words) -> tuple[Block, ...]:
    """Counts, statistics and reasons; digests only in the full report."""
    market = material.result.market
    if market is None:
        return ()
    counts = {"used": market.used_count, "rejected": market.rejected_count}
    blocks: list[Block] = [Paragraph(words.say("market_text", **counts))]
    if market.statistics:
        blocks.append(_statistics(market, words.currency(material.result.currency), words))
    if market.reasons:
        columns = (
            Column(words.say("reason"), 3.0),
            Column(words.say("count"), 1.0, Align.RIGHT),
        )
        rows = tuple((words.name(reason), str(count)) for reason, count in market.reasons)
        blocks.append(Table(words.say("reasons_caption"), columns, rows))
    if market.used or market.rejected:
        columns = (Column(words.say("deal"), 2.2), Column(words.say("outcome"), 1.0))
        blocks.append(Table(words.say("deals_caption"), columns, _outcomes(market, words)))
    return tuple(blocks)


def comparables_sheet(name: str, market: MarketView, words: Words) -> Sheet:
    """Every deal by its digest, and what became of it."""
    rows: list[Row] = [
        (Cell(words.say("a_market"), Style.TITLE),),
        (),
        headings(words.say("deal"), words.say("outcome")),
    ]
    rows += [(Cell(deal, Style.CODE), Cell(text)) for deal, text in _outcomes(market, words)]
    return Sheet(name, tuple(rows), (72, 60), 3)


def _outcomes(market: MarketView, words: Words) -> tuple[tuple[str, str], ...]:
    used = tuple((deal, words.say("used")) for deal in market.used)
    return used + tuple(
        (deal, words.joined(tuple(map(words.name, reasons)))) for deal, reasons in market.rejected
    )


def _statistics(market: MarketView, currency: str, words: Words) -> Table:
    names = [name for name, _ in market.statistics[0][1]]
    columns = (
        Column(words.say("statistic"), 2.0),
        *(Column(words.name(name), 1.0, Align.RIGHT) for name in names),
    )
    rows = tuple(
        (words.name(name), *(figure for _, figure in quartiles))
        for name, quartiles in market.statistics
    )
    return Table(words.say("statistics_caption", currency=currency), columns, rows)
