"""The object store port and its two implementations.

Keys are paths such as `revisions/rev_…/data.parquet`, made by us, never by a user. Objects are
immutable: a key is written once. Tools that need a real file (DuckDB, SQLite, Range requests) ask
for `as_file`; the local store answers with the file itself, the S3 store with a copy in a cache
folder.
"""

import os
import shutil
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import Any, Protocol, runtime_checkable
from urllib.parse import urlparse

import anyio
import anyio.to_thread
import obstore
from obstore.store import S3Store

from exchange_market.kernel.settings import Settings

_TIMEOUT = timedelta(seconds=60)
_CHUNK_BYTES = 8 * 1024 * 1024


class ObjectMissing(LookupError):
    """No object has this key."""


@runtime_checkable
class ObjectStore(Protocol):
    """Immutable objects by key."""

    async def put_file(self, key: str, source: Path) -> None:
        """Store a copy of a file under a key; complete or not at all."""
        ...

    async def as_file(self, key: str) -> Path:
        """A local file with the object's bytes, to be read only; raises ObjectMissing."""
        ...

    async def size_bytes(self, key: str) -> int:
        """The object's size; raises ObjectMissing."""
        ...

    async def delete(self, key: str) -> None:
        """Remove an object; nothing happens when it is not there."""
        ...

    def keys(self) -> AsyncIterator[str]:
        """Every key there is, in no particular order."""
        ...

    def scratch(self) -> Path:
        """A folder on this machine for files in the making, on the store's own disk if it has
        one."""
        ...


class LocalFiles:
    """Objects as files below one folder."""

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()
        self._scratch = self._root / ".scratch"
        self._scratch.mkdir(parents=True, exist_ok=True)

    async def put_file(self, key: str, source: Path) -> None:
        """Copy beside the target, force to disk, then rename: never half an object."""
        await anyio.to_thread.run_sync(_copy_durably, source, self._path(key))

    async def as_file(self, key: str) -> Path:
        """The file itself."""
        path = self._path(key)
        if not path.is_file():
            raise ObjectMissing(key)
        return path

    async def size_bytes(self, key: str) -> int:
        """The size of the file."""
        return (await self.as_file(key)).stat().st_size

    async def delete(self, key: str) -> None:
        """Unlink."""
        self._path(key).unlink(missing_ok=True)

    async def keys(self) -> AsyncIterator[str]:
        """Every file but those in the making."""
        for path in await anyio.to_thread.run_sync(_files_below, self._root):
            yield path

    def scratch(self) -> Path:
        """A folder below the root, so that finished files move without a copy."""
        return self._scratch

    def _path(self, key: str) -> Path:
        return self._root / safe_key(key)


class S3Objects:
    """Objects in an S3-compatible bucket, with a read cache on local disk."""

    def __init__(self, store: S3Store, prefix: str, cache: Path) -> None:
        self._store = store
        self._prefix = prefix.strip("/")
        self._cache = cache.absolute()
        self._cache.mkdir(parents=True, exist_ok=True)

    async def put_file(self, key: str, source: Path) -> None:
        """Upload in parts; S3 shows an object only once it is complete."""
        await obstore.put_async(self._store, self._name(key), source, chunk_size=_CHUNK_BYTES)
        # A job that runs again after a crash puts its key again.
        (self._cache / safe_key(key)).unlink(missing_ok=True)

    async def as_file(self, key: str) -> Path:
        """The cached copy, fetched if need be; safe to keep since objects never change."""
        path = self._cache / safe_key(key)
        if not path.is_file():
            await self._fetch(key, path)
        return path

    async def size_bytes(self, key: str) -> int:
        """The size the store reports."""
        try:
            return (await obstore.head_async(self._store, self._name(key)))["size"]
        except FileNotFoundError:
            raise ObjectMissing(key) from None

    async def delete(self, key: str) -> None:
        """Remove from the store and from the cache."""
        (self._cache / safe_key(key)).unlink(missing_ok=True)
        try:
            await obstore.delete_async(self._store, self._name(key))
        except FileNotFoundError:
            return

    async def keys(self) -> AsyncIterator[str]:
        """Every object under the prefix."""
        start = f"{self._prefix}/" if self._prefix else ""
        async for page in obstore.list(self._store, prefix=start or None):
            for found in page:
                yield found["path"].removeprefix(start)

    def scratch(self) -> Path:
        """A folder beside the cache."""
        folder = self._cache / ".scratch"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    async def _fetch(self, key: str, path: Path) -> None:
        async with _fresh_beside(path) as fresh:
            try:
                found = await obstore.get_async(self._store, self._name(key))
            except FileNotFoundError:
                raise ObjectMissing(key) from None
            async with await anyio.open_file(fresh, "wb") as file:
                async for chunk in found.stream(min_chunk_size=_CHUNK_BYTES):
                    await file.write(bytes(chunk))
            fresh.replace(path)

    def _name(self, key: str) -> str:
        return f"{self._prefix}/{safe_key(key)}".lstrip("/")


def open_objects(settings: Settings) -> ObjectStore:
    """The object store of these settings."""
    if settings.objects_url is None:
        return LocalFiles(settings.data_dir / "objects")
    url = urlparse(settings.objects_url)
    if url.scheme != "s3" or not url.netloc:
        raise ValueError("objects_url must look like s3://bucket/prefix")
    store = S3Store(
        bucket=url.netloc,
        **_s3_credentials(settings),
        client_options={
            "allow_http": (settings.s3_endpoint or "").startswith("http://"),
            "timeout": _TIMEOUT,
        },
    )
    return S3Objects(store, url.path, settings.data_dir / "object-cache")


def _s3_credentials(settings: Settings) -> dict[str, Any]:
    # What is not set here is looked for where AWS tools look: environment, instance role.
    config: dict[str, Any] = {"region": settings.s3_region}
    if settings.s3_endpoint is not None:
        config["endpoint"] = settings.s3_endpoint
    if settings.s3_access_key_id is not None and settings.s3_secret_access_key is not None:
        config["access_key_id"] = settings.s3_access_key_id
        config["secret_access_key"] = settings.s3_secret_access_key.get_secret_value()
    return config


def safe_key(key: str) -> str:
    """The key, if it is a plain relative path; a programming error otherwise."""
    path = PurePosixPath(key)
    if path.is_absolute() or ".." in path.parts or not path.parts or path.parts[0].startswith("."):
        raise ValueError(f"not an object key: {key!r}")
    return str(path)


@asynccontextmanager
async def _fresh_beside(path: Path) -> AsyncGenerator[Path]:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.urandom(6).hex()}")
    try:
        yield fresh
    finally:
        fresh.unlink(missing_ok=True)


def _files_below(root: Path) -> list[str]:
    return [
        str(path.relative_to(root))
        for path in root.rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(root).parts)
    ]


def _copy_durably(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.{os.urandom(6).hex()}")
    try:
        shutil.copyfile(source, fresh)
        _sync(fresh)
        fresh.replace(target)
        _sync(target.parent)
    finally:
        fresh.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    # Of a folder too: a rename survives a power cut only once its folder is on disk.
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
