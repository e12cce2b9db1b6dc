"""A large CSV file through a real server: time, and the memory of all its processes together.

Run `python -m tests.benchmarks.bench_upload`. A real `exchange serve` is started over a temporary
folder; a provider registers and sends generated rows over HTTP, made while they are sent, so that
neither side ever holds the file. Memory is the sum of the proportional set sizes (PSS: a page that
n processes share counts one n-th in each) of all processes of the server, ten times a second.
"""

import argparse
import itertools
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from exchange_market.demo.offerings import flights
from exchange_market.demo.person import Json, Person, wait_for
from exchange_market.demo.server import (
    RunningServer,
    make_first_administrator,
    running_server,
)

_MIB = 2**20
_BLOCK_ROWS = 5_000
_HEADER = b"id,station,measured_at,level,remark\n"
_REMARK = "水位正常，仪器已校准，无需复核；现场记录由值班人员填写。" * 4
_LOOK_SECONDS = 0.1
_SIGN_IN_SECONDS = 300
_PATIENCE_SECONDS = 3_600


class MemoryWatch:
    """The highest memory of a server's processes while the block lasts."""

    def __init__(self, server: RunningServer) -> None:
        self._server = server
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._began = 0.0
        self.peak_bytes = 0
        self.seconds = 0.0

    def __enter__(self) -> Self:
        self._began = time.perf_counter()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.seconds = time.perf_counter() - self._began
        self._is_over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._is_over.wait(_LOOK_SECONDS):
            self.peak_bytes = max(self.peak_bytes, sum(map(_pss_bytes, self._processes())))

    def _processes(self) -> list[psutil.Process]:
        supervisor = psutil.Process(self._server.process.pid)
        return [supervisor, *supervisor.children(recursive=True)]


def _pss_bytes(process: psutil.Process) -> int:
    # The confined child is not dumpable: unless we are root, only its resident size can be read.
    try:
        return process.memory_full_info().pss
    except psutil.AccessDenied:
        return process.memory_info().rss
    except psutil.NoSuchProcess:
        return 0


def pieces(size_bytes: int) -> Iterator[bytes]:
    """CSV of at least this size: a number, a code, an instant, a fraction and a sentence."""
    yield _HEADER
    sent = len(_HEADER)
    for start in itertools.count(0, _BLOCK_ROWS):
        if sent >= size_bytes:
            return
        block = "".join(
            f"{i},S{i % 977:04d},2024-{i % 12 + 1:02d}-01T{i % 24:02d}:{i % 60:02d}:00Z,"
            f"{i % 10_000 / 100},reading {i} by instrument {i % 31}: {_REMARK}\n"
            for i in range(start, start + _BLOCK_ROWS)
        ).encode()
        sent += len(block)
        yield block


def main() -> None:
    """Print seconds and peak memory of receiving and of ingesting."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--mib", type=int, default=2_048)
    size_bytes = parser.parse_args().mib * _MIB
    with tempfile.TemporaryDirectory() as name, running_server(Path(name)) as server:
        provider = _provider(server)
        path = f"/v1/products/{_product(provider)}/revisions"
        with MemoryWatch(server) as idle:
            time.sleep(2)
        print(f"idle:      {idle.peak_bytes / _MIB:.0f} MiB")
        with MemoryWatch(server) as receiving:
            sent = provider.upload(path, pieces(size_bytes), format="csv", name="rows.csv")
        received = sent["received_bytes"] / _MIB
        print(
            f"receiving: {receiving.seconds:.1f} s, {received:.0f} MiB, "
            f"{received / receiving.seconds:.0f} MiB/s, "
            f"peak {receiving.peak_bytes / _MIB:.0f} MiB"
        )
        with MemoryWatch(server) as ingesting:
            revision = _ended(provider, f"{path}/{sent['number']}")
        if revision["state"] != "ready":
            raise SystemExit(str(revision))
        print(
            f"ingesting: {ingesting.seconds:.1f} s, {revision['rows']} rows, "
            f"{revision['rows'] / ingesting.seconds:.0f} rows/s, "
            f"peak {ingesting.peak_bytes / _MIB:.0f} MiB"
        )


def _provider(server: RunningServer) -> Person:
    person = Person(server.url, "provider@example.com")
    owner = {"email": person.email, "display_name": "Provider", "password": person.password}
    registered = person.post(
        "/v1/organisations",
        {
            "name_zh": "赣江交通数据有限公司",
            "name_en": "Ganjiang Transport Data Ltd",
            "uscc": "91360000MA35GJ7K85",
            "contact_name": "周敏 Zhou Min",
            "contact_email": person.email,
            "may_provide": True,
            "owner": owner,
        },
    )
    administrator = Person(server.url, "administrator@example.com")
    administrator.use_second_factor(
        make_first_administrator(server, administrator.email, administrator.password)
    )
    administrator.sign_in()
    administrator.post(
        f"/v1/admin/organisations/{registered['organisation']['id']}/decision",
        {"decision": "verify", "reason": "benchmark", "evidence": ["benchmark"]},
    )
    person.sign_in()
    return person


def _product(provider: Person) -> str:
    described = flights(Path("rows.csv")).description
    draft = {**described, "key_columns": ["id"], "time_column": "measured_at"}
    return provider.post("/v1/products", draft)["listing"]["id"]


def _ended(provider: Person, path: str) -> Json:
    signed_in = time.monotonic()

    def look() -> Json | None:
        nonlocal signed_in
        if time.monotonic() - signed_in > _SIGN_IN_SECONDS:
            provider.sign_in()
            signed_in = time.monotonic()
        time.sleep(0.5)
        revision = provider.get(path)
        return revision if revision["state"] in {"ready", "failed"} else None

    provider.sign_in()
    return wait_for("the ingestion", look, _PATIENCE_SECONDS)


if __name__ == "__main__":
    main()
