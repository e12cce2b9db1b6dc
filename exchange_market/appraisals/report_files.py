"""Reports as files: made once for the same content, kept in the object store.

The name of a file is the digest of all that it is made of, so a valuation that was decided, or a
product that was described anew, has another file, and no file is ever out of date.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Final, TypeVar
from weakref import WeakValueDictionary

import anyio
import anyio.to_thread

from exchange_market.appraisals.report.build import build_report
from exchange_market.appraisals.report.material import Material
from exchange_market.appraisals.report.working_papers import build_working_papers
from exchange_market.documents.html import render_html
from exchange_market.documents.identity import html_identity, pdf_identity, xlsx_identity
from exchange_market.documents.pdf import Typesetter
from exchange_market.documents.spreadsheet import write_xlsx
from exchange_market.documents.text import visible
from exchange_market.kernel.errors import Language
from exchange_market.kernel.ids import new_id
from exchange_market.storage.objects import ObjectMissing, ObjectStore

T = TypeVar("T")

_AT_ONCE = anyio.CapacityLimiter(1)
_TITLE_CHARACTERS_MAX: Final = 60
_NOT_IN_NAMES: Final = frozenset('\\/:*?"<>|\n\t')


class ReportFormat(StrEnum):
    """How a report is written."""

    PDF = "pdf"
    HTML = "html"


@dataclass(frozen=True, slots=True)
class ReportFile:
    """The bytes of a document, the digest that identifies them, and a name to save them under."""

    content: bytes
    digest: str
    name: str
    ascii_name: str


class ReportFiles:
    """Finds or makes the documents of valuations. Call it outside a transaction."""

    def __init__(self, objects: ObjectStore, typesetter: Typesetter) -> None:
        self._objects = objects
        self._typesetter = typesetter
        self._making: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def report(
        self, material: Material, language: Language, report_format: ReportFormat
    ) -> ReportFile:
        """The report; raises ChineseFontMissing and what else a PDF may be refused with."""
        report = await _in_thread(partial(build_report, material, language))
        if report_format is ReportFormat.PDF:
            digest = pdf_identity(report, await self._typesetter.font())
            make = partial(self._typesetter.pdf, report)
        else:
            digest = html_identity(report)
            make = partial(_in_thread, partial(render_html, report))
        content = await self._content(f"{digest}.{report_format}", make)
        names = _file_names(material, report.kind, language, report_format)
        return ReportFile(content, digest, *names)

    async def working_papers(self, material: Material, language: Language) -> ReportFile:
        """The working papers as XLSX; the material must be full."""
        workbook = await _in_thread(partial(build_working_papers, material, language))
        digest = xlsx_identity(workbook)
        make = partial(_in_thread, partial(write_xlsx, workbook))
        content = await self._content(f"{digest}.xlsx", make)
        names = _file_names(material, workbook.kind, language, "xlsx")
        return ReportFile(content, digest, *names)

    async def _content(self, name: str, make: Callable[[], Awaitable[bytes]]) -> bytes:
        key = f"reports/{name}"
        async with self._making.setdefault(key, asyncio.Lock()):
            try:
                path = await self._objects.as_file(key)
            except ObjectMissing:
                content = await make()
                await self._keep(key, content)
                return content
            return await anyio.Path(path).read_bytes()

    async def _keep(self, key: str, content: bytes) -> None:
        # A name of its own: another process may be making the same file.
        fresh = self._objects.scratch() / new_id("report")
        try:
            await anyio.Path(fresh).write_bytes(content)
            await self._objects.put_file(key, fresh)
        finally:
            await anyio.Path(fresh).unlink(missing_ok=True)


async def _in_thread(work: Callable[[], T]) -> T:
    return await anyio.to_thread.run_sync(work, limiter=_AT_ONCE)


def _file_names(material: Material, kind: str, language: Language, ending: str) -> tuple[str, str]:
    """A name in the language of the document, and one that every system takes."""
    title = visible(material.product.title(language))[:_TITLE_CHARACTERS_MAX]
    plain = "".join(" " if character in _NOT_IN_NAMES else character for character in title)
    version = material.version
    return (
        f"{kind} {plain.strip()} v{version}.{ending}",
        f"{material.valuation_id}-v{version}-{language}.{ending}",
    )
