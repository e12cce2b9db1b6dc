"""The Parquet file of a contract: the revision's own, or a view with only the contract's columns.

A view is made once per set of columns, kept in the object store, and has a digest of its own; a
column outside the contract is never inside a file that is handed out.
"""

import asyncio
import hashlib
import re
from collections import OrderedDict
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakValueDictionary

import anyio
import pyarrow as pa
import pyarrow.parquet as pq

from contracts.receipts import ArtefactKind
from exchange_market.delivery.errors import RangeNotSatisfiable, RevisionNotAvailable
from exchange_market.delivery.metered import Artefact
from exchange_market.delivery.row_shares import RowShares
from exchange_market.delivery.source import OpenRevision
from exchange_market.kernel.ids import new_id
from exchange_market.storage.objects import ObjectMissing, ObjectStore

_CHUNK_BYTES = 256 * 1024
_VIEWS_KEPT_MAX = 1_000
_RANGE = re.compile(r"bytes=(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DeliveredFile:
    """A file on this machine with its strong entity tag (RFC 9110, section 8.8.3)."""

    path: Path
    size_bytes: int
    rows: int
    etag: str
    artefact: Artefact

    def rows_between(self, start: int, stop: int) -> int:
        """The rows that the bytes [start, stop) touch."""
        return RowShares(self.rows, self.size_bytes).between(start, stop)


@dataclass(frozen=True, slots=True)
class ByteRange:
    """The bytes [start, stop) of a file."""

    start: int
    stop: int

    @property
    def length(self) -> int:
        """How many bytes."""
        return self.stop - self.start


class FileViews:
    """Finds or makes the file that a set of columns is delivered from."""

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects
        self._making: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._views: OrderedDict[str, DeliveredFile] = OrderedDict()

    async def file_for(self, source: OpenRevision, columns: Sequence[str]) -> DeliveredFile:
        """The file with exactly `columns`, in the order of the revision."""
        wanted = [name for name in source.schema.names if name in set(columns)]
        rows = source.revision.rows or 0
        if wanted == source.schema.names:
            artefact = Artefact(source.revision.number, ArtefactKind.REVISION, source.digest)
            tag = source.revision.parquet_sha256 or source.revision.root or source.revision.id
            return _delivered(source.parquet, rows, tag, artefact)
        if not wanted:
            raise RevisionNotAvailable(revision=source.revision.number)
        name = hashlib.sha256("\0".join(wanted).encode()).hexdigest()[:32]
        key = f"views/{source.revision.id}/{name}.parquet"
        async with self._making.setdefault(key, asyncio.Lock()):
            if key not in self._views:
                path = await self._view(source, wanted, key)
                digest = await asyncio.to_thread(_sha256, path)
                artefact = Artefact(source.revision.number, ArtefactKind.VIEW, f"sha256:{digest}")
                self._views[key] = _delivered(path, rows, digest, artefact)
                while len(self._views) > _VIEWS_KEPT_MAX:
                    self._views.popitem(last=False)
            return self._views[key]

    async def _view(self, source: OpenRevision, columns: Sequence[str], key: str) -> Path:
        try:
            return await self._objects.as_file(key)
        except ObjectMissing:
            # A name of its own: another process may be making the same view.
            fresh = self._objects.scratch() / f"{new_id('view')}.parquet"
            try:
                await asyncio.to_thread(_write_view, source.parquet, columns, fresh)
                await self._objects.put_file(key, fresh)
            finally:
                fresh.unlink(missing_ok=True)
        return await self._objects.as_file(key)


def parse_range(header: str | None, size_bytes: int) -> ByteRange | None:
    """The single byte range of a Range header (RFC 9110, section 14.1.2); None to send it all.

    Several ranges, another unit and what is no range are ignored, as section 14.2
    allows. Raises RangeNotSatisfiable.
    """
    found = _RANGE.fullmatch((header or "").strip())
    if found is None:
        return None
    first, last, suffix = found.groups()
    if suffix is not None:
        start, stop = max(0, size_bytes - int(suffix)), size_bytes
    else:
        start, stop = int(first), min(size_bytes, int(last) + 1) if last else size_bytes
        if last and int(last) < start:
            return None
    if start >= stop:
        raise RangeNotSatisfiable(size_bytes=size_bytes)
    return ByteRange(start, stop)


async def read_bytes(path: Path, wanted: ByteRange) -> AsyncGenerator[bytes]:
    """The bytes of a range, in chunks; raises EOFError when the file has become shorter."""
    async with await anyio.open_file(path, "rb") as file:
        await file.seek(wanted.start)
        left = wanted.length
        while left and (chunk := await file.read(min(_CHUNK_BYTES, left))):
            left -= len(chunk)
            yield chunk
        if left:
            raise EOFError(f"{path.name} ends before the range does")


def _delivered(path: Path, rows: int, tag: str, artefact: Artefact) -> DeliveredFile:
    return DeliveredFile(path, path.stat().st_size, rows, f'"{tag}"', artefact)


def _write_view(source: Path, columns: Sequence[str], target: Path) -> None:
    with pq.ParquetFile(source) as file:
        schema = pa.schema([file.schema_arrow.field(name) for name in columns])
        with pq.ParquetWriter(target, schema, compression="zstd") as view:
            for group in range(file.num_row_groups):
                rows = file.read_row_group(group, columns=list(columns))
                view.write_table(rows.select(schema.names))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
