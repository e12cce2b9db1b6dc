"""The exchange's side of the broker's socket."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from sandbox.gate import StatementRefused
from sandbox.gate.refusal import REFUSAL_CODES
from sandbox.worker import QueryFailed
from sandbox.worker.cells import JsonValue
from sandbox.worker.failure import FAILURE_CODES
from sandbox.worker.frames import ANSWER_BYTES_MAX, FrameError, decode, encode, read_frame


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """A column of a result with DuckDB's name for its type."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class QueryResult:
    """Rows of a sample query; `truncated` says that more rows exist than were asked for."""

    columns: tuple[ResultColumn, ...]
    rows: tuple[tuple[JsonValue, ...], ...]
    truncated: bool
    elapsed_ms: float
    rows_in_sample: int

    @classmethod
    def of(cls, answer: dict[str, Any]) -> Self:
        """Read an answer frame."""
        return cls(
            columns=tuple(ResultColumn(c["name"], c["type"]) for c in answer["columns"]),
            rows=tuple(tuple(row) for row in answer["rows"]),
            truncated=answer["truncated"],
            elapsed_ms=answer["elapsed_ms"],
            rows_in_sample=answer["rows_in_sample"],
        )


class BrokerClient:
    """Asks the broker; keeps no connection, so it survives a restart of the broker."""

    def __init__(self, socket_path: Path, timeout_seconds: float = 20.0) -> None:
        self._socket_path = socket_path
        self._timeout_seconds = timeout_seconds

    async def query(
        self, *, sample_id: str, sample_path: Path, sql: str, max_rows: int
    ) -> QueryResult:
        """Run one statement on a sample.

        Raises `StatementRefused` when the gate does not let it pass, `QueryFailed` when it could
        not be answered; both say in English and Chinese what to do.
        """
        request = {
            "sample_id": sample_id,
            "sample_path": str(sample_path),
            "sql": sql,
            "max_rows": max_rows,
        }
        try:
            async with asyncio.timeout(self._timeout_seconds):
                answer = await self._exchange(encode(request))
            if "error" in answer:
                raise _error(answer["error"])
            return QueryResult.of(answer)
        except TimeoutError:
            raise QueryFailed("broker_timeout", seconds=self._timeout_seconds) from None
        except (OSError, FrameError, KeyError):
            raise QueryFailed("broker_unavailable") from None

    async def _exchange(self, request: bytes) -> dict[str, Any]:
        reader, writer = await asyncio.open_unix_connection(self._socket_path)
        try:
            writer.write(request)
            await writer.drain()
            body = await read_frame(reader, ANSWER_BYTES_MAX)
        finally:
            writer.close()
        if body is None:
            raise FrameError("the broker closed the connection")
        return decode(body)


def _error(error: dict[str, Any]) -> StatementRefused | QueryFailed:
    code, detail = error["code"], error["detail"]
    if code in REFUSAL_CODES:
        return StatementRefused(code, **detail)
    if code in FAILURE_CODES:
        return QueryFailed(code, **detail)
    raise FrameError(f"unknown code {code}")
