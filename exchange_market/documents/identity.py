"""What identifies a document: a digest of all that it is made of, known before it is made."""

import hashlib
from importlib.metadata import version

import msgspec

from exchange_market.documents.fonts import Font
from exchange_market.documents.html import STYLE, TEMPLATE
from exchange_market.documents.pdf import template
from exchange_market.documents.report import Report
from exchange_market.documents.spreadsheet import Workbook


def pdf_identity(report: Report, font: Font) -> str:
    """The digest of a report as PDF: its values, layout, font, and the version of typst."""
    parts = (template("report.typ"), font.identity, version("typst"))
    return _digest(report, "pdf", *parts)


def html_identity(report: Report) -> str:
    """The digest of a report as HTML."""
    return _digest(report, "html", template(TEMPLATE), template(STYLE), version("jinja2"))


def xlsx_identity(workbook: Workbook) -> str:
    """The digest of a workbook."""
    return _digest(workbook, "xlsx", version("xlsxwriter"))


def _digest(values: Report | Workbook, *parts: str) -> str:
    digest = hashlib.sha256(msgspec.json.encode(values))
    for part in parts:
        digest.update(b"\0" + part.encode())
    return digest.hexdigest()
