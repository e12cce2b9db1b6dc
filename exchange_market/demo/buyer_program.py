"""The buyer's program: fetches data with an API key and counts every byte it receives."""

import hashlib
from pathlib import Path
from typing import Any

import httpx

from exchange_market.demo.person import Refused

_TIMEOUT = httpx.Timeout(60.0)
_PARTIAL_CONTENT = 206


class BuyerProgram:
    """Knows only the address, the product and the key."""

    def __init__(self, base_url: str, product_id: str, key: str) -> None:
        self._path = f"/v1/data/{product_id}"
        self._http = httpx.Client(
            base_url=base_url,
            timeout=_TIMEOUT,
            # Bodies are counted as sent: nothing on the way may compress them.
            headers={"Authorization": f"Bearer {key}", "Accept-Encoding": "identity"},
        )
        self.received_bytes = 0
        self.received_rows = 0
        self.deliveries = 0

    def rows(self, wanted: str, **params: Any) -> httpx.Response:
        """A page of rows in a format; raises Refused."""
        answer = self._http.get(f"{self._path}/rows", params={"format": wanted, **params})
        if answer.is_error:
            raise Refused(answer)
        self._count(len(answer.content), int(answer.headers["X-Row-Count"]))
        return answer

    def file_size(self) -> tuple[int, str]:
        """Size and entity tag of the file."""
        answer = self._http.head(f"{self._path}/file")
        if answer.is_error:
            raise Refused(answer)
        return int(answer.headers["Content-Length"]), answer.headers["ETag"]

    def fetch_file(self, target: Path, *, size: int, etag: str, rows: int) -> str:
        """The file in two parts, the second resumed by range; returns its SHA-256 in
        hexadecimal."""
        half = size // 2
        with target.open("wb") as file:
            for part in (f"bytes=0-{half - 1}", f"bytes={half}-"):
                headers = {"Range": part, "If-Range": etag}
                with self._http.stream("GET", f"{self._path}/file", headers=headers) as answer:
                    if answer.status_code != _PARTIAL_CONTENT:
                        answer.read()
                        raise Refused(answer)
                    for piece in answer.iter_raw():
                        file.write(piece)
                        self.received_bytes += len(piece)
                self.deliveries += 1
        self.received_rows += rows
        with target.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _count(self, body_bytes: int, rows: int) -> None:
        self.received_bytes += body_bytes
        self.received_rows += rows
        self.deliveries += 1
