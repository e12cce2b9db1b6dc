"""Main loop of a worker: load one sample, give up every right, answer until the pipe closes."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from sandbox.gate import StatementRefused, check
from sandbox.gate.parse import open_parser
from sandbox.worker.confinement import (
    confine_after_load,
    confine_files,
    confine_process,
    limit_processor_time,
)
from sandbox.worker.engine import Answer, LockedSample, open_database
from sandbox.worker.failure import QueryFailed
from sandbox.worker.frames import (
    REQUEST_BYTES_MAX,
    decode,
    encode,
    error_body,
    frame,
    read_frame_from,
    write_to,
)
from sandbox.worker.limits import WorkerLimits

_MEBIBYTE = 1024 * 1024
Gate = Callable[[str, LockedSample], None]


def gate(sql: str, sample: LockedSample) -> None:
    """Judge the statement in the confined process, where a parser that explodes does no harm."""
    check(sql, sample.schema)


def main(judge: Gate = gate) -> None:
    """Serve one sample over standard input and output.

    `sys.argv` ends with one JSON object: sample_path, parent_pid and the fields of `WorkerLimits`.
    The first frame written describes the sample; each request {sql, max_rows} gets one frame.
    """
    start: dict[str, Any] = json.loads(sys.argv[-1])
    path, parent_pid = Path(start["sample_path"]), int(start["parent_pid"])
    limits = WorkerLimits(**start["limits"])
    requests, answers = _take_pipes()
    size_descriptor = _open_size()
    active = confine_process(parent_pid)
    limit_processor_time(int(limits.load_seconds))
    connection = open_database(limits)
    open_parser()
    active += confine_files(path)
    try:
        sample = LockedSample.load(connection, path, limits)
    except (duckdb.Error, MemoryError):
        return  # The parent reads the closed pipe as a sample that cannot be loaded.
    active += confine_after_load(_address_space_bytes(size_descriptor, limits), parent_pid)
    hello = {"columns": sample.columns, "rows_in_sample": sample.rows, "protections": active}
    write_to(answers, encode(hello))
    while (body := read_frame_from(requests, REQUEST_BYTES_MAX)) is not None:
        write_to(answers, _answer(sample, decode(body), limits, judge))


def _answer(
    sample: LockedSample, request: dict[str, Any], limits: WorkerLimits, judge: Gate
) -> bytes:
    limit_processor_time(limits.query_seconds)
    try:
        judge(request["sql"], sample)
        answer = sample.run(request["sql"], min(request["max_rows"], limits.rows_max))
    except (StatementRefused, QueryFailed) as error:
        return encode(error_body(error))
    return frame(_answer_json(answer, sample.rows).encode())


def _answer_json(answer: Answer, rows_in_sample: int) -> str:
    head = json.dumps(
        {
            "columns": answer.columns,
            "truncated": answer.truncated,
            "elapsed_ms": answer.elapsed_ms,
            "rows_in_sample": rows_in_sample,
        },
        ensure_ascii=False,
    )
    return f'{head[:-1]}, "rows": [{", ".join(answer.rows_json)}]}}'


def _take_pipes() -> tuple[int, int]:
    """Move the protocol away from standard output, so that no library can write into it."""
    requests, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    os.close(nothing)
    return requests, answers


def _open_size() -> int | None:
    """Open the kernel's account of this process before files are cut off."""
    try:
        return os.open("/proc/self/statm", os.O_RDONLY)
    except OSError:
        return None


def _address_space_bytes(size_descriptor: int | None, limits: WorkerLimits) -> int | None:
    if size_descriptor is None:
        return None
    pages = int(os.pread(size_descriptor, 100, 0).split()[0])
    os.close(size_descriptor)
    return pages * os.sysconf("SC_PAGE_SIZE") + limits.address_space_mb * _MEBIBYTE
