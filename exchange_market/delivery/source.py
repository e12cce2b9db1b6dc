"""The revision that a contract delivers, opened: page stores and schemas are kept by revision."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from exchange_market.catalog.errors import NoReadyRevision
from exchange_market.catalog.pages import PageStore
from exchange_market.catalog.product import Revision
from exchange_market.catalog.revision import commitment_digest
from exchange_market.catalog.service import latest_released_revision, released_revision
from exchange_market.delivery.credentials import Grant
from exchange_market.delivery.errors import NoPages, RevisionNotAvailable
from exchange_market.persistence.transaction import Database, Reading
from exchange_market.storage.objects import ObjectStore

_OPEN_MAX = 32


@dataclass(frozen=True, slots=True)
class OpenRevision:
    """A ready revision with its Parquet file on this machine."""

    revision: Revision
    parquet: Path
    schema: pa.Schema

    @property
    def digest(self) -> str:
        """The digest of its commitment, by which receipts name it."""
        return commitment_digest(self.revision, self.schema.names)


class Sources:
    """Opens revisions; immutable once ready, so what is open stays valid."""

    def __init__(self, database: Database, objects: ObjectStore) -> None:
        self._database = database
        self._objects = objects
        self._open: OrderedDict[str, OpenRevision] = OrderedDict()
        self._pages: OrderedDict[str, PageStore] = OrderedDict()

    async def revision_for(self, grant: Grant, number: int | None) -> OpenRevision:
        """The revision asked for, else the one the contract names, else the newest released one."""
        wanted = number or grant.rule.revision
        product_id = grant.contract.product_id
        async with self._database.read() as reading:
            if wanted is None:
                revision = await _newest(reading, product_id)
            else:
                revision = await released_revision(reading, product_id, wanted)
        if revision is None or not grant.rule.covers(revision.number):
            raise RevisionNotAvailable(revision=wanted or "-")
        return await self._opened(revision)

    async def pages(self, source: OpenRevision) -> PageStore:
        """The page store of a revision; raises NoPages when it has none."""
        revision = source.revision
        if revision.pages_key is None:
            raise NoPages
        if revision.id not in self._pages:
            path = await self._objects.as_file(revision.pages_key)
            opened = await asyncio.to_thread(PageStore, path)
            if self._pages.setdefault(revision.id, opened) is not opened:
                opened.close()  # another request opened it meanwhile
            while len(self._pages) > _OPEN_MAX:
                self._pages.popitem(last=False)[1].close()
        self._pages.move_to_end(revision.id)
        return self._pages[revision.id]

    async def _opened(self, revision: Revision) -> OpenRevision:
        if revision.id not in self._open:
            if revision.parquet_key is None:
                raise RevisionNotAvailable(revision=revision.number)
            path = await self._objects.as_file(revision.parquet_key)
            schema = await asyncio.to_thread(pq.read_schema, path)
            self._open[revision.id] = OpenRevision(revision, path, schema)
            while len(self._open) > _OPEN_MAX:
                self._open.popitem(last=False)
        self._open.move_to_end(revision.id)
        return self._open[revision.id]


async def _newest(reading: Reading, product_id: str) -> Revision | None:
    try:
        return await latest_released_revision(reading, product_id)
    except NoReadyRevision:
        return None
