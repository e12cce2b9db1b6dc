"""Length-prefixed JSON frames: four bytes of length, most significant first, then UTF-8 JSON."""

import asyncio
import json
import os
import struct
from typing import Any

from sandbox.gate import StatementRefused
from sandbox.worker.failure import QueryFailed

REQUEST_BYTES_MAX = 256 * 1024
ANSWER_BYTES_MAX = 32 * 1024 * 1024
_LENGTH = struct.Struct(">I")


class FrameError(Exception):
    """The other side sent something that is not one complete frame of an accepted size."""


def encode(message: dict[str, Any]) -> bytes:
    """Return one frame that holds `message`."""
    return frame(json.dumps(message, ensure_ascii=False, allow_nan=False).encode())


def frame(body: bytes) -> bytes:
    """Return `body` with its length in front."""
    return _LENGTH.pack(len(body)) + body


def decode(body: bytes) -> dict[str, Any]:
    """Return the JSON object in a frame's body; raise `FrameError` if it holds anything else."""
    try:
        message: Any = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise FrameError("not JSON") from error
    if not isinstance(message, dict):
        raise FrameError("not a JSON object")
    return message  # pyright: ignore[reportUnknownVariableType] keys of JSON objects are strings


def error_body(error: StatementRefused | QueryFailed) -> dict[str, Any]:
    """Return a refusal or failure as it travels in a frame."""
    texts = {"code": error.code, "en": error.en, "zh": error.zh, "detail": error.detail}
    return {"error": texts}


async def read_frame(reader: asyncio.StreamReader, bytes_max: int) -> bytes | None:
    """Return the next frame's body, or None when the other side closed between frames."""
    try:
        prefix = await reader.readexactly(_LENGTH.size)
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise FrameError("cut off") from None
        return None
    (length,) = _LENGTH.unpack(prefix)
    if length > bytes_max:
        raise FrameError(f"a frame of {length} bytes is longer than {bytes_max}")
    try:
        return await reader.readexactly(length)
    except asyncio.IncompleteReadError:
        raise FrameError("cut off") from None


def read_frame_from(descriptor: int, bytes_max: int) -> bytes | None:
    """Blocking twin of `read_frame` for the worker's pipe."""
    prefix = _read_exactly(descriptor, _LENGTH.size)
    if prefix is None:
        return None
    (length,) = _LENGTH.unpack(prefix)
    if length > bytes_max:
        raise FrameError(f"a frame of {length} bytes is longer than {bytes_max}")
    return _read_exactly(descriptor, length)


def write_to(descriptor: int, frame_bytes: bytes) -> None:
    """Write one whole frame to the worker's pipe."""
    remaining = memoryview(frame_bytes)
    while remaining:
        remaining = remaining[os.write(descriptor, remaining) :]


def _read_exactly(descriptor: int, count: int) -> bytes | None:
    parts: list[bytes] = []
    while count:
        part = os.read(descriptor, count)
        if not part:
            return None
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
