"""What every object store promises, shown on a folder and on S3."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import anyio
import anyio.to_thread
import pytest

from exchange_market.kernel.settings import Settings
from exchange_market.storage.objects import (
    LocalFiles,
    ObjectMissing,
    ObjectStore,
    S3Objects,
    open_objects,
)

pytestmark = pytest.mark.anyio
KEY = "revisions/rev_1/data.parquet"


def written(folder: Path, content: bytes, name: str = "source") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


async def keys_of(objects: ObjectStore) -> list[str]:
    return sorted([key async for key in objects.keys()])  # noqa: SIM118 - not a dictionary


def content_of(path: Path) -> bytes:
    return path.read_bytes()


@pytest.mark.parametrize("size", [0, 1, 20 * 1024 * 1024 + 7])
async def test_an_object_comes_back_byte_for_byte(
    objects: ObjectStore, tmp_path: Path, size: int
) -> None:
    content = os.urandom(size)

    await objects.put_file(KEY, written(tmp_path, content))

    assert content_of(await objects.as_file(KEY)) == content
    assert await objects.size_bytes(KEY) == size
    assert await keys_of(objects) == [KEY]


async def test_the_source_stays_where_it_was(objects: ObjectStore, tmp_path: Path) -> None:
    source = written(tmp_path, b"bytes")

    await objects.put_file(KEY, source)
    source.write_bytes(b"other")

    assert content_of(await objects.as_file(KEY)) == b"bytes"


async def test_what_is_missing_is_said_to_be(objects: ObjectStore) -> None:
    with pytest.raises(ObjectMissing):
        await objects.as_file(KEY)
    with pytest.raises(ObjectMissing):
        await objects.size_bytes(KEY)
    with pytest.raises(ObjectMissing):
        await objects.as_file("revisions")
    await objects.delete(KEY)

    assert await keys_of(objects) == []


async def test_a_deleted_object_is_gone_even_if_it_was_read_before(
    objects: ObjectStore, tmp_path: Path
) -> None:
    await objects.put_file(KEY, written(tmp_path, b"bytes"))
    await objects.put_file("revisions/rev_1/pages", written(tmp_path, b"pages"))
    await objects.as_file(KEY)

    await objects.delete(KEY)

    with pytest.raises(ObjectMissing):
        await objects.as_file(KEY)
    assert await keys_of(objects) == ["revisions/rev_1/pages"]


async def test_a_job_that_runs_again_may_put_the_same_key(
    objects: ObjectStore, tmp_path: Path
) -> None:
    await objects.put_file(KEY, written(tmp_path, b"first"))
    assert content_of(await objects.as_file(KEY)) == b"first"

    await objects.put_file(KEY, written(tmp_path, b"second, longer"))

    assert await objects.size_bytes(KEY) == len(b"second, longer")
    assert content_of(await objects.as_file(KEY)) == b"second, longer"
    assert await keys_of(objects) == [KEY]


@pytest.mark.parametrize(
    "key", ["", ".", "..", "/etc/passwd", "../outside", "a/../../outside", ".scratch/file"]
)
async def test_a_key_that_leads_outside_is_refused(
    objects: ObjectStore, tmp_path: Path, key: str
) -> None:
    source = written(tmp_path, b"bytes")

    with pytest.raises(ValueError, match="not an object key"):
        await objects.put_file(key, source)
    with pytest.raises(ValueError, match="not an object key"):
        await objects.as_file(key)
    with pytest.raises(ValueError, match="not an object key"):
        await objects.delete(key)
    with pytest.raises(ValueError, match="not an object key"):
        await objects.size_bytes(key)
    assert await keys_of(objects) == []
    assert not (tmp_path / "outside").exists()


async def test_a_source_that_is_not_there_leaves_nothing(
    objects: ObjectStore, tmp_path: Path
) -> None:
    with pytest.raises(FileNotFoundError):
        await objects.put_file(KEY, tmp_path / "nothing")

    assert await keys_of(objects) == []


async def test_files_in_the_making_are_no_objects(objects: ObjectStore) -> None:
    (objects.scratch() / "half").write_bytes(b"half")

    assert await keys_of(objects) == []


async def test_many_objects_are_all_listed(objects: ObjectStore, tmp_path: Path) -> None:
    source = written(tmp_path, b"x")
    names = [f"samples/{number:03}/sample.parquet" for number in range(60)]
    async with anyio.create_task_group() as group:
        for name in names:
            group.start_soon(objects.put_file, name, source)

    assert await keys_of(objects) == names


async def test_readers_at_the_same_moment_all_get_the_whole(
    objects: ObjectStore, tmp_path: Path
) -> None:
    content = os.urandom(3 * 1024 * 1024)
    await objects.put_file(KEY, written(tmp_path, content))
    read: list[bool] = []

    async def reader() -> None:
        read.append(content_of(await objects.as_file(KEY)) == content)

    async with anyio.create_task_group() as group:
        for _ in range(5):
            group.start_soon(reader)

    assert read == [True] * 5


async def test_two_prefixes_of_one_bucket_do_not_meet(
    s3_settings: Settings, tmp_path: Path
) -> None:
    one = open_objects(s3_settings)
    other = open_objects(
        s3_settings.model_copy(
            update={
                "objects_url": f"{s3_settings.objects_url}-other",
                "data_dir": tmp_path / "other",
            }
        )
    )
    assert isinstance(one, S3Objects)

    await one.put_file(KEY, written(tmp_path, b"mine"))

    assert await keys_of(other) == []
    with pytest.raises(ObjectMissing):
        await other.as_file(KEY)


def test_a_store_of_another_kind_is_refused(tmp_path: Path) -> None:
    for url in ("gs://bucket/prefix", "s3://", "bucket"):
        settings = Settings.model_validate({"data_dir": tmp_path, "objects_url": url})
        with pytest.raises(ValueError, match="s3://bucket/prefix"):
            open_objects(settings)


_COPY_FOREVER = """
import asyncio, sys
from pathlib import Path
from exchange_market.storage.objects import LocalFiles

async def main(root, source):
    objects = LocalFiles(root)
    print("ready", flush=True)
    number = 0
    while True:
        number += 1
        await objects.put_file(f"objects/{number}", source)

asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
"""


async def test_a_killed_process_leaves_whole_objects_only(tmp_path: Path) -> None:
    content = os.urandom(8 * 1024 * 1024)
    source = written(tmp_path, content)
    command = [sys.executable, "-c", _COPY_FOREVER, str(tmp_path / "root"), str(source)]
    copier = await anyio.to_thread.run_sync(
        lambda: subprocess.Popen(command, stdout=subprocess.PIPE)
    )
    assert copier.stdout is not None
    with copier.stdout:
        await anyio.to_thread.run_sync(copier.stdout.readline)
        await anyio.sleep(0.3)
        copier.send_signal(signal.SIGKILL)
        await anyio.to_thread.run_sync(copier.wait)

    objects = LocalFiles(tmp_path / "root")
    found = await keys_of(objects)
    assert found
    for key in found:
        assert content_of(await objects.as_file(key)) == content
