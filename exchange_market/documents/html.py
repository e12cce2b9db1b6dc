"""A report as one HTML file: nothing is loaded, nothing runs, every text is escaped."""

import base64
import hashlib
from functools import lru_cache
from typing import Final

from jinja2 import Environment, FunctionLoader, StrictUndefined

from exchange_market.documents.pdf import template
from exchange_market.documents.report import Report, report_values

TEMPLATE: Final = "report.html.j2"
STYLE: Final = "report.css"


def render_html(report: Report) -> bytes:
    """The report as HTML in UTF-8; the same values give the same bytes."""
    page = _environment().get_template(TEMPLATE)
    return page.render(report=report_values(report), style=template(STYLE)).encode()


@lru_cache
def content_security_policy() -> str:
    """What a browser may do with such a file: show it with its own style, and nothing else.

    Source: Content Security Policy Level 3, sections 2.3.1 "Source Lists" and 6.3.2 "sandbox".
    """
    digest = base64.b64encode(hashlib.sha256(template(STYLE).encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'; sandbox"
    )


@lru_cache
def _environment() -> Environment:
    return Environment(
        autoescape=True,
        loader=FunctionLoader(template),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
